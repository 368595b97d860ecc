# Generated from openapi.yaml by `make generate`. Do not edit.
"""Write models as JSON, however deep the JSON inside them is."""

import datetime
import json
from collections.abc import Callable, Iterator, Mapping
from enum import Enum
from typing import Any
from uuid import UUID

from .fields import names
from .types import UNSET

_PLAIN = frozenset({str, int, float, bool, type(None)})


def to_json(value: Any) -> Any:
    """Return `value`, a model or any value of a field, as JSON data that shares nothing with it. UNSET stays UNSET."""
    result: list[Any] = [value]
    # A recursive function could not write what the parser reads: Python limits the depth of its own calls more.
    waiting: list[tuple[Any, Any, Any]] = [(result, 0, value)]
    while waiting:
        target, key, value = waiting.pop()
        kind = type(value)
        write = _WRITERS.get(kind)
        if write is None:
            write = _WRITERS[kind] = _writer(kind)
        target[key] = write(value, waiting)
    return result[0]


def sendable(value: Any) -> Any:
    """Return `value` as JSON has it; files and UNSET stay as they are."""
    if type(value) in _PLAIN or (isinstance(value, (str, bool, int, float)) and not isinstance(value, Enum)):
        return value
    if isinstance(value, Mapping) and not hasattr(value, "to_dict"):
        return {sendable(key): sendable(item) for key, item in value.items() if item is not UNSET}
    if isinstance(value, tuple) and any(isinstance(item, bytes) or hasattr(item, "read") for item in value):
        return value  # a file with its name
    if isinstance(value, list | tuple):
        return [sendable(item) for item in value]
    return to_json(value)


Waiting = list[tuple[Any, Any, Any]]
"""The place of a value that is not yet JSON data, and the value."""

_WRITERS: dict[type, Callable[[Any, Waiting], Any]] = {}


def _writer(kind: type) -> Callable[[Any, Waiting], Any]:
    """Return the function that writes values of `kind` and leaves the values inside them for later."""
    if issubclass(kind, Mapping):
        return _write_mapping
    if issubclass(kind, (list, tuple)):
        return _write_array
    return _write_model if hasattr(kind, "_json_names") else _write_scalar


def _write_model(value: Any, waiting: Waiting) -> dict[str, Any]:
    written: dict[str, Any] = {}
    for name, attribute in names(type(value)):
        inner = getattr(value, attribute)
        if inner is not UNSET:
            written[name] = inner
            if type(inner) not in _PLAIN:
                waiting.append((written, name, inner))
    for name, inner in value.additional_properties.items():
        if name not in written:
            written[name] = inner
            if type(inner) not in _PLAIN:
                waiting.append((written, name, inner))
    return written


def _write_mapping(value: Any, waiting: Waiting) -> dict[str, Any]:
    written = {name: inner for name, inner in value.items() if inner is not UNSET}
    for name, inner in written.items():
        if type(inner) not in _PLAIN:
            waiting.append((written, name, inner))
    return written


def _write_array(value: Any, waiting: Waiting) -> list[Any]:
    written = list(value)
    for index, inner in enumerate(written):
        if type(inner) not in _PLAIN:
            waiting.append((written, index, inner))
    return written


def _write_scalar(value: Any, _: Waiting) -> Any:
    if isinstance(value, Enum):
        return value if value is UNSET else value.value
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
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
    # The open containers: the rest of each, its end, and the separator before its next item.
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
