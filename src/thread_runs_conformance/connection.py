"""The connection to the server: over the network with the options of httpx, or in process."""

import asyncio
import concurrent.futures
import contextlib
import ssl
import threading
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

import httpx

LIFESPAN_SECONDS = 30
"""Seconds that an application may take to start; it may take a sixth of that to shut down."""


class AsgiServer:
    """An ASGI application that runs in its own event loop, so that several threads can call it at once.

    It sends `lifespan.startup` first. An application that does not support lifespan is served without it, as the ASGI
    specification says.
    """

    def __init__(self, app: Callable[..., Any]) -> None:
        self._app = app
        self._transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        self._started, self._stopping = threading.Event(), asyncio.Event()
        self._runner = asyncio.Runner(loop_factory=asyncio.new_event_loop)
        self._loop = self._runner.get_loop()
        self._thread = threading.Thread(target=self._run, name="asgi", daemon=True)
        self._thread.start()
        self._started.wait(LIFESPAN_SECONDS)

    def submit(self, request: httpx.Request, body: bytes) -> "concurrent.futures.Future[tuple[httpx.Response, bytes]]":
        """Let the application answer a request."""

        async def answer() -> tuple[httpx.Response, bytes]:
            copy = httpx.Request(request.method, request.url, headers=request.headers.raw, content=body)
            response = await self._transport.handle_async_request(copy)
            return response, b"".join([part async for part in response.aiter_raw()])

        return asyncio.run_coroutine_threadsafe(answer(), self._loop)

    def _run(self) -> None:
        # The runner cancels the requests that are still being answered at the end.
        with self._runner:
            self._runner.run(self._serve())

    async def _serve(self) -> None:
        lifespan = asyncio.create_task(self._lifespan())
        await self._stopping.wait()
        await asyncio.wait([lifespan], timeout=LIFESPAN_SECONDS / 6)

    async def _lifespan(self) -> None:
        messages = iter(("startup", "shutdown"))

        async def receive() -> dict[str, str]:
            message = next(messages)
            if message == "shutdown":
                await self._stopping.wait()
            return {"type": f"lifespan.{message}"}

        async def send(_: Any) -> None:
            self._started.set()

        with contextlib.suppress(Exception):
            await self._app({"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}, receive, send)
        self._started.set()

    def close(self) -> None:
        """Send `lifespan.shutdown` and end the event loop."""
        self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join()


class _AsgiTransport(httpx.BaseTransport):
    def __init__(self, server: AsgiServer, timeout: float) -> None:
        self._server = server
        self._timeout = timeout

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        future = self._server.submit(request, request.read())
        try:
            response, body = future.result(self._timeout)
        except TimeoutError:
            future.cancel()
            raise httpx.ReadTimeout("the application did not answer in time") from None
        return httpx.Response(response.status_code, headers=response.headers, stream=httpx.ByteStream(body))


class _AsyncAsgiTransport(httpx.AsyncBaseTransport):
    def __init__(self, server: AsgiServer, timeout: float) -> None:
        self._server = server
        self._timeout = timeout

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        future = asyncio.wrap_future(self._server.submit(request, await request.aread()))
        try:
            response, body = await asyncio.wait_for(future, self._timeout)
        except TimeoutError:
            raise httpx.ReadTimeout("the application did not answer in time") from None
        return httpx.Response(response.status_code, headers=response.headers, stream=httpx.ByteStream(body))


@dataclass
class Connection:
    """Where the server is and how to connect to it.

    Attributes:
        base_url: For example `https://api.example.com/v1`.
        timeout: Seconds before a request times out.
        verify: As for httpx: True, False, or an SSLContext.
        cert: As for httpx: a file, or a tuple of certificate, key and password.
        proxy: The URL of a proxy; by default that of the environment (`HTTPS_PROXY`, `NO_PROXY`).
        app: The ASGI application in place of a network connection.
    """

    base_url: str
    timeout: float = 10
    verify: Any = True
    cert: Any = None
    proxy: str | None = None
    app: Any = None
    _asgi: AsgiServer | None = field(default=None, init=False, repr=False)
    _context: ssl.SSLContext | None = field(default=None, init=False, repr=False)

    @property
    def is_direct(self) -> bool:
        """Whether a socket to the server can be opened: not in process, no proxy."""
        return self.app is None and self._proxy_url is None

    @cached_property
    def _proxy_url(self) -> str | None:
        if self.proxy is not None:
            return self.proxy
        parts = urlsplit(self.base_url)
        if urllib.request.proxy_bypass(parts.hostname or ""):
            return None
        proxies = urllib.request.getproxies()
        found = proxies.get(parts.scheme) or proxies.get("all")
        return found if found is None or "://" in found else f"http://{found}"

    def ssl_context(self) -> ssl.SSLContext:
        """The context of TLS connections. It is created once, because reading the certificates takes time."""
        if self._context is None:
            context = httpx.create_ssl_context(self.verify)
            if self.cert is not None:
                files = (self.cert,) if isinstance(self.cert, str) else self.cert
                context.load_cert_chain(*files)
            self._context = context
        return self._context

    def _verify(self) -> ssl.SSLContext | bool:
        return self.ssl_context() if self.base_url.startswith("https:") else False

    def _server(self) -> AsgiServer:
        if self._asgi is None:
            self._asgi = AsgiServer(self.app)
        return self._asgi

    def transport(self) -> httpx.BaseTransport:
        """A transport with its own connections."""
        if self.app is not None:
            return _AsgiTransport(self._server(), self.timeout)
        return httpx.HTTPTransport(verify=self._verify(), proxy=self._proxy_url, retries=0)

    def async_transport(self) -> httpx.AsyncBaseTransport:
        """The same for an asynchronous client."""
        if self.app is not None:
            return _AsyncAsgiTransport(self._server(), self.timeout)
        return httpx.AsyncHTTPTransport(verify=self._verify(), proxy=self._proxy_url, retries=0)

    def close(self) -> None:
        """Shut down an application that runs in process."""
        if self._asgi is not None:
            self._asgi.close()
            self._asgi = None
