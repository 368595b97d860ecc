"""Notes on what the generator cannot do as the spec asks, each with its place in the spec."""

from dataclasses import dataclass

from thread_runs_spec import operations as spec_operations
from thread_runs_spec.document import Node, Pointer


@dataclass(frozen=True, order=True)
class Note:
    """A place in the spec, and what the generated package does there instead.

    Attributes:
        line: of the spec.
        pointer: of the spec.
        message: one sentence.
    """

    line: int
    pointer: Pointer
    message: str


def note(node: Node, message: str) -> Note:
    return Note(node.line, node.pointer, " ".join(message.split()))


class Notes:
    """Collects notes about operations."""

    def __init__(self) -> None:
        self.found: list[Note] = []

    def add(self, operation: spec_operations.Operation, message: str) -> None:
        self.found.append(note(operation.node, f"{operation.name}: {message}"))
