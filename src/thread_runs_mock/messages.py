"""The values that a request passes through: `Request -> Checked -> Response`, and the types of ASGI.

These are not frozen dataclasses because one of each is made for every request, and freezing doubles what that costs.
"""

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from thread_runs_mock.errors import ApiError
from thread_runs_mock.operation_parts import Body
from thread_runs_mock.operations import Operation
from thread_runs_mock.stores import Key

Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
ASGIApplication: TypeAlias = Callable[[Message, Receive, Send], Awaitable[None]]
Pairs: TypeAlias = tuple[tuple[bytes, bytes], ...]

MAX_BODY = 1024 * 1024
"""Most bytes of a request body; larger bodies are rejected with 413."""

CONNECTION = "thread_runs_mock.connection"
"""The ASGI extension that holds the asyncio transport of the connection: only this package's server has it."""

RESPOND = "thread_runs_mock.respond"
"""The ASGI extension that sends a response as one piece: only this package's server has it.

It takes `send`, the status, the `x-request-id` and the body, which is JSON, and returns whether it has sent them.
"""

JSON: Pairs = ((b"content-type", b"application/json"),)


@dataclass(slots=True, eq=False)
class Head:
    """The headers of a request, and of all that repeat them.

    Attributes:
        sent: The headers as they were sent.
        values: Header values by lower-case name; repeated ones are joined.
        recorded: The same without secrets.
        media: The operations that these headers are valid for, with the media type of the body that they announce.
    """

    sent: list[tuple[bytes, bytes]]
    values: Mapping[bytes, bytes]
    recorded: Mapping[bytes, bytes]
    media: dict[Operation, Body | None] = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class Request:
    """A request without its body."""

    method: str
    raw_path: bytes
    query: bytes
    head: Head

    @property
    def headers(self) -> Mapping[bytes, bytes]:
        """Header values by lower-case name; repeated ones are joined."""
        return self.head.values


@dataclass(slots=True, eq=False)
class Checked:
    """The path of a request whose path, key, parameters and headers conform to the spec.

    Attributes:
        key: The key of the resource that the path names.
        texts: The identifiers in the path, as they are sent, decoded.
        values: The same as their schemas type them.
    """

    operation: Operation
    key: Key
    texts: list[str]
    values: list[Any]


@dataclass(slots=True, eq=False)
class Response:
    """Status, headers and body. `x-request-id` and `content-length` are added when it is sent."""

    status: int
    headers: Pairs
    body: bytes


ErrorResponder: TypeAlias = Callable[[ApiError], Response]
"""Returns the response for an error, in the form that the spec documents."""


def header_values(pairs: list[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
    """Return header values by name; repeated ones are joined (RFC 9110, section 5.3)."""
    headers = dict(pairs)
    if len(headers) < len(pairs):
        headers = {}
        for name, value in pairs:
            headers[name] = headers[name] + b", " + value if name in headers else value
    return headers
