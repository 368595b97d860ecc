"""HTTP that records every exchange, without retries and redirects. Guard, rate and budget apply to all requests."""

import asyncio
import contextlib
import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import httpx

from thread_runs_conformance.connection import Connection
from thread_runs_conformance.exchange import Exchange
from thread_runs_conformance.guard import Guard
from thread_runs_conformance.outcomes import RunStopped


class Meter:
    """Counts requests and limits them to `rate` per second and `budget` in total (0: no limit).

    Args:
        is_stopped: Whether no more requests may be sent, except those that restore.
    """

    def __init__(self, rate: float = 0, budget: int = 0, is_stopped: Callable[[], bool] = lambda: False) -> None:
        self.rate = rate
        self.budget = budget
        self._is_stopped = is_stopped
        self.count = 0
        self.spent = False
        self._unmetered = False
        self._next = 0.0
        self._lock = threading.Lock()

    def take(self) -> float:
        """Count a request; returns the seconds to wait before it is sent.

        Raises:
            RunStopped: The request must not be sent.
        """
        with self._lock:
            if self._is_stopped() and not self._unmetered:
                raise RunStopped("the run stops at the first finding")
            if self.budget and self.count >= self.budget and not self._unmetered:
                self.spent = True
                raise RunStopped(f"the budget of {self.budget} requests is spent")
            self.count += 1
            now = time.monotonic()
            start = max(now, self._next)
            self._next = start + (1 / self.rate if self.rate else 0)
            return start - now

    def pause(self, seconds: float) -> None:
        """Send nothing for this time."""
        with self._lock:
            self._next = max(self._next, time.monotonic() + seconds)

    @contextmanager
    def without_budget(self) -> Iterator[None]:
        """For requests that must be sent even if the budget is spent: those that restore."""
        self._unmetered = True
        try:
            yield
        finally:
            self._unmetered = False


def _begin(request: httpx.Request, body: bytes) -> Exchange:
    headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in request.headers.raw]
    url = f"{request.url.scheme}://{request.url.netloc.decode()}{request.url.raw_path.decode()}"
    return Exchange(request.method, url, headers, body)


def _end(exchange: Exchange, response: httpx.Response, raw: bytes, started: float) -> httpx.Response:
    """Record the response, and return one whose body is still encoded, for the client to decode."""
    exchange.seconds = time.perf_counter() - started
    exchange.status = response.status_code
    exchange.reason = response.reason_phrase
    exchange.headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in response.headers.raw]
    exchange.raw_body = raw
    try:
        exchange.body = httpx.Response(response.status_code, headers=response.headers, content=raw).content
    except httpx.DecodingError as error:
        exchange.coding_fault = str(error)
        exchange.body = raw
    return httpx.Response(response.status_code, headers=response.headers, stream=httpx.ByteStream(raw))


def _was_closed(error: httpx.TransportError) -> bool:
    """Whether a connection was closed before any byte of a response arrived.

    RFC 9112, 9.5: a server may close an idle connection at any time, also while the next request is on its way. The
    request is then sent once more on a connection that is made for it.
    """
    if isinstance(error, httpx.RemoteProtocolError):
        return str(error).startswith("Server disconnected without sending a response")
    return isinstance(error, httpx.ReadError | httpx.WriteError)


class _Recorder(httpx.BaseTransport):
    def __init__(self, wire: "Wire") -> None:
        self._wire = wire
        self._inner = wire.connection.transport()
        self._used = False

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        exchange = _begin(request, request.read())
        if delay := self._wire.admit(exchange):
            time.sleep(delay)
        started = time.perf_counter()
        exchange.started = time.monotonic()
        try:
            try:
                response = self._inner.handle_request(request)
            except httpx.TransportError as error:
                if not self._used or not _was_closed(error):
                    raise
                self._inner.close()
                self._inner = self._wire.connection.transport()
                response = self._inner.handle_request(request)
            self._used = True
            raw = b"".join(response.stream)  # type: ignore[arg-type]  # a sync stream, of a sync transport
            response.close()
            return _end(exchange, response, raw, started)
        except (httpx.HTTPError, ValueError) as error:
            exchange.fault = f"{type(error).__name__}: {error}"
            self._used = False
            raise
        finally:
            self._wire.record(exchange)

    def close(self) -> None:
        self._inner.close()


class _AsyncRecorder(httpx.AsyncBaseTransport):
    def __init__(self, wire: "Wire") -> None:
        self._wire = wire
        self._inner = wire.connection.async_transport()
        self._used = False

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        exchange = _begin(request, await request.aread())
        if delay := self._wire.admit(exchange):
            await asyncio.sleep(delay)
        started = time.perf_counter()
        exchange.started = time.monotonic()
        try:
            try:
                response = await self._inner.handle_async_request(request)
            except httpx.TransportError as error:
                if not self._used or not _was_closed(error):
                    raise
                await self._inner.aclose()
                self._inner = self._wire.connection.async_transport()
                response = await self._inner.handle_async_request(request)
            self._used = True
            raw = b"".join([part async for part in response.stream])  # type: ignore[union-attr]
            await response.aclose()
            return _end(exchange, response, raw, started)
        except (httpx.HTTPError, ValueError) as error:
            exchange.fault = f"{type(error).__name__}: {error}"
            self._used = False
            raise
        finally:
            self._wire.record(exchange)

    async def aclose(self) -> None:
        await self._inner.aclose()


class Wire:
    """Sends requests to one server and records each exchange.

    Args:
        guard: Decides what may be sent.
        listener: Is called with every exchange, from any thread.
    """

    def __init__(
        self,
        connection: Connection,
        meter: Meter,
        guard: Guard,
        listener: Callable[[Exchange], None],
    ) -> None:
        self.connection = connection
        self.base_url = connection.base_url.rstrip("/")
        self._base = httpx.URL(self.base_url)
        self.meter = meter
        self.timeout = connection.timeout
        self.guard = guard
        self._listener = listener
        self._last = threading.local()
        self._runner = asyncio.Runner()
        self.client = self.new_client()

    def new_client(self) -> httpx.Client:
        """A client with its own connections."""
        return httpx.Client(transport=_Recorder(self), timeout=self.timeout, follow_redirects=False)

    def transport(self) -> httpx.BaseTransport:
        """A transport for a synchronous client of another package."""
        return _Recorder(self)

    def async_transport(self) -> httpx.AsyncBaseTransport:
        """A transport for an asynchronous client; used in `run` only."""
        return _AsyncRecorder(self)

    def admit(self, exchange: Exchange) -> float:
        """Ask the guard and the meter; returns the seconds to wait before the request is sent.

        Raises:
            NotTried: The request must not be sent.
        """
        self.guard.check(exchange.method, exchange.raw_path, exchange.request_body)
        return self.meter.take()

    def record(self, exchange: Exchange) -> None:
        """Remember an exchange as this thread's last one, and pass it on."""
        self._last.exchange = exchange
        self._listener(exchange)

    def run(self, coroutine: Any) -> Any:
        """Run a coroutine of the asynchronous client to its end."""
        return self._runner.run(coroutine)

    @property
    def last(self) -> Exchange:
        """The last exchange of this thread."""
        exchange: Exchange = self._last.exchange
        return exchange

    def send(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str] | list[tuple[str, str]],
        body: bytes | Iterator[bytes] | None = None,
        client: httpx.Client | None = None,
    ) -> Exchange:
        """Send a request as it is: `path` is already encoded, and no header is added that HTTP does not need."""
        url = self._base.copy_with(raw_path=self._base.raw_path.rstrip(b"/") + path.encode("ascii"))
        pairs = [*headers.items()] if isinstance(headers, Mapping) else headers
        if not any(name.lower() == "accept" for name, _ in pairs):
            pairs = [("Accept", "application/json"), *pairs]
        request = httpx.Request(method, url, headers=pairs, content=body)
        request.extensions["timeout"] = httpx.Timeout(self.timeout).as_dict()
        # The exchange holds the error.
        with contextlib.suppress(httpx.HTTPError):
            (client or self.client).send(request)
        return self.last

    def close(self) -> None:
        """Close all connections."""
        self.client.close()
        self._runner.close()


def json_body(value: Any) -> bytes:
    """The value as UTF-8 JSON; a lone surrogate as an escape, because it has no UTF-8."""
    try:
        return json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return json.dumps(value).encode()
