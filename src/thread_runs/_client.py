"""The clients: they send what the generated methods ask for, with a key, a base URL, limits and typed errors."""

import os
import ssl
import threading
import weakref
from collections.abc import Mapping
from functools import partial
from typing import Any, Self, TypeVar

import httpx

from thread_runs_client.facts import SERVER_URL, VERSION
from thread_runs_client.methods import AsyncMethods, Methods
from thread_runs_client.requests import Request
from thread_runs_client.sending import CallOptions, RawResponse

from ._call import TRIES_EXTENSION
from ._errors import APIResponseValidationError, ThreadRunsError
from ._http_clients import async_client, blocking_client
from ._options import Timeout, checked_options, request_arguments
from ._request_limits import check_request
from ._response_body import ACCEPT_ENCODING, MAX_RESPONSE_BYTES
from ._retries import MAX_RETRIES
from ._transports import Settings

T = TypeVar("T")

DEFAULT_TIMEOUT = httpx.Timeout(600, connect=5)
# The pool of httpx looks at every idle connection for every other at each call: with 100 kept, 100 calls at once take
# six times as long as with 20.
DEFAULT_LIMITS = httpx.Limits(max_connections=100, max_keepalive_connections=20)


class _Client:
    """What `Client` and `AsyncClient` share."""

    _kinds: tuple[type, type]

    def __init__(
        self,
        api_key: str | None = None,
        *,
        base_url: str | None = None,
        timeout: Timeout = DEFAULT_TIMEOUT,
        max_retries: int = MAX_RETRIES,
        deadline: float | None = None,
        default_headers: Mapping[str, str] | None = None,
        strict: bool = True,
        max_response_bytes: int = MAX_RESPONSE_BYTES,
        verify: ssl.SSLContext | bool = True,
        proxy: str | httpx.Proxy | None = None,
        limits: httpx.Limits = DEFAULT_LIMITS,
        transport: Any = None,
        http_client: Any = None,
    ) -> None:
        """
        Args:
            api_key: The key; by default that of the environment variable `OPENAI_API_KEY`.
            base_url: Where the server is; by default the environment variable `OPENAI_BASE_URL`, then the first
                server of the contract.
            timeout: Seconds to wait for each step of a call: to connect, for each read, for each write; by default
                600, and 5 to connect. None for no limit.
            max_retries: How often a call is repeated that ended in status 408, 409, 429, 500 or above, ran into a
                timeout, or lost its connection. The waits are 0.5 s doubling to 8 s, less up to a quarter by chance,
                or what `retry-after-ms` or `Retry-After` asks for. If that is more than 120 s, the error comes at
                once. Repeating a modify is safe: it says which values the pairs shall have, so a second time
                changes nothing, whether the server merges or replaces.
            deadline: Seconds that a call may take in all, retries and waits included; None for no limit. A retry that
                could not begin in time is not waited for. The system's name look-up cannot be cut short; with a
                `transport` or `http_client` of your own, a blocking call looks at the clock only before each try and
                between the pieces of a body.
            default_headers: Headers to send with every request.
            strict: Check the limits of the contract before sending; False leaves that to the server.
            max_response_bytes: How many bytes of a body are read, after decompression; by default 10 MiB.
            verify, proxy, limits: What httpx takes by these names; by default the certificates of the system's or
                certifi's authorities, the proxies of the environment, 100 connections of which 20 are kept.
            transport: The httpx transport to send with, instead of those three. It is closed with this client.
            http_client: The httpx client to send with, instead of those four. It is neither changed nor closed: its
                connections, proxies, certificates, cookies, event hooks and auth are used; base URL, key, timeout and
                headers are those of this client, and redirects are not followed.

        Raises:
            ThreadRunsError: there is no key, or it cannot be sent.
            ValueError: `base_url` is not an http or https address, a number is out of range, or two options exclude
                each other.
            TypeError: `transport` or `http_client` is of the other kind, blocking or asynchronous.
        """
        self._base_url = checked_base_url(base_url or os.environ.get("OPENAI_BASE_URL") or SERVER_URL)
        self._token = checked_key(api_key or os.environ.get("OPENAI_API_KEY"))
        self._headers = {
            "User-Agent": f"thread-runs/{VERSION}",
            "Accept-Encoding": ACCEPT_ENCODING,
            **(default_headers or {}),
        }
        self._cookies: dict[str, str] = {}
        self._timeout = timeout if isinstance(timeout, httpx.Timeout) else httpx.Timeout(timeout)
        self._client: httpx.Client | None = None
        self._async_client: httpx.AsyncClient | None = None
        checked_options({"max_retries": max_retries, "deadline": deadline})
        if max_response_bytes < 1:
            raise ValueError(f"max_response_bytes must be at least 1, got {max_response_bytes}")
        connections = {"verify": verify, "proxy": proxy, "limits": limits}
        if transport is not None or http_client is not None:
            if connections != {"verify": True, "proxy": None, "limits": DEFAULT_LIMITS} or None not in (
                transport,
                http_client,
            ):
                raise ValueError("of http_client, transport, and verify, proxy and limits only one can be given")
            for name, given, kind in zip(
                ("http_client", "transport"), (http_client, transport), self._kinds, strict=True
            ):
                if given is not None and not isinstance(given, kind):
                    raise TypeError(f"{name} must be an {kind.__module__}.{kind.__name__}, got {type(given).__name__}")
            connections = {} if transport is None else {"transport": transport}
        self._connections = connections
        self._http_client = http_client
        self._strict = strict
        # httpx would take the base URL apart and put it together again at every call.
        self._url_prefix = str(httpx.URL(self._base_url).copy_with(query=None, fragment=None)).rstrip("/")
        self._settings = Settings(max_retries, deadline, max_response_bytes)
        self._lock = threading.Lock()
        self._forked = False
        _clients[id(self)] = self

    @property
    def api_key(self) -> str:
        """The key. Setting it takes effect with the next request."""
        return self._token

    @api_key.setter
    def api_key(self, value: str) -> None:
        self._token = checked_key(value)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(base_url={self._base_url!r})"

    def __reduce__(self) -> str:
        raise TypeError(
            f"{type(self).__name__} holds a key and connections: do not pickle it, make one where you need it"
        )

    def get_httpx_client(self) -> httpx.Client:
        """Return the httpx client beneath, made at the first call; threads share one."""
        if self._client is None:
            with self._lock:
                self._client = self._client or blocking_client(*self._httpx_arguments(httpx.Client), self._settings)
        return self._client

    def get_async_httpx_client(self) -> httpx.AsyncClient:
        """Return the asynchronous httpx client beneath, made at the first call."""
        if self._async_client is None:
            with self._lock:
                self._async_client = self._async_client or async_client(
                    *self._httpx_arguments(httpx.AsyncClient), self._settings
                )
        return self._async_client

    def set_httpx_client(self, client: httpx.Client) -> Self:
        """Send with `client` from now on, as if it had been given as `http_client`."""
        self._http_client, self._client = client, None
        return self

    def set_async_httpx_client(self, async_client: httpx.AsyncClient) -> Self:
        """Send with `async_client` from now on, as if it had been given as `http_client`."""
        self._http_client, self._async_client = async_client, None
        return self

    def with_headers(self, headers: dict[str, str]) -> Self:
        """Return a client of its own with these headers added."""
        return self._copy(default_headers={**self._headers, **headers})

    def with_timeout(self, timeout: Timeout) -> Self:
        """Return a client of its own with another timeout."""
        return self._copy(timeout=timeout)

    def with_cookies(self, cookies: dict[str, str]) -> Self:
        """Return a client of its own with these cookies added."""
        copy = self._copy()
        copy._cookies |= cookies
        return copy

    def _copy(self, **changes: Any) -> Self:
        same = {
            "base_url": self._base_url,
            "timeout": self._timeout,
            "default_headers": self._headers,
            "strict": self._strict,
            "http_client": self._http_client,
            **self._settings._asdict(),
            **self._connections,
        }
        copy = type(self)(self._token, **{**same, **changes})
        copy._cookies = dict(self._cookies)
        return copy

    def _httpx_arguments(self, kind: type) -> tuple[Any, dict[str, Any]]:
        own = self._http_client if isinstance(self._http_client, kind) else None
        if self._forked and (own is not None or "transport" in self._connections):
            raise ThreadRunsError(
                f"this {type(self).__name__} got its connections from outside and was made before the process forked: "
                "make one in the child"
            )
        return own, {
            "base_url": self._base_url,
            "headers": self._headers,
            "cookies": self._cookies,
            "timeout": self._timeout,
            "auth": self._authorize,
            **self._connections,
        }

    def _authorize(self, request: httpx.Request) -> httpx.Request:
        if "Authorization" not in request.headers:
            request.headers["Authorization"] = f"Bearer {self._token}"
        return request

    def _arguments(self, request: Request[Any], options: CallOptions) -> dict[str, Any]:
        checked_options(options)
        if options.get("strict", self._strict):
            check_request(request)
        return {**request_arguments(request, options), "url": self._url_prefix + request.path}

    def _raw(self, request: Request[T], response: httpx.Response) -> RawResponse[T]:
        return RawResponse(response, partial(_parsed, request, response), int(response.extensions[TRIES_EXTENSION]) - 1)


def _parsed(request: Request[T], response: httpx.Response) -> T:
    try:
        return request.parse(response, [])
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        problem = f"the body is not what the spec describes: {error.args[0] if error.args else error}"
    raise APIResponseValidationError(problem, response=response)


class Client(_Client, Methods):
    """A client of a Thread Runs server. Threads may share one; use it as a context manager, or close it.

    After a fork the child opens connections of its own. A client cannot be pickled.

    >>> client = Client(api_key="sk-...", base_url="http://127.0.0.1:4010/v1")
    >>> run = client.beta.threads.runs.update("run_abc123", thread_id="thread_abc123", metadata={"user_id": "1"})
    """

    _kinds = (httpx.Client, httpx.BaseTransport)

    @property
    def _sender(self) -> Self:  # type: ignore[override]
        return self

    def send(self, request: Request[T], options: CallOptions) -> RawResponse[T]:
        """Send a request that a generated method made."""
        kwargs = self._arguments(request, options)
        return self._raw(request, self.get_httpx_client().request(**kwargs))

    def __enter__(self) -> Self:
        self.get_httpx_client().__enter__()
        return self

    def __exit__(self, *exc_info: Any) -> None:
        self.get_httpx_client().__exit__(*exc_info)

    def close(self) -> None:
        """Close the connections."""
        self.get_httpx_client().close()


class AsyncClient(_Client, AsyncMethods):
    """`Client` for asyncio and trio: `await client.beta.threads.runs.update(...)`. For one event loop."""

    _kinds = (httpx.AsyncClient, httpx.AsyncBaseTransport)

    @property
    def _sender(self) -> Self:  # type: ignore[override]
        return self

    async def send(self, request: Request[T], options: CallOptions) -> RawResponse[T]:
        """Send a request that a generated method made."""
        kwargs = self._arguments(request, options)
        return self._raw(request, await self.get_async_httpx_client().request(**kwargs))

    async def __aenter__(self) -> Self:
        await self.get_async_httpx_client().__aenter__()
        return self

    async def __aexit__(self, *exc_info: Any) -> None:
        await self.get_async_httpx_client().__aexit__(*exc_info)

    async def close(self) -> None:
        """Close the connections."""
        await self.get_async_httpx_client().aclose()


def checked_key(key: str | None) -> str:
    """Return `key`; raises ThreadRunsError, without quoting it, if it is missing or no header can carry it."""
    if not key:
        raise ThreadRunsError(
            "The API key is missing: pass api_key=..., or set the environment variable OPENAI_API_KEY."
        )
    if not key.isascii() or not key.isprintable() or " " in key:
        raise ThreadRunsError("The API key has a character that is not visible ASCII, perhaps a space or a line end.")
    return key


def checked_base_url(url: str) -> str:
    """Return `url`; raises ValueError if it is not an http or https address."""
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL as error:
        raise ValueError(f"base_url is not an address: {url!r} ({error})") from None
    if parsed.userinfo:
        raise ValueError("base_url must not hold a user name or password: the key is what authorises")
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise ValueError(f"base_url must begin with http:// or https:// and name a host, got {url!r}")
    return url


_clients: "weakref.WeakValueDictionary[int, _Client]" = weakref.WeakValueDictionary()
_of_the_parent: list[Any] = []


def _after_fork_in_child() -> None:
    """Leave the connections to the parent, open, and the locks to threads that the child does not have."""
    for client in list(_clients.values()):
        _of_the_parent.append((client._client, client._async_client))
        client._client = client._async_client = None
        client._lock = threading.Lock()
        client._forked = True


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork_in_child)
