"""The errors a call can end in. Names and attributes are those of the vendor's Python SDK."""

import copy
import json
from http import HTTPStatus
from typing import Any, NamedTuple

import httpx


class ThreadRunsError(Exception):
    """Base of every error of this package."""


class Problem(NamedTuple):
    """One limit of the contract that a request breaks.

    Attributes:
        key: where, as `metadata.user_id`; empty for the body itself.
        message: what is wrong there. It does not quote the value.
    """

    key: str
    message: str


class InvalidRequestError(ThreadRunsError, ValueError):
    """The request breaks limits of the contract; nothing was sent. `problems` lists all of them."""

    def __init__(self, problems: "list[Problem]") -> None:
        super().__init__(problems)
        self.problems = problems

    def __str__(self) -> str:
        return "; ".join(f"{key or 'the body'}: {message}" for key, message in self.problems)


class ServerDeprecationWarning(FutureWarning):
    """A server announces, by the headers `Deprecation` or `Sunset`, that an operation will end."""


class APIError(ThreadRunsError):
    """A call did not end in the result that was asked for. Can be pickled; the key is left out.

    Attributes:
        message: what went wrong, in a sentence.
        request: the request that was sent.
        body: what came back. The `error` object of the body if it has one, else the parsed JSON, else the text;
            None if nothing came.
        type, param, code: the fields of the `error` object; None where there are none.
        tries: how often the request was sent; `str()` says so if it was more than once.
    """

    tries = 1

    def __init__(self, message: str, *, request: httpx.Request, body: Any = None) -> None:
        super().__init__(message)
        self.message = message
        self.request = request
        self.body = body
        details = body if isinstance(body, dict) else {}
        self.type: str | None = details.get("type")
        self.param: str | None = details.get("param")
        self.code: str | None = details.get("code")

    def __str__(self) -> str:
        return self._description() + (f" (after {self.tries} tries)" if self.tries > 1 else "")

    def _description(self) -> str:
        return self.message

    def __reduce__(self) -> tuple[Any, ...]:
        state = {**self.__dict__, "request": without_key(self.request)}
        if "response" in state:
            state["response"] = copy.copy(state["response"])
            state["response"].request = state["request"]
        return _restored, (type(self), self.args, state)


class APIConnectionError(APIError):
    """No complete answer came. `body` holds the part that did, as text, if any."""


class APITimeoutError(APIConnectionError):
    """No complete answer came in time."""


class APIResponseError(APIError):
    """A complete answer came, and it is not the result.

    Attributes:
        response: the answer, its body read.
        status_code: its HTTP status.
        request_id: its `x-request-id`; None if it has none.
    """

    def __init__(self, message: str, *, response: httpx.Response) -> None:
        super().__init__(message, request=response.request, body=body_of(response))
        self.response = response
        self.status_code = response.status_code
        self.request_id: str | None = response.headers.get("x-request-id")

    def _description(self) -> str:
        return describe(self.response, self.message)


class APIStatusError(APIResponseError):
    """The answer has an error status, or one that the contract does not expect.

    Attributes:
        retry_after: seconds that the server asks to wait before the next try; None if it does not.
    """

    retry_after: float | None = None


class BadRequestError(APIStatusError):
    """Status 400: the request does not keep the contract."""


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
    """The answer has a success status, but not the body that the contract describes, or a longer one than is read."""


STATUS_ERRORS: dict[int, type[APIStatusError]] = {
    400: BadRequestError,
    401: AuthenticationError,
    403: PermissionDeniedError,
    404: NotFoundError,
    409: ConflictError,
    422: UnprocessableEntityError,
    429: RateLimitError,
}


def status_error(response: httpx.Response) -> APIStatusError:
    """Return the error for a `response` whose status is not a success; its body has to be read."""
    fallback = InternalServerError if response.status_code >= 500 else APIStatusError
    return STATUS_ERRORS.get(response.status_code, fallback)(message_of(response), response=response)


def body_of(response: httpx.Response) -> Any:
    """Return the `error` object of a JSON body, else the JSON, else the text; None for an empty body."""
    if not response.content:
        return None
    try:
        body = json.loads(response.content)
    except (ValueError, RecursionError):
        return response.text
    return body.get("error", body) if isinstance(body, dict) else body


def message_of(response: httpx.Response) -> str:
    """Return the server's own message if the body has one, else the beginning of the body, on one line."""
    body = body_of(response)
    message = body.get("message") if isinstance(body, dict) else None
    if response.has_redirect_location:
        message = f"redirects are not followed, and this one leads to {_location_host(response)}"
    elif not isinstance(message, str) or not message:
        message = " ".join(response.text[:1000].split())[:200] or "the body is empty"
    return redact(message, response.request)


def _location_host(response: httpx.Response) -> str:
    try:
        return response.request.url.join(response.headers["location"]).host
    except httpx.InvalidURL:
        return "no valid address"


def redact(text: str, request: httpx.Request) -> str:
    """Return `text` without the key that `request` carries: some gateways send it back."""
    key = request.headers.get("Authorization", "").rpartition(" ")[2]
    return text.replace(key, "[redacted]") if key else text


def describe(response: httpx.Response, message: str) -> str:
    """Return `message` with the status and the request id of `response`."""
    try:
        status = f"{response.status_code} {HTTPStatus(response.status_code).phrase}"
    except ValueError:
        status = str(response.status_code)
    request_id = response.headers.get("x-request-id")
    return f"{status}: {message}" + (f" (request id {request_id})" if request_id else "")


def without_key(request: httpx.Request) -> httpx.Request:
    """Return a copy of `request` without its key."""
    same = copy.copy(request)
    same.headers = httpx.Headers(request.headers)
    same.headers.pop("Authorization", None)
    return same


def _restored(kind: type[APIError], args: tuple[Any, ...], state: dict[str, Any]) -> APIError:
    error = kind.__new__(kind, *args)
    error.__dict__.update(state)
    return error
