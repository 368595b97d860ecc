"""The types of JSON Schema, and the types of Python values among them."""

from typing import Any

TYPES: dict[str, type | tuple[type, ...]] = {
    "object": dict,
    "array": (list, tuple),
    "string": str,
    "boolean": bool,
    "integer": int,
    "number": (int, float),
    "null": type(None),
}


_kinds: dict[type, frozenset[str]] = {}


def kinds_of(value: Any) -> frozenset[str]:
    """Return the types that a value has: an integer is a number, too."""
    own = type(value)
    kinds = _kinds.get(own)
    if kinds is None:
        # Python counts a boolean as an integer, JSON does not.
        kinds = frozenset(kind for kind, types in TYPES.items() if isinstance(value, types))
        kinds = _kinds[own] = frozenset({"boolean"}) if own is bool else kinds
    return kinds


def kind_of(value: Any) -> str:
    return next((kind for kind in TYPES if kind in kinds_of(value)), type(value).__name__)


def listed(kinds: list[str]) -> str:
    return " or ".join(map(with_article, kinds))


def with_article(kind: str) -> str:
    return kind if kind == "null" else f"{'an' if kind[0] in 'aeiou' else 'a'} {kind}"


def is_text(value: str) -> bool:
    try:
        return value.isascii() or bool(value.encode())
    except UnicodeEncodeError:
        return False
