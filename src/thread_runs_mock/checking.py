"""Check a request against its operation: key, parameters, headers, and the body."""

import contextlib
import hmac
import re
from collections.abc import Mapping
from typing import Any

from thread_runs_mock import errors, forms, strict_json
from thread_runs_mock.errors import ApiError
from thread_runs_mock.messages import MAX_BODY, Checked, Request
from thread_runs_mock.operation_parts import Body, Parameter
from thread_runs_mock.operations import Operation
from thread_runs_mock.parameters import ABSENT, read_header, read_path, read_query, split_query, typed
from thread_runs_mock.recording import text_of
from thread_runs_mock.routes import Route, Routes
from thread_runs_spec import media_types

_BEARER = re.compile(rb"(?i:bearer) +(\S(?:.*\S)?)\s*", re.DOTALL)
_REMEMBERED = 256
"""The number of paths whose check is cached."""


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
        """Return the checked path, and the media type of the body; None if there is no body.

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
                _check_header(parameter, None if value is None else value.decode("latin-1").strip())
            head.media[operation] = _media(operation, head.values) if operation.body else None
        return checked, head.media[operation]

    def operation(self, method: str, raw_path: bytes) -> Operation | None:
        """Return the operation that a request matches, or None."""
        try:
            return self._routes.find(method, raw_path).operation
        except ApiError:
            return None

    def _check_key(self, authorization: bytes) -> None:
        match = _BEARER.fullmatch(authorization)
        if match is None:
            raise errors.missing_key()
        if self._api_key is not None and not hmac.compare_digest(match[1], self._api_key.encode()):
            raise errors.wrong_key(match[1].decode("latin-1"))

    def _check_path(self, request: Request, route: Route | Checked) -> Checked:
        values = _path_values(route, text_of(request.raw_path))
        if len(self._known_paths) >= _REMEMBERED:
            self._known_paths.clear()
        checked = Checked(route.operation, route.key, route.texts, values)
        self._known_paths[request.method, request.raw_path] = checked
        return checked


def query_values(operation: Operation, query: bytes) -> dict[str, Any]:
    """Return the query parameters that were sent, typed and checked. Parameters that are not in the spec are ignored.

    Raises:
        ApiError: 400; one is missing or violates its schema.
    """
    sent = split_query(query) if query else ()
    values = {}
    for parameter in operation.queries:
        others = operation.query_names - {parameter.name}
        value = read_query(parameter.name, parameter.style, parameter.shape, sent, others) if sent else ABSENT
        if value is not ABSENT:
            values[parameter.name] = _valid(parameter, value, "")
        elif parameter.required:
            raise errors.invalid_parameter(parameter.name, parameter.errors, None, None)
    return values


def _path_values(route: Route | Checked, raw_path: str) -> list[Any]:
    """The typed and checked values of the path parameters, from the path as it was sent."""
    template = route.operation.path.split("/")
    segments = raw_path.split("/")[-len(template) :]
    sent = [segment for segment, named in zip(segments, template, strict=False) if named.startswith("{")]
    return [
        _valid(parameter, read_path(parameter.name, parameter.style, parameter.shape, segment), segment)
        for parameter, segment in zip(route.operation.path_parameters, sent, strict=True)
    ]


def _check_header(parameter: Parameter, text: str | None) -> None:
    if text is not None:
        _valid(parameter, read_header(parameter.style, parameter.shape, text), text)
    elif parameter.required:
        raise errors.invalid_parameter(parameter.name, parameter.errors, None, None)


def _valid(parameter: Parameter, value: Any, text: str) -> Any:
    if violation := parameter.validator.first_violation(value):
        raise errors.invalid_parameter(parameter.name, parameter.errors, text, violation)
    return value


def _media(operation: Operation, headers: Mapping[bytes, bytes]) -> Body | None:
    """The documented media type of the announced body; None if there is no body and none is required."""
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
    """Return the body as JSON data: parsed, the fields of a form, or None for bodies that are not parsed.

    Raises:
        ApiError: 400 or 413; it cannot be read or violates its schema.
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
        value = text if field is None or field.is_file else typed(field.shape, text)
        if field is not None and "object" in field.shape.types and value == text:
            # OpenAPI, "special considerations for multipart content": an object is a part in JSON.
            with contextlib.suppress(strict_json.NotJsonError):
                value = strict_json.decode(text.encode())
        if field is not None and "array" in field.shape.types:
            fields.setdefault(plain, []).append(typed(field.shape.items, text))
        else:
            fields[name if field is None else plain] = value
    return fields
