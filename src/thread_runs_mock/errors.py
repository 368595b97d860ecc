"""Every error the mock answers with, and its text. No other module holds one.

The texts of the run's own errors were seen on live servers; the others follow their form.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from thread_runs_mock.validation import Violation

INVALID_REQUEST = "invalid_request_error"
SERVER_ERROR = "server_error"

MISSING_KEY = "Missing bearer or basic authentication in header"
WRONG_KEY = "Incorrect API key provided: {key}."
UNKNOWN_RESOURCE = "No {kind} found with id '{id}'."
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
UNKNOWN_PREFERENCE = "Invalid 'Prefer' header: {wanted} is not documented. The documented answers are: {documented}"

MISSING_PARAMETER = "Missing required parameter: '{name}'."
UNKNOWN_PARAMETER = "Unknown parameter: '{name}'."
INVALID_TYPE = "Invalid type for {where}: expected {expected}, but got {actual} instead."
INVALID_VALUE = "Invalid value for {where}: {actual}. Supported values are: {expected}."
OUT_OF_BOUNDS = "Invalid {where}: {fault}. Expected {expected}, but got {actual} instead."
NO_MATCH = "Invalid {where}: string does not match pattern. Expected a string that matches the pattern '{limit}'."
OTHER_FAULT = "Invalid {where}: the value does not satisfy '{keyword}' of the schema."
INVALID_NAME = "Invalid property name in {where}: '{name}' is {fault}. Expected {expected}, but got {actual} instead."
OTHER_NAME = "Invalid property name in {where}: '{name}' does not satisfy '{keyword}' of the schema."

_ARTICLES = {"array": "an array", "integer": "an integer", "null": "null", "object": "an object"}


class ApiError(Exception):
    """A refused request: the status and the body of the answer.

    Attributes:
        status: HTTP status.
        body: The error envelope, `{"error": {"message", "type", "param", "code"}}`.
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
        self.headers = headers
        self.body = {
            "error": {"message": message, "type": kind, "param": param, "code": code},
        }


class UnknownUrlError(ApiError):
    """The request is for no operation of the spec."""


def missing_key() -> ApiError:
    return ApiError(401, MISSING_KEY, headers=[(b"www-authenticate", b"Bearer")])


def wrong_key(key: str) -> ApiError:
    """`key` is shown masked: three characters, four at the end, and none of a short one."""
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
    return ApiError(415, text.format(value=_shortened(value), expected=expected))


def body_too_large() -> ApiError:
    return ApiError(413, BODY_TOO_LARGE)


def body_not_json() -> ApiError:
    return ApiError(400, BODY_NOT_JSON)


def body_not_form() -> ApiError:
    return ApiError(400, BODY_NOT_FORM)


def wrong_state(status: int, verb: str, kind: str, name: str, value: Any) -> ApiError:
    """An action on a resource that is not in the state for it: "Cannot cancel run with status 'completed'."."""
    message = WRONG_STATE.format(verb=verb, kind=kind, name=name, value=_quoted(value))
    return ApiError(status, message, code="invalid_state")


def unknown_cursor(name: str, kind: str, identifier: str) -> ApiError:
    message = UNKNOWN_CURSOR.format(name=name, kind=kind, id=_shortened(identifier))
    return ApiError(400, message, param=name, code="invalid_value")


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
    message = UNKNOWN_PREFERENCE.format(wanted=_shortened(wanted), documented=documented)
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
    """A path, query or header parameter that is missing (`value` None) or breaks its schema.

    Args:
        texts: What the spec says of these errors, if anything: the texts `missing` and `malformed`, and their `code`. A
            value of the `form` that is not the right one is answered as a missing one.
    """
    is_malformed = value is not None and not re.fullmatch(texts.get("form", "(?!)"), value)
    text = texts.get("malformed" if is_malformed else "missing")
    if text is not None:
        return ApiError(400, text.replace("{value}", _shortened(value or "")), code=texts.get("code"))
    if violation is None:
        message = MISSING_PARAMETER.format(name=name)
        return ApiError(400, message, param=name, code="missing_required_parameter")
    return invalid_value(violation, root=name)


def invalid_value(violation: Violation, root: str = "") -> ApiError:
    """The error for a value that breaks its schema; `root` names the value where it is not the body."""
    message, param, code = _explain(violation, root)
    return ApiError(400, message, param=param or None, code=code)


def _explain(violation: Violation, root: str) -> tuple[str, str, str]:
    """Message, parameter and code."""
    keyword, limit, value = violation.keyword, violation.limit, violation.value
    name = _dotted(violation.path, root)
    where = f"'{name}'" if name else "the request body"
    if violation.property_name is not None:
        return _explain_name(violation, name, where)
    if keyword == "required":
        missing = _dotted([*violation.path, limit], root)
        return MISSING_PARAMETER.format(name=missing), missing, "missing_required_parameter"
    if keyword in ("additionalProperties", "unevaluatedProperties"):
        unknown = _dotted([*violation.path, limit], root)
        return UNKNOWN_PARAMETER.format(name=unknown), unknown, "unknown_parameter"
    if keyword == "type":
        expected = " or ".join(_expected_type(kind, violation.path) for kind in limit)
        return (
            INVALID_TYPE.format(where=where, expected=expected, actual=_type_of(value)),
            name,
            "invalid_type",
        )
    if keyword in ("enum", "const"):
        options = [_quoted(option) for option in (limit if keyword == "enum" else [limit])]
        options += [_expected_type(kind, violation.path) for kind in violation.other_types]
        allowed = ", ".join(options)
        return (
            INVALID_VALUE.format(where=where, actual=_quoted(value), expected=allowed),
            name,
            "invalid_value",
        )
    if keyword == "pattern":
        return NO_MATCH.format(where=where, limit=limit), name, "invalid_value"
    if keyword in _BOUNDS:
        fault, expected, actual, code = _bound(keyword, limit, value)
        message = OUT_OF_BOUNDS.format(where=where, fault=fault, expected=expected, actual=actual)
        return message, name, code
    return OTHER_FAULT.format(where=where, keyword=keyword), name, "invalid_value"


def _explain_name(violation: Violation, name: str, where: str) -> tuple[str, str, str]:
    key = violation.property_name or ""
    shown = f"{key[:3]}...{key[-3:]}" if len(key) > 9 else key
    param = f"{name}.{key}" if name else key
    if violation.keyword not in ("maxLength", "minLength"):
        return (
            OTHER_NAME.format(where=where, name=shown, keyword=violation.keyword),
            param,
            "invalid_property_name",
        )
    fault, expected, actual, code = _bound(violation.keyword, violation.limit, key)
    message = INVALID_NAME.format(
        where=where, name=shown, fault=fault.removeprefix("string "), expected=expected, actual=actual
    )
    return message, param, code.replace("string", "property_name")


_BOUNDS = {
    "maxLength": ("string too long", "a string with maximum length {}", "above_max_length"),
    "minLength": ("string too short", "a string with minimum length {}", "below_min_length"),
    "maxItems": ("array too long", "an array with maximum length {}", "above_max_length"),
    "minItems": ("array too short", "an array with minimum length {}", "below_min_length"),
    "maxProperties": ("too many properties", "an object with at most {} properties", "above_max_properties"),
    "minProperties": (
        "not enough properties",
        "an object with at least {} properties",
        "below_min_properties",
    ),
    "maximum": ("{} above maximum value", "a value <= {}", "above_max_value"),
    "exclusiveMaximum": ("{} above maximum value", "a value < {}", "above_max_value"),
    "minimum": ("{} below minimum value", "a value >= {}", "below_min_value"),
    "exclusiveMinimum": ("{} below minimum value", "a value > {}", "below_min_value"),
    "multipleOf": ("{} of the wrong step", "a multiple of {}", "not_a_multiple"),
}


def _bound(keyword: str, limit: Any, value: Any) -> tuple[str, str, str, str]:
    """Fault, what was expected, what came, and the code."""
    fault, expected, code = _BOUNDS[keyword]
    kind = _kind_of(value)
    if kind in ("string", "array"):
        actual = f"{_ARTICLES.get(kind, 'a string')} with length {len(value)}"
    elif kind == "object":
        actual = f"an object with {len(value)} properties"
    else:
        actual = _shortened(str(value))
    return fault.format(kind), expected.format(limit), actual, f"{kind}_{code}"


def _expected_type(kind: str, path: Sequence[str | int]) -> str:
    """`an object` is called after its property, as the servers do: `a metadata object`."""
    if kind == "object" and path and isinstance(path[-1], str):
        return f"{'an' if path[-1][:1].lower() in 'aeiou' else 'a'} {path[-1]} object"
    return _ARTICLES.get(kind, f"a {kind}")


def _kind_of(value: Any) -> str:
    if value is None:
        return "null"
    # bool before int, of which it is a kind
    names = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array"}
    return next((name for kind, name in names.items() if isinstance(value, kind)), "object")


def _type_of(value: Any) -> str:
    kind = _kind_of(value)
    return _ARTICLES.get(kind, f"a {kind}")


def _dotted(path: Sequence[str | int], root: str) -> str:
    """`tools[0].type`"""
    name = root
    for step in path:
        if isinstance(step, int):
            name += f"[{step}]"
        else:
            name += f".{step}" if name else step
    return name


def _quoted(value: Any) -> str:
    return f"'{_shortened(value)}'" if isinstance(value, str) else _shortened(str(value))


def _shortened(text: str) -> str:
    return text if len(text) <= 100 else f"{text[:99]}…"
