# Generated from openapi.yaml by `make generate`. Do not edit.
"""What the generated methods need from a client: a `Sender`, which sends a `Request` and returns a `RawResponse`."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypedDict, TypeVar

if TYPE_CHECKING:
    import httpx
    import httpx2

    from .requests import Request
    from .types import Unset

T = TypeVar("T")


class CallOptions(TypedDict, total=False):
    """Options of one call. An option that is left out, or UNSET, is that of the client.

    Every generated method accepts them as keyword arguments; this is the only place that lists them.
    """

    extra_headers: "Mapping[str, str] | None"
    """Headers for this call. They take precedence over those of the client and of the spec."""
    extra_query: "Mapping[str, Any] | None"
    """Query parameters for this call, in addition to those of the spec."""
    extra_body: "Mapping[str, Any] | None"
    """Properties to add to a JSON body, for what the spec does not describe. They are not checked."""
    timeout: "float | httpx.Timeout | httpx2.Timeout | Unset | None"
    """Seconds to wait for each step of the call: to connect, for each read, for each write. None for no limit."""
    deadline: "float | Unset | None"
    """Seconds that the whole call may take, retries included. None for no limit."""
    max_retries: "int | Unset"
    """How often a failed call is repeated."""
    strict: "bool | Unset"
    """Whether the limits of the spec are checked before sending."""


class RawResponse(Generic[T]):
    """A response with a success status; `parse()` returns the result of the call.

    Attributes:
        http_response: the response, an object of httpx or httpx2, its body read.
        retries_taken: how often the request was repeated before this response came.
    """

    def __init__(
        self, http_response: "httpx.Response | httpx2.Response", parse: Callable[[], T], retries_taken: int = 0
    ) -> None:
        self.http_response = http_response
        self.retries_taken = retries_taken
        self._parse = parse

    def __repr__(self) -> str:
        return f"<{type(self).__name__} [{self.status_code}] {self.request_id}>"

    def __reduce__(self) -> str:
        raise TypeError(
            f"{type(self).__name__} holds the request with its key: pickle the result of parse(), or content, instead"
        )

    def parse(self) -> T:
        """Return the result. Raises APIResponseValidationError if the body is not what the spec describes."""
        return self._parse()

    @property
    def http_request(self) -> "httpx.Request | httpx2.Request":
        """The request that was sent."""
        return self.http_response.request

    @property
    def url(self) -> "httpx.URL | httpx2.URL":
        """The URL that was requested."""
        return self.http_response.url

    @property
    def elapsed(self) -> timedelta:
        """The time from sending the request to receiving the whole response, without earlier attempts."""
        return self.http_response.elapsed

    @property
    def status_code(self) -> int:
        """The HTTP status."""
        return self.http_response.status_code

    @property
    def headers(self) -> "httpx.Headers | httpx2.Headers":
        """The headers; names are case-insensitive."""
        return self.http_response.headers

    @property
    def content(self) -> bytes:
        """The body, decompressed."""
        return self.http_response.content

    @property
    def text(self) -> str:
        """The body as text."""
        return self.http_response.text

    def json(self) -> Any:
        """Return the body as JSON. Raises ValueError if it is none."""
        return self.http_response.json()

    @property
    def request_id(self) -> str | None:
        """The `x-request-id` header; None if there is none."""
        request_id: str | None = self.headers.get("x-request-id")
        return request_id


class Sender(Protocol):
    """Sends requests and waits for the response."""

    def send(self, request: "Request[T]", options: CallOptions) -> RawResponse[T]:
        """Send `request`. Raises TypeError for an option that `CallOptions` does not have."""
        ...


class AsyncSender(Protocol):
    """Sends requests asynchronously."""

    async def send(self, request: "Request[T]", options: CallOptions) -> RawResponse[T]:
        """Send `request`. Raises TypeError for an option that `CallOptions` does not have."""
        ...
