"""The registry of rules and the table in the documentation say the same."""

import re

from tests.conformance.conftest import ROOT
from thread_runs_conformance.rules import RULES


def test_the_documentation_lists_every_rule_as_the_code_does() -> None:
    text = (ROOT / "docs" / "conformance.md").read_text("utf-8")
    rows = re.findall(r"^\| `([a-z0-9-]+)` \| (.*?) \| (.*?) \|$", text, re.MULTILINE)
    assert rows == [(rule.code, rule.meaning, rule.fix) for rule in RULES.values()]


def test_every_code_that_is_reported_is_registered_and_every_registered_code_is_reported() -> None:
    source = "\n".join(
        path.read_text("utf-8")
        for path in (ROOT / "src" / "thread_runs_conformance").rglob("*.py")
        if path.name != "rules.py"
    )
    # Codes that are put together from parts.
    built = {"server-error-intermittent", "valid-request-rejected-intermittent", "key-changed", "value-changed"}
    assert [code for code in RULES if f'"{code}"' not in source and code not in built] == []
