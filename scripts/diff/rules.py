"""Read spec_diff_rules.md, the one table of what a difference between two specs means, and for whom.

The walks in compare.py and schema_diff.py only say what differs; the verdicts are all in that table.
"""

from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

TABLE = Path(__file__).with_suffix(".md")


class Verdict(StrEnum):
    """What a difference means for one reader of the contract, from mild to grave."""

    NOTE = "note"
    NON_BREAKING = "non-breaking"
    BREAKING = "breaking"


class Direction(StrEnum):
    REQUEST = "request"
    RESPONSE = "response"
    ANY = "any"


class Rule(NamedTuple):
    name: str
    direction: Direction
    callers: Verdict
    servers: Verdict
    reason: str


GRAVITY = list(Verdict)


def _rules() -> dict[tuple[str, Direction], Rule]:
    rows = [line.strip("| \n").split(" | ", 4) for line in TABLE.read_text().splitlines() if line.startswith("| ")]
    rules = [Rule(row[0], Direction(row[1]), Verdict(row[2]), Verdict(row[3]), row[4]) for row in rows[1:]]
    return {(one.name, one.direction): one for one in rules}


RULES = _rules()


def rule(name: str, direction: Direction) -> Rule:
    """Return the rule of that name for `direction`, or the one for any. Raises KeyError if there is none."""
    return RULES.get((name, direction)) or RULES[name, Direction.ANY]


def gravest(verdicts: list[Verdict]) -> Verdict | None:
    return max(verdicts, key=GRAVITY.index, default=None)
