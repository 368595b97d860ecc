"""TLS inside TLS, for a server behind a proxy that is itself reached over TLS.

The libraries' own stream reads from its socket in a loop without checking the deadline, so a peer that sends a byte now
and then could block a call for ever. This one reads through the outer stream, which checks the deadline.
"""

import ssl
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any, Protocol, TypeVar

T = TypeVar("T")

_RECORD_SIZE = 16 * 1024 + 256
"""Bytes; about the size of one TLS record."""


class Stream(Protocol):
    """A connection of the HTTP libraries."""

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes: ...
    def write(self, buffer: bytes, timeout: float | None = None) -> None: ...
    def close(self) -> None: ...
    def get_extra_info(self, info: str) -> Any: ...


class InnerTLS:
    """A TLS connection through `stream`. Each step takes at most the timeout, and `stream` keeps the deadline.

    Raises ssl.SSLError if the handshake fails, and closes the stream.
    """

    def __init__(
        self, stream: Stream, context: ssl.SSLContext, server_hostname: str | None, timeout: float | None
    ) -> None:
        self._stream = stream
        self._received = ssl.MemoryBIO()
        self._to_send = ssl.MemoryBIO()
        self._ssl = context.wrap_bio(self._received, self._to_send, server_hostname=server_hostname)
        self.close = stream.close
        try:
            self._do(self._ssl.do_handshake, timeout)
        except BaseException:
            stream.close()
            raise

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        try:
            return self._do(partial(self._ssl.read, max_bytes), timeout)
        except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
            # Not every server announces the close. The HTTP library knows whether the message is complete.
            return b""

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        while buffer:
            written = self._do(partial(self._ssl.write, buffer), timeout)
            buffer = buffer[written:]

    def get_extra_info(self, info: str) -> Any:
        return self._ssl if info == "ssl_object" else self._stream.get_extra_info(info)

    def _do(self, step: Callable[[], T], timeout: float | None) -> T:
        """Do a step of TLS, and send and receive the data that it needs."""
        while True:
            try:
                result = step()
            except ssl.SSLWantReadError:
                self._send(timeout)
                if data := self._stream.read(_RECORD_SIZE, timeout):
                    self._received.write(data)
                else:
                    self._received.write_eof()
            except ssl.SSLError:
                # Send the alert with the reason, although the peer may have closed the connection.
                with suppress(Exception):
                    self._send(timeout)
                raise
            else:
                self._send(timeout)
                return result

    def _send(self, timeout: float | None) -> None:
        if data := self._to_send.read():
            self._stream.write(data, timeout)
