"""Operations as data, and the request that an operation makes of the arguments of a call."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from os import PathLike
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Generic, Literal, Protocol, TypeVar
from urllib.parse import quote

from .types import UNSET, File, Unset
from .writing import to_json

if TYPE_CHECKING:
    import httpx
    import httpx2

    from .paging import Paging

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
Schema = Mapping[str, Any]
Upload = File | bytes | IO[bytes] | PathLike[str] | tuple[str, bytes | IO[bytes]]
"""A file to send: its contents, an open binary file, a path, or a file name with one of the first two."""


class Parse(Protocol[T_co]):
    """Returns the result of a response, and appends to `problems` what does not conform to the spec."""

    def __call__(self, response: "httpx.Response | httpx2.Response", problems: list[Any]) -> T_co: ...


@dataclass(frozen=True, slots=True)
class Request(Generic[T]):
    """One request as the spec describes it. The client adds its base URL, its credentials and the options.

    Attributes:
        operation: what the spec says about the operation.
        path: the percent-encoded path, which begins with `/`.
        query: names and values of the query, in order, not yet encoded.
        headers: the headers that the spec describes.
        body: the body as keyword arguments of `httpx.Client.build_request`: nothing, or `json`, or `content`, or
            `data` with or without `files`.
        values: the parameters by their argument's name, and the body under `None`, as JSON values. The client
            compares them with the limits of the spec before it sends.
        parse: returns the result of a response with a success status, and appends to a list what does not conform to
            the spec. Raises ValueError if the body is something else altogether.
    """

    operation: "Operation"
    path: str
    query: list[tuple[str, str]]
    headers: dict[str, str]
    body: dict[str, Any]
    values: Mapping[str | None, Any] = field(repr=False)
    parse: "Parse[T]" = field(repr=False)


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


@dataclass(frozen=True)
class Property:
    """A property of the body that is an argument of its own; `deep` writes an object in a form as `name[key]`."""

    argument: str
    name: str
    required: bool = False
    deep: bool = False
    description: str = ""


@dataclass(frozen=True)
class Body:
    """The body of an operation.

    Attributes:
        properties: the arguments that make up the body; empty if the argument `body` is the whole of it.
        required: whether a body is sent even if the caller passes none of its properties.
    """

    media_type: str
    kind: Literal["json", "form", "multipart", "text", "binary"]
    schema: Schema
    required: bool = False
    properties: tuple[Property, ...] = ()


@dataclass(frozen=True)
class Operation:
    """What the spec says about one operation.

    Attributes:
        id: the operationId.
        group: where the method is: `("beta", "threads", "runs")` for `client.beta.threads.runs`.
        name: the name of the method.
        function: the name of the function in `responses` that parses its response.
        path: the path template.
        accept: the media type to ask for; empty if the response has only one.
        deprecated: why the operation is deprecated; empty if it is not.
        shown: the properties of the result that the command line shows (`x-cli-show`).
    """

    id: str
    group: tuple[str, ...]
    name: str
    function: str
    method: str
    path: str
    parameters: tuple[Parameter, ...] = ()
    body: Body | None = None
    accept: str = ""
    summary: str = ""
    description: str = ""
    deprecated: str = ""
    paging: "Paging | None" = None
    shown: tuple[str, ...] = ()

    def request(self, arguments: Mapping[str, Any], parse: Parse[T]) -> Request[T]:
        """Return the request for the arguments of a call.

        Raises ValueError if a path parameter would address another resource, or something is not a file.
        """
        path = self.path
        query: list[tuple[str, str]] = []
        headers: dict[str, str] = {"Accept": self.accept} if self.accept else {}
        cookies: list[tuple[str, str]] = []
        values: dict[str | None, Any] = {}
        for parameter in self.parameters:
            value = parameter.default
            if parameter.argument is not None:
                value = _json(arguments.get(parameter.argument, value))
            if value is UNSET or (value is None and parameter.location != "path"):
                continue
            if parameter.location == "path":
                path = path.replace("{" + parameter.name + "}", _path_segment(parameter, value))
            elif parameter.location == "query":
                query += _query(parameter, value)
            elif parameter.location == "header":
                headers[parameter.name] = _simple(parameter, value)
            else:
                cookies.append((parameter.name, _simple(parameter, value)))
            if parameter.argument is not None:
                values[parameter.argument] = value
        if cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in cookies)
        body: dict[str, Any] = {}
        if self.body is not None:
            body = _body(self.body, arguments, headers, values)
        return Request(self, path, query, headers, body, values, parse)


_SCALARS = frozenset({str, bool, int, float, type(None)})


def _json(value: Any) -> Any:
    """Return `value` as JSON has it; files and UNSET stay as they are."""
    if type(value) in _SCALARS or (isinstance(value, (str, bool, int, float)) and not isinstance(value, Enum)):
        return value
    if isinstance(value, Mapping) and not hasattr(value, "to_dict"):
        return {_json(key): _json(item) for key, item in value.items() if item is not UNSET}
    if isinstance(value, tuple) and any(isinstance(item, bytes) or hasattr(item, "read") for item in value):
        return value  # a file with its name
    if isinstance(value, list | tuple):
        return [_json(item) for item in value]
    return to_json(value)


_PYTHON_TYPES: dict[str, type | tuple[type, ...]] = {
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "array": list,
    "object": dict,
}


def _path_segment(parameter: Parameter, value: Any) -> str:
    """Percent-encode a path parameter. Raises ValueError if it would address another resource."""
    expected = _PYTHON_TYPES.get(str(parameter.schema.get("type")), (str, int, float, list, dict))
    if not isinstance(value, expected):
        names = [kind.__name__ for kind in (expected if isinstance(expected, tuple) else (expected,))]
        raise ValueError(f"{parameter.argument} must be of type {' or '.join(names)}, got {type(value).__name__}")
    text = _simple(parameter, value)
    if text in ("", ".", ".."):
        raise ValueError(f"{parameter.argument} must not be empty, '.' or '..', got {text!r}")
    if parameter.style == "simple":
        return quote(text, safe=",=" if isinstance(value, list | dict) else "")
    return _labelled(parameter, value)


def _labelled(parameter: Parameter, value: Any) -> str:
    """Write a path parameter in the style `label` or `matrix`: `.a.b`, `;name=a;name=b`."""
    matrix = parameter.style == "matrix"
    if isinstance(value, dict) and parameter.explode:
        parts = [f"{key}={_text(item)}" for key, item in value.items()]
    elif isinstance(value, list) and parameter.explode:
        parts = [f"{parameter.name}={_text(item)}" if matrix else _text(item) for item in value]
    else:
        text = _simple(parameter, value)
        parts = [f"{parameter.name}={text}" if matrix else text]
    return "".join((";" if matrix else ".") + quote(part, safe=",=") for part in parts)


def _text(value: Any) -> str:
    """Return a scalar as it is written in a path, query, header or form."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "null"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else str(value)


def _simple(parameter: Parameter, value: Any) -> str:
    """Write a value as the style `simple` does: arrays and objects with commas."""
    if parameter.json:
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, list):
        return ",".join(map(_text, value))
    if isinstance(value, dict):
        if parameter.explode:
            return ",".join(f"{key}={_text(item)}" for key, item in value.items())
        return ",".join(part for key, item in value.items() for part in (str(key), _text(item)))
    return _text(value)


_DELIMITERS = {"spaceDelimited": " ", "pipeDelimited": "|"}


def _query(parameter: Parameter, value: Any) -> Iterator[tuple[str, str]]:
    if parameter.json:
        yield parameter.name, json.dumps(value, ensure_ascii=False)
    elif parameter.style == "deepObject":
        yield from _deep(parameter.name, value)
    elif isinstance(value, list):
        if parameter.explode:
            yield from ((parameter.name, _text(item)) for item in value)
        elif value:
            yield parameter.name, _DELIMITERS.get(parameter.style, ",").join(map(_text, value))
    elif isinstance(value, dict) and parameter.explode:
        yield from ((str(key), _text(item)) for key, item in value.items())
    else:
        yield parameter.name, _simple(parameter, value)


def _deep(name: str, value: Any) -> Iterator[tuple[str, str]]:
    """Write nested objects as `name[key]`, and arrays by repeating the name."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _deep(f"{name}[{key}]", item)
    elif isinstance(value, list):
        for item in value:
            yield from _deep(name, item)
    else:
        yield name, _text(value)


def _body(
    body: Body, arguments: Mapping[str, Any], headers: dict[str, str], values: dict[str | None, Any]
) -> dict[str, Any]:
    """Return the body as keyword arguments of httpx; puts its media type into `headers`, its value into `values`."""
    value: Any
    if body.properties:
        given = {one.name: _json(arguments.get(one.argument, UNSET)) for one in body.properties}
        value = {name: item for name, item in given.items() if item is not UNSET}
        if not value and not body.required and "body" not in arguments:
            return {}
    else:
        value = _json(arguments.get("body", UNSET))
        if isinstance(value, Unset):
            return {}
    values[None] = value
    if body.kind == "json":
        headers["Content-Type"] = body.media_type
        return {"json": value}
    if body.kind == "multipart":
        # httpx chooses the boundary, which is a part of the media type.
        return {"files": list(_parts(value))}
    headers["Content-Type"] = body.media_type
    if body.kind == "form":
        deep = {one.name for one in body.properties if one.deep}
        return {"data": _form(value, deep)}
    if isinstance(value, File):
        value = value.payload
    if isinstance(value, bool | int | float):
        return {"content": _text(value)}
    return {"content": value.read() if hasattr(value, "read") else value}


def _form(value: Mapping[str, Any], deep: set[str]) -> dict[str, list[str]]:
    pairs: dict[str, list[str]] = {}
    for name, item in value.items():
        if name in deep:
            for key, text in _deep(name, item):
                pairs.setdefault(key, []).append(text)
        else:
            pairs[name] = [_text(one) for one in item] if isinstance(item, list) else [_text(item)]
    return pairs


Part = tuple[str, tuple[str | None, Any] | tuple[str | None, Any, str]]


def _parts(value: Mapping[str, Any]) -> Iterator[Part]:
    """Yield the parts of a multipart body: files as files, objects as JSON, everything else as text."""
    for name, item in value.items():
        for one in item if isinstance(item, list) else [item]:
            if isinstance(one, dict):
                yield name, (None, json.dumps(one, ensure_ascii=False), "application/json")
            elif one is None or isinstance(one, str | bool | int | float):
                yield name, (None, _text(one))
            else:
                yield name, _file(name, one)


def _file(name: str, value: Any) -> tuple[str | None, Any] | tuple[str | None, Any, str]:
    if isinstance(value, File):
        file_name = value.file_name or name
        return (file_name, value.payload) if value.mime_type is None else (file_name, value.payload, value.mime_type)
    if isinstance(value, tuple):
        return value
    if isinstance(value, PathLike):
        return Path(value).name, Path(value).read_bytes()
    if isinstance(value, bytes):
        return name, value
    if hasattr(value, "read"):
        own = getattr(value, "name", None)
        return Path(own).name if isinstance(own, str) else name, value
    raise ValueError(f"{name} must be bytes, an open binary file, a path or a File, got {type(value).__name__}")
