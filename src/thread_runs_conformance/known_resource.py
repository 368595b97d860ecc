"""What is known of one resource."""

from dataclasses import dataclass
from typing import Any

from thread_runs_conformance.operations import Operation
from thread_runs_conformance.targets import Target


@dataclass
class Known:
    """One resource.

    Attributes:
        original: What it was before the run.
        now: What it is known to hold.
        touched_last: Whether the last change was a change of this resource.
        uncertain: What it holds now is not known: the next response that shows it counts.
        changes: How many changes were answered as successful.
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
    """Whether a property by its name tells when the resource was last changed, or which version it is."""
    words = name.lower().replace("-", "_")
    return words.startswith(("updated", "modified", "last_modified", "last_updated")) or words in (
        "etag",
        "version",
        "revision",
        "rev",
        "updatedat",
        "modifiedat",
    )
