"""The clients: their constructors, and how they send."""

import inspect
import ssl
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar

from thread_runs_client.methods import AsyncMethods, Methods
from thread_runs_client.sending import RawResponse
from thread_runs_client.types import UNSET, Unset

from ._base_client import BaseClient, Responses
from ._errors import ThreadRunsError
from ._response_body import MAX_RESPONSE_BYTES
from ._retries import MAX_RETRIES
from ._send import send, send_async

if TYPE_CHECKING:
    from thread_runs_client.requests import Request
    from thread_runs_client.sending import CallOptions

    from ._base_client import ApiKey, Timeout
    from ._http_library import (
        AnyLimits,
        AnyProxy,
        AnyURL,
        AsynchronousClient,
        AsynchronousTransport,
        BlockingClient,
        BlockingTransport,
    )

T = TypeVar("T")


class Client(BaseClient, Methods):
    """A client of a Thread Runs server. Threads may share it. Use it as a context manager, or close it.

    After a fork, the child process opens its own connections. A client cannot be pickled.

    >>> client = Client(api_key="sk-...", base_url="http://127.0.0.1:4010/v1")
    >>> run = client.beta.threads.runs.update("run_abc123", thread_id="thread_abc123", metadata={"user_id": "1"})
    """

    def __init__(
        self,
        api_key: str | Callable[[], str] | Unset | None = UNSET,
        *,
        base_url: "str | AnyURL | None" = None,
        organization: str | None = None,
        project: str | None = None,
        timeout: "Timeout | Unset" = UNSET,
        max_retries: int = MAX_RETRIES,
        deadline: float | None = None,
        default_headers: Mapping[str, str] | None = None,
        default_query: Mapping[str, Any] | None = None,
        strict: bool = True,
        responses: Responses = "tolerant",
        max_response_bytes: int = MAX_RESPONSE_BYTES,
        verify: ssl.SSLContext | bool = True,
        proxy: "str | AnyProxy | None" = None,
        limits: "AnyLimits | None" = None,
        transport: "BlockingTransport | None" = None,
        http_client: "BlockingClient | None" = None,
    ) -> None:
        """
        Args:
            api_key: The key, or a function that returns it, which is called for each attempt. By default the
                environment variable `OPENAI_API_KEY`. None for a server that takes no key.
            base_url: The URL of the server; by default the environment variable `OPENAI_BASE_URL`, then the first
                server of the spec. Its query is sent with every request.
            organization, project: Sent as `OpenAI-Organization` and `OpenAI-Project`; by default the environment
                variables `OPENAI_ORG_ID` and `OPENAI_PROJECT_ID`.
            timeout: Seconds to wait for each step of a call: to connect, for each read, for each write; or a `Timeout`
                of httpx or httpx2; None for no limit. By default that of `http_client`, if it is not its library's
                own default of 5, otherwise 600, and 5 to connect.
            max_retries: How often a call is repeated after status 408, 409, 429, 500 or above, a timeout, or a lost
                connection. The waits double from 0.5 s to 8 s, less up to a quarter at random; `retry-after-ms` or
                `Retry-After` take precedence. If the server asks for more than 120 s, the error is raised at once.
                Repeating a modify is safe: it states the values that the pairs must have, so a second request
                changes nothing, whether the server merges or replaces.
            deadline: Seconds that a whole call may take, including retries and waits; None for no limit. If the next
                attempt could not begin in time, the error is raised at once. The system's name look-up cannot be
                interrupted. With a `transport` that is not httpx's own, or on connections that `http_client` opened
                before, a blocking call checks the time only before each attempt and between the pieces of a body.
            default_headers, default_query: Headers and query parameters of every request.
            strict: Check the limits of the spec before sending; False leaves that to the server.
            responses: What to do if a response lacks fields that the spec requires, or has values of another type.
                "tolerant" returns it with a `NonConformingResponseWarning`, because the change has been made. "strict"
                raises `APIResponseValidationError`.
            max_response_bytes: The most bytes of a body that are read, after decompression; by default 10 MiB.
            verify, proxy, limits: The arguments of httpx with these names; by default the certificates of the system
                or of certifi, the proxies of the environment, and 100 connections of which 20 are kept alive.
            transport: The transport of httpx or httpx2 to send with, instead of `verify`, `proxy` and `limits`. It is
                closed with this client.
            http_client: The client of httpx or httpx2 to send with, instead of the four options above. It is not
                closed. Its auth, event hooks, cookies, proxies, certificates and headers are used; its auth or
                `Authorization` header replaces the key. Redirects are not followed.

        Raises:
            ThreadRunsError: There is no key, or it cannot be sent.
            TypeError, ValueError: An option has the wrong type, is out of range, or cannot be combined with another
                one. The text names the option.
        """
        _reject_coroutine_function(api_key)
        self._set_up(
            "Client",
            transport,
            http_client,
            {"verify": verify, "proxy": proxy, "limits": limits},
            api_key=api_key,
            base_url=base_url,
            organization=organization,
            project=project,
            timeout=timeout,
            max_retries=max_retries,
            deadline=deadline,
            default_headers=default_headers,
            default_query=default_query,
            strict=strict,
            responses=responses,
            max_response_bytes=max_response_bytes,
        )

    def _change(self, **changes: Any) -> None:
        _reject_coroutine_function(changes.get("api_key"))
        super()._change(**changes)

    @property
    def _sender(self) -> Self:  # type: ignore[override]
        return self

    def send(self, request: "Request[T]", options: "CallOptions") -> RawResponse[T]:
        """Send the request of a generated method. Raises TypeError for an unknown option."""
        call = self._prepared(request, options)
        return self._raw(request, send(call), call)

    def close(self) -> None:
        """Close the connections, unless they are those of `http_client` or of another client."""
        self._closed = True
        if self._owns_connections:
            self._connections.close()

    def __enter__(self) -> Self:
        if self.is_closed:
            raise ThreadRunsError("the client has been closed")
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


class AsyncClient(BaseClient, AsyncMethods):
    """`Client` for asyncio and trio: `await client.beta.threads.runs.update(...)`. Use it in one event loop.

    >>> async with AsyncClient(api_key="sk-...", base_url="http://127.0.0.1:4010/v1") as client:
    ...     run = await client.beta.threads.runs.update("run_abc123", thread_id="thread_abc123")
    """

    def __init__(
        self,
        api_key: "ApiKey | Unset" = UNSET,
        *,
        base_url: "str | AnyURL | None" = None,
        organization: str | None = None,
        project: str | None = None,
        timeout: "Timeout | Unset" = UNSET,
        max_retries: int = MAX_RETRIES,
        deadline: float | None = None,
        default_headers: Mapping[str, str] | None = None,
        default_query: Mapping[str, Any] | None = None,
        strict: bool = True,
        responses: Responses = "tolerant",
        max_response_bytes: int = MAX_RESPONSE_BYTES,
        verify: ssl.SSLContext | bool = True,
        proxy: "str | AnyProxy | None" = None,
        limits: "AnyLimits | None" = None,
        transport: "AsynchronousTransport | None" = None,
        http_client: "AsynchronousClient | None" = None,
    ) -> None:
        """Take the arguments of `Client`, with asynchronous classes. The function of `api_key` may be asynchronous."""
        self._set_up(
            "AsyncClient",
            transport,
            http_client,
            {"verify": verify, "proxy": proxy, "limits": limits},
            api_key=api_key,
            base_url=base_url,
            organization=organization,
            project=project,
            timeout=timeout,
            max_retries=max_retries,
            deadline=deadline,
            default_headers=default_headers,
            default_query=default_query,
            strict=strict,
            responses=responses,
            max_response_bytes=max_response_bytes,
        )

    @property
    def _sender(self) -> Self:  # type: ignore[override]
        return self

    async def send(self, request: "Request[T]", options: "CallOptions") -> RawResponse[T]:
        """Send the request of a generated method. Raises TypeError for an unknown option."""
        call = self._prepared(request, options)
        return self._raw(request, await send_async(call), call)

    async def close(self) -> None:
        """Close the connections, unless they are those of `http_client` or of another client."""
        self._closed = True
        if self._owns_connections:
            await self._connections.aclose()

    async def __aenter__(self) -> Self:
        if self.is_closed:
            raise ThreadRunsError("the client has been closed")
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self.close()


def _reject_coroutine_function(key: Any) -> None:
    if inspect.iscoroutinefunction(key):
        raise TypeError("api_key must be a function that returns the key; a coroutine function needs AsyncClient")
