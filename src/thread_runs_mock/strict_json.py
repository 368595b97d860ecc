"""Strict JSON (RFC 8259): rejects what Python's decoder accepts in addition."""

import json
from typing import Any, NoReturn

import orjson

MAX_DEPTH = 100
"""The most nested arrays and objects. No spec needs more, and deeper input only costs stack."""


class NotJsonError(ValueError):
    """The text is not JSON, or not JSON that can be stored and sent back as UTF-8."""


def _reject_constant(name: str) -> NoReturn:
    raise NotJsonError(f"{name} is not JSON")


# For values inside a longer text. It accepts lone surrogates and huge numbers; `copy` rejects them.
DECODER = json.JSONDecoder(parse_constant=_reject_constant)
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode

encode = orjson.dumps
"""Return a result of `decode` or `copy` as compact UTF-8, without escapes for characters."""


Fragment = orjson.Fragment
"""JSON text that `encode` writes unchanged."""


def encode_to_keep(value: Any) -> bytes:
    """Like `encode`, in as little memory as possible: the result of `encode` has kilobytes of unused space."""
    return b"%b" % encode(value)


def decode(body: bytes) -> Any:
    """Parse a UTF-8 document. The last of duplicate keys counts, as in JavaScript and most servers.

    Integers beyond 64 bits become doubles, as in JavaScript.

    Raises:
        NotJsonError: Also for NaN, Infinity, numbers beyond a double, lone surrogates, a byte order mark and
            nesting deeper than `MAX_DEPTH`.
    """
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise NotJsonError(str(error)) from None
    # The length and the number of brackets are cheap to check and suffice for nearly every request.
    if len(body) > 2 * MAX_DEPTH and body.count(b"[") + body.count(b"{") > MAX_DEPTH:
        _check_depth(value)
    return value


def copy(value: Any) -> Any:
    """The value as it would come back from a text.

    Raises:
        NotJsonError: It cannot be written as JSON.
    """
    try:
        return decode(_encode(value).encode())
    except NotJsonError:
        raise
    except (TypeError, ValueError, RecursionError) as error:
        raise NotJsonError(str(error)) from None


def _check_depth(value: Any) -> None:
    level = [value]
    for _ in range(MAX_DEPTH + 1):
        level = [child for parent in level for child in _children(parent)]
        if not level:
            return
    raise NotJsonError(f"nested more than {MAX_DEPTH} levels deep")


def _children(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []
