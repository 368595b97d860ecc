"""Check a request against its operation: key, parameters, headers, and the body."""

import hmac
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

from thread_runs_mock import errors, forms, strict_json
from thread_runs_mock.messages import MAX_BODY, Checked, Request
from thread_runs_mock.operations import Body, Operation, Parameter
from thread_runs_mock.routes import Route, Routes
from thread_runs_spec import media_types

_BEARER = re.compile(rb"(?i:bearer) +(\S(?:.*\S)?)\s*", re.DOTALL)
_REMEMBERED = 256
"""Paths whose check is not repeated."""


class Checker:
    """Finds the operation of a request and checks everything but the body.

    Clients repeat their paths and headers. What was found valid once is remembered, as it is valid whenever it comes:
    a path here, headers with the `Head` that the requests share.

    Args:
        api_key: The only key that is accepted; None for any.
    """

    def __init__(self, routes: Routes, api_key: str | None) -> None:
        self._routes = routes
        self._api_key = api_key
        self._known_paths: dict[tuple[str, bytes], Checked] = {}

    def check(self, request: Request) -> tuple[Checked, Body | None]:
        """Return what the path names, and the media type of the body; None if there is no body.

        Raises:
            UnknownUrlError: The path is that of no operation.
            ApiError: The request violates the spec.
        """
        head = request.head
        known = self._known_paths.get((request.method, request.raw_path))
        route = known or self._routes.find(request.method, request.raw_path)
        operation = route.operation
        is_known_head = operation in head.media
        if operation.bearer and not is_known_head:
            self._check_key(head.values.get(b"authorization", b""))
        checked = known or self._check_path(request, route)
        if operation.queries:
            query_values(operation, request.query)
        if not is_known_head:
            for parameter in operation.headers:
                value = head.values.get(parameter.header)
                _value(parameter, [] if value is None else [value.decode("latin-1").strip()])
            head.media[operation] = _media(operation, head.values) if operation.body else None
        return checked, head.media[operation]

    def _check_key(self, authorization: bytes) -> None:
        match = _BEARER.fullmatch(authorization)
        if match is None:
            raise errors.missing_key()
        if self._api_key is not None and not hmac.compare_digest(match[1], self._api_key.encode()):
            raise errors.wrong_key(match[1].decode("latin-1"))

    def _check_path(self, request: Request, route: Route | Checked) -> Checked:
        parameters = route.operation.path_parameters
        values = [_value(parameter, [text]) for parameter, text in zip(parameters, route.texts, strict=True)]
        if len(self._known_paths) >= _REMEMBERED:
            self._known_paths.clear()
        checked = Checked(route.operation, route.key, route.texts, values)
        self._known_paths[request.method, request.raw_path] = checked
        return checked


def query_values(operation: Operation, query: bytes) -> dict[str, Any]:
    """Return the query parameters that were sent, typed and checked. Those that the spec does not name are ignored.

    Raises:
        ApiError: 400; one is missing or breaks its schema.
    """
    sent = parse_qs(query.decode("latin-1"), keep_blank_values=True) if query else {}
    values = {}
    for parameter in operation.queries:
        # Many clients write the name of an array with brackets.
        texts = sent.get(parameter.name) or sent.get(f"{parameter.name}[]", [])
        value = _value(parameter, texts)
        if texts:
            values[parameter.name] = value
    return values


def _value(parameter: Parameter, texts: list[str]) -> Any:
    if not texts:
        if parameter.required:
            raise errors.invalid_parameter(parameter.name, parameter.example, None, None)
        return None
    if "array" in parameter.types:
        separator = parameter.separator
        parts = [part for text in texts for part in text.split(separator)] if separator else texts
        value: Any = [typed(parameter.item_types, part.strip()) for part in parts]
    else:
        value = typed(parameter.types, texts[-1])
    if violation := parameter.validator.first_violation(value):
        raise errors.invalid_parameter(parameter.name, parameter.example, texts[-1], violation)
    return value


def typed(types: frozenset[str], text: str) -> Any:
    """Return a text as the JSON type that its schema asks for, if it can be read as one."""
    if types and "string" not in types:
        try:
            value = strict_json.decode(text.encode())
        except strict_json.NotJsonError:
            return text
        if isinstance(value, bool | int | float):
            return value
    return text


def _media(operation: Operation, headers: Mapping[bytes, bytes]) -> Body | None:
    """The documented media type of the body that is announced; None if there is no body, and none is required."""
    length = headers.get(b"content-length", b"")
    has_body = length not in (b"", b"0") or b"transfer-encoding" in headers
    if not has_body and not operation.body_required:
        return None
    content_type = headers.get(b"content-type", b"").decode("latin-1")
    media = operation.body.get(content_type)
    if media is None:
        name = media_types.best_match(content_type, operation.body)
        if name is None:
            raise errors.wrong_content_type(media_types.essence(content_type), next(iter(operation.body)))
        media = operation.body[name]
    if length.isdigit() and int(length) > MAX_BODY:
        raise errors.body_too_large()
    return media


def check_body(media: Body, content_type: bytes, raw: bytes) -> Any:
    """Return the body as JSON data: parsed, the fields of a form, or None for what is not read.

    Raises:
        ApiError: 400 or 413; it cannot be read or breaks its schema.
    """
    if len(raw) > MAX_BODY:
        raise errors.body_too_large()
    if media.kind == "other":
        return None
    if media.kind == "json":
        try:
            body = strict_json.decode(raw)
        except strict_json.NotJsonError:
            raise errors.body_not_json() from None
    else:
        body = _form(media, content_type, raw)
    if media.validator and (violation := media.validator.first_violation(body)):
        raise errors.invalid_value(violation)
    return body


def _form(media: Body, content_type: bytes, raw: bytes) -> dict[str, Any]:
    """The fields of a form. Text is typed as the schema of its field asks; a file is text to its schema."""
    parse = forms.parse_multipart if media.kind == "multipart" else forms.parse_urlencoded
    fields: dict[str, Any] = {}
    for name, text in parse(content_type, raw):
        plain = name.removesuffix("[]")
        field = media.fields.get(plain)
        types = field.types if field else frozenset()
        value = text if field is None or field.is_file else typed(types, text)
        if "array" in types:
            fields.setdefault(plain, []).append(typed(field.item_types if field else frozenset(), text))
        else:
            fields[name if field is None else plain] = value
    return fields
