"""A request that gets a fault, and the ways to answer it correctly or wrongly."""

import asyncio
import socket
import struct

from thread_runs_mock import errors
from thread_runs_mock.app import FAULT, Application
from thread_runs_mock.error_bodies import MESSAGE_HEADER
from thread_runs_mock.errors import ApiError
from thread_runs_mock.messages import CONNECTION, MAX_BODY, Message, Receive, Send, header_values
from thread_runs_mock.recording import MAX_BODY as MAX_KEPT

_OF_BODY = frozenset({b"content-type", MESSAGE_HEADER})
"""Headers that belong to the body of an error."""


class Exchange:
    """A request and the ways to answer it correctly or wrongly."""

    def __init__(self, application: Application, scope: Message, receive: Receive, send: Send) -> None:
        self._application = application
        self._scope = scope
        self._receive = receive
        self._send = send
        self._body: bytes | None = None
        self._request_id = application.state.new_request_id()
        self._is_recorded = False
        self._taken: asyncio.Transport | None = None

    def name_fault(self, name: str) -> None:
        """Set the name of the fault that the record shows for the request."""
        self._scope[FAULT] = name

    async def carry_out(self) -> None:
        """Let the application respond."""
        self._is_recorded = True
        await self._application(self._scope, self._replay, self._send)

    async def respond(self) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
        """Let the application respond, and return the response: status, headers, body."""
        self._is_recorded = True
        sent: list[Message] = []

        async def keep(message: Message) -> None:
            sent.append(message)

        await self._application(self._scope, self._replay, keep)
        return sent[0]["status"], list(sent[0]["headers"]), b"".join(message.get("body", b"") for message in sent)

    async def send(self, status: int, headers: dict[str, str], body: bytes = b"") -> None:
        """Respond with a status, headers and a body."""
        await self.read()
        self.record(status, body)
        fields = {"x-request-id": self._request_id.decode(), "content-length": str(len(body)), **headers}
        pairs = [(name.encode(), value.encode()) for name, value in fields.items()]
        await self._send({"type": "http.response.start", "status": status, "headers": pairs})
        await self._send({"type": "http.response.body", "body": body})

    async def reject(self, error: ApiError, headers: dict[str, str] | None = None) -> None:
        """Respond with an error in the form that the spec documents.

        Only the given headers and those of the body are sent, because a fault may omit others.
        """
        response = self._application.error_response(error, self._scope["method"], self._scope["raw_path"])
        fields = {name.decode(): value.decode() for name, value in response.headers if name in _OF_BODY}
        await self.send(response.status, {**fields, **(headers or {})}, response.body)

    def record(self, status: int = 0, response: bytes = b"") -> None:
        """Record the request with the status that is sent (0 for none), unless it is recorded already."""
        if self._is_recorded:
            return
        self._is_recorded = True
        scope, state = self._scope, self._application.state
        headers = state.secrets.without(header_values(scope["headers"]))
        body = (self._body or b"")[:MAX_KEPT]
        state.recorder.keep(
            (
                *(scope["method"], scope["raw_path"], scope.get("query_string", b""), None, headers, body),
                *(status, self._request_id, state.clock.now(), 0.0, scope.get(FAULT), response),
            )
        )

    @property
    def connection(self) -> asyncio.Transport:
        """The connection itself. Raises ApiError if the server does not hand it out."""
        connection = self._scope.get("extensions", {}).get(CONNECTION)
        if connection is None:
            raise errors.fault_needs_server()
        transport: asyncio.Transport = connection
        self._taken = transport
        return transport

    def abandon(self) -> None:
        """Cut the connection if it was written to: no other response can follow on it."""
        if self._taken is not None:
            self._taken.abort()

    async def pause(self, seconds: float) -> bool:
        """Wait; return whether the client is still there."""
        await self.read()
        try:
            await asyncio.wait_for(self._receive(), seconds)
        except TimeoutError:
            return True
        return False

    async def read(self) -> bytes:
        """Return the body of the request. Unread data would turn the close of a connection into a reset."""
        if self._body is None:
            self._body, more = b"", True
            while more and len(self._body) <= MAX_BODY:
                message = await self._receive()
                self._body += message.get("body", b"")
                more = message.get("more_body", False)
        return self._body

    async def _replay(self) -> Message:
        return {"type": "http.request", "body": await self.read(), "more_body": False}

    async def end(self, *, reset: bool = False) -> None:
        """Close the connection after what was written to it, or reset it."""
        connection = self.connection
        await self.read()
        self.record()
        if reset:
            # Wait until the written data has arrived, because a reset would discard it.
            await self.pause(0.01)
            connection.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            connection.abort()
        else:
            connection.close()
        await self._receive()
