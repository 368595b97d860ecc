"""What the judges of keywords and unions are given: the pair of specs, the direction, and how to compare deeper."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from scripts.diff.changes import Change
from scripts.diff.effective import Schema
from scripts.diff.judged import Judged
from scripts.diff.renames import Renames, Unchanged
from scripts.diff.rules import Direction
from thread_runs_spec.document import Node, Pointer


@dataclass
class Context:
    """What one comparison of two specs knows throughout.

    Attributes:
        visited: The schemas that were compared, by spec. A textual difference in one of them that no rule reports
            means the same.
        skipped: Schemas that mean nothing where they stand, as `items` of a string do.
        judged: What was found of each pair of schemas.
        open: The pairs that are being judged.
    """

    renames: Renames
    unchanged: Unchanged
    visited: set[tuple[int, Pointer]] = field(default_factory=set)
    skipped: set[tuple[int, Pointer]] = field(default_factory=set)
    judged: Judged = field(default_factory=Judged)
    open: set[object] = field(default_factory=set)

    def visit(self, node: Node) -> None:
        self.visited.add((id(node.spec), node.pointer))

    def skip(self, node: Node) -> None:
        self.skipped.add((id(node.spec), node.pointer))


class Walk(Protocol):
    """A comparison of schemas that are sent in `direction`."""

    @property
    def context(self) -> Context: ...

    @property
    def direction(self) -> Direction: ...

    @property
    def is_xml(self) -> bool: ...

    def change(self, name: str, words: str, old: Node | None, new: Node | None) -> Change:
        """Return a change that the rule `name` judges in this direction."""

    def compare(self, old: Sequence[Node], new: Sequence[Node]) -> Iterator[Change]:
        """Compare the conjunction of `new` with that of `old`. The changes follow later; none are yielded here."""

    def alternative(self, before: Schema, after: Schema, null_reported: bool = False) -> Iterator[Change]:
        """Yield how two schemas without unions, or two members of unions, differ."""

    def relation(self, old: Sequence[Node], new: Sequence[Node]) -> str:
        """Return whether `new` allows the "same" values as `old`, "more", "fewer", or "other" ones."""

    def covers(self, wide: Schema, narrow: Schema) -> bool:
        """Return whether every value of `narrow` is one of `wide`, and has no property that `wide` does not name."""
