"""Runs the application under uvicorn: in the foreground, or in a thread for tests."""

import contextlib
import logging
import socket
import threading
from collections.abc import Callable, Iterator
from types import FrameType

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from thread_runs_mock import errors, strict_json
from thread_runs_mock.app import Application, request_id
from thread_runs_mock.faults import CONNECTION, Faults

_GRACE = 2
"""Seconds that requests under way get when the server stops."""
_KEEP_ALIVE = 75
"""Seconds; longer than clients keep idle connections, so that no request meets a closing one."""


class _Protocol(HttpToolsProtocol):
    """Answers what is not HTTP in the envelope too: the application never sees it."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["extensions"] = {CONNECTION: self.transport}  # type: ignore[dict-item]

    def send_400_response(self, msg: str) -> None:
        body = strict_json.encode(errors.not_http().body)
        self.transport.write(
            b"HTTP/1.1 400 Bad Request\r\ncontent-type: application/json\r\nconnection: close\r\n"
            b"x-request-id: %b\r\ncontent-length: %d\r\n\r\n%b" % (request_id().encode(), len(body), body)
        )
        self.transport.close()


class Server(uvicorn.Server):
    """Serves on a socket that listens already, and tells when it accepts connections."""

    def __init__(self, application: Application | Faults, on_ready: Callable[[], None]) -> None:
        super().__init__(
            uvicorn.Config(
                application,
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
                timeout_graceful_shutdown=_GRACE,
            )
        )
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._on_ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        # A request cut off after the grace period is no error. The next server sets the level anew.
        logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
        await super().shutdown(sockets)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        # uvicorn would raise the signal again after it has stopped: exit by signal instead of status 0.
        self.should_exit = True


def listen(host: str, port: int) -> socket.socket:
    """A socket that is bound; port 0 picks a free one.

    Raises:
        OSError: The address cannot be had.
    """
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    sock = socket.socket(family, kind, protocol)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(address)
        # Without it a second server could bind the same port until the first one listens.
        sock.listen(2048)
    except OSError:
        sock.close()
        raise
    return sock


def base_url(sock: socket.socket, base_path: str) -> str:
    """The URL of a listening socket."""
    host, port = sock.getsockname()[:2]
    return f"http://{f'[{host}]' if ':' in host else host}:{port}{base_path}"


@contextlib.contextmanager
def in_thread(application: Application | Faults, sock: socket.socket) -> Iterator[None]:
    """Serve in a thread, from a socket that is closed at the end."""
    ready = threading.Event()
    server = Server(application, ready.set)

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
        server.should_exit = True
        thread.join()
