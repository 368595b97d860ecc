"""Every row of rules.md is reached by some change."""

import datetime
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from scripts.diff.compare import compare
from scripts.diff.policies import apply_sunset
from scripts.diff.rules import RULES, Direction
from scripts.structure import read_spec
from thread_runs_spec.document import SpecError

from .diff_documents import document_around
from .test_diff_cells import cells
from .test_diff_pairs import PAIRS, specs
from .test_diff_reported_pairs import document_cases, schema_cases

TODAY = datetime.date(2026, 6, 15)
FALLBACK = ("unclassified", Direction.ANY)
"""Judges what no other rule does, so no pair may reach it."""


def announced() -> tuple[Any, Any]:
    """Return a property that is removed on the day for which it was announced."""
    old = {"type": "object", "properties": {"a": {"type": "string", "deprecated": True, "x-sunset": str(TODAY)}}}
    return document_around(old, "response", {}), document_around({"type": "object"}, "response", {})


def many_unions() -> tuple[Any, Any]:
    """Return a change of one of several unions that have too many combinations of members to compare each."""
    unions = [{"oneOf": [{"type": "object", "title": f"{name}{number}"} for number in range(5)]} for name in "abc"]
    changed = [*unions[:2], {"oneOf": unions[2]["oneOf"][:4]}]
    old, new = (document_around({"allOf": one}, "response", {}) for one in (unions, changed))
    return old, new


def in_webhooks(document: Any) -> Any:
    """Return the document with its operations as webhooks, in which requests and responses change direction."""
    return {**document, "paths": {}, "webhooks": document["paths"]}


def pairs() -> Iterator[tuple[Any, Any]]:
    """Return the pairs of documents of all tests. Some occur twice, in either order."""
    yield from (announced(), many_unions())
    yield from (pair for case in cells() for pair in case.values[0])
    yield from (case.values[:2] for case in schema_cases())
    for old, new in [*map(specs, PAIRS), *(case.values[:2] for case in document_cases())]:
        yield old, new
        if "webhooks" not in {**old, **new}:
            yield in_webhooks(old), in_webhooks(new)


@pytest.mark.slow
def test_every_rule_is_reached() -> None:
    reached = set()
    read = cache(lambda text: read_spec("compared", text))
    for texts in {frozenset(map(json.dumps, documents)) for documents in pairs()}:
        try:
            old, new = read(min(texts)), read(max(texts))
        except SpecError:
            continue
        for one, other in ((old, new), (new, old)):
            changes = apply_sunset(compare(one, other), TODAY)
            reached |= {(change.rule.name, change.rule.direction) for change in changes}
    assert sorted(RULES.keys() - reached - {FALLBACK}) == []
    assert FALLBACK not in reached


def test_each_disagreement_with_another_tool_names_its_rule() -> None:
    page = Path(__file__).parents[2] / "docs" / "other-diff-tools.md"
    rows = [line.strip("| ").split(" | ") for line in page.read_text("utf-8").splitlines() if line.startswith("| ")]
    figures = {label: numbers for label, *numbers in rows if len(numbers) == 2}
    pairs, invalid, judged, same, other = (
        [int(number) for number in figures[label]]
        for label in (
            *("pairs", "not valid OpenAPI, so rejected with file and line", "judged"),
            *("same verdict for callers", "different verdict"),
        )
    )
    assert pairs == [a + b for a, b in zip(invalid, judged, strict=True)]
    assert judged == [a + b for a, b in zip(same, other, strict=True)]
    reasons = [row for row in rows if len(row) == 5 and row[0].isdigit()]
    assert sum(int(row[0]) for row in reasons) == sum(other)
    named = {name for row in reasons for name in re.findall(r"`(.*?)`", row[4])}
    assert named <= {name for name, _ in RULES}
