"""JSON as RFC 8259 has it: what Python's decoder lets through beyond that is refused here."""

import json
import math
from typing import Any, NoReturn

MAX_DEPTH = 100
"""Arrays and objects inside one another. No contract needs more, and deeper input only costs stack."""


class NotJsonError(ValueError):
    """The text is not JSON, or not JSON that can be stored and sent back as UTF-8."""


def _refuse_constant(name: str) -> NoReturn:
    raise NotJsonError(f"{name} is not JSON")


def _finite(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise NotJsonError(f"the number {text[:20]} is too large")
    return value


DECODER = json.JSONDecoder(parse_constant=_refuse_constant, parse_float=_finite)
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode


def encode(value: Any) -> bytes:
    """The value as compact UTF-8, characters as they are."""
    return _encode(value).encode()


def decode(body: bytes) -> Any:
    """Parse a UTF-8 document. Of duplicate keys the last one counts, as in JavaScript and most servers.

    Raises:
        NotJsonError: Also for NaN, Infinity, numbers beyond a double, lone surrogates, a byte order mark and
            nesting deeper than `MAX_DEPTH`.
    """
    try:
        value = DECODER.decode(body.decode())
    except NotJsonError:
        raise
    except (ValueError, RecursionError) as error:
        raise NotJsonError(str(error)) from None
    # Counting bytes is cheap and settles nearly every request.
    if body.count(b"[") + body.count(b"{") > MAX_DEPTH:
        check_depth(value)
    if b"\\u" in body:
        check_text(value)
    return value


def check_text(value: Any) -> None:
    """Refuse a lone surrogate: it can be written as an escape, but is no character."""
    try:
        encode(value)
    except UnicodeEncodeError:
        raise NotJsonError("a lone surrogate is not a character") from None


def check_depth(value: Any) -> None:
    """Refuse nesting deeper than `MAX_DEPTH`."""
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
