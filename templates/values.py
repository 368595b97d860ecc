"""How single values are read: strings, enums, constants."""

import datetime
from collections.abc import Callable
from enum import Enum
from typing import Any, Literal, get_args, get_origin
from uuid import UUID

from attrs import frozen


@frozen
class Nonconformity:
    """One difference between a JSON document and the spec.

    Attributes:
        path: where, as `usage.total_tokens`. `[]` stands for any item of an array, `*` for any key of a map. Empty for
            the document itself.
        message: what is different there: `is missing`, or `should be an integer, but is a string`.
    """

    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path or 'the body'} {self.message}"


Problems = list[Nonconformity]
Read = Callable[[Any, Problems], Any]

NAMES = {
    str: "a string",
    int: "an integer",
    float: "a number",
    bool: "a boolean",
    list: "an array",
    dict: "an object",
    type(None): "null",
}
"""The types of JSON data."""


def values_of(member: Any) -> list[Any]:
    """Return the values that an enum or Literal lists."""
    if get_origin(member) is Literal:
        return list(get_args(member))
    return [one.value for one in member] if isinstance(member, type) and issubclass(member, Enum) else []


CONVERTERS: dict[Any, tuple[Callable[[str], Any], str]] = {
    datetime.datetime: (datetime.datetime.fromisoformat, "a date and time"),
    datetime.date: (datetime.date.fromisoformat, "a date"),
    UUID: (UUID, "a UUID"),
}


def string_reader(convert: Callable[[str], Any], description: str) -> Read:
    """Return what converts a string."""

    def read_string(value: Any, problems: Problems) -> Any:
        try:
            return convert(value)
        except ValueError:
            problems.append(Nonconformity("", f"should be {description}, but is another string"))
            return value

    return read_string


def values_reader(member: Any, values: list[Any]) -> Read:
    """Return what reads one of the `values` of a Literal, or of an enum, which may have others one day."""

    def read_literal(value: Any, problems: Problems) -> Any:
        if value not in values:
            problems.append(Nonconformity("", f"should be {' or '.join(map(repr, values))}, but is another value"))
        return value

    def read_enum(value: Any, problems: Problems) -> Any:
        found = by_value.get(value)
        if found is None:
            try:
                return member(value)
            except ValueError:
                return value
        return found

    if get_origin(member) is Literal:
        return read_literal
    by_value = {one.value: one for one in member}
    return read_enum


def best(readers: list[Read], plain: bool) -> Read:
    """Return what reads a value by that of `readers` which finds the fewest problems, the first of several.

    A value that may be `plain` is kept unless a reader knows it.
    """
    if len(readers) == 1 and not plain:
        return readers[0]

    def read_best(value: Any, problems: Problems) -> Any:
        best: tuple[tuple[int, bool], Any, Problems] | None = None
        for reader in readers:
            found: Problems = []
            result = reader(value, found)
            rank = (len(found), is_unknown(result))
            if best is None or rank < best[0]:
                best = rank, result, found
        assert best is not None
        if plain and best[0] > (0, False):
            return value
        problems.extend(best[2])
        return best[1]

    return read_best


def is_unknown(value: Any) -> bool:
    """Return whether `value` is one that an enum does not list."""
    return isinstance(value, Enum) and value not in list(type(value))
