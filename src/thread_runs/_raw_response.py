"""The HTTP response of a call beside what it parses to."""

from collections.abc import Callable
from typing import Generic, TypeVar

import httpx

from ._call import TRIES_EXTENSION

T = TypeVar("T")


class RawResponse(Generic[T]):
    """A response whose status is a success; `parse()` gives the result of the call.

    Attributes:
        http_response: the response as httpx has it, its body read.
    """

    def __init__(self, http_response: httpx.Response, parse: Callable[[], T]) -> None:
        self.http_response = http_response
        self._parse = parse

    def __repr__(self) -> str:
        return f"<{type(self).__name__} [{self.status_code}] {self.request_id}>"

    def parse(self) -> T:
        """Return the body as the contract describes it. Raises APIResponseValidationError if it is something else."""
        return self._parse()

    @property
    def status_code(self) -> int:
        """The HTTP status."""
        return self.http_response.status_code

    @property
    def headers(self) -> httpx.Headers:
        """The headers, found in upper or lower case."""
        return self.http_response.headers

    @property
    def content(self) -> bytes:
        """The body, decompressed."""
        return self.http_response.content

    @property
    def text(self) -> str:
        """The body as text."""
        return self.http_response.text

    @property
    def request_id(self) -> str | None:
        """The `x-request-id`; None if there is none."""
        request_id: str | None = self.headers.get("x-request-id")
        return request_id

    @property
    def retries_taken(self) -> int:
        """How often the request was repeated before this response came."""
        return int(self.http_response.extensions[TRIES_EXTENSION]) - 1
