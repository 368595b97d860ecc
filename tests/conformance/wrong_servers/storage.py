"""What stores, mappers and locales do to pairs: keys that become equal, sizes and positions that are special."""

import re
import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from tests.conformance.wrong_servers.proxy import (
    Group,
    Handler,
    Request,
    Response,
    Wrapper,
    changing_requests,
    error,
)

COLLATIONS = Group("collations")
SIZES = Group("sizes")
POSITIONS = Group("positions")
MAPPING = Group("mapping")


def _pairs(request: Request) -> dict[str, Any]:
    sent = request.sent()
    return sent if isinstance(sent, dict) else {}


def _collating(name: str, fold: Callable[[str], str]) -> None:
    """A key that `fold` makes equal to a stored one updates that one, under the name it was stored with."""

    def wrap(inner: Handler) -> Handler:
        names: dict[bytes, dict[str, str]] = {}

        async def handle(request: Request) -> Response:
            if pairs := _pairs(request):
                known = dict(names.get(request.path, {}))
                request = request.with_sent({known.setdefault(fold(key), key): value for key, value in pairs.items()})
            response = await inner(request)
            if response.status == 200:
                names[request.path] = {fold(key): key for key in response.json()["metadata"] or {}}
            return response

        return handle

    COLLATIONS.add(name, wrap)


def _without_accents(key: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFD", key) if not unicodedata.combining(c))


def _without_kana(key: str) -> str:
    return "".join(chr(ord(c) - 0x60) if "\u30a1" <= c <= "\u30f6" else c for c in key)


def _turkish(key: str) -> str:
    return key.replace("I", "\u0131").replace("\u0130", "i")


def _without_ignorable(key: str) -> str:
    return re.sub("[\u00ad\u034f\u180e\ufe00-\ufe0f\U000e0100-\U000e01ef]", "", key)


_collating("keys are equal apart from accents", _without_accents)
_collating("hiragana and katakana are equal in keys", _without_kana)
_collating("keys are compared in lower case by Turkish rules", _turkish)
_collating("variation selectors do not count in keys", _without_ignorable)
_collating("keys are compared by their first 48 characters", lambda key: key[:48])
_collating("keys are compared up to white space within them", lambda key: " ".join(key.split()))


def _sized(name: str, change: Callable[[str], str]) -> None:
    SIZES.add(name, changing_requests(lambda request: _with_values(request, change)))


def _with_values(request: Request, change: Callable[[str], str]) -> Request:
    pairs = _pairs(request)
    if not pairs:
        return request
    return request.with_sent({key: change(value) if isinstance(value, str) else value for key, value in pairs.items()})


_sized("a value of 256 bytes is stored empty", lambda text: "" if len(text.encode()) == 256 else text)
_sized("a value of 100 characters loses the last", lambda text: text[:99] if len(text) == 100 else text)


@SIZES.request("of exactly eight pairs the last is lost")
def _(request: Request) -> Request:
    pairs = _pairs(request)
    return request.with_sent(dict(list(pairs.items())[:7])) if len(pairs) == 8 else request


@SIZES.handler("a body of more than 32,767 bytes is refused")
def _(inner: Handler) -> Handler:
    async def handle(request: Request) -> Response:
        return error(413) if len(request.body) > 32767 else await inner(request)

    return handle


@SIZES.handler("a body of whole kilobytes is taken for incomplete")
def _(inner: Handler) -> Handler:
    async def handle(request: Request) -> Response:
        return error(400) if request.body and len(request.body) % 1024 == 0 else await inner(request)

    return handle


@SIZES.request("pairs behind the first 16,384 bytes are lost")
def _(request: Request) -> Request:
    pairs = _pairs(request)
    if not pairs or len(request.body) <= 16384 or not all(isinstance(value, str) for value in pairs.values()):
        return request
    kept: dict[str, Any] = {}
    used = 0
    for key, value in pairs.items():
        used += len(key.encode(errors="replace")) + len(value.encode(errors="replace")) + 6
        if used <= 16384:
            kept[key] = value
    return request.with_sent(kept)


@SIZES.request("text is decoded in pieces of 4096 bytes")
def _(request: Request) -> Request:
    try:
        request.body.decode()
    except UnicodeDecodeError:
        return request
    pieces = [request.body[start : start + 4096] for start in range(0, len(request.body), 4096)]
    return request.with_body("".join(piece.decode(errors="replace") for piece in pieces).encode())


def _laxly(name: str, change: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    POSITIONS.add(
        name,
        changing_requests(lambda request: request.with_sent(change(_pairs(request))) if _pairs(request) else request),
    )


def _cut(value: Any) -> Any:
    return value[:512] if isinstance(value, str) else value


_laxly(
    "values behind the eighth are cut, not refused",
    lambda pairs: {key: _cut(value) if i > 7 else value for i, (key, value) in enumerate(pairs.items())},
)
_laxly(
    "numbers are refused in the first pair, and become text in others",
    lambda pairs: {
        key: str(value) if i and type(value) in (int, float) else value for i, (key, value) in enumerate(pairs.items())
    },
)
_laxly(
    "of the last pair a key that is too long is cut",
    lambda pairs: {key[:64] if i == len(pairs) - 1 and i else key: v for i, (key, v) in enumerate(pairs.items())},
)


@POSITIONS.handler("the first pair is stored though a later one is refused")
def _(inner: Handler) -> Handler:
    async def handle(request: Request) -> Response:
        response = await inner(request)
        if response.status == 400 and len(pairs := _pairs(request)) > 1 and set(request.json()) == {"metadata"}:
            await inner(request.with_sent(dict(list(pairs.items())[:1])))
        return response

    return handle


@POSITIONS.handler("a read shows ten pairs at most")
def _(inner: Handler) -> Handler:
    async def handle(request: Request) -> Response:
        response = await inner(request)
        if response.status == 200 and request.json() == {}:
            run = response.json()
            run["metadata"] = dict(list((run["metadata"] or {}).items())[:10])
            response.set_json(run)
        return response

    return handle


def _mapped(name: str, change: Callable[[str], str]) -> None:
    MAPPING.add(name, changing_requests(lambda request: _with_values(request, change)))


def _to_utc(text: str) -> str:
    if re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d", text):
        return datetime.fromisoformat(text).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return text


_mapped("times with an offset are converted to UTC", _to_utc)
_mapped("a decimal comma becomes a point", lambda text: re.sub(r"^(-?\d+),(\d+)$", r"\1.\2", text))
_mapped("emoji newer than Unicode 6 become question marks", lambda text: re.sub("[\U0001f900-\U0001faff]", "?", text))
_mapped("plus and minus infinity become empty", lambda text: "" if text in ("Infinity", "-Infinity") else text)


def _by_path() -> Wrapper:
    """A key with a dot is a path for a document store: it is lost where its first part is a stored text."""

    def wrap(inner: Handler) -> Handler:
        stored: dict[bytes, set[str]] = {}

        async def handle(request: Request) -> Response:
            if pairs := _pairs(request):
                known = stored.get(request.path, set()) | pairs.keys()
                kept = {k: v for k, v in pairs.items() if "." not in k or k.partition(".")[0] not in known}
                request = request.with_sent(kept)
            response = await inner(request)
            if response.status == 200:
                stored[request.path] = set(response.json()["metadata"] or {})
            return response

        return handle

    return wrap


MAPPING.add("a key with a dot is lost beside a key that is its first part", _by_path())
