"""The errors that a call can raise. Names and attributes are those of the vendor's Python SDK."""

import json
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from ._error_details import read_details
from ._http_library import library_of
from ._secrets import Secrets

if TYPE_CHECKING:
    from ._http_library import AnyRequest, AnyResponse


class ThreadRunsError(Exception):
    """Base of every error of this package."""


@dataclass(frozen=True)
class Problem:
    """One violation of the spec in a request.

    Attributes:
        key: the place, such as `metadata.user_id`; empty for the body itself.
        message: what is wrong there. It does not quote the value.
    """

    key: str
    message: str


class InvalidRequestError(ThreadRunsError, ValueError):
    """The request violates the spec and was not sent. `problems` lists all violations."""

    def __init__(self, problems: "list[Problem]") -> None:
        super().__init__(problems)
        self.problems = problems

    def __str__(self) -> str:
        return "; ".join(f"{problem.key or 'the body'}: {problem.message}" for problem in self.problems)


class ServerDeprecationWarning(FutureWarning):
    """A server announces the end of an operation with the headers `Deprecation` or `Sunset`."""


class NonConformingResponseWarning(UserWarning):
    """A response lacks fields that the spec requires, or has values of another type. The call succeeded."""


class APIError(ThreadRunsError):
    """Base of the errors of a call. Errors can be pickled; the pickle does not contain the key.

    Attributes:
        message: what went wrong, in a sentence.
        request: the request that was sent, an object of httpx or httpx2.
        body: the body of the response: its `error` member if it has one, else the parsed JSON, else the text;
            None if no body arrived. A key that the server sent back is replaced.
        type: the category of the error: `type` of the `error` object or of problem details (RFC 9457), or None.
        param: the part of the request that caused the error: `param`, or `loc` joined by dots, or None.
        code: the `code` of the error, as text, or None.
        tries: how often the request was sent; `str()` includes it if it was more than once.
    """

    tries = 1

    def __init__(self, message: str, *, request: "AnyRequest", body: Any = None) -> None:
        super().__init__(message)
        self.message = message
        self.request = request
        self.body = body.get("error", body) if isinstance(body, dict) else body
        details = read_details(body)
        self.type = details.type
        self.param = details.param
        self.code = details.code

    def __str__(self) -> str:
        return self._description() + (f" (after {self.tries} tries)" if self.tries > 1 else "")

    def _description(self) -> str:
        return self.message

    def __reduce__(self) -> tuple[Any, ...]:
        secrets = Secrets(self.request)
        state = {**self.__dict__, "request": _without_secrets(self.request, secrets)}
        if "response" in state:
            state["response"] = _response_without_secrets(state["response"], state["request"], secrets)
        return _restored, (type(self), self.args, state)


class APIConnectionError(APIError):
    """No complete response arrived. `body` holds the part of the body that did, as text, if any."""


class APITimeoutError(APIConnectionError):
    """No complete response arrived in time."""


class APIResponseError(APIError):
    """A complete response arrived, but it is not the result.

    Attributes:
        response: the response as it arrived, with its body read; an object of httpx or httpx2.
        status_code: its HTTP status.
        request_id: its `x-request-id`; None if it has none.
    """

    def __init__(self, message: str, *, response: "AnyResponse") -> None:
        secrets = Secrets(response.request)
        super().__init__(message, request=response.request, body=body_of(response, secrets))
        self.response = response
        self.status_code = response.status_code
        self.request_id = request_id_of(response, secrets)

    def _description(self) -> str:
        return describe(self.response, self.message, self.request_id)


class APIStatusError(APIResponseError):
    """The response has a status that is not a success.

    Attributes:
        retry_after: seconds that the server asks to wait before the next try; None if it does not.
    """

    retry_after: float | None = None


class BadRequestError(APIStatusError):
    """Status 400: the server rejects the request as invalid."""


class AuthenticationError(APIStatusError):
    """Status 401: the key is missing or wrong."""


class PermissionDeniedError(APIStatusError):
    """Status 403: the key may not do this."""


class NotFoundError(APIStatusError):
    """Status 404: there is no such thread or run."""


class ConflictError(APIStatusError):
    """Status 409: another request is changing the run."""


class UnprocessableEntityError(APIStatusError):
    """Status 422: the server cannot apply the request."""


class RateLimitError(APIStatusError):
    """Status 429: the rate limit or the quota is used up."""


class InternalServerError(APIStatusError):
    """Status 500 or higher: the server failed."""


class APIResponseValidationError(APIResponseError):
    """The response has a success status, but its body is not a Run, or longer than `max_response_bytes`.

    With `responses="strict"`, also raised if the body does not conform to the spec.
    """


STATUS_ERRORS: dict[int, type[APIStatusError]] = {
    400: BadRequestError,
    401: AuthenticationError,
    403: PermissionDeniedError,
    404: NotFoundError,
    409: ConflictError,
    422: UnprocessableEntityError,
    429: RateLimitError,
}


def status_error(response: "AnyResponse") -> APIStatusError:
    """Return the error for a `response` whose status is not a success. Its body must have been read."""
    fallback = InternalServerError if response.status_code >= 500 else APIStatusError
    return STATUS_ERRORS.get(response.status_code, fallback)(message_of(response), response=response)


def body_of(response: "AnyResponse", secrets: Secrets) -> Any:
    """Return the JSON of a body, else its text; None for an empty body."""
    if not response.content:
        return None
    try:
        body = json.loads(response.content)
    except (ValueError, RecursionError):
        return secrets.redact(response.text)
    return secrets.redact_json(body)


def message_of(response: "AnyResponse") -> str:
    """Return the server's own message if the body has one, else the beginning of the body, on one line."""
    secrets = Secrets(response.request)
    body = body_of(response, secrets)
    message = read_details(body).message
    if response.has_redirect_location:
        message = f"redirects are not followed, and this one leads to {_location_host(response)}"
    elif message is None:
        text = body if isinstance(body, str) else secrets.redact(response.text)
        message = " ".join(text[:2000].split())[:200] or "the body is empty"
    return secrets.redact(message)


def _location_host(response: "AnyResponse") -> str:
    library: Any = library_of(response)
    try:
        return str(response.request.url.join(response.headers["location"]).host)
    except library.InvalidURL:
        return "no valid address"


def request_id_of(response: "AnyResponse", secrets: Secrets) -> str | None:
    """Return the `x-request-id` of `response`; None if it has none."""
    request_id = response.headers.get("x-request-id")
    return None if request_id is None else secrets.redact(request_id)


def describe(response: "AnyResponse", message: str, request_id: str | None) -> str:
    """Return `message` with the status and the request id of `response`."""
    try:
        status = f"{response.status_code} {HTTPStatus(response.status_code).phrase}"
    except ValueError:
        status = str(response.status_code)
    return f"{status}: {message}" + (f" (request id {request_id})" if request_id else "")


def causes(error: BaseException | None) -> Iterator[BaseException]:
    """Yield `error` and its causes, each once, including the members of groups."""
    seen: set[int] = set()
    waiting = [error]
    while waiting:
        current = waiting.pop(0)
        if current is not None and id(current) not in seen:
            seen.add(id(current))
            yield current
            waiting += [current.__cause__, current.__context__]
            if isinstance(current, BaseExceptionGroup):
                waiting += current.exceptions


def certificate_problem(error: BaseException | None) -> str | None:
    """Return what is wrong with the server's certificate if that caused `error`, else None."""
    for cause in causes(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return cause.verify_message
    return None


def _without_secrets(request: "AnyRequest", secrets: Secrets) -> Any:
    library: Any = library_of(request)
    headers = [(name, value) for name, value in request.headers.multi_items() if secrets.redact(value) == value]
    return library.Request(request.method, secrets.redact(str(request.url)), headers=headers)


def _response_without_secrets(response: "AnyResponse", request: Any, secrets: Secrets) -> Any:
    library: Any = library_of(response)
    same = library.Response(
        response.status_code,
        headers=library.Headers(secrets.redact_headers(response.headers), encoding=response.headers.encoding),
        stream=library.ByteStream(secrets.redact_bytes(response.content)),
        request=request,
    )
    same.read()
    return same


def _restored(kind: type[APIError], args: tuple[Any, ...], state: dict[str, Any]) -> APIError:
    error = kind.__new__(kind, *args)
    error.__dict__.update(state)
    return error
