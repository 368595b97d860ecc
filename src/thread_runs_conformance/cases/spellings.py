"""placeholder"""

from collections.abc import Iterator, Sequence

from thread_runs_conformance.cases.base import Case
from thread_runs_conformance.operations import Operation


def cases(operations: Sequence[Operation]) -> Iterator[Case]:
    yield from ()
