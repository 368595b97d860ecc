"""Reads the message, type, code and parameter of an error from the common forms of error bodies.

These are the vendor's `{"error": {"message", "type", "param", "code"}}`, problem details (RFC 9457), JSON:API,
OAuth 2.0 (RFC 6749, section 5.2), the lists of FastAPI, and flat objects.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_MESSAGES = ("message", "detail", "error_description", "errorMessage", "msg", "title", "error", "description", "reason")
"""Properties that hold a message, best first: in problem details, `detail` is more specific than `title`."""
_NESTED = ("errors", "error", "detail", "details")
"""Properties that hold further objects, or lists of objects or texts."""
_DEEPEST = 4
"""How many levels of objects are read."""


@dataclass(frozen=True)
class ErrorDetails:
    """The details of an error. Each is None if the body does not have it.

    Attributes:
        message: What went wrong.
        type: The category of the error; for problem details, the URI of the problem type.
        param: The part of the request that caused the error.
        code: The error code. A number is converted to text.
    """

    message: str | None = None
    type: str | None = None
    param: str | None = None
    code: str | None = None


def read_details(body: Any) -> ErrorDetails:
    """Return the details in the JSON body of an error. If it lists several errors, the first is used."""
    objects = list(_objects(body, _DEEPEST))
    return ErrorDetails(
        next(filter(None, map(_message, objects)), None),
        next(filter(None, (_text(one.get("type")) for one in objects)), None),
        next(filter(None, map(_param, objects)), None),
        next(filter(None, map(_code, objects)), None),
    )


def _objects(body: Any, levels: int) -> Iterator[Mapping[str, Any]]:
    """Yield the objects that may describe the error: an `error` object first, then from the outermost inwards."""
    if isinstance(body, list):
        body = {"errors": body}
    if not isinstance(body, dict) or not levels:
        return
    if isinstance(body.get("error"), dict):
        yield from _objects(body["error"], levels - 1)
    yield body
    for name in _NESTED:
        inner = body.get(name)
        first = inner[0] if isinstance(inner, list) and inner else inner
        if isinstance(first, dict) and (name != "error" or inner is not first):
            yield from _objects(first, levels - 1)


def _message(details: Mapping[str, Any]) -> str | None:
    found = next(filter(None, (_text(details.get(name)) for name in _MESSAGES)), None)
    if found is None:
        lists = [details[name] for name in _NESTED if isinstance(details.get(name), list)]
        return next((text for each in lists if each and (text := _text(each[0]))), None)
    return f"{_param(details)}: {found}" if isinstance(details.get("loc"), list) else found


def _param(details: Mapping[str, Any]) -> str | None:
    if isinstance(location := details.get("loc"), list):
        return ".".join(map(str, location))
    return _text(details.get("param"))


def _code(details: Mapping[str, Any]) -> str | None:
    for name in ("code", "error_code", "errorCode"):
        code = details.get(name)
        if isinstance(code, int) and not isinstance(code, bool):
            return str(code)
        if text := _text(code):
            return text
    return _text(details.get("error")) if "error_description" in details else None


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None
