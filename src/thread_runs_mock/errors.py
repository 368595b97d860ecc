"""Every error that the mock responds with, and its text; `explaining` has the texts for invalid values.

The texts of the run's own errors are those of live servers; the others have the same form.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from thread_runs_mock.explaining import MISSING_PARAMETER, explain, quoted, shortened
from thread_runs_mock.validation import Violation

INVALID_REQUEST = "invalid_request_error"
SERVER_ERROR = "server_error"

MISSING_KEY = "Missing bearer or basic authentication in header"
WRONG_KEY = "Incorrect API key provided: {key}."
UNKNOWN_RESOURCE = "No {kind} found with id '{id}'."
ALREADY_EXISTS = "A {kind} with the id '{id}' already exists."
UNKNOWN_URL = "Unknown request URL: {method} {path}."
WRONG_METHOD = "Not allowed to {method} on {path}. Allowed: {allowed}."
BODY_NOT_JSON = "We could not parse the JSON body of your request."
BODY_NOT_FORM = "We could not parse the form in the body of your request."
BODY_TOO_LARGE = "The body of your request is too large."
WRONG_CONTENT_TYPE = "Unsupported content type '{value}'. Please send the body as '{expected}'."
MISSING_CONTENT_TYPE = "Missing content type. Please send the body as '{expected}'."
ON_PURPOSE = "The mock was asked to answer with status {status}."
UNKNOWN_FAULT = "The preferred fault cannot be served: {problem}."
FAULT_NEEDS_SERVER = "This fault needs the mock's own server: start it by thread-runs-mock or thread_runs_mock.serve()."
NOT_HTTP = "We could not parse your HTTP request."
URL_TOO_LONG = "The path of your request is too long: expected at most {limit} bytes, but got {actual}."
HEADERS_TOO_LARGE = "The headers of your request are too large: expected at most {limit} bytes."
REQUEST_TIMEOUT = "Your request did not arrive within {seconds} seconds."
WRONG_STATE = "Cannot {verb} {kind} with {name} {value}."
UNKNOWN_CURSOR = "Invalid '{name}': no {kind} found with id '{id}'."
NOT_RECORDED = "The recording has no further response for {method} {path}."
STOPPING = "The server is stopping."
STORE_FAILED = "The server could not read or write its store."
UNKNOWN_PREFERENCE = "Invalid 'Prefer' header: {wanted} is not documented. The documented responses are: {documented}"

ENVELOPE = frozenset({"message", "type", "param", "code"})
"""The properties of the object in the envelope."""


class ApiError(Exception):
    """A rejected request. Its text is the message.

    Attributes:
        status: HTTP status.
        param: The parameter or property that caused the error, if there is one.
        code: A word for the kind of error, if there is one.
        kind: The category of the error.
        headers: Response headers that belong to this error, names in lower case.
    """

    def __init__(
        self,
        status: int,
        message: str,
        *,
        param: str | None = None,
        code: str | None = None,
        headers: Sequence[tuple[bytes, bytes]] = (),
        kind: str = INVALID_REQUEST,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.param = param
        self.code = code
        self.kind = kind
        self.headers = headers

    @property
    def envelope(self) -> dict[str, Any]:
        """The body in the form of this package's spec: `{"error": {"message", "type", "param", "code"}}`."""
        return {"error": {"message": str(self), "type": self.kind, "param": self.param, "code": self.code}}


class InvalidRequestError(ApiError):
    """The request violates the spec: 400, or 422 if the operation documents 422 and not 400."""

    def __init__(self, message: str, *, param: str | None = None, code: str | None = None) -> None:
        super().__init__(400, message, param=param, code=code)


class UnknownUrlError(ApiError):
    """The request matches no operation of the spec."""


def missing_key() -> ApiError:
    return ApiError(401, MISSING_KEY, headers=[(b"www-authenticate", b"Bearer")])


def wrong_key(key: str) -> ApiError:
    """The error for a wrong key. Of a long key, the message shows the first three and last four characters."""
    masked = f"{key[:3]}…{key[-4:]}" if len(key) >= 12 else "…"
    headers = [(b"www-authenticate", b'Bearer error="invalid_token"')]
    return ApiError(401, WRONG_KEY.format(key=masked), code="invalid_api_key", headers=headers)


def unknown_url(method: str, path: str) -> ApiError:
    return UnknownUrlError(404, UNKNOWN_URL.format(method=method, path=path))


def wrong_method(method: str, path: str, allowed: str) -> ApiError:
    message = WRONG_METHOD.format(method=method, path=path, allowed=allowed)
    return ApiError(405, message, headers=[(b"allow", allowed.encode())])


def unknown_resource(kind: str, identifier: str) -> ApiError:
    return ApiError(404, UNKNOWN_RESOURCE.format(kind=kind, id=identifier))


def wrong_content_type(value: str, expected: str) -> ApiError:
    text = WRONG_CONTENT_TYPE if value else MISSING_CONTENT_TYPE
    return ApiError(415, text.format(value=shortened(value), expected=expected))


def body_too_large() -> ApiError:
    return ApiError(413, BODY_TOO_LARGE)


def body_not_json() -> ApiError:
    return InvalidRequestError(BODY_NOT_JSON)


def body_not_form() -> ApiError:
    return InvalidRequestError(BODY_NOT_FORM)


def wrong_state(status: int, verb: str, kind: str, name: str, value: Any) -> ApiError:
    """An action on a resource that is not in the state for it: "Cannot cancel run with status 'completed'."."""
    message = WRONG_STATE.format(verb=verb, kind=kind, name=name, value=quoted(value))
    return ApiError(status, message, code="invalid_state")


def unknown_cursor(name: str, kind: str, identifier: str) -> ApiError:
    message = UNKNOWN_CURSOR.format(name=name, kind=kind, id=shortened(identifier))
    return InvalidRequestError(message, param=name, code="invalid_value")


def already_exists(kind: str, identifier: str) -> ApiError:
    return ApiError(409, ALREADY_EXISTS.format(kind=kind, id=shortened(identifier)), code="already_exists")


def not_recorded(method: str, path: str) -> ApiError:
    return ApiError(404, NOT_RECORDED.format(method=method, path=path))


def stopping() -> ApiError:
    return ApiError(503, STOPPING, kind=SERVER_ERROR)


def not_http() -> ApiError:
    return ApiError(400, NOT_HTTP)


def url_too_long(length: int, limit: int) -> ApiError:
    return ApiError(414, URL_TOO_LONG.format(limit=limit, actual=length))


def headers_too_large(limit: int) -> ApiError:
    return ApiError(431, HEADERS_TOO_LARGE.format(limit=limit))


def request_timeout(seconds: float) -> ApiError:
    return ApiError(408, REQUEST_TIMEOUT.format(seconds=f"{seconds:g}"))


def store_failed() -> ApiError:
    return ApiError(503, STORE_FAILED, kind=SERVER_ERROR)


def unknown_preference(wanted: str, documented: str) -> ApiError:
    message = UNKNOWN_PREFERENCE.format(wanted=shortened(wanted), documented=documented)
    return ApiError(400, message, param="Prefer", code="invalid_preference")


def on_purpose(status: int) -> ApiError:
    return ApiError(status, ON_PURPOSE.format(status=status))


def not_applied(problem: str) -> ApiError:
    return ApiError(400, f"Not applied: {problem}.")


def unknown_fault(problem: str) -> ApiError:
    return ApiError(400, UNKNOWN_FAULT.format(problem=problem), param="Prefer", code="unknown_fault")


def fault_needs_server() -> ApiError:
    return ApiError(501, FAULT_NEEDS_SERVER, param="Prefer", code="unsupported_fault")


def invalid_parameter(name: str, texts: Mapping[str, str], value: str | None, violation: Violation | None) -> ApiError:
    """A path, query or header parameter that is missing (`value` None) or violates its schema.

    Args:
        texts: The spec's own texts of these errors, if any: `missing` and `malformed`, and their `code`. An invalid
            value that matches the regular expression `form` gets the text `missing`.
    """
    is_malformed = value is not None and not re.fullmatch(texts.get("form", "(?!)"), value)
    text = texts.get("malformed" if is_malformed else "missing")
    if text is not None:
        return InvalidRequestError(text.replace("{value}", shortened(value or "")), code=texts.get("code"))
    if violation is None:
        message = MISSING_PARAMETER.format(name=name)
        return InvalidRequestError(message, param=name, code="missing_required_parameter")
    return invalid_value(violation, root=name)


def invalid_value(violation: Violation, root: str = "") -> ApiError:
    """The error for a value that violates its schema; `root` names the value if it is not the body."""
    message, param, code = explain(violation, root)
    return InvalidRequestError(message, param=param or None, code=code)
