"""Read rules.md, the one table of what a difference between two specs means, and for whom.

The comparison only says what differs; the verdicts are all in that table.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

TABLE = Path(__file__).with_suffix(".md")


class Verdict(StrEnum):
    """What a difference means for one side, from harmless to serious."""

    NOTE = "note"
    NON_BREAKING = "non-breaking"
    BREAKING = "breaking"


class Direction(StrEnum):
    """Who sends what has changed: the caller (request), the server (response), or it is not sent (any)."""

    REQUEST = "request"
    RESPONSE = "response"
    ANY = "any"

    @property
    def opposite(self) -> "Direction":
        return {Direction.REQUEST: Direction.RESPONSE, Direction.RESPONSE: Direction.REQUEST}.get(self, self)


@dataclass(frozen=True)
class Rule:
    """One row of the table."""

    name: str
    direction: Direction
    callers: Verdict
    servers: Verdict
    reason: str


_ORDER = list(Verdict)


def _rules() -> dict[tuple[str, Direction], Rule]:
    lines = TABLE.read_text("utf-8").splitlines()
    rows = [line.strip("| \n").split(" | ", 4) for line in lines if line.startswith("| ")]
    rules = [Rule(row[0], Direction(row[1]), Verdict(row[2]), Verdict(row[3]), row[4]) for row in rows[1:]]
    return {(one.name, one.direction): one for one in rules}


RULES = _rules()


def rule(name: str, direction: Direction) -> Rule:
    """Return the rule of that name for `direction`, or the one for any. Raises KeyError if there is none."""
    return RULES.get((name, direction)) or RULES[name, Direction.ANY]


def worst(verdicts: Iterable[Verdict]) -> Verdict | None:
    """Return the most serious of `verdicts`, or None if there are none."""
    return max(verdicts, key=_ORDER.index, default=None)


def milder(one: Verdict, other: Verdict) -> Verdict:
    return min(one, other, key=_ORDER.index)
