"""A request body with a name."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class NamedBody:
    """A body, its description, and the pointer to the rule that it tests.

    Attributes:
        bare: For a violation, the body without the valid change beside the fault.
        pool: The systematic series that it belongs to; empty if it is always sent.
    """

    name: str
    body: Any
    rule: str
    pool: str = ""
    bare: Any = None


def named(where: str, what: str) -> str:
    """A name for a value at a place in a body."""
    return f"{where}: {what}" if where else what
