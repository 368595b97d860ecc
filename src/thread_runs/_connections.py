"""The connections of a client: an HTTP client of httpx or httpx2, made at the first call, or the caller's own."""

import os
import ssl
import threading
import weakref
from collections.abc import Callable
from types import ModuleType
from typing import TYPE_CHECKING, Any

from ._deadlines import KEEPALIVE, keep_deadlines
from ._errors import ThreadRunsError
from ._http_library import (
    client_class,
    converted_limits,
    converted_proxy,
    default,
    library_of,
    tolerate_invalid_locations,
)

if TYPE_CHECKING:
    from ._http_library import AnyHeaders, AnyLimits, AnyProxy, AnyURL

MAX_CONNECTIONS = 100
MAX_KEEPALIVE_CONNECTIONS = 20
"""At each call, the pools of the libraries compare every idle connection with every other one: with 100 kept, 100
concurrent calls take six times as long as with 20."""


class Connections:
    """The connections of a client, which its copies share.

    Args:
        kind: `Client` or `AsyncClient`, the name of the library's class.
        verify, proxy, limits, transport, http_client: see `Client`.

    Attributes:
        library: the HTTP library, httpx or httpx2.
        borrowed: whether the HTTP client belongs to the caller.
    """

    def __init__(
        self,
        kind: str,
        *,
        verify: "ssl.SSLContext | str | bool",
        proxy: "str | AnyURL | AnyProxy | None",
        limits: "AnyLimits | None",
        transport: Any,
        http_client: Any,
    ) -> None:
        connects = {"verify": verify is not True, "proxy": proxy is not None, "limits": limits is not None}
        if sum((http_client is not None, transport is not None, any(connects.values()))) > 1:
            raise ValueError("only one of http_client, transport, or verify, proxy and limits can be given")
        self._kind = kind
        self.borrowed = http_client is not None
        self._from_outside = http_client is not None or transport is not None
        self._options: dict[str, Any] = {}
        if http_client is not None:
            self.library = _checked("http_client", http_client, kind)
        elif transport is not None:
            self.library = _checked(
                "transport", transport, "BaseTransport" if kind == "Client" else "AsyncBaseTransport"
            )
            self._options = {"transport": transport}
        else:
            self.library = default()
            self._options = _connection_options(self.library, verify, proxy, limits)
        self._http: Any = http_client
        self._forget_finalizer: Callable[[], Any] = _nothing
        self._unusable: str | None = None
        self._headers: tuple[tuple[tuple[str, str], ...], AnyHeaders] | None = None
        self._lock = threading.Lock()
        _all.add(self)

    @property
    def is_closed(self) -> bool:
        """Whether they have been closed, here or by the owner of the HTTP client."""
        return self._unusable == _CLOSED or (self._http is not None and bool(self._http.is_closed))

    @property
    def made(self) -> Any:
        """The HTTP client; None if none has been made yet."""
        return self._http

    def get(self) -> Any:
        """Return the HTTP client. Raises ThreadRunsError if it can no longer be used."""
        if self._unusable is not None:
            raise ThreadRunsError(self._unusable)
        if self._http is None:
            with self._lock:
                # Another thread may have made it in the meantime.
                self._http = self._http or self._make()
        return self._http

    def _make(self) -> Any:
        http = client_class(self.library, self._kind)(**self._options)
        # The clients of this package add the headers that the library would add to each request.
        http.headers.clear()
        tolerate_invalid_locations(http, self._kind)
        keep_deadlines(self.library, http, KEEPALIVE)
        if self._kind == "Client":
            self._forget_finalizer = weakref.finalize(self, http.close).detach
        return http

    def keep_deadlines(self) -> None:
        """Make connections that the caller's HTTP client opens from now on keep deadlines too."""
        if self.borrowed:
            keep_deadlines(self.library, self._http)

    def headers(self, pairs: tuple[tuple[str, str], ...]) -> "AnyHeaders":
        """Return headers as an object of the library. Do not change it, because the last one is cached."""
        kept = self._headers
        if kept is None or kept[0] != pairs:
            kept = self._headers = pairs, self.library.Headers(pairs)
        return kept[1]

    def close(self) -> None:
        """Close the connections, unless they are the caller's."""
        self._unusable = _CLOSED
        if self._http is not None and not self.borrowed:
            self._http.close()

    async def aclose(self) -> None:
        """Close the connections, unless they are the caller's."""
        self._unusable = _CLOSED
        if self._http is not None and not self.borrowed:
            await self._http.aclose()

    def leave_to_the_parent(self) -> None:
        """Reset in a forked child: leave the connections to the parent, and replace a lock that a thread may hold."""
        self._lock = threading.Lock()
        if self._from_outside:
            self._unusable = self._unusable or _FORKED
        elif self._http is not None:
            self._forget_finalizer()
            _of_the_parent.append(self._http)
            self._http = None


def _nothing() -> None:
    """Do nothing: an asynchronous client cannot be closed when it is collected."""


def _checked(option: str, given: Any, kind: str) -> ModuleType:
    """Return the library of `given`. Raises TypeError if it is not a `kind` of either library."""
    library = library_of(given)
    if library is None or not isinstance(given, getattr(library, kind)):
        raise TypeError(f"{option} must be an httpx.{kind} or httpx2.{kind}, got {type(given).__name__}")
    return library


def _connection_options(library: ModuleType, verify: Any, proxy: Any, limits: Any) -> dict[str, Any]:
    if not isinstance(verify, bool | ssl.SSLContext):
        raise TypeError(f"verify must be True, False or an ssl.SSLContext, got {type(verify).__name__}")
    if limits is None:
        limits = library.Limits(max_connections=MAX_CONNECTIONS, max_keepalive_connections=MAX_KEEPALIVE_CONNECTIONS)
    elif library_of(limits) is None:
        raise TypeError(f"limits must be an httpx.Limits or httpx2.Limits, got {type(limits).__name__}")
    try:
        proxy = converted_proxy(library, proxy)
    except (ValueError, library.InvalidURL) as error:
        raise ValueError(f"proxy: {error}") from None
    return {"verify": verify, "proxy": proxy, "limits": converted_limits(library, limits)}


_CLOSED = "the client has been closed"
_FORKED = (
    "the client got its connections from outside and was made before the process forked: make one in the child process"
)
_all: "weakref.WeakSet[Connections]" = weakref.WeakSet()
_of_the_parent: list[Any] = []


def _after_fork_in_child() -> None:
    for connections in list(_all):
        connections.leave_to_the_parent()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork_in_child)
