"""The ASGI application: handles a request step by step."""

import logging
import time
from collections.abc import Mapping
from functools import partial
from typing import Any

from thread_runs_mock import errors, strict_json
from thread_runs_mock.checking import Checker, check_body
from thread_runs_mock.errors import ApiError
from thread_runs_mock.heads import Heads
from thread_runs_mock.messages import (
    JSON,
    MAX_BODY,
    RESPOND,
    Message,
    Pairs,
    Receive,
    Request,
    Response,
    Send,
)
from thread_runs_mock.operations import Operation
from thread_runs_mock.pages import Page, Pages, Visit
from thread_runs_mock.prefer import preferred
from thread_runs_mock.recording import MAX_BODY as MAX_KEPT
from thread_runs_mock.recording import text_of
from thread_runs_mock.resources import Resources
from thread_runs_mock.routes import Routes
from thread_runs_mock.service import Service
from thread_runs_mock.state import State, log

FAULT = "thread_runs_mock.fault"
"""The key of the ASGI scope for the name of the fault that is applied to a request."""
NOT_SIMULATED: Pairs = ((b"x-mock-simulated", b"false"),)
"""Headers of a response that does not reflect what the request does, because the spec does not say."""

_WITHOUT_CONTENT = frozenset({204, 205, 304})
"""Statuses of responses that have no content, whatever the spec documents (RFC 9110, section 6.4.1)."""
_NO_EXTENSIONS: Mapping[str, Any] = {}


class _DisconnectedError(Exception):
    """The client left before its request was complete."""


class Application:
    """Serves the operations of a spec from a store.

    Args:
        api_key: The only key that is accepted; None accepts any.
    """

    def __init__(self, state: State, resources: Resources, *, api_key: str | None) -> None:
        self.state = state
        self._resources = resources
        self._heads = Heads(state.secrets)
        self._checker = Checker(Routes(state.service), api_key)
        self._pages = Pages(state)

    @property
    def spec(self) -> Service:
        """What is served."""
        return self.state.service

    def close(self) -> None:
        """Finish the pending work of the store, and close it."""
        self.state.close()

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await _without_request(scope, receive, send)
            return
        started = time.perf_counter()
        state = self.state
        arrived, identifier = state.clock.now(), state.new_request_id()
        head = self._heads.read(scope["headers"])
        request = Request(scope["method"], scope["raw_path"], scope.get("query_string", b""), head)
        body, operation = b"", None
        try:
            checked, media = self._checker.check(request)
            operation = checked.operation.name
            data = None
            if media is not None:
                message = await receive()
                body = message.get("body", b"")
                if message.get("more_body", False) or message["type"] == "http.disconnect":
                    body = await _rest(message, receive)
                data = check_body(media, head.values.get(b"content-type", b""), body)
            # The whole request is checked before anything is looked up or changed.
            response = self._chosen(request, checked.operation)
            if response is None:
                perform = partial(self._resources.perform, checked, request.query, data)
                found = perform() if state.thread is None else await state.with_store(checked.key, perform)
                response = _usual(checked.operation, found)
        except errors.UnknownUrlError as error:
            page = self._pages.find(request.method, text_of(request.raw_path))
            if page is not None:
                await _show(page, Visit(request, identifier, receive, send))
                return
            response = self.error_response(error, request.method, request.raw_path)
        except ApiError as error:
            response = self.error_response(error, request.method, request.raw_path)
        except _DisconnectedError:
            return
        if response.status in _WITHOUT_CONTENT:
            response = _without_content(response)
        # Recorded before it is sent, so that a client that has the response finds the request in the record.
        state.recorder.keep(
            (
                request.method,
                request.raw_path,
                request.query,
                operation,
                head.recorded,
                body if len(body) <= MAX_KEPT else b"",
                response.status,
                identifier,
                arrived,
                (time.perf_counter() - started) * 1000,
                scope.get(FAULT),
                response.body,
            )
        )
        at_once = scope.get("extensions", _NO_EXTENSIONS).get(RESPOND) if response.headers is JSON else None
        if at_once is None or not at_once(send, response.status, identifier, response.body):
            await _send(send, response, identifier)
        if log.isEnabledFor(logging.INFO):
            milliseconds = (time.perf_counter() - started) * 1000
            note = "" if response.headers[-1:] != NOT_SIMULATED else " not simulated"
            log.info(
                "%s %s %d %.1f ms %s%s",
                *(request.method, text_of(request.raw_path), response.status, milliseconds, identifier.decode(), note),
            )

    def error_response(self, error: ApiError, method: str = "", raw_path: bytes = b"") -> Response:
        """Return the response for an error, in the form that the spec documents for the requested operation.

        Without a method and a path, the form is that of a request that matches no operation.
        """
        return self.spec.error_bodies.response(error, self._checker.operation(method, raw_path))

    def _chosen(self, request: Request, operation: Operation) -> Response | None:
        """Return the documented response that the request or the script asks for, or None for the usual one."""
        if (prefer := request.head.values.get(b"prefer")) and (
            chosen := preferred(prefer.decode("latin-1"), operation.documented)
        ):
            applied = (b"preference-applied", prefer.strip())
            return Response(chosen[0], (applied, *chosen[1].headers), chosen[1].body)
        script = self.state.script
        if script and (scripted := script.next(operation)):
            return Response(scripted[0], scripted[1].headers, scripted[1].body)
        return None


def _usual(operation: Operation, found: bytes) -> Response:
    if operation.response is not None:
        return Response(operation.status, JSON if operation.is_simulated else JSON + NOT_SIMULATED, found)
    if operation.success is not None:
        success = operation.success
        return Response(operation.status, success.headers + NOT_SIMULATED, success.body)
    return Response(operation.status, () if operation.is_simulated else NOT_SIMULATED, b"")


def _without_content(response: Response) -> Response:
    headers = tuple(pair for pair in response.headers if pair[0] != b"content-type")
    return Response(response.status, headers, b"")


async def _send(send: Send, response: Response, identifier: bytes) -> None:
    headers = [(b"x-request-id", identifier), *response.headers]
    if response.status != 204:
        headers.append((b"content-length", b"%d" % len(response.body)))
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    await send({"type": "http.response.body", "body": response.body})


async def _show(page: Page, visit: Visit) -> None:
    """Let one of the pages respond. Requests for pages are not recorded."""
    try:
        await page(visit)
    except ApiError as error:
        await visit.respond(strict_json.encode(error.envelope), status=error.status)


async def _without_request(scope: Message, receive: Receive, send: Send) -> None:
    """Answer a server's start and stop, and reject everything else that is not HTTP."""
    if scope["type"] == "lifespan":
        while (message := await receive())["type"] != "lifespan.shutdown":
            await send({"type": f"{message['type']}.complete"})
        await send({"type": "lifespan.shutdown.complete"})
    else:
        await send({"type": "websocket.close"})


async def _rest(message: Message, receive: Receive) -> bytes:
    """Return all of a body that comes in several messages, of which this is the first."""
    body = bytearray()
    while True:
        if message["type"] == "http.disconnect":
            raise _DisconnectedError
        body += message.get("body", b"")
        if len(body) > MAX_BODY or not message.get("more_body", False):
            return bytes(body)
        message = await receive()
