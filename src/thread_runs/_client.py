"""The clients: their settings, and the operations as methods."""

import dataclasses
import inspect
import os
import ssl
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, Self, TypeVar

from thread_runs_client.facts import SERVER_URL
from thread_runs_client.methods import AsyncMethods, Methods
from thread_runs_client.sending import RawResponse
from thread_runs_client.types import UNSET, Unset

from ._call import Call, default_timeouts
from ._config import Config
from ._connections import Connections
from ._errors import ThreadRunsError
from ._reading import Reader
from ._request_limits import check_request
from ._response_body import MAX_RESPONSE_BYTES
from ._retries import MAX_RETRIES
from ._send import send, send_async
from ._settings import Setting

if TYPE_CHECKING:
    from thread_runs_client.requests import Request
    from thread_runs_client.sending import CallOptions

    from ._http_library import (
        AnyLimits,
        AnyProxy,
        AnyTimeout,
        AnyURL,
        AsynchronousClient,
        AsynchronousTransport,
        BlockingClient,
        BlockingTransport,
    )

    Timeout = float | AnyTimeout | None
    ApiKey = str | Callable[[], str | Awaitable[str]] | None

T = TypeVar("T")
Responses = Literal["tolerant", "strict"]

_NO_KEY = (
    "The API key is missing: pass api_key=..., or set the environment variable OPENAI_API_KEY. "
    "For a server that takes no key pass api_key=None."
)


class BaseClient:
    """The settings, which `Client` and `AsyncClient` share."""

    _config: Config
    _connections: Connections
    _owns_connections: bool
    _reader: Reader
    _closed = False

    api_key: Setting[Any, "ApiKey"] = Setting("The key, the function that returns it, or None.")
    base_url: Setting[str, "str | AnyURL"] = Setting("Where the server is.")
    organization: Setting[str | None, str | None] = Setting("The value of the header `OpenAI-Organization`.")
    project: Setting[str | None, str | None] = Setting("The value of the header `OpenAI-Project`.")
    max_retries: Setting[int, int] = Setting("How often a failed call is repeated.")
    deadline: Setting[float | None, float | None] = Setting("Seconds that a whole call may take.")
    default_headers: Setting[Mapping[str, str], Mapping[str, str]] = Setting("The headers of every request.")
    default_query: Setting[Mapping[str, Any], Mapping[str, Any]] = Setting("The query parameters of every request.")
    strict: Setting[bool, bool] = Setting("Whether the limits of the spec are checked before sending.")
    responses: Setting[Responses, Responses] = Setting("Whether responses that do not conform to the spec are errors.")
    max_response_bytes: Setting[int, int] = Setting("The most bytes of a body that are read.")

    def _set_up(
        self, kind: str, transport: Any, http_client: Any, connections: dict[str, Any], **settings: Any
    ) -> None:
        self._connections = Connections(kind, transport=transport, http_client=http_client, **connections)
        self._owns_connections = True
        self._reader = Reader()
        key = settings.pop("api_key")
        if isinstance(key, Unset):
            key = os.environ.get("OPENAI_API_KEY")
            if not key:
                raise ThreadRunsError(_NO_KEY)
        for name, variable in {"organization": "OPENAI_ORG_ID", "project": "OPENAI_PROJECT_ID"}.items():
            settings[name] = settings[name] or os.environ.get(variable) or None
        self._config = Config(
            library=self._connections.library,
            api_key=key,
            base_url=settings.pop("base_url") or os.environ.get("OPENAI_BASE_URL") or SERVER_URL,
            default_headers=dict(_mapping("default_headers", settings.pop("default_headers"))),
            default_query=dict(_mapping("default_query", settings.pop("default_query"))),
            **settings,
        )

    @property
    def timeout(self) -> "Timeout":
        """The timeout of each step of a call: seconds, None, or a timeout object of httpx or httpx2."""
        if not isinstance(self._config.timeout, Unset):
            return self._config.timeout
        timeout: Timeout = self._connections.library.Timeout(**default_timeouts(self._config, self._connections))
        return timeout

    @timeout.setter
    def timeout(self, value: "Timeout") -> None:
        self._change(timeout=value)

    @property
    def is_closed(self) -> bool:
        """Whether this client or its HTTP client has been closed."""
        return self._closed or self._connections.is_closed

    def with_options(
        self,
        *,
        api_key: "ApiKey | Unset" = UNSET,
        base_url: "str | AnyURL | Unset" = UNSET,
        organization: str | Unset | None = UNSET,
        project: str | Unset | None = UNSET,
        timeout: "Timeout | Unset" = UNSET,
        max_retries: int | Unset = UNSET,
        deadline: float | Unset | None = UNSET,
        default_headers: Mapping[str, str] | None = None,
        set_default_headers: Mapping[str, str] | None = None,
        default_query: Mapping[str, Any] | None = None,
        set_default_query: Mapping[str, Any] | None = None,
        strict: bool | Unset = UNSET,
        responses: Responses | Unset = UNSET,
        max_response_bytes: int | Unset = UNSET,
    ) -> Self:
        """Return another client with some settings changed. It shares the connections of this one.

        `default_headers` and `default_query` are added to those of this client; `set_default_headers` and
        `set_default_query` replace them. Closing this client closes the connections; closing the other one does not.
        """
        changes: dict[str, Any] = {
            "api_key": api_key,
            "base_url": base_url,
            "organization": organization,
            "project": project,
            "timeout": timeout,
            "max_retries": max_retries,
            "deadline": deadline,
            "strict": strict,
            "responses": responses,
            "max_response_bytes": max_response_bytes,
        }
        changes = {name: value for name, value in changes.items() if not isinstance(value, Unset)}
        for name, added, replaced in (
            ("default_headers", default_headers, set_default_headers),
            ("default_query", default_query, set_default_query),
        ):
            if added is not None and replaced is not None:
                raise ValueError(f"only one of {name} and set_{name} can be given")
            if added is not None:
                changes[name] = _united(getattr(self._config, name), _mapping(name, added), name == "default_headers")
            elif replaced is not None:
                changes[name] = dict(_mapping(f"set_{name}", replaced))
        other = object.__new__(type(self))
        other._connections = self._connections
        other._owns_connections = False
        other._reader = self._reader
        other._closed = self._closed
        other._config = self._config
        other._change(**changes)
        return other

    copy = with_options

    def _change(self, **changes: Any) -> None:
        self._config = dataclasses.replace(self._config, **changes)

    def __setattr__(self, name: str, value: Any) -> None:
        if not hasattr(type(self), name) and not name.startswith("_"):
            raise AttributeError(f"{type(self).__name__} has no setting {name!r}")
        super().__setattr__(name, value)

    def __repr__(self) -> str:
        # A client whose constructor raised has no settings. Tools that show local variables may still print it.
        config = getattr(self, "_config", None)
        return f"{type(self).__name__}({'' if config is None else f'base_url={config.base_url!r}'})"

    def __reduce__(self) -> str:
        raise TypeError(
            f"{type(self).__name__} holds a key and connections: do not pickle it, make one where you need it"
        )

    def _prepared(self, request: "Request[Any]", options: "CallOptions") -> Call:
        strict = options.get("strict", UNSET)
        if self._config.strict if isinstance(strict, Unset) else strict:
            check_request(request)
        return Call(self._config, self._connections, request, options, closed=self._closed)

    def _raw(self, request: "Request[T]", response: Any, call: Call) -> RawResponse[T]:
        strict = self._config.responses == "strict"
        return RawResponse(response, partial(self._reader.parse, request, response, strict), call.retries_taken)


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
        _refuse_coroutine_function(api_key)
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
        _refuse_coroutine_function(changes.get("api_key"))
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


def _mapping(option: str, value: Any) -> Mapping[str, Any]:
    """Return `value`, or an empty mapping for None. Raises TypeError if it is something else."""
    if value is not None and not isinstance(value, Mapping):
        raise TypeError(f"{option} must be a mapping of names to values, got {type(value).__name__}")
    return value or {}


def _united(old: Mapping[str, Any], new: Mapping[str, Any], ignore_case: bool) -> dict[str, Any]:
    """Return `old` with the values of `new`, which replace those of the same name."""
    names = {name.lower() if ignore_case else name for name in new}
    kept = {name: value for name, value in old.items() if (name.lower() if ignore_case else name) not in names}
    return {**kept, **new}


def _refuse_coroutine_function(key: Any) -> None:
    if inspect.iscoroutinefunction(key):
        raise TypeError("api_key must be a function that returns the key; a coroutine function needs AsyncClient")
