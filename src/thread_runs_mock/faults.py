"""Answers that go wrong on purpose, so that applications can test what they do then.

A request chooses its fault by the header `Prefer: fault=NAME`, with `; value=V` for what the fault can vary, and with
`; times=N` to let the next request for the path through after N of them. Faults also come by chance, at rates from
`--faults`.
Faults that damage an answer carry the request out first, so that a change may have happened although no answer came.
"""

import asyncio
import random
import re
import socket
import struct
import time
import zlib
from collections.abc import Awaitable, Callable, Sequence
from email.utils import formatdate
from pathlib import Path
from typing import Any, NamedTuple

from thread_runs_mock import errors, strict_json
from thread_runs_mock.app import MAX_BODY, Application, Message, Receive, Send, log, request_id
from thread_runs_mock.errors import ApiError
from thread_runs_mock.recording import text_of

CONNECTION = "thread_runs_mock.connection"
"""The ASGI extension that holds the asyncio transport of the connection: only this package's server has it."""


class FaultsError(Exception):
    """The faults asked for by `--faults` cannot be read."""


class Fault(NamedTuple):
    """A fault.

    Attributes:
        name: what requests and options call it.
        summary: what happens, and what its value is, in a line.
        value: the value if none is given; None if there is nothing to vary.
        apply: does it.
    """

    name: str
    summary: str
    value: float | str | None
    apply: "Callable[[Exchange, Any], Awaitable[None]]"


class Exchange:
    """A request and the means to answer it, well or badly."""

    def __init__(self, application: Application, scope: Message, receive: Receive, send: Send) -> None:
        self._application = application
        self._scope = scope
        self._receive = receive
        self._send = send
        self._body: bytes | None = None

    async def carry_out(self) -> None:
        """Let the application answer."""
        await self._application(self._scope, self._replay, self._send)

    async def answer(self) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
        """Let the application answer, and keep the answer: status, headers, body."""
        sent: list[Message] = []

        async def keep(message: Message) -> None:
            sent.append(message)

        await self._application(self._scope, self._replay, keep)
        return sent[0]["status"], list(sent[0]["headers"]), b"".join(message.get("body", b"") for message in sent)

    async def send(self, status: int, headers: dict[str, str], body: bytes = b"") -> None:
        """Answer with this."""
        fields = {"x-request-id": request_id().decode(), "content-length": str(len(body)), **headers}
        pairs = [(name.encode(), value.encode()) for name, value in fields.items()]
        await self._send({"type": "http.response.start", "status": status, "headers": pairs})
        await self._send({"type": "http.response.body", "body": body})

    @property
    def connection(self) -> asyncio.Transport:
        """The connection itself. Raises ApiError if the server does not hand it out."""
        connection = self._scope.get("extensions", {}).get(CONNECTION)
        if connection is None:
            raise errors.fault_needs_server()
        transport: asyncio.Transport = connection
        return transport

    async def pause(self, seconds: float) -> bool:
        """Wait; return whether the client is still there."""
        await self.read()
        try:
            await asyncio.wait_for(self._receive(), seconds)
        except TimeoutError:
            return True
        return False

    async def read(self) -> bytes:
        """Return the body of the request. What is unread when a connection closes would turn its end into a reset."""
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
        if reset:
            # Time for what was written to arrive: a reset overtakes it.
            await self.pause(0.01)
            connection.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            connection.abort()
        else:
            connection.close()
        await self.read()
        await self._receive()


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
    status, headers, _ = await exchange.answer()
    connection.write(_head(status, headers)[:-10])
    await exchange.end(reset=True)


async def _reset_after_headers(exchange: Exchange, value: None) -> None:
    connection = exchange.connection
    connection.write(_head(*(await exchange.answer())[:2]))
    await exchange.end(reset=True)


async def _truncated_body(exchange: Exchange, value: None) -> None:
    connection = exchange.connection
    status, headers, body = await exchange.answer()
    connection.write(_head(status, headers) + body[: len(body) // 2])
    await exchange.end()


async def _wrong_length(exchange: Exchange, missing: float) -> None:
    connection = exchange.connection
    status, headers, body = await exchange.answer()
    lengths = {b"content-length": b"%d" % max(len(body) - int(missing), 0)}
    connection.write(_head(status, [(name, lengths.get(name, value)) for name, value in headers]) + body)
    await exchange.end()


async def _drip(exchange: Exchange, seconds: float) -> None:
    await _drop_by_drop(exchange, seconds, headers_too=False)


async def _drip_headers(exchange: Exchange, seconds: float) -> None:
    await _drop_by_drop(exchange, seconds, headers_too=True)


async def _drop_by_drop(exchange: Exchange, seconds: float, *, headers_too: bool) -> None:
    connection = exchange.connection
    status, headers, body = await exchange.answer()
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
    connection.write(_head(200, [(b"content-type", b"application/json")]) + b"[")
    while not connection.is_closing():
        # The buffer is looked at, as a client that reads nothing must not fill the memory.
        if connection.get_write_buffer_size() < 1_000_000:
            connection.write(b" " * 65536)
        await asyncio.sleep(0.001)


async def _informational(exchange: Exchange, status: float) -> None:
    connection = exchange.connection
    connection.write(b"HTTP/1.1 %d Fault\r\nx-fault: informational\r\n\r\n" % status * 2)
    await exchange.carry_out()


async def _garbage_json(exchange: Exchange, value: None) -> None:
    _, _, body = await exchange.answer()
    await exchange.send(200, {"content-type": "application/json"}, body[: len(body) // 2])


async def _html(exchange: Exchange, status: float) -> None:
    page = b"<!DOCTYPE html><html><head><title>Gateway</title></head><body><h1>It did not work.</h1></body></html>"
    await exchange.send(int(status), {"content-type": "text/html"}, page)


async def _wrong_content_type(exchange: Exchange, value: None) -> None:
    status, _, body = await exchange.answer()
    await exchange.send(status, {"content-type": "text/plain"}, body)


async def _gzip_bomb(exchange: Exchange, mebibytes: float) -> None:
    compressor = zlib.compressobj(wbits=31)
    body = b"".join(compressor.compress(bytes(1024 * 1024)) for _ in range(int(mebibytes))) + compressor.flush()
    await exchange.send(200, {"content-type": "application/json", "content-encoding": "gzip"}, body)


async def _redirect(exchange: Exchange, url: str) -> None:
    await exchange.send(307, {"location": url})


async def _status(exchange: Exchange, status: float) -> None:
    await _refuse(exchange, int(status))


async def _busy(exchange: Exchange, value: float) -> None:
    await _refuse(exchange, 503)


async def _retry_after_missing(exchange: Exchange, value: None) -> None:
    await _refuse(exchange, 429)


async def _retry_after_seconds(exchange: Exchange, seconds: float) -> None:
    await _refuse(exchange, 429, {"retry-after": f"{seconds:g}"})


async def _retry_after_ms(exchange: Exchange, seconds: float) -> None:
    await _refuse(exchange, 429, {"retry-after-ms": f"{seconds * 1000:g}"})


async def _retry_after_date(exchange: Exchange, seconds: float) -> None:
    await _refuse(exchange, 429, {"retry-after": formatdate(time.time() + seconds, usegmt=True)})


async def _retry_after_garbage(exchange: Exchange, value: None) -> None:
    await _refuse(exchange, 429, {"retry-after": "in a while"})


async def _refuse(exchange: Exchange, status: int, headers: dict[str, str] | None = None) -> None:
    body = strict_json.encode(errors.on_purpose(status).body)
    await exchange.send(status, {"content-type": "application/json", **(headers or {})}, body)


BURST = "503-burst"
FAULTS = {
    fault.name: fault
    for fault in (
        Fault("delay", "the answer comes late; value: seconds", 1.0, _delay),
        Fault("reset-before-headers", "the connection is reset, nothing is carried out", None, _reset_before_headers),
        Fault("reset-during-headers", "the connection is reset within the headers", None, _reset_during_headers),
        Fault("reset-after-headers", "the connection is reset before the body", None, _reset_after_headers),
        Fault("truncated-body", "the connection is closed after half of the body", None, _truncated_body),
        Fault("wrong-length", "Content-Length is too short; value: by how many bytes", 10.0, _wrong_length),
        Fault("drip", "the body comes byte by byte; value: seconds between two", 0.05, _drip),
        Fault("drip-headers", "the headers do too; value: seconds between two bytes", 0.05, _drip_headers),
        Fault("endless-body", "the body never ends", None, _endless_body),
        Fault("gzip-bomb", "a small body grows when it is decompressed; value: to how many MiB", 64.0, _gzip_bomb),
        Fault("garbage-json", "half of the JSON, well packed", None, _garbage_json),
        Fault("html", "a page of a gateway; value: its status", 200.0, _html),
        Fault("wrong-content-type", "the answer calls itself text/plain", None, _wrong_content_type),
        Fault("informational", "two 1xx responses come first; value: their status", 103.0, _informational),
        Fault("redirect", "307 to another host; value: the URL", "http://elsewhere.invalid/", _redirect),
        Fault("status", "an error status; value: which", 520.0, _status),
        Fault(BURST, "503 several times in a row, then an answer; value: how often", 3.0, _busy),
        Fault("retry-after-seconds", "429 with Retry-After in seconds; value: how many", 1.0, _retry_after_seconds),
        Fault("retry-after-date", "429 with Retry-After as a date; value: seconds from now", 1.0, _retry_after_date),
        Fault("retry-after-ms", "429 with retry-after-ms; value: seconds", 1.0, _retry_after_ms),
        Fault("retry-after-garbage", "429 with a Retry-After that says nothing", None, _retry_after_garbage),
        Fault("retry-after-missing", "429 without it", None, _retry_after_missing),
    )
}  # fmt: skip


class Rate(NamedTuple):
    """How often a fault comes by chance: the share of requests, 0 to 1."""

    fault: Fault
    share: float
    value: Any


def read_rates(text: str | Path) -> list[Rate]:
    """Read `NAME=SHARE[:VALUE],…`, or a file with one of them on each line; `#` begins a comment there.

    Raises:
        FaultsError: a fault is not known, a number is none, or the shares are more than 1 together.
    """
    try:
        items = Path(text).read_text("utf-8").splitlines() if text and Path(text).is_file() else str(text).split(",")
    except (OSError, ValueError) as error:
        raise FaultsError(f"cannot read {text}: {error}") from None
    rates = []
    for item in (item.partition("#")[0].strip() for item in items):
        if item:
            name, _, amount = item.partition("=")
            share, _, value = amount.partition(":")
            fault = _known(name.strip())
            if not re.fullmatch(r"0?\.\d+|0|1(\.0*)?|0\.", share.strip()):
                raise FaultsError(f"{item}: expected a share of the requests from 0 to 1, but got '{share}'")
            rates.append(Rate(fault, float(share), _value(fault, value.strip())))
    if sum(rate.share for rate in rates) > 1:
        raise FaultsError(f"the shares are {sum(rate.share for rate in rates):g} together, which is more than 1")
    return rates


def _known(name: str) -> Fault:
    if name not in FAULTS:
        raise FaultsError(f"unknown fault '{name}'. Known faults are: {', '.join(FAULTS)}")
    return FAULTS[name]


def _value(fault: Fault, text: str) -> Any:
    if not text:
        return fault.value
    if isinstance(fault.value, str):
        return text
    if fault.value is None or not re.fullmatch(r"\d{1,6}(\.\d*)?|\.\d+", text):
        raise FaultsError(
            f"{fault.name}: expected {'no value' if fault.value is None else 'a number'}, but got '{text}'"
        )
    return float(text)


class Faults:
    """Serves an application, and does to it what requests and chance choose.

    Args:
        application: what is served.
        rates: faults that come by chance.
        seed: makes the same requests meet the same faults again.
    """

    def __init__(self, application: Application, rates: Sequence[Rate] = (), seed: int = 0) -> None:
        application.faults = ["Prefer: fault=NAME", *(f"{rate.fault.name}={rate.share:g}" for rate in rates)]
        self._application = application
        self._rates = rates
        self._random = random.Random(seed)
        self._burst: list[tuple[Fault, Any]] = []
        self._counts: dict[tuple[bytes, str, int], int] = {}

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._application(scope, receive, send)
            return
        exchange = Exchange(self._application, scope, receive, send)
        try:
            chosen = self._chosen(scope)
            if chosen is None:
                await exchange.carry_out()
                return
            fault, value = chosen
            log.info("%s %s fault %s", scope["method"], text_of(scope["raw_path"]), fault.name)
            await fault.apply(exchange, value)
        except FaultsError as error:
            await self._say(exchange, errors.unknown_fault(str(error)))
        except ApiError as error:
            await self._say(exchange, error)

    async def _say(self, exchange: Exchange, error: ApiError) -> None:
        await exchange.send(error.status, {"content-type": "application/json"}, strict_json.encode(error.body))

    def _chosen(self, scope: Message) -> tuple[Fault, Any] | None:
        preference = _preference(scope["headers"])
        if preference:
            return self._preferred(scope["raw_path"], preference)
        if self._burst:
            return self._burst.pop()
        drawn = self._random.random()
        for rate in self._rates:
            if drawn < rate.share:
                if rate.fault.name == BURST:
                    self._burst = [(rate.fault, rate.value)] * (int(rate.value) - 1)
                return rate.fault, rate.value
            drawn -= rate.share
        return None

    def _preferred(self, path: bytes, preference: dict[str, str]) -> tuple[Fault, Any] | None:
        fault = _known(preference["fault"])
        value = _value(fault, preference.get("value", ""))
        text = preference.get("times", f"{value:g}" if fault.name == BURST else "")
        if text:
            if not re.fullmatch(r"\d{1,6}", text):
                raise FaultsError(f"times: expected a number, but got '{text}'")
            key = path, fault.name, int(text)
            count = self._counts[key] = self._counts.get(key, 0) + 1
            if count > int(text):
                del self._counts[key]
                return None
        return fault, value


_PREFERENCE = re.compile(r"""\s*([\w-]+)\s*=\s*("[^"]*"|[^\s;,"]*)\s*(;|,|$)""")


def _preference(headers: Sequence[tuple[bytes, bytes]]) -> dict[str, str]:
    """Return the preference that begins with `fault=`, and its parameters (RFC 7240); empty if there is none."""
    for name, raw in headers:
        found: dict[str, str] = {}
        if name == b"prefer":
            for key, value, end in _PREFERENCE.findall(raw.decode("latin-1")):
                found[key.lower()] = value.strip('"')
                if end != ";":
                    if "fault" in found:
                        return found
                    found = {}
    return {}
