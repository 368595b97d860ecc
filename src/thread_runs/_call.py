"""What a blocking and an asynchronous call have in common: one call, its tries, its deadline, how it ends."""

import time

import httpx

from ._errors import (
    APIConnectionError,
    APIError,
    APIResponseError,
    APIResponseValidationError,
    APITimeoutError,
    describe,
    redact,
    status_error,
)
from ._logs import log_try
from ._response_body import Body
from ._retries import retry_after, wait_before_retry
from ._sunset import warn_of_deprecation

MAX_RETRIES_EXTENSION = "thread_runs.max_retries"
DEADLINE_EXTENSION = "thread_runs.deadline"
TRIES_EXTENSION = "thread_runs.tries"

_CLOCK_TOLERANCE = 0.01
"""Seconds by which the clocks of sockets and event loops may run ahead."""

# They describe the body as it was sent; it is handed on decoded.
_ENCODING_HEADERS = ("content-encoding", "content-length", "transfer-encoding")


class Call:
    """One call while it is under way.

    Attributes:
        request: what is sent. Its `extensions` may carry other values for `max_retries` and `deadline`.
        ends: when the call has to end, as time.monotonic() tells it; None for never.
    """

    def __init__(
        self, request: httpx.Request, max_retries: int, deadline: float | None, max_response_bytes: int
    ) -> None:
        self.request = request
        self._max_tries = 1 + request.extensions.get(MAX_RETRIES_EXTENSION, max_retries)
        self._deadline: float | None = request.extensions.get(DEADLINE_EXTENSION, deadline)
        self.ends = None if self._deadline is None else time.monotonic() + self._deadline
        self._timeouts = request.extensions.get("timeout", {})
        self._max_response_bytes = max_response_bytes
        self._tries = 0

    def begin(self) -> None:
        """Begin a try, with timeouts that end with the deadline. Raises httpx.TimeoutException if it has passed."""
        self._tries += 1
        self._began = time.perf_counter()
        self._response: httpx.Response | None = None
        if self.ends is not None:
            left = self.left()
            names = ("connect", "read", "write", "pool")
            cut = {name: left if (limit := self._timeouts.get(name)) is None else min(limit, left) for name in names}
            self.request.extensions = {**self.request.extensions, "timeout": cut}

    def left(self) -> float:
        """Return the seconds until the deadline. Raises httpx.TimeoutException if it has passed."""
        left = float("inf") if self.ends is None else self.ends - time.monotonic()
        if left <= 0:
            raise httpx.TimeoutException("no time is left", request=self.request)
        return left

    def receive(self, response: httpx.Response) -> Body:
        """Return what takes the body of `response`, the answer to this try."""
        self._response = response
        self._body = Body(response.headers, self._max_response_bytes)
        return self._body

    def result(self) -> httpx.Response:
        """Return the response with the body that was received.

        Raises APIStatusError if its status is not a success, APIResponseValidationError if the body is too long,
        httpx.DecodingError if the body cannot be decoded.
        """
        response = self._response
        assert response is not None
        content = self._body.finish()
        self._log(str(response.status_code))
        if self._body.encoded:
            for name in _ENCODING_HEADERS:
                response.headers.pop(name, None)
        if response.is_stream_consumed:
            # A transport that answers from memory; httpx would not read the stream of such a response.
            response = httpx.Response(
                response.status_code,
                headers=response.headers.multi_items(),
                stream=httpx.ByteStream(content),
                extensions=response.extensions,
            )
        response.request = self.request
        response.stream = httpx.ByteStream(content)
        response.extensions[TRIES_EXTENSION] = self._tries
        if response.is_success and not self._body.too_long:
            warn_of_deprecation(response)
            return response
        response.read()
        if response.is_success:
            raise APIResponseValidationError(
                f"the body is longer than {self._max_response_bytes} bytes, and not read further", response=response
            )
        error = status_error(response)
        error.retry_after = retry_after(response.headers)
        raise error

    def wait_or_raise(self, failure: Exception) -> float:
        """Return the seconds to wait before the next try; raises the typed form of `failure` if there is none."""
        error = failure if isinstance(failure, APIError) else self._connection_error(failure)
        error.tries = self._tries
        wait = wait_before_retry(error, self._tries)
        in_time = wait is not None and (self.ends is None or time.monotonic() + wait < self.ends)
        if wait is not None and in_time and self._tries < self._max_tries:
            return wait
        if isinstance(error, APIResponseError):
            warn_of_deprecation(error.response)
        raise error from error.__cause__

    def _connection_error(self, failure: Exception) -> APIConnectionError:
        """Return the typed form of `failure`, with what is known of the answer that broke off."""
        self._log(type(failure).__name__)
        kind, message = APIConnectionError, f"the connection failed: {str(failure) or type(failure).__name__}"
        if isinstance(failure, httpx.TimeoutException):
            kind, message = APITimeoutError, f"the answer did not come in time: {type(failure).__name__}"
            if self.ends is not None and time.monotonic() > self.ends - _CLOCK_TOLERANCE:
                message = f"the deadline of {self._deadline:g} s passed"
        body = b""
        if self._response is not None:
            body = bytes(self._body.content)
            message = describe(self._response, f"{message}, after {self._body.received} bytes of the body")
        error = kind(redact(message, self.request), request=self.request, body=body.decode(errors="replace") or None)
        error.__cause__ = failure
        return error

    def _log(self, outcome: str) -> None:
        seconds = time.perf_counter() - self._began
        log_try(self.request, outcome, seconds, self._response, self._tries, self._max_tries)
