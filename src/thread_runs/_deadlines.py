"""Makes the connections of httpx and httpx2 keep the deadline of their call.

This is the one module that touches private attributes of the libraries: `_transport` and `_mounts` of a client, `_pool`
of a transport, `_network_backend` of a pool. Neither library has an option to pass a network backend to its pool, and
only the stream below sees each read. The module does three things there:

- The timeouts of the libraries are for one read or write. A server that sends without pause, or a byte now and then,
  could block a call for ever. Here each step checks the time first. Asynchronous calls are cancelled.
- An asynchronous call that is cancelled during a TLS handshake would leave its socket open. Here it is closed.
- TCP keep-alive is turned on for the connections of clients that this package makes, with the numbers of the vendor's
  SDK: after 60 idle seconds, every 60 seconds, 5 times.
"""

import socket
import time
from contextvars import ContextVar
from types import ModuleType
from typing import TYPE_CHECKING, Any

from ._inner_tls import InnerTLS

if TYPE_CHECKING:
    import ssl

deadline: ContextVar[float | None] = ContextVar("deadline", default=None)
"""The time.monotonic() at which the blocking call of this thread must end."""

_TCP_OPTIONS = {"TCP_KEEPALIVE": 60, "TCP_KEEPIDLE": 60, "TCP_KEEPINTVL": 60, "TCP_KEEPCNT": 5}
KEEPALIVE = (
    (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
    # macOS has TCP_KEEPALIVE where others have TCP_KEEPIDLE.
    *(
        (socket.IPPROTO_TCP, getattr(socket, name), value)
        for name, value in _TCP_OPTIONS.items()
        if hasattr(socket, name)
    ),
)


class DeadlineError(TimeoutError):
    """The deadline of a call has passed."""


def remaining(timeout: float | None) -> float | None:
    """Return the seconds that a step may take, at most `timeout`. Raises DeadlineError if the deadline has passed."""
    ends = deadline.get()
    if ends is None:
        return timeout
    left = ends - time.monotonic()
    if left <= 0:
        raise DeadlineError
    return left if timeout is None else min(timeout, left)


def keep_deadlines(library: ModuleType, client: Any, socket_options: tuple[tuple[int, int, int], ...] = ()) -> None:
    """Make the connections that `client` opens from now on keep deadlines and have `socket_options`.

    Transports that are not the library's own stay as they are. A second call changes nothing.
    """
    for transport in (client._transport, *client._mounts.values()):
        if isinstance(transport, library.HTTPTransport):
            wrapper: Any = _Backend
        elif isinstance(transport, library.AsyncHTTPTransport):
            wrapper = _AsyncBackend
        else:
            continue
        pool: Any = transport._pool
        if not isinstance(pool._network_backend, _Backend | _AsyncBackend):
            pool._network_backend = wrapper(pool._network_backend, socket_options)


class _Backend:
    """A blocking network backend whose connections keep the deadline."""

    def __init__(self, backend: Any, socket_options: tuple[tuple[int, int, int], ...]) -> None:
        self._backend = backend
        self._socket_options = socket_options
        self.sleep = backend.sleep

    def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, socket_options: Any = None, **options: Any
    ) -> "_Stream":
        all_options = [*self._socket_options, *(socket_options or ())]
        timeout = remaining(timeout)
        return _Stream(self._backend.connect_tcp(host, port, timeout, socket_options=all_options, **options))

    def connect_unix_socket(self, path: str, timeout: float | None = None, **options: Any) -> "_Stream":
        return _Stream(self._backend.connect_unix_socket(path, remaining(timeout), **options))


class _Stream:
    """A blocking connection that keeps the deadline."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self.close = stream.close
        self.get_extra_info = stream.get_extra_info

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        data: bytes = self._stream.read(max_bytes, remaining(timeout))
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, remaining(timeout))

    def start_tls(
        self, ssl_context: "ssl.SSLContext", server_hostname: str | None = None, timeout: float | None = None
    ) -> "_Stream | InnerTLS":
        if self.get_extra_info("ssl_object") is not None:
            return InnerTLS(self, ssl_context, server_hostname, timeout)
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, remaining(timeout)))


class _AsyncBackend:
    """An asynchronous network backend whose connections are closed when a handshake is cancelled."""

    def __init__(self, backend: Any, socket_options: tuple[tuple[int, int, int], ...]) -> None:
        self._backend = backend
        self._socket_options = socket_options
        self.sleep = backend.sleep

    async def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, socket_options: Any = None, **options: Any
    ) -> "_AsyncStream":
        all_options = [*self._socket_options, *(socket_options or ())]
        return _AsyncStream(await self._backend.connect_tcp(host, port, timeout, socket_options=all_options, **options))

    async def connect_unix_socket(self, path: str, timeout: float | None = None, **options: Any) -> "_AsyncStream":
        return _AsyncStream(await self._backend.connect_unix_socket(path, timeout, **options))


class _AsyncStream:
    """An asynchronous connection that is closed when its handshake does not end in a connection with TLS."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self.read = stream.read
        self.write = stream.write
        self.aclose = stream.aclose
        self.get_extra_info = stream.get_extra_info

    async def start_tls(self, *args: Any, **options: Any) -> Any:
        try:
            # Wrapped again: through a proxy with TLS there is a second handshake.
            return _AsyncStream(await self._stream.start_tls(*args, **options))
        except BaseException:
            from anyio import CancelScope

            with CancelScope(shield=True):
                await self._stream.aclose()
            raise
