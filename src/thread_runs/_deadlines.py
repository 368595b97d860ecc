"""Makes blocking connections of httpcore keep the deadline of the call they work for.

The timeouts of httpx are for one read or write each, so that a server which sends a byte now and then could hold a call
for ever. Asynchronous calls need none of this: they are cancelled.
"""

import time
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

import httpx

if TYPE_CHECKING:
    import ssl

    from httpcore import NetworkStream

deadline: ContextVar[float | None] = ContextVar("deadline", default=None)
"""When the call of this thread has to end, as time.monotonic() tells it."""


def remaining(timeout: float | None) -> float | None:
    """Return the seconds that an operation may take, at most `timeout`; above zero, as zero would not block at all."""
    ends = deadline.get()
    if ends is None:
        return timeout
    left = max(ends - time.monotonic(), 1e-6)
    return left if timeout is None else min(timeout, left)


def keep_deadlines(transport: httpx.BaseTransport | None) -> None:
    """Make the connections that `transport` opens from now on keep the deadline; other transports stay as they are."""
    if isinstance(transport, httpx.HTTPTransport):
        # httpx hands no network backend on to its pool, and only the stream beneath sees each read.
        pool: Any = transport._pool
        pool._network_backend = _Backend(pool._network_backend)


class _Backend:
    def __init__(self, backend: Any) -> None:
        self._backend = backend

    def connect_tcp(self, host: str, port: int, timeout: float | None = None, **options: Any) -> "_Stream":
        return _Stream(self._backend.connect_tcp(host, port, timeout=remaining(timeout), **options))


class _Stream:
    def __init__(self, stream: "NetworkStream") -> None:
        self._stream = stream
        self.close = stream.close
        self.get_extra_info = stream.get_extra_info

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, remaining(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, remaining(timeout))

    def start_tls(
        self, ssl_context: "ssl.SSLContext", server_hostname: str | None = None, timeout: float | None = None
    ) -> "_Stream":
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, remaining(timeout)))
