# Generated from openapi.yaml by `make generate`. Do not edit.
"""The body of an operation, and its serialization in each media type."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import IO, Any, Literal

from .parameters import Schema, deep_pairs, text_of
from .types import UNSET, File, Unset
from .writing import sendable

Upload = File | bytes | IO[bytes] | PathLike[str] | tuple[str, bytes | IO[bytes]]
"""A file to send: its contents, an open binary file, a path, or a file name with one of the first two."""


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


def body_of(
    body: Body, arguments: Mapping[str, Any], headers: dict[str, str], values: dict[str | None, Any]
) -> dict[str, Any]:
    """Return the body as keyword arguments of httpx; puts its media type into `headers`, its value into `values`."""
    value: Any
    if body.properties:
        given = {one.name: sendable(arguments.get(one.argument, UNSET)) for one in body.properties}
        value = {name: item for name, item in given.items() if item is not UNSET}
        if not value and not body.required and "body" not in arguments:
            return {}
    else:
        value = sendable(arguments.get("body", UNSET))
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
        return {"content": text_of(value)}
    return {"content": value.read() if hasattr(value, "read") else value}


def _form(value: Mapping[str, Any], deep: set[str]) -> dict[str, list[str]]:
    pairs: dict[str, list[str]] = {}
    for name, item in value.items():
        if name in deep:
            for key, text in deep_pairs(name, item):
                pairs.setdefault(key, []).append(text)
        else:
            pairs[name] = [text_of(one) for one in item] if isinstance(item, list) else [text_of(item)]
    return pairs


Part = tuple[str, tuple[str | None, Any] | tuple[str | None, Any, str]]


def _parts(value: Mapping[str, Any]) -> Iterator[Part]:
    """Yield the parts of a multipart body: files as files, objects as JSON, everything else as text."""
    for name, item in value.items():
        for one in item if isinstance(item, list) else [item]:
            if isinstance(one, dict):
                yield name, (None, json.dumps(one, ensure_ascii=False), "application/json")
            elif one is None or isinstance(one, str | bool | int | float):
                yield name, (None, text_of(one))
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
