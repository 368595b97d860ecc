"""The httpx clients beneath: made here or borrowed from the caller, with our transports around theirs."""

import copy
from typing import Any, TypeVar

import httpx
from httpx._client import ClientState

from ._deadlines import keep_deadlines
from ._transports import AsyncTransport, Settings, Transport

HttpClientT = TypeVar("HttpClientT", httpx.Client, httpx.AsyncClient)


def blocking_client(own: httpx.Client | None, options: dict[str, Any], settings: Settings) -> httpx.Client:
    """Return an httpx client made with `options`, or a copy of the caller's `own` that shares its connections."""
    client = httpx.Client(**options) if own is None else _borrowed(own, options)
    # httpx makes a transport for each proxy of the environment; only here can all of them be reached.
    if own is None and "transport" not in options:
        for transport in (client._transport, *client._mounts.values()):
            keep_deadlines(transport)
    client._cookies = _Cookies(client._cookies)
    client._transport = Transport(client._transport, settings, owned=own is None)
    client._mounts = {
        pattern: transport and Transport(transport, settings, owned=own is None)
        for pattern, transport in client._mounts.items()
    }
    return client


def async_client(own: httpx.AsyncClient | None, options: dict[str, Any], settings: Settings) -> httpx.AsyncClient:
    """`blocking_client` for asyncio and trio."""
    client = httpx.AsyncClient(**options) if own is None else _borrowed(own, options)
    client._cookies = _Cookies(client._cookies)
    client._transport = AsyncTransport(client._transport, settings, owned=own is None)
    client._mounts = {
        pattern: transport and AsyncTransport(transport, settings, owned=own is None)
        for pattern, transport in client._mounts.items()
    }
    return client


class _Cookies(httpx.Cookies):
    """Cookies that are looked for only where there are some: the standard library's jar takes a tenth of a call."""

    def extract_cookies(self, response: httpx.Response) -> None:
        if "set-cookie" in response.headers:
            super().extract_cookies(response)


def _borrowed(own: HttpClientT, options: dict[str, Any]) -> HttpClientT:
    """Return a copy of `own` with other settings; `own` itself, its headers and cookies stay as they are."""
    client = copy.copy(own)
    if not own.is_closed:
        client._state = ClientState.UNOPENED
    client.base_url = options["base_url"]
    client.timeout = options["timeout"]
    client.headers = own.headers
    client.headers.update(options["headers"])
    client.cookies = own.cookies
    client.cookies.update(options["cookies"])
    client.auth = own.auth or options["auth"]
    client.follow_redirects = False
    return client
