"""The state of one resource, as far as the suite knows it."""

from dataclasses import dataclass
from typing import Any

from thread_runs_conformance.operations import Operation
from thread_runs_conformance.targets import Target


@dataclass
class Known:
    """The known state of one resource.

    Attributes:
        original: Its state before the run.
        now: Its state now.
        touched_last: Whether the last change of any resource was a change of this one.
        uncertain: Its state is unknown. The next response that shows it is taken as its state.
        changes: The number of changes that were answered as successful.
        replaced_with: The body of the last change, if it was a PUT.
    """

    operation: Operation
    target: Target
    original: dict[str, Any]
    now: dict[str, Any]
    touched_last: bool = True
    changes: int = 0
    uncertain: bool = False
    replaced_with: Any = None


def changes_by_itself(name: str) -> bool:
    """Whether the name of a property means the time of the last change, or the version of the resource."""
    words = name.lower().replace("-", "_")
    return words.startswith(("updated", "modified", "last_modified", "last_updated")) or words in (
        "etag",
        "version",
        "revision",
        "rev",
        "updatedat",
        "modifiedat",
    )
