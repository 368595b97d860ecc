"""Run the application under uvicorn: in the foreground, or in a thread for tests."""

import asyncio
import contextlib
import logging
import socket
import threading
from collections.abc import Callable, Iterator
from types import FrameType
from typing import cast

import uvicorn

from thread_runs_mock import errors, strict_json
from thread_runs_mock.errors import ApiError
from thread_runs_mock.messages import JSON, ASGIApplication, ErrorResponder, Message, Receive, Response, Send
from thread_runs_mock.protocol import Config, Protocol, new_request_id

GRACE = 5.0
"""Seconds that requests in progress get when the server stops."""
_TEST_GRACE = 2.0
"""The same for a server in a thread."""
_KEEP_ALIVE = 75
"""Seconds; longer than clients keep idle connections, so that no request meets a closing one."""
REQUEST_TIMEOUT = 30.0
"""Seconds that a request may take to arrive, and a client to read its response."""
_TICK = 0.1
"""Seconds between two calls of `on_tick`, as uvicorn has it."""
_SWEEP = 5
"""Ticks between two checks of the connections."""
_POLL = 0.005
"""Seconds between two checks of the requests that a stop waits for."""


def in_envelope(error: ApiError) -> Response:
    """Return the response for an error in the form of this package's spec."""
    return Response(error.status, JSON, strict_json.encode(error.envelope))


async def _reject_at_stop(send: Send, error_response: ErrorResponder) -> None:
    """Reject a request that is still in progress with 503. If part of its response was sent, close the connection."""
    response = error_response(errors.stopping())
    headers = [
        *response.headers,
        (b"x-request-id", new_request_id()),
        (b"content-length", b"%d" % len(response.body)),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    await send({"type": "http.response.body", "body": response.body})


class Server(uvicorn.Server):
    """Serves on a socket that already listens, and reports when it accepts connections.

    Args:
        error_response: Returns the response for errors that occur before the application is called.
    """

    def __init__(
        self,
        application: ASGIApplication,
        on_ready: Callable[[], None],
        request_timeout: float = REQUEST_TIMEOUT,
        grace: float = GRACE,
        error_response: ErrorResponder = in_envelope,
    ) -> None:
        async def served(scope: Message, receive: Receive, send: Send) -> None:
            try:
                await application(scope, receive, send)
            except asyncio.CancelledError:
                # The grace period is over.
                await _reject_at_stop(send, error_response)

        super().__init__(
            Config(
                served,
                error_response,
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
        # Uvicorn's own loop would notice up to a tenth of a second late that it has to stop.
        counter = 0
        while not await self.on_tick(counter):
            counter += 1
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), _TICK)

    async def on_tick(self, counter: int) -> bool:
        if counter % _SWEEP == 0:
            for connection in list(self.server_state.connections):
                cast("Protocol", connection).close_if_slow(self._request_timeout)
        return await super().on_tick(counter)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        # Uvicorn's own method waits at least a tenth of a second, which would slow down every test with a mock.
        # A request cut off after the grace period is not an error. The next server sets the level again.
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
                # It rejects its request.
                task.cancel()
            await asyncio.wait(tasks, timeout=1)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        # uvicorn would raise the signal again after the stop, and the process would not exit with 0.
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
def in_thread(
    application: ASGIApplication, sock: socket.socket, error_response: ErrorResponder = in_envelope
) -> Iterator[None]:
    """Serve in a thread, from a socket that is closed at the end."""
    ready = threading.Event()
    server = Server(application, ready.set, grace=_TEST_GRACE, error_response=error_response)

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
