"""Bodies that violate the schema of an operation. Each has a key of its own."""

from typing import Any

from thread_runs_conformance.operations import Operation
from thread_runs_conformance.outcomes import NotTried
from thread_runs_conformance.subject import Subject

VERY_LARGE = 2_000_000
"""Size of a body, in bytes, that most servers reject as too large."""


def wrong_body(subject: Subject, operation: Operation, value: object) -> Any:
    """A body with this value where the schema does not allow it: under a new key of a map, or in a list.

    Raises:
        NotTried: The schema allows the value.
    """
    body: Any = [value]
    for name in operation.maps:
        body = subject.state.with_map(operation, name, {f"c{subject.sender.next_salt()}": value})
    if operation.accepts(body):
        raise NotTried("the spec accepts every value")
    return body
