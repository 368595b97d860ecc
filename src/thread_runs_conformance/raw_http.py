"""Requests on a socket, byte by byte: for spellings of HTTP that no client library sends."""

import contextlib
import http.client
import select
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

from thread_runs_conformance.exchange import Exchange
from thread_runs_conformance.wire import Wire

Headers = tuple[tuple[str, str], ...]
PAUSE = 0.01
"""Seconds between two packets."""
CLOSING = 2
"""Seconds that a server may take to close a connection."""


@dataclass(frozen=True)
class Message:
    """A request, and how it is written to the socket.

    Attributes:
        target: The request target: an encoded path with its query.
        headers: Names and values, in order. Content-Length or Transfer-Encoding is added.
        scheme: `http` or `https`, for the absolute form of the target.
        before: The text between the colon and a header's value.
        chunks: Sizes of the chunks; None sends the body with its length.
        extension: The text after the size of each chunk.
        size_format: How a chunk's size is written: `x` or `X`, also with leading zeros.
        trailer: Header lines after the last chunk.
        pieces: Sizes of the writes to the socket, the last for the rest.
        pause: Seconds between two writes.
        expect: Wait for `100 Continue` before the body.
        only_raw: The request can only be sent on a socket.
    """

    method: str
    target: str
    headers: Headers
    body: bytes
    scheme: str = "http"
    version: str = "HTTP/1.1"
    before: str = " "
    chunks: tuple[int, ...] | None = None
    extension: str = ""
    size_format: str = "x"
    trailer: str = ""
    pieces: tuple[int, ...] = ()
    pause: float = PAUSE
    expect: bool = False
    only_raw: bool = field(default=False, compare=False)

    def with_header(self, name: str, *values: str) -> "Message":
        """The message with these values of a header instead of its own; without values the header is removed."""
        kept = tuple(pair for pair in self.headers if pair[0].lower() != name.lower())
        return replace(self, headers=(*kept, *((name, value) for value in values)))

    def value(self, name: str) -> str:
        """The value of a header; empty if there is none."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")

    @property
    def closes(self) -> bool:
        """Whether the connection ends with it."""
        return self.version == "HTTP/1.0" or self.value("Connection").lower() == "close"

    @property
    def head(self) -> bytes:
        """The request line and the headers."""
        lines = [f"{self.method} {self.target} {self.version}"]
        framing = (
            ("Transfer-Encoding", "chunked")
            if self.chunks is not None
            else (
                "Content-Length",
                str(len(self.body)),
            )
        )
        lines += [f"{name}:{self.before}{value}" for name, value in self.headers]
        # Some parsers are strict about these two, to prevent request smuggling.
        lines += [": ".join(framing), *(["Expect: 100-continue"] if self.expect else [])]
        return "\r\n".join([*lines, "", ""]).encode("latin-1")

    @property
    def content(self) -> bytes:
        """The body as it is sent."""
        if self.chunks is None:
            return self.body
        parts, rest, sizes = [], self.body, list(self.chunks)
        while rest:
            size = sizes.pop(0) if sizes else len(rest)
            part, rest = rest[:size], rest[size:]
            parts.append(f"{len(part):{self.size_format}}{self.extension}\r\n".encode() + part + b"\r\n")
        return b"".join([*parts, b"0\r\n", self.trailer.encode(), b"\r\n"])


class _Stream:
    """Lets several responses be read from one buffer, so that excess bytes of one spoil the next."""

    def __init__(self, connection: socket.socket) -> None:
        self._file = connection.makefile("rb")

    def makefile(self, mode: str) -> "_Stream":
        return self

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def close(self) -> None:
        """Do nothing: `http.client` calls this at the end of each response."""


def send(wire: Wire, *messages: Message) -> list[Exchange]:
    """Send messages one after the other on a connection of their own. Guard, rate and budget hold.

    Returns:
        The exchanges, which are recorded; fewer than messages if the server closes the connection in between.

    Raises:
        NotTried: The guard does not let a message pass.
    """
    exchanges: list[Exchange] = []
    try:
        connection = _connected(wire)
    except (OSError, ValueError) as error:
        return [_failed(wire, messages[0], error)]
    with connection:
        stream = _Stream(connection)
        for message in messages:
            exchange = _one(wire, connection, stream, message)
            closed = isinstance(exchange.fault, str) and exchange.fault.startswith(_CLOSED)
            if exchanges and closed:
                break  # RFC 9112, 9.5: it may be closed at any time.
            wire.record(exchange)
            exchanges.append(exchange)
            if message.closes and not exchange.fault:
                exchange.left_open = _is_left_open(connection, wire.timeout)
            if _ended(exchange) or message.closes:
                break
    return exchanges


def _is_left_open(connection: socket.socket, timeout: float) -> bool:
    """Whether the server leaves the connection open after its response (RFC 9112, 9.6)."""
    connection.settimeout(min(timeout, CLOSING))
    try:
        return connection.recv(1) != b""
    except TimeoutError:
        return True
    except OSError:
        return False


def send_together(wire: Wire, *messages: Message) -> list[Exchange]:
    """Send messages on a connection of their own without waiting for responses. Guard, rate and budget hold.

    Returns:
        The exchanges, which are recorded; fewer than messages if the server closes the connection in between.

    Raises:
        NotTried: The guard does not let a message pass.
    """
    exchanges: list[Exchange] = []
    begun = [_begun(wire, message) for message in messages]
    for exchange in begun:
        if delay := wire.admit(exchange):
            time.sleep(delay)
    try:
        connection = _connected(wire)
    except (OSError, ValueError) as error:
        return [_failed(wire, messages[0], error)]
    with connection:
        stream = _Stream(connection)
        started = time.monotonic()
        with contextlib.suppress(OSError):  # It shows when a response is missing.
            connection.sendall(b"".join(message.head + message.content for message in messages))
        for message, exchange in zip(messages, begun, strict=True):
            exchange.started = started
            _receive(stream, message, exchange)
            if exchanges and exchange.fault.startswith(_CLOSED):
                break
            wire.record(exchange)
            exchanges.append(exchange)
            if _ended(exchange):
                break
    return exchanges


def _ended(exchange: Exchange) -> bool:
    """Whether no further request can be answered on its connection."""
    return bool(exchange.fault) or (exchange.header("connection") or "").lower() == "close"


_CLOSED = ("RemoteDisconnected", "ConnectionResetError", "BrokenPipeError")


def _begun(wire: Wire, message: Message) -> Exchange:
    base = urlsplit(wire.base_url)
    absolute = "://" in message.target
    url = message.target if absolute else f"{base.scheme}://{base.netloc}{message.target}"
    return Exchange(message.method, url, list(message.headers), message.body, version=message.version)


def _failed(wire: Wire, message: Message, error: Exception) -> Exchange:
    exchange = _begun(wire, message)
    exchange.fault = f"{type(error).__name__}: {error}"
    wire.record(exchange)
    return exchange


def _one(wire: Wire, connection: socket.socket, stream: _Stream, message: Message) -> Exchange:
    exchange = _begun(wire, message)
    if delay := wire.admit(exchange):
        time.sleep(delay)
    exchange.started = time.monotonic()
    try:
        _write(connection, message, wire.timeout)
    except (OSError, ValueError) as error:
        exchange.fault = f"{type(error).__name__}: {error}"
        exchange.seconds = time.monotonic() - exchange.started
        return exchange
    _receive(stream, message, exchange)
    return exchange


def _receive(stream: _Stream, message: Message, exchange: Exchange) -> None:
    """Read a response into the exchange, or the reason why there is none."""
    try:
        response = http.client.HTTPResponse(stream, method=message.method)  # type: ignore[arg-type]  # reads only
        response.begin()
        exchange.raw_body = exchange.body = response.read()
        exchange.status, exchange.reason = response.status, response.reason
        exchange.headers = response.getheaders()
    except (OSError, http.client.HTTPException, ValueError) as error:
        exchange.fault = f"{type(error).__name__}: {error}"
    exchange.seconds = time.monotonic() - exchange.started


def _connected(wire: Wire) -> socket.socket:
    base = urlsplit(wire.base_url)
    secure = base.scheme == "https"
    port = base.port or (443 if secure else 80)
    connection = socket.create_connection((base.hostname or "", port), wire.timeout)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if not secure:
        return connection
    context = wire.connection.ssl_context()
    context.set_alpn_protocols(["http/1.1"])
    return context.wrap_socket(connection, server_hostname=base.hostname)


def _write(connection: socket.socket, message: Message, timeout: float) -> None:
    content = message.content
    if message.expect:
        connection.sendall(message.head)
        # RFC 9110, 10.1.1: a client must not wait for 100 for ever.
        select.select([connection], [], [], min(1.0, timeout))
        connection.sendall(content)
        return
    for part in _split(message.head + content, message.pieces):
        connection.sendall(part)
        if message.pieces:
            time.sleep(message.pause)


def _split(data: bytes, sizes: Sequence[int]) -> list[bytes]:
    parts = []
    for size in sizes:
        parts.append(data[:size])
        data = data[size:]
    return [part for part in (*parts, data) if part]
