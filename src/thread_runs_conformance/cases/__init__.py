"""All cases of the suite."""

from collections.abc import Sequence

from thread_runs_conformance.cases import (
    authentication,
    concurrency,
    identifiers,
    limits,
    memory,
    methods,
    pipelining,
    rejections,
    resources,
    spellings,
    state,
    valid_requests,
)
from thread_runs_conformance.cases.base import Case
from thread_runs_conformance.operations import Operation

__all__ = ["Case", "collect"]

# The most specific cases come first, because later sightings of a defect add to its finding. Deletes come last.
_MODULES = (
    limits,
    rejections,
    identifiers,
    methods,
    authentication,
    spellings,
    pipelining,
    state,
    concurrency,
    valid_requests,
    memory,
    resources,
)


def collect(operations: Sequence[Operation]) -> list[Case]:
    """All cases for the operations of a spec, in the order in which they are run. Their ids are unique."""
    found: dict[str, Case] = {}
    for module in _MODULES:
        for case in module.cases(operations):
            found.setdefault(case.id, case)
    return list(found.values())
