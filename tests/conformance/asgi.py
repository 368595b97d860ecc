"""What the ASGI applications of these tests share."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any


async def read_body(receive: Callable[[], Awaitable[MutableMapping[str, Any]]]) -> bytes:
    """Return the whole body of a request."""
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body
