"""The ASGI application: what is done with a request, step by step."""

import hmac
import logging
import os
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping
from fnmatch import fnmatchcase
from itertools import chain
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import parse_qs

from thread_runs_mock import errors, runs, strict_json
from thread_runs_mock.errors import ApiError
from thread_runs_mock.routes import Routes, text_of
from thread_runs_mock.spec import Operation, Parameter, Role, Spec, SpecError
from thread_runs_mock.store import Key, MemoryStore, Resource, Store

Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
Headers: TypeAlias = Mapping[str, str]

MAX_BODY = 1024 * 1024
"""Bytes of a request body that are read; more is answered 413."""

log = logging.getLogger("thread_runs_mock")


class _DisconnectedError(Exception):
    """The client went away before its request was complete."""


def request_id() -> str:
    """A new `x-request-id`."""
    return f"req_{os.urandom(12).hex()}"


class Application:
    """Serves the operations of a spec from a store.

    Args:
        create_missing: Make a resource on first use, from the spec's example.
        merge: Merge maps such as `metadata` key by key; otherwise replace them.
        api_key: The only key that is let in; None lets any in.
    """

    def __init__(self, spec: Spec, store: Store, *, create_missing: bool, merge: bool, api_key: str | None) -> None:
        self.spec = spec
        self._routes = Routes(spec)
        self._store = store
        self._merge = merge
        self._api_key = api_key
        self._templates: dict[str, Resource] = {}
        if create_missing:
            self._templates = {
                _resource_path(operation): operation.examples[0]
                for operation in reversed(spec.operations)
                if operation.role in (Role.READ, Role.MODIFY, Role.REPLACE) and operation.examples
                if isinstance(operation.examples[0], dict)
            }
            if not self._templates:
                raise SpecError("the spec has no example that missing resources could be made from")

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            while (message := await receive())["type"] != "lifespan.shutdown":
                await send({"type": f"{message['type']}.complete"})
            await send({"type": "lifespan.shutdown.complete"})
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close"})
            return
        started = time.perf_counter()
        identifier = request_id()
        headers: list[tuple[bytes, bytes]] = [(b"x-request-id", identifier.encode())]
        try:
            status, body = await self._answer(scope, receive)
        except ApiError as error:
            status, body = error.status, strict_json.encode(error.body)
            headers.extend(error.headers)
        except _DisconnectedError:
            return
        if body:
            headers.append((b"content-type", b"application/json"))
        if status != 204:
            headers.append((b"content-length", str(len(body)).encode()))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})
        if log.isEnabledFor(logging.INFO):
            milliseconds = (time.perf_counter() - started) * 1000
            path = text_of(scope["raw_path"])
            log.info("%s %s %d %.1f ms %s", scope["method"], path, status, milliseconds, identifier)

    async def _answer(self, scope: Message, receive: Receive) -> tuple[int, bytes]:
        """Status and body. Nothing is looked up, let alone changed, before the whole request is checked."""
        operation, texts = self._routes.find(scope["method"], scope["raw_path"])
        headers = _headers(scope)
        if operation.bearer:
            self._check_key(headers.get("authorization", ""))
        values = _parameters(operation, texts, headers, scope.get("query_string", b""))
        body = await _body(operation, headers, receive)
        answer = self._perform(operation, operation.key(texts), values, body)
        return operation.status, b"" if operation.response is None else strict_json.encode(answer)

    def _check_key(self, authorization: str) -> None:
        scheme, _, key = authorization.partition(" ")
        key = key.strip()
        if scheme.lower() != "bearer" or not key:
            raise errors.missing_key()
        if self._api_key is not None and not hmac.compare_digest(key.encode("latin-1"), self._api_key.encode()):
            raise errors.wrong_key(key)

    def _perform(self, operation: Operation, key: Key, values: list[Any], body: Any) -> Any:
        if operation.role is Role.EXAMPLE:
            return operation.identified(operation.examples[0], values) if operation.examples else None
        if template := self._templates.get(_resource_path(operation)):
            self._store.add(key, operation.identified(template, values))
        if operation.role is Role.READ:
            resource = self._store.get(key)
        elif operation.role is Role.DELETE:
            if self._store.delete(key):
                return operation.identified(operation.examples[0], values) if operation.examples else None
            resource = None
        else:
            resource = self._store.modify(key, lambda stored: self._changed(operation, stored, values, body))
        if resource is None:
            raise self._unknown(operation, key)
        return resource

    def _changed(self, operation: Operation, stored: Resource, values: list[Any], body: Any) -> Resource:
        """The stored resource with the body's properties.

        Raises:
            ApiError: The properties, once merged, break the contract.
        """
        if not isinstance(body, dict):
            return stored
        patch: Resource = dict(body)
        for name in operation.maps.intersection(patch):
            old, new = stored.get(name), patch[name]
            if new is None:
                patch[name] = {}
            elif self._merge and operation.role is Role.MODIFY and isinstance(old, dict):
                patch[name] = {**old, **new}
        validator = next(filter(None, operation.body.values()))
        if patch != body and (violation := validator.first_violation(patch)):
            raise errors.invalid_value(violation)
        if operation.role is Role.REPLACE:
            stored = {name: value for name, value in stored.items() if name not in operation.properties}
        changed: Resource = operation.identified({**stored, **patch}, values)
        if operation.response and (violation := operation.response.first_violation(changed)):
            raise errors.invalid_value(violation)
        return changed

    def _unknown(self, operation: Operation, key: Key) -> ApiError:
        """Names the outermost of the path's resources that does not exist."""
        names = [parameter.name for parameter in operation.path_parameters]
        ends = range(2, len(key) + 1, 2)
        end = next((end for end in ends if not self._store.contains(key[:end])), len(key))
        return errors.unknown_resource(names[end // 2 - 1].removesuffix("_id"), key[end - 1])


def _resource_path(operation: Operation) -> str:
    """The path template up to the resource: without the name of an action on it."""
    return "".join(operation.path.rpartition("}")[:2])


def _headers(scope: Message) -> Headers:
    """Header values by lower-case name; repeated ones joined, as HTTP has it."""
    headers: dict[str, str] = {}
    pairs: Iterable[tuple[bytes, bytes]] = scope["headers"]
    for raw_name, raw_value in pairs:
        name, value = raw_name.decode("latin-1"), raw_value.decode("latin-1").strip()
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers


def _parameters(operation: Operation, texts: list[str], headers: Headers, query: bytes) -> list[Any]:
    """Check all parameters; returns the values of those in the path."""
    values: list[Any] = []
    queries = parse_qs(query.decode("latin-1"), keep_blank_values=True) if query else {}
    for parameter in operation.parameters:
        if parameter.location == "path":
            values.append(_value(parameter, [texts[len(values)]]))
        elif parameter.location == "query":
            _value(parameter, queries.get(parameter.name, []))
        else:
            header = headers.get(parameter.name.lower())
            _value(parameter, [] if header is None else [header])
    return values


def _value(parameter: Parameter, texts: list[str]) -> Any:
    if not texts:
        if parameter.required:
            raise errors.invalid_parameter(parameter.name, parameter.example, None, None)
        return None
    many = "array" in parameter.types
    value = [_typed(parameter, text) for text in texts] if many else _typed(parameter, texts[-1])
    if violation := parameter.validator.first_violation(value):
        raise errors.invalid_parameter(parameter.name, parameter.example, texts[-1], violation)
    return value


def _typed(parameter: Parameter, text: str) -> Any:
    """The text as the JSON type that its schema asks for, if it can be read as one."""
    if parameter.types and "string" not in parameter.types:
        try:
            value = strict_json.decode(text.encode())
        except strict_json.NotJsonError:
            return text
        if isinstance(value, bool | int | float):
            return value
    return text


async def _body(operation: Operation, headers: Headers, receive: Receive) -> Any:
    """The checked body; None if there is none, or none that is JSON."""
    if not operation.body:
        return None
    length = headers.get("content-length", "")
    has_body = length not in ("", "0") or "transfer-encoding" in headers
    if not has_body and not operation.body_required:
        return None
    sent_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    media_type = next((name for name in operation.body if fnmatchcase(sent_type, name)), None)
    if media_type is None:
        raise errors.wrong_content_type(sent_type, next(iter(operation.body)))
    if length.isdecimal() and int(length) > MAX_BODY:
        raise errors.body_too_large()
    raw = await _read(receive)
    validator = operation.body[media_type]
    if validator is None:
        return None
    try:
        body = strict_json.decode(raw)
    except strict_json.NotJsonError:
        raise errors.body_not_json() from None
    if violation := validator.first_violation(body):
        raise errors.invalid_value(violation)
    return body


async def _read(receive: Receive) -> bytes:
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise _DisconnectedError
        body += message.get("body", b"")
        if len(body) > MAX_BODY:
            raise errors.body_too_large()
        if not message.get("more_body", False):
            return bytes(body)


def build(
    spec: Spec,
    resources: str | Path | Iterable[Mapping[str, Any]],
    *,
    create_missing: bool,
    merge: bool,
    api_key: str | None,
) -> Application:
    """The application with a store in memory: these resources, then the examples that are not among them."""
    loaded = runs.read(resources, spec) if isinstance(resources, str | Path) else runs.check_all(resources, spec)
    store = MemoryStore()
    for key, resource in chain(loaded, spec.seeds()):
        store.add(key, resource)
    return Application(spec, store, create_missing=create_missing, merge=merge, api_key=api_key)
