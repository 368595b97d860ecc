"""Valid bodies in media types other than JSON: multipart, forms, text and bytes."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from thread_runs_conformance.operations import Operation
from thread_runs_conformance.spec import Spec, written
from thread_runs_conformance.values.samples import NoSampleError, sample
from thread_runs_spec import media_types
from thread_runs_spec.content import MediaType

_OF_RANGE = {"image/*": "image/png", "audio/*": "audio/mpeg", "video/*": "video/mp4", "text/*": "text/plain"}
BOUNDARY = "conformance-boundary"
"""Separates the parts. No derived value contains it."""


def content_type(media: MediaType) -> str:
    """The `Content-Type` of a body that `encoded` returns."""
    name = _OF_RANGE.get(media.name, media.name)
    return f"{name}; boundary={BOUNDARY}" if _is(media, "multipart/form-data") else name


def required_fields(operation: Operation) -> frozenset[str]:
    """The required fields of a form; none for an operation without a form."""
    media = operation.other_media
    if media is None or media.schema is None or not _is_form(media):
        return frozenset()
    return operation.spec.required(written(media.schema.resolve()))


def encoded(operation: Operation, salt: int = 0, *, without: str = "") -> bytes:
    """A valid body of an operation without a JSON body, in its first media type.

    Args:
        without: The field of a form to leave out.

    Raises:
        NoSampleError: No body could be derived.
    """
    media = operation.other_media
    assert media is not None
    schema = None if media.schema is None else written(media.schema.resolve())
    if _is_form(media):
        fields = _value(operation.spec, media, schema, salt)
        if not isinstance(fields, dict):
            raise NoSampleError(f"the body in {media.name} is not described as an object")
        fields = {name: value for name, value in fields.items() if name != without}
        if _is(media, "multipart/form-data"):
            return _multipart(fields, _files(operation.spec, schema))
        return urlencode(list(_pairs(fields))).encode()
    if media.examples or media.name.startswith("text/"):
        value = _value(operation.spec, media, schema, salt)
        if isinstance(value, str):
            return value.encode()
    if any(_is(media, name) for name in ("application/octet-stream", "image/*", "audio/*", "video/*")):
        return f"conformance {salt}".encode()
    raise NoSampleError(f"no body could be derived in {media.name}")


def _is_form(media: MediaType) -> bool:
    return _is(media, "multipart/form-data") or _is(media, "application/x-www-form-urlencoded")


def _is(media: MediaType, name: str) -> bool:
    return media_types.best_match(media_types.essence(media.name), [name]) is not None


def _value(spec: Spec, media: MediaType, schema: str | None, salt: int) -> Any:
    """The first valid example, which a server is more likely to accept, or else a value from the schema."""
    for example in media.examples:
        if schema is None or spec.is_valid(schema, example.value):
            return example.value
    return f"conformance {salt}" if schema is None else sample(spec, schema, salt)


def _files(spec: Spec, schema: str | None) -> set[str]:
    """The properties of a form that are files."""
    found = set()
    for name, pointer in (spec.properties(schema) if schema is not None else {}).items():
        keywords = spec.schema(pointer)[1]
        if keywords.get("type") == "array":
            keywords = spec.schema(f"{pointer}/items")[1] if "items" in keywords else {}
        if keywords.get("format") in ("binary", "byte") or {"contentMediaType", "contentEncoding"} & keywords.keys():
            found.add(name)
    return found


def _pairs(fields: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in fields.items():
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, dict | list):
                raise NoSampleError(f"`{name}` of the form is an object, which is written in several ways")
            yield name, each if isinstance(each, str) else json.dumps(each)


def _multipart(fields: dict[str, Any], files: set[str]) -> bytes:
    """The parts of RFC 7578. An object is a part in JSON (OpenAPI, "special considerations for multipart content")."""
    parts = []
    for name, value in fields.items():
        for each in value if isinstance(value, list) else [value]:
            head = f'Content-Disposition: form-data; name="{name}"'
            if name in files:
                head += '; filename="conformance.txt"\r\nContent-Type: application/octet-stream'
            elif isinstance(each, dict | list):
                head += "\r\nContent-Type: application/json"
            text = each if isinstance(each, str) else json.dumps(each)
            parts.append(f"--{BOUNDARY}\r\n{head}\r\n\r\n{text}\r\n")
    return "".join([*parts, f"--{BOUNDARY}--\r\n"]).encode()
