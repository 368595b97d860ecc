"""The parts that blocking and asynchronous calls share: a call, its attempts, its deadline, its result or error."""

import time
from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from thread_runs_client.sending import CallOptions
from thread_runs_client.types import Unset

from ._config import (
    DEFAULT_TIMEOUTS,
    Config,
    check_flag,
    check_key,
    check_retries,
    check_seconds,
    checked_timeouts,
)
from ._connections import Connections
from ._deadlines import DeadlineError
from ._errors import (
    APIConnectionError,
    APIError,
    APIResponseError,
    APIResponseValidationError,
    APITimeoutError,
    ThreadRunsError,
    causes,
    certificate_problem,
    describe,
    request_id_of,
    status_error,
)
from ._http_library import content_class, give_body, is_invalid_location, response_with_body, restore_location
from ._logs import log_attempt
from ._request_template import RequestTemplate
from ._response_body import Body, UndecodableBodyError
from ._retries import retry_after, wait_before_retry
from ._secrets import Secrets
from ._sunset import ANNOUNCEMENTS, warn_of_deprecation

if TYPE_CHECKING:
    from thread_runs_client.requests import Request

    from ._http_library import AnyRequest, AnyResponse

_CLOCK_TOLERANCE = 0.01
"""Seconds by which the clocks of sockets and event loops may run ahead."""

# They describe the body as it was sent; it is handed on decoded.
_ENCODING_HEADERS = ("content-encoding", "content-length", "transfer-encoding")


class Call:
    """One call in progress.

    Args:
        config: the settings of the client.
        connections: the connections of the client.
        request: the request, as the spec describes it.
        options: the settings of this call, by the names of `CallOptions`; UNSET means the setting of the client.
        closed: whether the client has been closed; its connections may be open, as copies share them.

    Attributes:
        ends: the time.monotonic() at which the call must end; None for no limit.

    Raises:
        TypeError, ValueError: an option or an argument is not valid.
    """

    def __init__(
        self,
        config: Config,
        connections: Connections,
        request: "Request[Any]",
        options: CallOptions,
        *,
        closed: bool,
    ) -> None:
        given = _given(options)
        if "max_retries" in given:
            check_retries("max_retries", given["max_retries"])
        if "deadline" in given:
            check_seconds("deadline", given["deadline"])
        if "strict" in given:
            check_flag("strict", given["strict"])
        self.connections = connections
        self._closed = closed
        self._library = connections.library
        self._config = config
        self._max_attempts = 1 + given.get("max_retries", config.max_retries)
        self._deadline: float | None = given.get("deadline", config.deadline)
        self.ends = None if self._deadline is None else time.monotonic() + self._deadline
        self._timeouts = (
            checked_timeouts(given["timeout"]) if "timeout" in given else default_timeouts(config, connections)
        )
        self._template = RequestTemplate(config, connections, request, given)
        self._attempts = 0
        self._request: AnyRequest | None = None
        self._response: AnyResponse | None = None

    @property
    def retries_taken(self) -> int:
        """How often the request has been repeated."""
        return self._attempts - 1

    @property
    def key(self) -> Any:
        """The key of the client, or the function that returns it."""
        return self._config.api_key

    def begin(self) -> Any:
        """Begin an attempt and return the HTTP client to send with. Raises DeadlineError, ThreadRunsError."""
        self._attempts += 1
        self._began = time.perf_counter()
        self._response = None
        if self._closed:
            raise ThreadRunsError("the client has been closed")
        self.left()
        if self.ends is not None:
            self.connections.keep_deadlines()
        return self.connections.get()

    def left(self) -> float:
        """Return the seconds until the deadline. Raises DeadlineError if it has passed."""
        left = float("inf") if self.ends is None else self.ends - time.monotonic()
        if left <= 0:
            raise DeadlineError
        return left

    def request(self, http: Any, key: Any) -> Any:
        """Return the request of this attempt, with timeouts that end with the deadline."""
        if key is not None and (self._template.has_authorization or self._authorized_by(http)):
            key = None
        check_key(key)
        timeouts = self._timeouts
        if self.ends is not None:
            left = self.left()
            timeouts = {name: left if limit is None else min(limit, left) for name, limit in timeouts.items()}
        self._request = self._template.request(http, key, timeouts)
        return self._request

    def async_request(self, http: Any, key: Any) -> Any:
        """Return the request of this attempt of an asynchronous call."""
        request = self.request(http, key)
        if isinstance(request.stream, self._library.ByteStream):
            request.stream = content_class(self._library)(request.content)
        return request

    def receive(self, response: "AnyResponse") -> Body | None:
        """Return the `Body` that receives the body of `response`; None if it has been read already.

        An event hook, an auth flow, or a transport that responds from memory may have read it.
        """
        restore_location(response)
        self._response = response
        # A lookup of one header takes longer than listing all of them.
        self._names = {name.lower() for name, _ in response.headers.raw}
        codings = response.headers["content-encoding"] if b"content-encoding" in self._names else ""
        self._body_received = Body(codings, self._config.max_response_bytes)
        self._was_read = response.is_stream_consumed
        return None if self._was_read else self._body_received

    def result(self) -> Any:
        """Return the response with the body that was received.

        Raises APIStatusError if its status is not a success, APIResponseValidationError if the body is too long,
        UndecodableBodyError if the body cannot be decoded.
        """
        response: Any = self._response
        body = self._body_received
        limit = self._config.max_response_bytes
        if self._was_read:
            content = response.content
            too_long = len(content) > limit
        else:
            content, too_long = body.finish(), body.too_long
        self._log(str(response.status_code))
        if not self._was_read:
            give_body(self._library, response, content, _ENCODING_HEADERS if body.encoded else ())
        elif too_long:
            response = response_with_body(response, content[:limit], _ENCODING_HEADERS)
        response.elapsed = timedelta(seconds=time.perf_counter() - self._began)
        if b"content-type" in self._names or callable(response.default_encoding):
            make_text_readable(response)
        if not response.is_success:
            raise self._status_error(response)
        if too_long:
            raise APIResponseValidationError(
                f"the body is longer than {limit} bytes, and was not read further", response=response
            )
        if not ANNOUNCEMENTS.isdisjoint(self._names):
            warn_of_deprecation(response)
        return response

    def wait_or_raise(self, failure: Exception) -> float:
        """Return the seconds to wait before the next attempt. Raises the typed form of `failure` if there is none."""
        error = self._typed(failure)
        error.tries = max(self._attempts, 1)
        wait = wait_before_retry(error, self._attempts)
        in_time = wait is not None and (self.ends is None or time.monotonic() + wait < self.ends)
        if wait is not None and in_time and self._attempts < self._max_attempts:
            return wait
        if isinstance(error, APIResponseError):
            warn_of_deprecation(error.response)
        raise error from error.__cause__

    def _authorized_by(self, http: Any) -> bool:
        """Return whether the caller's HTTP client authorizes its requests."""
        return self.connections.borrowed and (http.auth is not None or "authorization" in http.headers)

    def _status_error(self, response: Any) -> APIError:
        error = status_error(response)
        error.retry_after = retry_after(response.headers)
        return error

    def _typed(self, failure: Exception) -> APIError:
        if isinstance(failure, APIError):
            return failure
        if isinstance(failure, self._library.HTTPStatusError):
            # An event hook of the caller has called `raise_for_status`, perhaps before the body was read.
            response = failure.response
            if not response.is_stream_consumed:
                response = response_with_body(response, b"", _ENCODING_HEADERS)
            self._response = response
            self._log(str(response.status_code))
            make_text_readable(response)
            error = self._status_error(response)
            error.__cause__ = failure
            return error
        return self._connection_error(failure)

    def _connection_error(self, failure: Exception) -> APIConnectionError:
        """Return the typed form of `failure`, with the received part of the response."""
        request: AnyRequest = self._request or self._library.Request(self._template.method, self._template.url)
        self._log(type(failure).__name__)
        kind, message = self._explanation(failure)
        secrets = Secrets(request)
        body = b""
        if self._response is not None:
            body = bytes(self._body_received.content)
            message = f"{message}, after {self._body_received.received} bytes of the body"
            message = describe(self._response, message, request_id_of(self._response, secrets))
        text = secrets.redact(body.decode(errors="replace")) or None
        error = kind(secrets.redact(message), request=request, body=text)
        error.__cause__ = failure
        return error

    def _explanation(self, failure: Exception) -> tuple[type[APIConnectionError], str]:
        if isinstance(failure, ThreadRunsError):
            return APIConnectionError, str(failure)
        # The innermost exception is the most specific; some event loops wrap it in groups.
        innermost = next((cause for cause in causes(failure) if not isinstance(cause, ExceptionGroup)), failure)
        text = str(innermost) or type(innermost).__name__
        if (problem := certificate_problem(failure)) is not None:
            return APIConnectionError, f"the certificate of {self._template.url.host} was rejected: {problem}"
        if isinstance(failure, self._library.TimeoutException | TimeoutError):
            if self.ends is not None and time.monotonic() > self.ends - _CLOCK_TOLERANCE:
                return APITimeoutError, f"the deadline of {self._deadline:g} s passed"
            return APITimeoutError, f"the response did not arrive in time: {type(failure).__name__}"
        if is_invalid_location(failure):
            return APIConnectionError, "redirects are not followed, and this one leads to no valid address"
        if isinstance(failure, self._library.HTTPError | OSError | UndecodableBodyError):
            return APIConnectionError, f"the connection failed: {text}"
        return APIConnectionError, f"the request could not be sent: {type(innermost).__name__}: {text}"

    def _log(self, outcome: str) -> None:
        if self._request is not None:
            seconds = time.perf_counter() - self._began
            log_attempt(self._request, outcome, seconds, self._response, self._attempts, self._max_attempts)


_MAY_BE_NONE = frozenset({"timeout", "deadline", "max_retries", "strict"})
"""The options for which None is a value or an error. For the others, None means that they are not given."""


def _given(options: CallOptions) -> dict[str, Any]:
    """Return the options that are given for this call. Raises TypeError for an unknown option."""
    given: dict[str, Any] = {}
    for name, value in options.items():
        if name not in CallOptions.__annotations__:
            raise TypeError(f"unexpected keyword argument {name!r}")
        if not isinstance(value, Unset) and (value is not None or name in _MAY_BE_NONE):
            given[name] = value
    return given


def default_timeouts(config: Config, connections: Connections) -> Mapping[str, float | None]:
    """Return the timeouts of a call without its own.

    They are those of the client if it has some; otherwise those of the caller's HTTP client, if they are not the
    default of its library; otherwise the default of this package.
    """
    if config.timeouts is not None:
        return config.timeouts
    if connections.borrowed and connections.made.timeout != connections.library.Timeout(5.0):
        timeouts: Mapping[str, float | None] = connections.made.timeout.as_dict()
        return timeouts
    return DEFAULT_TIMEOUTS


def make_text_readable(response: Any) -> None:
    """Choose UTF-8 for a response whose `Content-Type` names an encoding that its text cannot be read in."""
    if "charset" in response.headers.get("content-type", "").lower() or callable(response.default_encoding):
        try:
            _ = response.text
        except Exception:
            # Python has codecs that are not text encodings (hex, rot13), and each of them fails in its own way.
            response.encoding = "utf-8"
