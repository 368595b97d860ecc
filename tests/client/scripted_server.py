"""A server that answers each request with the next of the bytes a test wrote down."""

import json
from typing import Any

from tests.raw_server import RawServer


class ScriptedServer(RawServer):
    """Answers with one of `replies` after the other, with the last one from then on.

    A reply of None leaves the request without an answer.
    """

    def __init__(self) -> None:
        self.replies: list[bytes | None] = []
        super().__init__()

    @property
    def reply(self) -> bytes | None:
        return self.replies[min(len(self.requests), len(self.replies)) - 1]

    @reply.setter
    def reply(self, value: bytes | None) -> None:
        self.replies = [value]

    def then(self, status: str, body: bytes | dict[str, Any] = b"", *headers: str) -> None:
        """Answer the next request that has no answer yet with this status line, body and headers."""
        before = [reply for reply in self.replies if reply != b""]
        self.answer(status, json.dumps(body).encode() if isinstance(body, dict) else body, *headers)
        self.replies[:0] = before

    @property
    def bodies(self) -> list[Any]:
        """The JSON bodies of the requests that came."""
        return [json.loads(request.partition(b"\r\n\r\n")[2]) for request in self.requests]
