"""Run the application under uvicorn: in the foreground, or in a thread for tests."""

import asyncio
import contextlib
import logging
import secrets
import socket
import threading
from collections.abc import Callable, Iterator, Sized
from http import HTTPStatus
from types import FrameType
from typing import cast

import uvicorn
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from thread_runs_mock import errors, strict_json
from thread_runs_mock.errors import ApiError
from thread_runs_mock.messages import CONNECTION, ASGIApplication, Message, Receive, Send

GRACE = 5.0
"""Seconds that requests under way get when the server stops."""
_TEST_GRACE = 2.0
"""The same for a server in a thread."""
_KEEP_ALIVE = 75
"""Seconds; longer than clients keep idle connections, so that no request meets a closing one."""


REQUEST_TIMEOUT = 30.0
"""Seconds that a request may take to arrive, and a client to read its response."""
MAX_HEAD = 64 * 1024
"""Bytes of a request's line and headers."""
_TICK = 0.1
"""Seconds between two calls of `on_tick`, as uvicorn has it."""
_SWEEP = 5
"""Ticks between two looks at the connections."""
_POLL = 0.005
"""Seconds between two looks at the requests that a stop waits for."""


class _FlowControl(FlowControl):
    """Reads on only when no request waits for its turn: uvicorn would queue all that a client can send."""

    def __init__(self, transport: asyncio.Transport, queue: Sized) -> None:
        super().__init__(transport)
        self._queue = queue

    def resume_reading(self) -> None:
        if not self._queue:
            super().resume_reading()


class _Protocol(HttpToolsProtocol):
    """Refuses what is not HTTP with the error envelope, which the application never sees, and adds limits."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.flow = _FlowControl(transport, self.pipeline)
        self._in_head = self._in_message = False
        self._head = self._begun = 0
        self._awaited_since: float | None = self.loop.time()
        self._unread_since: float | None = None

    def data_received(self, data: bytes) -> None:
        # Data may hold the ends and beginnings of many requests: then there is no telling how much of it is head.
        self._begun = int(self._in_message)
        super().data_received(data)
        if self._in_head and self._begun <= 1:
            self._head += len(data)
            if self._head > MAX_HEAD:
                self._refuse(errors.headers_too_large(MAX_HEAD))

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
        self._refuse(errors.not_http())

    def close_if_slow(self, timeout: float) -> None:
        """Drop a client that took too long to send its request or to read its response."""
        now = self.loop.time()
        earliest = now - timeout
        if self._awaited_since is not None and self.flow.read_paused:
            # It is this side that does not read: an earlier request is not answered yet.
            self._awaited_since = now
        if self._unread_since is not None and self._unread_since < earliest:
            self.transport.abort()
        elif self._awaited_since is not None and self._awaited_since < earliest:
            in_body = self.cycle is not None and not self.cycle.response_started
            if self._in_head or in_body:
                self._refuse(errors.request_timeout(timeout))
            else:
                self.transport.close()

    def _refuse(self, error: ApiError) -> None:
        body = strict_json.encode(error.body)
        self.transport.write(
            b"HTTP/1.1 %d %b\r\ncontent-type: application/json\r\nconnection: close\r\n"
            b"x-request-id: %b\r\ncontent-length: %d\r\n\r\n%b"
            % (error.status, HTTPStatus(error.status).phrase.encode(), _request_id(), len(body), body)
        )
        self.transport.close()


def _request_id() -> bytes:
    return b"req_%024x" % secrets.randbits(96)


async def _refuse_at_stop(send: Send) -> None:
    """Refuse a request that is still under way with 503. If a part of the response was sent, its connection is cut."""
    error = errors.stopping()
    body = strict_json.encode(error.body)
    headers = [
        (b"content-type", b"application/json"),
        (b"x-request-id", _request_id()),
        (b"content-length", b"%d" % len(body)),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": error.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


class Server(uvicorn.Server):
    """Serves on a socket that already listens, and reports when it accepts connections."""

    def __init__(
        self,
        application: ASGIApplication,
        on_ready: Callable[[], None],
        request_timeout: float = REQUEST_TIMEOUT,
        grace: float = GRACE,
    ) -> None:
        async def served(scope: Message, receive: Receive, send: Send) -> None:
            try:
                await application(scope, receive, send)
            except asyncio.CancelledError:
                # The grace period is over.
                await _refuse_at_stop(send)

        super().__init__(
            uvicorn.Config(
                served,
                http=_Protocol,
                ws="none",
                lifespan="off",
                loop="asyncio",
                log_config=None,
                log_level=logging.ERROR,
                access_log=False,
                server_header=False,
                proxy_headers=False,
                timeout_keep_alive=_KEEP_ALIVE,
            )
        )
        self._on_ready = on_ready
        self._request_timeout = request_timeout
        self._grace = grace
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        """Make `run` stop accepting connections, finish and return. It can be called from any thread."""
        self.should_exit = True
        if self._loop is not None:
            # The loop is closed where the server has stopped already.
            with contextlib.suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._stopping.set)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        self._loop = asyncio.get_running_loop()
        await super().startup(sockets)
        self._on_ready()

    async def main_loop(self) -> None:
        # Uvicorn's own would notice a tenth of a second late that it has to stop.
        counter = 0
        while not await self.on_tick(counter):
            counter += 1
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), _TICK)

    async def on_tick(self, counter: int) -> bool:
        if counter % _SWEEP == 0:
            for connection in list(self.server_state.connections):
                cast("_Protocol", connection).close_if_slow(self._request_timeout)
        return await super().on_tick(counter)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        # Uvicorn's own waits at least a tenth of a second, which every test with a mock would pay.
        # A request cut off after the grace period is no error. The next server sets the level anew.
        logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
        for server in self.servers:
            server.close()
        for sock in sockets or []:
            sock.close()
        state = self.server_state
        for connection in list(state.connections):
            # Those without a request are closed at once, the others after their response.
            connection.shutdown()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._grace):
                while state.connections or state.tasks:
                    await asyncio.sleep(_POLL)
        if tasks := list(state.tasks):
            for task in tasks:
                # It refuses its request.
                task.cancel()
            await asyncio.wait(tasks, timeout=1)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        # uvicorn would raise the signal again after it has stopped: exit by signal instead of status 0.
        self.stop()


def listen(host: str, port: int, *, shared: bool = False) -> socket.socket:
    """Return a socket that listens; port 0 picks a free one.

    Args:
        shared: Other sockets may listen on the same port, and the system spreads connections over them.

    Raises:
        OSError: The address is not available.
    """
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    sock = socket.socket(family, kind, protocol)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if shared:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        sock.bind(address)
        # Without it a second server could bind the same port until the first one listens.
        sock.listen(2048)
    except OSError:
        sock.close()
        raise
    return sock


def raise_file_limit() -> None:
    """Allow as many connections as the system permits: each needs a file descriptor."""
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def base_url(sock: socket.socket, base_path: str) -> str:
    """Return the URL of a listening socket."""
    host, port = sock.getsockname()[:2]
    return f"http://{f'[{host}]' if ':' in host else host}:{port}{base_path}"


@contextlib.contextmanager
def in_thread(application: ASGIApplication, sock: socket.socket) -> Iterator[None]:
    """Serve in a thread, from a socket that is closed at the end."""
    ready = threading.Event()
    server = Server(application, ready.set, grace=_TEST_GRACE)

    def run() -> None:
        try:
            server.run([sock])
        finally:
            # A server that could not start must not leave the caller waiting.
            ready.set()

    thread = threading.Thread(target=run, name="thread-runs-mock", daemon=True)
    thread.start()
    ready.wait()
    try:
        yield
    finally:
        server.stop()
        thread.join()
