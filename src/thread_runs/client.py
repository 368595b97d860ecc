"""The clients: the generated one, with a key, a base URL, timeouts and typed errors."""

import os
import threading
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any, Self

import httpx

from thread_runs_client import AuthenticatedClient
from thread_runs_client.contract import SERVER_URL, VERSION
from thread_runs_client.errors import UnexpectedStatus
from thread_runs_client.types import Response

from .errors import APIResponseValidationError, ThreadRunsError
from .resources import AsyncBeta, Beta
from .transports import AsyncErrorTransport, ErrorTransport

DEFAULT_TIMEOUT = httpx.Timeout(600, connect=5)


class _Client(AuthenticatedClient):
    """What `Client` and `AsyncClient` share."""

    def __init__(
        self,
        api_key: str | None = None,
        *,
        base_url: str | None = None,
        timeout: float | httpx.Timeout | None = DEFAULT_TIMEOUT,
        default_headers: Mapping[str, str] | None = None,
    ) -> None:
        """
        Args:
            api_key: The key; by default that of the environment variable `OPENAI_API_KEY`.
            base_url: Where the server is; by default the environment variable `OPENAI_BASE_URL`, then the first
                server of the contract.
            timeout: Seconds to wait for each step of a call; by default 600, and 5 to connect. None for no limit.
            default_headers: Headers to send with every request.

        Raises:
            ThreadRunsError: there is no key, or it cannot be sent.
            ValueError: `base_url` is not an http or https address.
        """
        super().__init__(
            base_url=checked_base_url(base_url or os.environ.get("OPENAI_BASE_URL") or SERVER_URL),
            token=checked_key(api_key or os.environ.get("OPENAI_API_KEY")),
            headers={"User-Agent": f"thread-runs/{VERSION}", **(default_headers or {})},
            timeout=timeout if isinstance(timeout, httpx.Timeout) else httpx.Timeout(timeout),
            raise_on_unexpected_status=True,
        )
        self._lock = threading.Lock()

    @property
    def api_key(self) -> str:
        """The key. Setting it takes effect with the next request."""
        return self.token

    @api_key.setter
    def api_key(self, value: str) -> None:
        self.token = checked_key(value)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(base_url={self._base_url!r})"

    def get_httpx_client(self) -> httpx.Client:
        """Return the httpx client beneath, made at the first call; threads share one."""
        with self._lock:
            if self._client is None:
                client = httpx.Client(**self._httpx_options())
                # httpx makes a transport for each proxy of the environment; only here can all of them be reached.
                client._transport = ErrorTransport(client._transport)
                client._mounts = {k: t and ErrorTransport(t) for k, t in client._mounts.items()}
                self._client = client
            return self._client

    def get_async_httpx_client(self) -> httpx.AsyncClient:
        """Return the asynchronous httpx client beneath, made at the first call."""
        with self._lock:
            if self._async_client is None:
                client = httpx.AsyncClient(**self._httpx_options())
                client._transport = AsyncErrorTransport(client._transport)
                client._mounts = {k: t and AsyncErrorTransport(t) for k, t in client._mounts.items()}
                self._async_client = client
            return self._async_client

    def build_response(self, build: Callable[..., Response[Any]], response: httpx.Response) -> Response[Any]:
        """Parse `response`; raises APIResponseValidationError if it is not what the contract describes."""
        try:
            return build(client=self, response=response)
        except UnexpectedStatus:
            problem = "the contract does not describe this status"
        except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
            problem = f"the body is not what the contract describes: {error.args[0] if error.args else error}"
        raise APIResponseValidationError(problem, response=response)

    def with_headers(self, headers: dict[str, str]) -> Self:
        """Return a client of its own with these headers added."""
        return self._copy(default_headers={**self._headers, **headers})

    def with_timeout(self, timeout: float | httpx.Timeout | None) -> Self:
        """Return a client of its own with another timeout."""
        return self._copy(timeout=timeout)

    def _copy(self, **changes: Any) -> Self:
        same = {"base_url": self._base_url, "timeout": self._timeout, "default_headers": self._headers}
        copy = type(self)(self.token, **{**same, **changes})
        copy._cookies = dict(self._cookies)
        return copy

    def with_cookies(self, cookies: dict[str, str]) -> Self:
        """Return a client of its own with these cookies added."""
        copy = self._copy()
        copy._cookies |= cookies
        return copy

    def _httpx_options(self) -> dict[str, Any]:
        return {
            "base_url": self._base_url,
            "headers": self._headers,
            "cookies": self._cookies,
            "timeout": self._timeout,
            "auth": self._authorize,
        }

    def _authorize(self, request: httpx.Request) -> httpx.Request:
        request.headers[self.auth_header_name] = f"{self.prefix} {self.token}"
        return request


class Client(_Client):
    """A client of a Thread Runs server. Threads may share one; use it as a context manager, or close it.

    >>> client = Client(api_key="sk-...", base_url="http://127.0.0.1:4010/v1")
    >>> run = client.beta.threads.runs.update("run_abc123", thread_id="thread_abc123", metadata={"user_id": "1"})
    """

    @cached_property
    def beta(self) -> Beta:
        """The operations that need the `OpenAI-Beta` header."""
        return Beta(self)

    def close(self) -> None:
        """Close the connections."""
        self.get_httpx_client().close()


class AsyncClient(_Client):
    """`Client` for asyncio and trio: `await client.beta.threads.runs.update(...)`."""

    @cached_property
    def beta(self) -> AsyncBeta:
        """The operations that need the `OpenAI-Beta` header."""
        return AsyncBeta(self)

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
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise ValueError(f"base_url must begin with http:// or https:// and name a host, got {url!r}")
    return url
