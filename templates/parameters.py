"""Parameters of an operation, and the serialization of their values in a path, a query or a header."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias
from urllib.parse import quote

from .types import UNSET

Schema: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True)
class Parameter:
    """A parameter of an operation.

    Attributes:
        argument: its name in Python; None if it has a single value, which is always sent.
        name: its name in the request.
        location: where it is sent.
        schema: the limits of its value.
        default: what is sent if the caller passes nothing.
        style, explode: how arrays and objects are written, as OpenAPI names it.
        json: whether the value is written as JSON text.
    """

    argument: str | None
    name: str
    location: Literal["path", "query", "header", "cookie"]
    schema: Schema
    required: bool = False
    default: Any = UNSET
    style: str = "simple"
    explode: bool = False
    json: bool = False
    description: str = ""


_PYTHON_TYPES: dict[str, type | tuple[type, ...]] = {
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "array": list,
    "object": dict,
}


def path_segment(parameter: Parameter, value: Any) -> str:
    """Percent-encode a path parameter. Raises ValueError if it would address another resource."""
    expected = _PYTHON_TYPES.get(str(parameter.schema.get("type")), (str, int, float, list, dict))
    if not isinstance(value, expected):
        names = [kind.__name__ for kind in (expected if isinstance(expected, tuple) else (expected,))]
        raise ValueError(f"{parameter.argument} must be of type {' or '.join(names)}, got {type(value).__name__}")
    text = simple(parameter, value)
    if text in ("", ".", ".."):
        raise ValueError(f"{parameter.argument} must not be empty, '.' or '..', got {text!r}")
    if parameter.style == "simple":
        return quote(text, safe=",=" if isinstance(value, list | dict) else "")
    return _labelled(parameter, value)


def _labelled(parameter: Parameter, value: Any) -> str:
    """Write a path parameter in the style `label` or `matrix`: `.a.b`, `;name=a;name=b`."""
    matrix = parameter.style == "matrix"
    if isinstance(value, dict) and parameter.explode:
        parts = [f"{key}={text_of(item)}" for key, item in value.items()]
    elif isinstance(value, list) and parameter.explode:
        parts = [f"{parameter.name}={text_of(item)}" if matrix else text_of(item) for item in value]
    else:
        text = simple(parameter, value)
        parts = [f"{parameter.name}={text}" if matrix else text]
    return "".join((";" if matrix else ".") + quote(part, safe=",=") for part in parts)


def text_of(value: Any) -> str:
    """Return a scalar as it is written in a path, query, header or form."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "null"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else str(value)


def simple(parameter: Parameter, value: Any) -> str:
    """Write a value in the style `simple`: arrays and objects with commas."""
    if parameter.json:
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, list):
        return ",".join(map(text_of, value))
    if isinstance(value, dict):
        if parameter.explode:
            return ",".join(f"{key}={text_of(item)}" for key, item in value.items())
        return ",".join(part for key, item in value.items() for part in (str(key), text_of(item)))
    return text_of(value)


_DELIMITERS = {"spaceDelimited": " ", "pipeDelimited": "|"}


def query_pairs(parameter: Parameter, value: Any) -> Iterator[tuple[str, str]]:
    """Yield the names and values of a query parameter."""
    if parameter.json:
        yield parameter.name, json.dumps(value, ensure_ascii=False)
    elif parameter.style == "deepObject":
        yield from deep_pairs(parameter.name, value)
    elif isinstance(value, list):
        if parameter.explode:
            yield from ((parameter.name, text_of(item)) for item in value)
        elif value:
            yield parameter.name, _DELIMITERS.get(parameter.style, ",").join(map(text_of, value))
    elif isinstance(value, dict) and parameter.explode:
        yield from ((str(key), text_of(item)) for key, item in value.items())
    else:
        yield parameter.name, simple(parameter, value)


def deep_pairs(name: str, value: Any) -> Iterator[tuple[str, str]]:
    """Write nested objects as `name[key]`, and arrays by repeating the name."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from deep_pairs(f"{name}[{key}]", item)
    elif isinstance(value, list):
        for item in value:
            yield from deep_pairs(name, item)
    else:
        yield name, text_of(value)
