"""The faults, and the effect of each on a request."""

import asyncio
import time
import zlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from email.utils import formatdate
from typing import Any

from thread_runs_mock import errors
from thread_runs_mock.faults.exchange import Exchange


@dataclass(frozen=True)
class Fault:
    """A fault.

    Attributes:
        name: The name in requests and options.
        summary: The effect, and the meaning of the value, in one line.
        value: The default value; None if the fault has no value.
        apply: Applies the fault.
    """

    name: str
    summary: str
    value: float | str | None
    apply: Callable[[Exchange, Any], Awaitable[None]]


def _head(status: int, headers: Sequence[tuple[bytes, bytes]]) -> bytes:
    lines = b"".join(b"%b: %b\r\n" % header for header in headers)
    return b"HTTP/1.1 %d Fault\r\n%b\r\n" % (status, lines)


async def _delay(exchange: Exchange, seconds: float) -> None:
    if await exchange.pause(seconds):
        await exchange.carry_out()


async def _reset_before_headers(exchange: Exchange, value: None) -> None:
    await exchange.end(reset=True)


async def _reset_during_headers(exchange: Exchange, value: None) -> None:
    connection = exchange.connection
    status, headers, _ = await exchange.respond()
    connection.write(_head(status, headers)[:-10])
    await exchange.end(reset=True)


async def _reset_after_headers(exchange: Exchange, value: None) -> None:
    connection = exchange.connection
    connection.write(_head(*(await exchange.respond())[:2]))
    await exchange.end(reset=True)


async def _truncated_body(exchange: Exchange, value: None) -> None:
    connection = exchange.connection
    status, headers, body = await exchange.respond()
    connection.write(_head(status, headers) + body[: len(body) // 2])
    await exchange.end()


async def _wrong_length(exchange: Exchange, missing: float) -> None:
    connection = exchange.connection
    status, headers, body = await exchange.respond()
    lengths = {b"content-length": b"%d" % max(len(body) - int(missing), 0)}
    connection.write(_head(status, [(name, lengths.get(name, value)) for name, value in headers]) + body)
    await exchange.end()


async def _drip(exchange: Exchange, seconds: float) -> None:
    await _drop_by_drop(exchange, seconds, headers_too=False)


async def _drip_headers(exchange: Exchange, seconds: float) -> None:
    await _drop_by_drop(exchange, seconds, headers_too=True)


async def _drop_by_drop(exchange: Exchange, seconds: float, *, headers_too: bool) -> None:
    connection = exchange.connection
    status, headers, body = await exchange.respond()
    head = _head(status, headers)
    at_once, slow = (b"", head + body) if headers_too else (head, body)
    connection.write(at_once)
    for byte in slow:
        connection.write(bytes([byte]))
        if not await exchange.pause(seconds):
            return
    await exchange.end()


async def _endless_body(exchange: Exchange, value: None) -> None:
    connection = exchange.connection
    await exchange.read()
    exchange.record(200)
    connection.write(_head(200, [(b"content-type", b"application/json")]) + b"[")
    while not connection.is_closing():
        # The buffer is limited, because a client that reads nothing must not fill the memory.
        if connection.get_write_buffer_size() < 1_000_000:
            connection.write(b" " * 65536)
        await asyncio.sleep(0.001)


async def _informational(exchange: Exchange, status: float) -> None:
    connection = exchange.connection
    connection.write(b"HTTP/1.1 %d Fault\r\nx-fault: informational\r\n\r\n" % status * 2)
    await exchange.carry_out()


async def _garbage_json(exchange: Exchange, value: None) -> None:
    _, _, body = await exchange.respond()
    await exchange.send(200, {"content-type": "application/json"}, body[: len(body) // 2])


async def _html(exchange: Exchange, status: float) -> None:
    page = b"<!DOCTYPE html><html><head><title>Gateway</title></head><body><h1>It did not work.</h1></body></html>"
    await exchange.send(int(status), {"content-type": "text/html"}, page)


async def _wrong_content_type(exchange: Exchange, value: None) -> None:
    status, _, body = await exchange.respond()
    await exchange.send(status, {"content-type": "text/plain"}, body)


async def _gzip_bomb(exchange: Exchange, mebibytes: float) -> None:
    compressor = zlib.compressobj(wbits=31)
    body = b"".join(compressor.compress(bytes(1024 * 1024)) for _ in range(int(mebibytes))) + compressor.flush()
    await exchange.send(200, {"content-type": "application/json", "content-encoding": "gzip"}, body)


async def _redirect(exchange: Exchange, url: str) -> None:
    await exchange.send(307, {"location": url})


async def _status(exchange: Exchange, status: float) -> None:
    await _reject(exchange, int(status))


async def _busy(exchange: Exchange, value: float) -> None:
    await _reject(exchange, 503)


async def _retry_after_missing(exchange: Exchange, value: None) -> None:
    await _reject(exchange, 429)


async def _retry_after_seconds(exchange: Exchange, seconds: float) -> None:
    await _reject(exchange, 429, {"retry-after": f"{seconds:g}"})


async def _retry_after_ms(exchange: Exchange, seconds: float) -> None:
    await _reject(exchange, 429, {"retry-after-ms": f"{seconds * 1000:g}"})


async def _retry_after_date(exchange: Exchange, seconds: float) -> None:
    await _reject(exchange, 429, {"retry-after": formatdate(time.time() + seconds, usegmt=True)})


async def _retry_after_garbage(exchange: Exchange, value: None) -> None:
    await _reject(exchange, 429, {"retry-after": "in a while"})


async def _reject(exchange: Exchange, status: int, headers: dict[str, str] | None = None) -> None:
    await exchange.reject(errors.on_purpose(status), headers)


BURST = "503-burst"
FAULTS = {
    fault.name: fault
    for fault in (
        Fault("delay", "the response comes late; value: seconds", 1.0, _delay),
        Fault("reset-before-headers", "the connection is reset, nothing is done", None, _reset_before_headers),
        Fault("reset-during-headers", "the connection is reset within the headers", None, _reset_during_headers),
        Fault("reset-after-headers", "the connection is reset before the body", None, _reset_after_headers),
        Fault("truncated-body", "the connection is closed after half of the body", None, _truncated_body),
        Fault("wrong-length", "Content-Length is too short; value: by how many bytes", 10.0, _wrong_length),
        Fault("drip", "the body comes byte by byte; value: seconds between two", 0.05, _drip),
        Fault("drip-headers", "the headers do too; value: seconds between two bytes", 0.05, _drip_headers),
        Fault("endless-body", "the body never ends", None, _endless_body),
        Fault("gzip-bomb", "a small body grows when it is decompressed; value: to how many MiB", 64.0, _gzip_bomb),
        Fault("garbage-json", "half of the JSON, with a matching Content-Length", None, _garbage_json),
        Fault("html", "a page of a gateway; value: its status", 200.0, _html),
        Fault("wrong-content-type", "the response has the type text/plain", None, _wrong_content_type),
        Fault("informational", "two 1xx responses come first; value: their status", 103.0, _informational),
        Fault("redirect", "307 to another host; value: the URL", "http://elsewhere.invalid/", _redirect),
        Fault("status", "an error status; value: which", 520.0, _status),
        Fault(BURST, "503 several times in a row, then a response; value: how often", 3.0, _busy),
        Fault("retry-after-seconds", "429 with Retry-After in seconds; value: how many", 1.0, _retry_after_seconds),
        Fault("retry-after-date", "429 with Retry-After as a date; value: seconds from now", 1.0, _retry_after_date),
        Fault("retry-after-ms", "429 with retry-after-ms; value: seconds", 1.0, _retry_after_ms),
        Fault("retry-after-garbage", "429 with a Retry-After that cannot be read", None, _retry_after_garbage),
        Fault("retry-after-missing", "429 without it", None, _retry_after_missing),
    )
}  # fmt: skip
