"""Whether an order of concurrent calls explains what they saw."""

from typing import Any

import pytest

from thread_runs_conformance.exchange import Exchange
from thread_runs_conformance.linearizability import Call, explains

NOBODY_KNOWS: dict[str, Any] = {"succeeded": False, "rejected": False}
REJECTED: dict[str, Any] = {"succeeded": False, "rejected": True}


def call(begin: float, end: float, sent: dict[str, str] | None, seen: dict[str, str] | None, **more: Any) -> Call:
    given: dict[str, Any] = {"sent": sent, "seen": seen, "succeeded": True, "rejected": False, **more}
    return Call(begin, end, exchange=Exchange("POST", "http://x/", [], b""), **given)


A, B = {"a": "1"}, {"b": "2"}
AB = {**A, **B}


@pytest.mark.parametrize(
    ("calls", "final", "merge", "explained"),
    [
        ([], {}, True, True),
        ([], A, True, False),
        # Two at once: either order, as long as all agree on it.
        ([call(0, 2, A, A), call(1, 3, B, AB)], AB, True, True),
        ([call(0, 2, A, AB), call(1, 3, B, B)], AB, True, True),
        ([call(0, 2, A, A), call(1, 3, B, B)], AB, True, False),
        ([call(0, 2, A, A), call(1, 3, B, B)], B, True, False),
        # Where pairs are replaced, one set stays, whole.
        ([call(0, 2, A, A), call(1, 3, B, B)], A, False, True),
        ([call(0, 2, A, A), call(1, 3, B, B)], B, False, True),
        ([call(0, 2, A, A), call(1, 3, B, B)], AB, False, False),
        # One after the other: the order is given.
        ([call(0, 1, A, A), call(2, 3, B, B)], A, False, False),
        ([call(0, 1, A, A), call(2, 3, None, {})], A, True, False),
        ([call(0, 3, A, A), call(1, 2, None, {})], A, True, True),
        # A rejected call stored nothing; of one without a response nobody knows.
        ([call(0, 1, A, None, **REJECTED)], {}, True, True),
        ([call(0, 1, A, None, **REJECTED)], A, True, False),
        ([call(0, 1, A, None, **NOBODY_KNOWS)], {}, True, True),
        ([call(0, 1, A, None, **NOBODY_KNOWS)], A, True, True),
        ([call(0, 1, A, None, **NOBODY_KNOWS), call(2, 3, None, {}), call(4, 5, None, A)], A, True, True),
    ],
)
def test_some_order_explains_it_or_none(calls: list[Call], final: dict[str, str], merge: bool, explained: bool) -> None:
    assert explains({}, calls, final, merge=merge) is explained
