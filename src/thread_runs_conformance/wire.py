"""HTTP with everything recorded: no retries, no redirects, a rate and a budget that hold for every request."""

import asyncio
import contextlib
import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from thread_runs_conformance.exchange import Exchange


class Meter:
    """Counts requests, and keeps them to `rate` a second and `budget` in all (0: no limit)."""

    def __init__(self, rate: float = 0, budget: int = 0) -> None:
        self.rate = rate
        self.budget = budget
        self.count = 0
        self.spent = False
        self._unmetered = False
        self._next = 0.0
        self._lock = threading.Lock()

    def take(self) -> float:
        """Count a request; returns the seconds to wait before it is sent."""
        with self._lock:
            if self.budget and self.count >= self.budget and not self._unmetered:
                self.spent = True
                pytest.skip(f"the budget of {self.budget} requests is spent")
            self.count += 1
            now = time.monotonic()
            start = max(now, self._next)
            self._next = start + (1 / self.rate if self.rate else 0)
            return start - now

    def pause(self, seconds: float) -> None:
        """Send nothing for so long."""
        with self._lock:
            self._next = max(self._next, time.monotonic() + seconds)

    @contextmanager
    def without_budget(self) -> Iterator[None]:
        """What has to be done even if the budget is spent."""
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
    exchange.seconds = time.perf_counter() - started
    exchange.status = response.status_code
    exchange.reason = response.reason_phrase
    exchange.headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in response.headers.raw]
    rebuilt = httpx.Response(response.status_code, headers=response.headers, stream=httpx.ByteStream(raw))
    exchange.body = httpx.Response(response.status_code, headers=response.headers, content=raw).content
    return rebuilt


class _Recorder(httpx.BaseTransport):
    def __init__(self, wire: "Wire") -> None:
        self._wire = wire
        self._inner = httpx.HTTPTransport(retries=0)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        time.sleep(self._wire.meter.take())
        exchange = _begin(request, request.read())
        started = time.perf_counter()
        try:
            response = self._inner.handle_request(request)
            raw = b"".join(response.stream)  # type: ignore[arg-type]  # a sync stream, of a sync transport
            response.close()
            return _end(exchange, response, raw, started)
        except (httpx.HTTPError, ValueError) as error:
            exchange.fault = f"{type(error).__name__}: {error}"
            raise
        finally:
            self._wire.record(exchange)

    def close(self) -> None:
        self._inner.close()


class _AsyncRecorder(httpx.AsyncBaseTransport):
    def __init__(self, wire: "Wire") -> None:
        self._wire = wire
        self._inner = httpx.AsyncHTTPTransport(retries=0)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await asyncio.sleep(self._wire.meter.take())
        exchange = _begin(request, await request.aread())
        started = time.perf_counter()
        try:
            response = await self._inner.handle_async_request(request)
            raw = b"".join([part async for part in response.stream])  # type: ignore[union-attr]
            await response.aclose()
            return _end(exchange, response, raw, started)
        except (httpx.HTTPError, ValueError) as error:
            exchange.fault = f"{type(error).__name__}: {error}"
            raise
        finally:
            self._wire.record(exchange)

    async def aclose(self) -> None:
        await self._inner.aclose()


class Wire:
    """Sends requests to one server and records each exchange.

    Args:
        listener: Is given every exchange, from whichever thread.
    """

    def __init__(self, base_url: str, meter: Meter, timeout: float, listener: Callable[[Exchange], None]) -> None:
        self.base_url = base_url.rstrip("/")
        self.meter = meter
        self.timeout = timeout
        self._listener = listener
        self._last = threading.local()
        self._last_any: Exchange | None = None
        self._runner = asyncio.Runner()
        self.client = self.new_client()

    def new_client(self) -> httpx.Client:
        """A client with connections of its own."""
        return httpx.Client(transport=_Recorder(self), timeout=self.timeout, follow_redirects=False)

    def transport(self) -> httpx.BaseTransport:
        """A transport for a synchronous client of somebody else."""
        return _Recorder(self)

    def async_transport(self) -> httpx.AsyncBaseTransport:
        """A transport for an asynchronous client; used in `run` only."""
        return _AsyncRecorder(self)

    def record(self, exchange: Exchange) -> None:
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
        headers: Mapping[str, str],
        body: bytes | None = None,
        client: httpx.Client | None = None,
    ) -> Exchange:
        """Send a request as it is: `path` is already encoded, and no header is added that HTTP does not need."""
        base = httpx.URL(self.base_url)
        url = base.copy_with(raw_path=base.raw_path.rstrip(b"/") + path.encode("ascii"))
        chosen = client or self.client
        pairs = {"Accept": "application/json", **headers}
        request = httpx.Request(method, url, headers=pairs, content=body)
        request.extensions["timeout"] = httpx.Timeout(self.timeout).as_dict()
        # The exchange holds the error.
        with contextlib.suppress(httpx.HTTPError):
            chosen.send(request)
        return self.last

    def close(self) -> None:
        self.client.close()
        self._runner.close()


def json_body(value: Any) -> bytes:
    """The value as UTF-8 JSON; a lone surrogate as an escape, since it has no UTF-8."""
    try:
        return json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return json.dumps(value).encode()
