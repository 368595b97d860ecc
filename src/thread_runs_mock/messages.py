"""The values that a request passes through: `Request -> Checked -> Response`, and the types of ASGI.

These are not frozen dataclasses because one of each is made for every request, and freezing doubles what that costs.
"""

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from thread_runs_mock.operations import Body, Operation
from thread_runs_mock.stores import Key

Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
ASGIApplication: TypeAlias = Callable[[Message, Receive, Send], Awaitable[None]]
Pairs: TypeAlias = tuple[tuple[bytes, bytes], ...]

MAX_BODY = 1024 * 1024
"""Bytes of a request body that are read; more is refused with 413."""

CONNECTION = "thread_runs_mock.connection"
"""The ASGI extension that holds the asyncio transport of the connection: only this package's server has it."""

JSON: Pairs = ((b"content-type", b"application/json"),)


@dataclass(slots=True, eq=False)
class Request:
    """A request without its body. `headers` has lower-case names and joins repeated values."""

    method: str
    raw_path: bytes
    query: bytes
    headers: Mapping[bytes, bytes]


@dataclass(slots=True, eq=False)
class Checked:
    """A request whose path, key, parameters and headers conform to the spec.

    Attributes:
        key: The key of the resource that the path names.
        texts: The identifiers in the path, as they are sent, decoded.
        values: The same as their schemas type them.
        media: The media type of the body; None if there is no body.
    """

    operation: Operation
    key: Key
    texts: list[str]
    values: list[Any]
    media: Body | None


@dataclass(slots=True, eq=False)
class Response:
    """Status, headers and body. `x-request-id` and `content-length` are added when it is sent."""

    status: int
    headers: Pairs
    body: bytes


def header_values(pairs: list[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
    """Return header values by name; repeated ones are joined (RFC 9110, section 5.3)."""
    headers = dict(pairs)
    if len(headers) < len(pairs):
        headers = {}
        for name, value in pairs:
            headers[name] = headers[name] + b", " + value if name in headers else value
    return headers
