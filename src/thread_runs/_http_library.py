"""The only module that decides which HTTP library is used: httpx, or its successor httpx2.

Both have the same public names but share no classes. The library of a call is that of the `http_client` or `transport`
of the caller, otherwise `DEFAULT`. The rest of this package takes classes and exceptions from the module that
`library_of` or `default` returns. Neither library is imported before the first client is made.
"""

import sys
from collections.abc import AsyncIterator
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import httpx
    import httpx2

    AnyTimeout = httpx.Timeout | httpx2.Timeout
    AnyLimits = httpx.Limits | httpx2.Limits
    AnyProxy = httpx.Proxy | httpx2.Proxy
    AnyURL = httpx.URL | httpx2.URL
    AnyHeaders = httpx.Headers | httpx2.Headers
    AnyRequest = httpx.Request | httpx2.Request
    AnyResponse = httpx.Response | httpx2.Response
    BlockingClient = httpx.Client | httpx2.Client
    AsynchronousClient = httpx.AsyncClient | httpx2.AsyncClient
    BlockingTransport = httpx.BaseTransport | httpx2.BaseTransport
    AsynchronousTransport = httpx.AsyncBaseTransport | httpx2.AsyncBaseTransport

DEFAULT = "httpx"
"""The library that clients are made with if the caller passes neither a client nor a transport."""

_LIBRARIES = ("httpx", "httpx2")


def default() -> ModuleType:
    """Return the default library."""
    return import_module(DEFAULT)


def library_of(thing: object) -> ModuleType | None:
    """Return the library whose class `thing` is an instance of, directly or through a subclass; None for neither."""
    for base in type(thing).__mro__:
        for name in _LIBRARIES:
            library = sys.modules.get(name)
            # Not by `__module__`: the vendor's SDK overwrites it on the classes of httpx2 that it exports.
            if library is not None and getattr(library, base.__name__, None) is base:
                return library
    return None


def converted_limits(library: ModuleType, limits: "AnyLimits") -> Any:
    """Return `limits` as an object of `library`."""
    return library.Limits(
        max_connections=limits.max_connections,
        max_keepalive_connections=limits.max_keepalive_connections,
        keepalive_expiry=limits.keepalive_expiry,
    )


def converted_proxy(library: ModuleType, proxy: Any) -> Any:
    """Return `proxy` as an object of `library`. Raises ValueError or InvalidURL if it is not the address of a proxy."""
    if proxy is None:
        return None
    if hasattr(proxy, "raw_auth"):
        headers = list(proxy.headers.multi_items())
        return library.Proxy(str(proxy.url), auth=proxy.auth, headers=headers, ssl_context=proxy.ssl_context)
    return library.Proxy(str(proxy))


@cache
def client_class(library: Any, kind: str) -> Any:
    """Return the class of the clients that this package makes: the library's `kind`, with a cheaper cookie jar.

    The jar of the standard library takes a tenth of a call's time, so it is used only if there is a `Set-Cookie`.
    """

    class Cookies(library.Cookies):  # type: ignore[misc]
        def extract_cookies(self, response: Any) -> None:
            if "set-cookie" in response.headers:
                super().extract_cookies(response)

    class HTTPClient(getattr(library, kind)):  # type: ignore[misc]
        def __init__(self, **options: Any) -> None:
            super().__init__(**options)
            self._thread_runs_jar = Cookies(options.get("cookies"))

        @property
        def cookies(self) -> Any:
            return self._thread_runs_jar

        @cookies.setter
        def cookies(self, cookies: Any) -> None:
            self._thread_runs_jar = Cookies(cookies)

    return HTTPClient


def tolerate_invalid_locations(http: Any, kind: str) -> None:
    """Make `http`, a client of this package, return a redirect to an invalid address like any other response.

    httpx prepares the next request even if redirects are not followed, and raises an error if it cannot. httpx2 does
    not raise it. `restore_location` is the other half of this.
    """

    async def hide_asynchronously(response: Any) -> None:
        _hide_invalid_location(response)

    hook = _hide_invalid_location if kind == "Client" else hide_asynchronously
    http.event_hooks = {"response": [hook]}


_HIDDEN = "thread_runs.headers"


def _hide_invalid_location(response: Any) -> None:
    if not response.has_redirect_location:
        return
    library: Any = library_of(response)
    asked = response.request.url
    try:
        url = library.URL(response.headers["location"])
        asked.join(url.copy_with(host=asked.host) if url.scheme and not url.host else url)
    except library.InvalidURL:
        response.extensions[_HIDDEN] = response.headers
        response.headers = response.headers.copy()
        del response.headers["location"]


def restore_location(response: Any) -> None:
    """Restore the invalid `Location` of a response."""
    response.headers = response.extensions.pop(_HIDDEN, response.headers)


def is_invalid_location(error: BaseException | None) -> bool:
    """Return whether `error` is what a caller's client of httpx raises for a redirect to an invalid address."""
    library = library_of(error)
    return (
        library is not None
        and isinstance(error, library.RemoteProtocolError)
        and isinstance(error.__context__, library.InvalidURL)
    )


@cache
def content_class(library: Any) -> Any:
    """Return a class of request bodies for asynchronous calls that is not a generator.

    The library's own class is one. A failed write abandons it half-way, which trio reports as a warning.
    """

    class Content(library.AsyncByteStream):  # type: ignore[misc]
        def __init__(self, content: bytes) -> None:
            self._content = content
            self._left: list[bytes] = []

        def __aiter__(self) -> AsyncIterator[bytes]:
            self._left = [self._content]
            return self

        async def __anext__(self) -> bytes:
            if not self._left:
                raise StopAsyncIteration
            return self._left.pop()

    return Content


def request_with_content(
    library: Any, method: str, url: Any, headers: Any, cookies: Any, extensions: dict[str, Any], content: bytes
) -> Any:
    """Return a request with a body, as the library makes it, in a third of the time.

    To add the length of the body, the library copies all headers one by one, unless it is given a stream.
    """
    headers = library.Headers(headers)
    headers["Content-Length"] = str(len(content))
    stream = library.ByteStream(content)
    request = library.Request(method, url, headers=headers, cookies=cookies, extensions=extensions, stream=stream)
    request.read()
    return request


def give_body(library: Any, response: Any, content: bytes, drop_headers: tuple[str, ...]) -> None:
    """Make `content` the body of a response whose stream has been received and closed, and drop some of its headers."""
    for name in drop_headers:
        response.headers.pop(name, None)
    response.stream = library.ByteStream(content)
    response.read()


def response_with_body(response: "AnyResponse", content: bytes, drop_headers: tuple[str, ...]) -> Any:
    """Return a copy of `response` that has been read and has the body `content`, without some of its headers."""
    library: Any = library_of(response)
    headers = [(name, value) for name, value in response.headers.raw if name.lower().decode() not in drop_headers]
    copy = library.Response(
        response.status_code,
        headers=headers,
        stream=library.ByteStream(content),
        extensions=response.extensions,
        request=response.request,
        history=response.history,
        default_encoding=response.default_encoding,
    )
    copy.next_request = response.next_request
    copy.read()
    return copy
