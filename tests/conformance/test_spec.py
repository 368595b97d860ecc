"""Where a value violates its schema."""

from typing import Any

import pytest

from scripts.repository import SPEC
from thread_runs_conformance.spec import Spec

BODY = "/components/schemas/ModifyRunRequest"
PAIR = "/components/schemas/Metadata/additionalProperties/type"
UNION = f"{BODY}/properties/metadata/anyOf"


@pytest.mark.parametrize(
    ("metadata", "rule"),
    [
        ({"k": 7}, PAIR),
        # jsonschema-rs leaves an empty name out of the path of an error.
        ({"": True, "k": True}, PAIR),
        ([1], UNION),
        ("text", UNION),
    ],
)
def test_the_rule_is_that_of_the_branch_that_was_meant(metadata: Any, rule: str) -> None:
    violations = Spec(SPEC).violations(BODY, {"metadata": metadata})
    assert {violation.pointer for violation in violations} == {rule}
