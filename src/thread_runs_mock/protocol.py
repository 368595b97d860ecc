"""What the server adds to uvicorn's connections: limits, errors in the form of the spec, and fast responses."""

import asyncio
import secrets
from collections.abc import Sized
from functools import partial
from http import HTTPStatus
from typing import Any, cast

import uvicorn
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from thread_runs_mock import errors
from thread_runs_mock.errors import ApiError
from thread_runs_mock.messages import CONNECTION, RESPOND, ASGIApplication, ErrorResponder, Send

MAX_HEAD = 64 * 1024
"""Bytes of a request's line and headers."""


class _FlowControl(FlowControl):
    """Pauses reading while requests are queued: uvicorn would queue everything that a client sends."""

    def __init__(self, transport: asyncio.Transport, queue: Sized) -> None:
        super().__init__(transport)
        self._queue = queue

    def resume_reading(self) -> None:
        if not self._queue:
            super().resume_reading()


class Config(uvicorn.Config):
    """uvicorn's configuration, with the form of errors that occur before the application is called."""

    def __init__(self, application: ASGIApplication, error_response: ErrorResponder, **options: Any) -> None:
        super().__init__(application, http=Protocol, **options)
        self.error_response = error_response


class Protocol(HttpToolsProtocol):
    """Rejects data that is not HTTP with an error, and adds limits."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.flow = _FlowControl(transport, self.pipeline)
        self._in_head = self._in_message = False
        self._head = self._begun = 0
        self._awaited_since: float | None = self.loop.time()
        self._unread_since: float | None = None

    def data_received(self, data: bytes) -> None:
        # Data may contain the ends and beginnings of many requests. Then the size of the last head is unknown.
        self._begun = int(self._in_message)
        super().data_received(data)
        if self._in_head and self._begun <= 1:
            self._head += len(data)
            if self._head > MAX_HEAD:
                self._reject(errors.headers_too_large(MAX_HEAD))

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["extensions"] = {CONNECTION: self.transport}  # type: ignore[dict-item]
        self._in_head = self._in_message = True
        self._begun += 1
        self._head = 0
        self._awaited_since = self.loop.time()

    def on_headers_complete(self) -> None:
        self._in_head = False
        super().on_headers_complete()
        self.scope["extensions"][RESPOND] = partial(_respond, self.cycle)  # type: ignore[assignment]

    def on_message_complete(self) -> None:
        self._in_message = False
        self._awaited_since = None
        super().on_message_complete()

    def pause_writing(self) -> None:
        self._unread_since = self.loop.time()
        super().pause_writing()

    def resume_writing(self) -> None:
        self._unread_since = None
        super().resume_writing()

    def send_400_response(self, msg: str) -> None:
        self._reject(errors.not_http())

    def close_if_slow(self, timeout: float) -> None:
        """Drop a client that took too long to send its request or to read its response."""
        now = self.loop.time()
        earliest = now - timeout
        if self._awaited_since is not None and self.flow.read_paused:
            # The server itself has paused reading, because it has not answered an earlier request yet.
            self._awaited_since = now
        if self._unread_since is not None and self._unread_since < earliest:
            self.transport.abort()
        elif self._awaited_since is not None and self._awaited_since < earliest:
            in_body = self.cycle is not None and not self.cycle.response_started
            if self._in_head or in_body:
                self._reject(errors.request_timeout(timeout))
            else:
                self.transport.close()

    def _reject(self, error: ApiError) -> None:
        response = cast("Config", self.config).error_response(error)
        headers = b"".join([b"%b: %b\r\n" % header for header in response.headers])
        self.transport.write(
            b"HTTP/1.1 %d %b\r\n%bconnection: close\r\nx-request-id: %b\r\ncontent-length: %d\r\n\r\n%b"
            % (
                *(response.status, HTTPStatus(response.status).phrase.encode(), headers, new_request_id()),
                *(len(response.body), response.body),
            )
        )
        self.transport.close()


def new_request_id() -> bytes:
    """Return an `x-request-id` for a response that is not the application's."""
    return b"req_%024x" % secrets.randbits(96)


def _respond(cycle: RequestResponseCycle, send: Send, status: int, request_id: bytes, body: bytes) -> bool:
    """Send a response with JSON as one piece, as `cycle.send` does with two messages and two system calls.

    Returns:
        False if it has to be sent by messages: because something wraps `send`, or because of the connection's state.
    """
    if (
        send != cycle.send
        or cycle.flow.write_paused
        or cycle.disconnected
        or cycle.response_started
        or not cycle.keep_alive
        or cycle.scope["method"] == "HEAD"
    ):
        return False
    parts = [STATUS_LINE[status]]
    for name, value in cycle.default_headers:
        parts += (name, b": ", value, b"\r\n")
    head = b"x-request-id: %b\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"
    parts += (head % (request_id, len(body)), body)
    cycle.response_started = cycle.response_complete = True
    cycle.waiting_for_100_continue = False
    cycle.transport.write(b"".join(parts))
    cycle.message_event.set()
    cycle.on_response()
    return True
