# Generated from openapi.yaml by `make generate`. Do not edit.
"""Write models as JSON, however deep the JSON inside them is."""

import datetime
import json
from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Any
from uuid import UUID

from .fields import names
from .types import UNSET

_PLAIN = frozenset({str, int, float, bool, type(None)})


def to_json(value: Any) -> Any:
    """Return `value`, a model or any value of a field, as JSON data that shares nothing with it. UNSET stays UNSET."""
    result: list[Any] = [None]
    # A recursive function could not write what the parser reads: Python limits the depth of its own calls more.
    waiting: list[tuple[Any, Any, Any]] = [(result, 0, value)]
    while waiting:
        target, key, value = waiting.pop()
        kind = type(value)
        if kind in _PLAIN:
            target[key] = value
        elif isinstance(value, dict):
            target[key] = written = {name: inner for name, inner in value.items() if inner is not UNSET}
            _put(written, written.items(), waiting)
        elif isinstance(value, (list, tuple)):
            target[key] = items = list(value)
            _put(items, enumerate(value), waiting)
        elif hasattr(kind, "_json_names"):
            known = [(name, getattr(value, attribute)) for name, attribute in names(kind)]
            target[key] = written = {name: inner for name, inner in known if inner is not UNSET}
            for name, inner in value.additional_properties.items():
                written.setdefault(name, inner)
            _put(written, written.items(), waiting)
        else:
            target[key] = _scalar(value)
    return result[0]


def _put(target: Any, items: Any, waiting: list[tuple[Any, Any, Any]]) -> None:
    for key, value in items:
        if type(value) not in _PLAIN:
            waiting.append((target, key, value))


def _scalar(value: Any) -> Any:
    if isinstance(value, Enum):
        return value if value is UNSET else value.value
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, Mapping):
        return to_json(dict(value))
    return value.to_dict() if hasattr(value, "to_dict") else value


def dumps(value: Any, indent: int | None) -> str:
    """Return JSON data as text."""
    try:
        return json.dumps(value, indent=indent, ensure_ascii=False)
    except RecursionError:
        return "".join(_pieces(value, indent))


def _pieces(value: Any, indent: int | None) -> Iterator[str]:
    """Yield the text of JSON data of any depth."""
    between = ", " if indent is None else ","
    # The containers that are open: what is left of each, how it ends, and what comes before its next item.
    stack: list[tuple[Iterator[tuple[str, Any]], str, str]] = []
    prefix = ""
    while True:
        yield prefix
        if isinstance(value, dict):
            yield "{"
            items = iter([(json.dumps(str(key), ensure_ascii=False) + ": ", item) for key, item in value.items()])
            stack.append((items, "}", ""))
        elif isinstance(value, list):
            yield "["
            stack.append((iter([("", item) for item in value]), "]", ""))
        else:
            yield json.dumps(value, ensure_ascii=False)
        while stack:
            items, end, separator = stack.pop()
            following = next(items, None)
            if following is not None:
                stack.append((items, end, between))
                prefix, value = separator + _line(indent, len(stack)) + following[0], following[1]
                break
            # An empty container ends where it began.
            yield (_line(indent, len(stack)) if separator else "") + end
        else:
            return


def _line(indent: int | None, depth: int) -> str:
    return "" if indent is None else "\n" + " " * (indent * depth)
