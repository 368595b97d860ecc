"""JSON as RFC 8259 has it: what Python's decoder lets through beyond that is refused here."""

import json
from typing import Any, NoReturn

import orjson

MAX_DEPTH = 100
"""Arrays and objects inside one another. No spec needs more, and deeper input only costs stack."""


class NotJsonError(ValueError):
    """The text is not JSON, or not JSON that can be stored and sent back as UTF-8."""


def _refuse_constant(name: str) -> NoReturn:
    raise NotJsonError(f"{name} is not JSON")


# For values inside a longer text. It lets lone surrogates and huge numbers through: `copy` refuses them.
DECODER = json.JSONDecoder(parse_constant=_refuse_constant)
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode

encode = orjson.dumps
"""What `decode` or `copy` returned, as compact UTF-8, characters as they are."""


Fragment = orjson.Fragment
"""JSON text that `encode` writes as it is."""


def encode_to_keep(value: Any) -> bytes:
    """The same in no more memory than it needs: behind what `encode` returns there are kilobytes of room."""
    return b"%b" % encode(value)


def decode(body: bytes) -> Any:
    """Parse a UTF-8 document. Of duplicate keys the last one counts, as in JavaScript and most servers.

    Integers beyond 64 bits become doubles, as in JavaScript.

    Raises:
        NotJsonError: Also for NaN, Infinity, numbers beyond a double, lone surrogates, a byte order mark and
            nesting deeper than `MAX_DEPTH`.
    """
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise NotJsonError(str(error)) from None
    # Length and number of brackets are cheap and settle nearly every request.
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
