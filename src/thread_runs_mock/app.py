"""The ASGI application: what is done with a request, step by step."""

import hmac
import logging
import re
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping
from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path
from random import Random, SystemRandom
from typing import Any, TypeAlias, TypeVar
from urllib.parse import parse_qs

from thread_runs_mock import answers, errors, runs, strict_json
from thread_runs_mock.errors import ApiError
from thread_runs_mock.pages import Pages
from thread_runs_mock.recording import RecordedRequest, Recorder
from thread_runs_mock.routes import Routes
from thread_runs_mock.spec import Operation, Parameter, Role, Spec, SpecError
from thread_runs_mock.store import Key, Resource, Store, StoreError, open_store
from thread_runs_mock.validation import Validator
from thread_runs_mock.worker import Worker

T = TypeVar("T")
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
ASGIApplication: TypeAlias = Callable[[Message, Receive, Send], Awaitable[None]]
Headers: TypeAlias = Mapping[bytes, bytes]
Pairs: TypeAlias = list[tuple[bytes, bytes]]

MAX_BODY = 1024 * 1024
"""Bytes of a request body that are read; more is answered 413."""

_CHANGES = (Role.MODIFY, Role.REPLACE)
_BEARER = re.compile(rb"(?i:bearer) +(\S(?:.*\S)?)\s*", re.DOTALL)
_SYSTEM_RANDOM = SystemRandom()
_JSON = (b"content-type", b"application/json")

log = logging.getLogger("thread_runs_mock")


class _DisconnectedError(Exception):
    """The client went away before its request was complete."""


def request_id(random: Random = _SYSTEM_RANDOM) -> bytes:
    """A new `x-request-id`."""
    return b"req_%024x" % random.getrandbits(96)


class Application:
    """Serves the operations of a spec from a store.

    Args:
        script: Answers to give before the usual ones.
        create_missing: Make a resource on first use, from the spec's example.
        merge: Merge maps such as `metadata` key by key; otherwise replace them.
        api_key: The only key that is let in; None lets any in.

    Attributes:
        recorder: The last requests.
        faults: The faults that are switched on, for people.
    """

    def __init__(
        self,
        spec: Spec,
        store: Store,
        script: answers.Script,
        *,
        create_missing: bool,
        merge: bool,
        api_key: str | None,
    ) -> None:
        self.spec = spec
        self.store = store
        self.script = script
        self.recorder = Recorder()
        self.faults: list[str] = []
        # To ask the system each time would cost more than it takes to look the resource up.
        self._random = Random()
        self._worker = Worker(store) if store.blocking else None
        self._pages = Pages(self)
        self._routes = Routes(spec)
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

    def close(self) -> None:
        """Finish what the store was asked for, and close it."""
        if self._worker:
            self._worker.close()
        self.store.close()

    async def with_store(self, key: Key, job: Callable[[], T]) -> T:
        """Do what the job does with the store, where it does not hold up other requests.

        Raises:
            ApiError: 503; the store failed.
        """
        try:
            return job() if self._worker is None else await self._worker.run(key, job)
        except StoreError as error:
            log.error("%s", error)
            raise errors.store_failed() from None

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await _without_request(scope, receive, send)
            return
        started = time.perf_counter()
        identifier = request_id(self._random)
        sent = _headers(scope["headers"])
        query = scope.get("query_string", b"")
        request = RecordedRequest(scope["method"], scope["raw_path"], query, identifier, time.time())
        headers: Pairs = [(b"x-request-id", identifier)]
        try:
            try:
                status, body = await self._answer(request, scope, sent, receive, headers)
            except errors.UnknownUrlError:
                page = self._pages.find(request.method, request.path)
                if page is None:
                    raise
                await page(headers, send)
                return
        except ApiError as error:
            status, body = error.status, strict_json.encode(error.body)
            headers.append(_JSON)
            headers.extend(error.headers)
        except _DisconnectedError:
            return
        if status != 204:
            headers.append((b"content-length", b"%d" % len(body)))
        request.status = status
        request.milliseconds = (time.perf_counter() - started) * 1000
        # Before it is sent: who has the answer may ask for the request.
        self.recorder.keep(request, sent)
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})
        if log.isEnabledFor(logging.INFO):
            milliseconds = (time.perf_counter() - started) * 1000
            log.info("%s %s %d %.1f ms %s", request.method, request.path, status, milliseconds, request.request_id)

    async def _answer(
        self,
        request: RecordedRequest,
        scope: Message,
        sent: Headers,
        receive: Receive,
        headers: Pairs,
    ) -> tuple[int, bytes]:
        """Status and body. Nothing is looked up, let alone changed, before the whole request is checked.

        Headers of the answer are added to `headers`.
        """
        operation, key, texts = self._routes.find(request.method, scope["raw_path"])
        request.operation = operation.name
        if operation.bearer:
            self._check_key(sent.get(b"authorization", b""))
        values = _parameters(operation, texts, sent, scope.get("query_string", b""))
        body = None
        if operation.body and (media_type := _media_type(operation, sent)):
            message = await receive()
            request.body = message.get("body", b"")
            if message.get("more_body", False) or message["type"] == "http.disconnect":
                request.body = await _rest(message, receive)
            body = _body(operation.body[media_type], request.body)
        if (prefer := sent.get(b"prefer")) and (chosen := answers.preferred(prefer.decode("latin-1"), operation)):
            headers.append((b"preference-applied", prefer.strip()))
        else:
            chosen = self.script.next(operation) if self.script else None
        if chosen:
            status, answer = chosen
            headers.extend(answer.headers)
            return status, answer.body
        if self._worker is None:
            found = self._perform(operation, key, texts, values, body)
        else:
            found = await self.with_store(key, partial(self._perform, operation, key, texts, values, body))
        if operation.response is None:
            return operation.status, b""
        headers.append(_JSON)
        return operation.status, found

    def _check_key(self, authorization: bytes) -> None:
        match = _BEARER.fullmatch(authorization)
        if match is None:
            raise errors.missing_key()
        if self._api_key is not None and not hmac.compare_digest(match[1], self._api_key.encode()):
            raise errors.wrong_key(match[1].decode("latin-1"))

    def _perform(self, operation: Operation, key: Key, texts: list[str], values: list[Any], body: Any) -> bytes:
        """The body of the answer."""
        role = operation.role
        if (
            self._templates
            and role is not Role.EXAMPLE
            and (template := self._templates.get(_resource_path(operation)))
        ):
            self.store.add([operation.item(texts, operation.identified(template, values))])
        found: bytes | None
        if role in _CHANGES:
            found = self.store.modify(key, partial(self._changed, operation, values, body))
        elif role is Role.READ:
            found = self.store.get(key)
        elif role is Role.EXAMPLE or self.store.delete(key):
            found = _example(operation, values)
        else:
            found = None
        if found is None:
            raise self._unknown(operation, texts)
        return found

    def _changed(self, operation: Operation, values: list[Any], body: Any, stored: Resource) -> Resource:
        """The stored resource with the body's properties.

        Raises:
            ApiError: The properties, once merged, break the contract.
        """
        if not isinstance(body, dict):
            return stored
        patch: Resource = body
        if not operation.unanswered.isdisjoint(body):
            patch = {name: new for name, new in body.items() if name not in operation.unanswered}
        merged: Resource = {}
        for name in operation.maps:
            if name not in patch:
                continue
            old, new = stored.get(name), patch[name]
            if new is None:
                merged[name] = {}
            elif isinstance(old, dict) and not old.keys() <= new.keys() and self._merge and not operation.replaces:
                merged[name] = {**old, **new}
        if merged:
            if operation.validator and (violation := operation.validator.first_violation({**body, **merged})):
                raise errors.invalid_value(violation)
            patch = {**patch, **merged}
        if operation.replaces:
            stored = {name: value for name, value in stored.items() if name not in operation.properties}
        elif operation.settled.issuperset(patch):
            # What was stored keeps the contract, and so do these properties: each by itself, and so all together.
            return {**stored, **patch} if patch else stored
        changed: Resource = operation.identified({**stored, **patch}, values)
        if operation.response and (violation := operation.response.first_violation(changed)):
            raise errors.invalid_value(violation)
        return changed

    def _unknown(self, operation: Operation, texts: list[str]) -> ApiError:
        """Names the outermost of the path's resources that does not exist."""
        names = [parameter.name for parameter in operation.path_parameters]
        counts = range(1, len(texts))
        count = next((count for count in counts if not self.store.contains(operation.key(texts[:count]))), len(texts))
        return errors.unknown_resource(names[count - 1].removesuffix("_id"), texts[count - 1])


def _example(operation: Operation, values: list[Any]) -> bytes:
    return strict_json.encode(operation.identified(operation.examples[0], values)) if operation.examples else b""


def _resource_path(operation: Operation) -> str:
    """The path template up to the resource: without the name of an action on it."""
    return "".join(operation.path.rpartition("}")[:2])


def _headers(pairs: Pairs) -> dict[bytes, bytes]:
    """Header values by lower-case name; repeated ones joined, as HTTP has it."""
    headers = dict(pairs)
    if len(headers) < len(pairs):
        headers = {}
        for name, value in pairs:
            headers[name] = headers[name] + b", " + value if name in headers else value
    return headers


def _parameters(operation: Operation, texts: list[str], headers: Headers, query: bytes) -> list[Any]:
    """Check all parameters; returns the values of those in the path."""
    if operation.texts:
        all_texts = texts.copy()
        for name in operation.headers:
            if name in headers:
                all_texts.append(headers[name].decode("latin-1").strip())
        if operation.texts.is_valid(all_texts):
            return texts
    values = [_value(parameter, [text]) for parameter, text in zip(operation.path_parameters, texts, strict=True)]
    queries = parse_qs(query.decode("latin-1"), keep_blank_values=True) if query else {}
    for parameter in operation.parameters:
        if parameter.location == "query":
            _value(parameter, queries.get(parameter.name, []))
        elif parameter.location == "header":
            header = headers.get(parameter.header)
            _value(parameter, [] if header is None else [header.decode("latin-1").strip()])
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


def _media_type(operation: Operation, headers: Headers) -> str | None:
    """The documented media type of the body that is announced; None if there is no body, and none is required."""
    length = headers.get(b"content-length", b"")
    has_body = length not in (b"", b"0") or b"transfer-encoding" in headers
    if not has_body and not operation.body_required:
        return None
    media_type = headers.get(b"content-type", b"").decode("latin-1")
    if media_type not in operation.body:
        media_type = _documented_type(operation, media_type)
    if length.isdigit() and int(length) > MAX_BODY:
        raise errors.body_too_large()
    return media_type


def _documented_type(operation: Operation, content_type: str) -> str:
    sent_type = content_type.partition(";")[0].strip().lower()
    if sent_type in operation.body:
        return sent_type
    for name in operation.body:
        if fnmatchcase(sent_type, name):
            return name
    raise errors.wrong_content_type(sent_type, next(iter(operation.body)))


def _body(validator: Validator | None, raw: bytes) -> Any:
    """The checked body; None if it is not JSON."""
    if len(raw) > MAX_BODY:
        raise errors.body_too_large()
    if validator is None:
        return None
    try:
        body = strict_json.decode(raw)
    except strict_json.NotJsonError:
        raise errors.body_not_json() from None
    if violation := validator.first_violation(body):
        raise errors.invalid_value(violation)
    return body


async def _without_request(scope: Message, receive: Receive, send: Send) -> None:
    """Take part in a server's start and stop, and refuse what is not HTTP."""
    if scope["type"] == "lifespan":
        while (message := await receive())["type"] != "lifespan.shutdown":
            await send({"type": f"{message['type']}.complete"})
        await send({"type": "lifespan.shutdown.complete"})
    else:
        await send({"type": "websocket.close"})


async def _rest(message: Message, receive: Receive) -> bytes:
    """All of a body that comes in several messages, of which this is the first."""
    body = bytearray()
    while True:
        if message["type"] == "http.disconnect":
            raise _DisconnectedError
        body += message.get("body", b"")
        if len(body) > MAX_BODY or not message.get("more_body", False):
            return bytes(body)
        message = await receive()


def build(
    spec: Spec,
    resources: str | Path | Iterable[Mapping[str, Any]] = (),
    *,
    location: str | None = None,
    script: str | Path | Iterable[Mapping[str, Any]] = (),
    create_missing: bool = False,
    merge: bool = True,
    api_key: str | None = None,
    progress: Callable[[int, float], None] | None = None,
) -> Application:
    """The application with its store: what it holds, then these resources, then the examples that are not among them.

    Args:
        location: Where the store is: a path or a URL, or None for memory.
        progress: Told from time to time how many resources were read, and what part of the file that is.
    """
    steps = answers.script(script, spec)
    store = open_store(location)
    try:
        fill(store, spec, resources, progress)
        return Application(spec, store, steps, create_missing=create_missing, merge=merge, api_key=api_key)
    except BaseException:
        store.close()
        raise


def fill(
    store: Store,
    spec: Spec,
    resources: str | Path | Iterable[Mapping[str, Any]],
    progress: Callable[[int, float], None] | None = None,
) -> None:
    """Add the resources and, to a store that was empty, the examples. What is in the store stays as it is."""
    if isinstance(resources, str | Path):
        loaded = runs.read(resources, spec, progress)
    else:
        loaded = runs.check_all(resources, spec)
    with store.transaction():
        is_new = not len(store)
        store.add(loaded)
        if is_new:
            store.add(spec.seeds())
