"""An HTTP/1.1 server for faults that an ASGI application cannot have: in framing, spelling and connections."""

import asyncio
import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

import h11

from tests.conformance.wrong_servers.proxy import Handler, Request, Response, error

MAX_HEAD = 64 * 1024


class Connection:
    """One connection, answered correctly. Subclasses are wrong in one step.

    Attributes:
        number: How many requests have arrived, the current one included.
        raw: The bytes of the current request, as they came.
    """

    def __init__(self, handler: Handler, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.handler = handler
        self.reader = reader
        self.writer = writer
        self.number = 0
        self.raw = b""
        self.state = self._new_state()

    @staticmethod
    def _new_state() -> h11.Connection:
        return h11.Connection(h11.SERVER, max_incomplete_event_size=MAX_HEAD)

    async def serve(self) -> None:
        """Answer requests until one side closes the connection."""
        while True:
            try:
                request = await self.receive()
            except h11.RemoteProtocolError as problem:
                if self.state.our_state in (h11.IDLE, h11.SEND_RESPONSE):
                    refusal = error(problem.error_status_hint, "The request is not HTTP.")
                    refusal.headers["connection"] = "close"
                    await self.send(refusal, Request("POST", b"", {}, b""))
                return
            if request is None:
                return
            response = await self.respond(request)
            if response is None:
                return
            await self.send(response, request)
            if self.state.our_state is not h11.DONE or self.state.their_state is not h11.DONE:
                return
            self.next_request()

    def next_request(self) -> None:
        self.raw = self.state.trailing_data[0]
        self.state.start_next_cycle()

    async def receive(self) -> Request | None:
        """The next request, or None at the end of the connection."""
        head = await self._event()
        if not isinstance(head, h11.Request):
            return None
        self.number += 1
        pairs = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in head.headers.raw_items())
        headers: dict[str, str] = {}
        for name, value in pairs:
            headers[name.lower()] = f"{headers[name.lower()]}, {value}" if name.lower() in headers else value
        if self.state.they_are_waiting_for_100_continue:
            await self.invite()
        parts = []
        while isinstance(event := await self._event(), h11.Data):
            parts.append(bytes(event.data))
        target, _, query = head.target.partition(b"?")
        if not target.startswith(b"/"):
            target = b"/" + target.partition(b"://")[2].partition(b"/")[2]
        return Request(
            head.method.decode(),
            target,
            headers,
            b"".join(parts),
            self.writer.get_extra_info("peername"),
            pairs=pairs,
            parts=tuple(parts),
            target=head.target,
            query=query.decode("latin-1"),
            version=head.http_version.decode(),
        )

    async def invite(self) -> None:
        """Ask for the body of a request that waits for that."""
        self.writer.write(self.state.send(h11.InformationalResponse(status_code=100, headers=[])) or b"")
        await self.writer.drain()

    async def _event(self) -> Any:
        while (event := self.state.next_event()) is h11.NEED_DATA:
            data = await self.read()
            self.raw += data
            self.state.receive_data(data)
        return event

    async def read(self) -> bytes:
        return await self.reader.read(65536)

    async def respond(self, request: Request) -> Response | None:
        """The response, or None to close the connection without one."""
        return await self.handler(request)

    async def send(self, response: Response, request: Request) -> None:
        self.write(response, request)
        await self.writer.drain()

    def write(self, response: Response, request: Request) -> None:
        self.writer.write(self.encode(response, request))

    def encode(self, response: Response, request: Request) -> bytes:
        """The bytes of a response."""
        headers = [(name.encode(), value.encode("latin-1")) for name, value in response.headers.items()]
        if response.status not in (204, 304) and "transfer-encoding" not in response.headers:
            headers.append((b"content-length", str(len(response.body)).encode()))
        head = h11.Response(status_code=response.status, reason=HTTPStatus(response.status).phrase, headers=headers)
        data = self.state.send(head) or b""
        if response.body and request.method != "HEAD" and response.status not in (204, 304):
            data += self.state.send(h11.Data(data=response.body)) or b""
        return data + (self.state.send(h11.EndOfMessage()) or b"")


@contextlib.contextmanager
def serve(
    handler: Handler, connection: type[Connection] = Connection, tls: ssl.SSLContext | None = None
) -> Iterator[str]:
    """Serve a handler in a thread, over TLS if there is a context; gives the origin."""
    loop = asyncio.new_event_loop()
    ready = threading.Event()
    tasks: set[asyncio.Task[None]] = set()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            with contextlib.suppress(ConnectionError, asyncio.CancelledError, h11.LocalProtocolError):
                await connection(handler, reader, writer).serve()
        finally:
            tasks.discard(task)
            with contextlib.suppress(ConnectionError):
                writer.close()

    async def run() -> None:
        server = await asyncio.start_server(accept, sock=listener, ssl=tls)
        ready.set()
        await stop.wait()
        server.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(256)
        port = listener.getsockname()[1]
        stop = asyncio.Event()
        thread = threading.Thread(target=loop.run_until_complete, args=(run(),), daemon=True)
        thread.start()
        ready.wait()
        try:
            yield f"{'https' if tls else 'http'}://127.0.0.1:{port}"
        finally:
            loop.call_soon_threadsafe(stop.set)
            thread.join()
            loop.close()
