"""Limits off by one, in both directions, and counted in something else than characters."""

import copy
import unicodedata
from collections.abc import Callable
from typing import Any

from tests.conformance.wrong_servers.proxy import Group, Handler, Request, Response, Wrapper, error

LIMITS = Group("limits")


def _metadata(document: Any) -> Any:
    """The schema of the pairs that are sent; what is stored is not limited by itself."""
    schemas = document["components"]["schemas"]
    if "SentMetadata" not in schemas:
        schemas["SentMetadata"] = copy.deepcopy(schemas["Metadata"])
        schemas["ModifyRunRequest"]["properties"]["metadata"]["anyOf"][0] = {
            "$ref": "#/components/schemas/SentMetadata"
        }
        schemas["Metadata"] = {"type": "object", "additionalProperties": {"type": "string"}}
    return schemas["SentMetadata"]


def _limit(name: str, place: str, keyword: str, value: int | None) -> None:
    def edit(document: Any) -> None:
        schema = _metadata(document)
        schema = schema[place] if place else schema
        schema.pop(keyword)
        if value is not None:
            schema[keyword] = value

    LIMITS.add(name, edit=edit)


_limit("15 pairs at most", "", "maxProperties", 15)
_limit("17 pairs allowed", "", "maxProperties", 17)
_limit("no limit on pairs", "", "maxProperties", None)
_limit("63 characters of a key at most", "propertyNames", "maxLength", 63)
_limit("65 characters of a key allowed", "propertyNames", "maxLength", 65)
_limit("no limit on keys", "propertyNames", "maxLength", None)
_limit("511 characters of a value at most", "additionalProperties", "maxLength", 511)
_limit("513 characters of a value allowed", "additionalProperties", "maxLength", 513)
_limit("1024 characters of a value allowed", "additionalProperties", "maxLength", 1024)
_limit("no limit on values", "additionalProperties", "maxLength", None)


@LIMITS.spec("an empty key refused")
def _(document: Any) -> None:
    _metadata(document)["propertyNames"]["minLength"] = 1


@LIMITS.spec("an empty value refused")
def _(document: Any) -> None:
    _metadata(document)["additionalProperties"]["minLength"] = 1


@LIMITS.spec("no pairs at all refused")
def _(document: Any) -> None:
    _metadata(document)["minProperties"] = 1


@LIMITS.spec("null refused")
def _(document: Any) -> None:
    document["components"]["schemas"]["ModifyRunRequest"]["properties"]["metadata"]["anyOf"].pop()


@LIMITS.spec("an empty body refused")
def _(document: Any) -> None:
    document["components"]["schemas"]["ModifyRunRequest"]["required"] = ["metadata"]


@LIMITS.spec("keys of letters only")
def _(document: Any) -> None:
    _metadata(document)["propertyNames"]["pattern"] = r"^[\w .~-]*$"


def _pairs(request: Request) -> dict[str, str]:
    sent = request.sent()
    return sent if isinstance(sent, dict) and all(isinstance(value, str) for value in sent.values()) else {}


def _stricter(what: str, limit: int, measure: Callable[[str], int]) -> Wrapper:
    def wrap(inner: Handler) -> Handler:
        async def handle(request: Request) -> Response:
            texts = _pairs(request) if what == "key" else _pairs(request).values()
            return error(400) if any(measure(text) > limit for text in texts) else await inner(request)

        return handle

    return wrap


def _utf8(text: str) -> int:
    return len(text.encode())


def _utf16(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def _nfd(text: str) -> int:
    return len(unicodedata.normalize("NFD", text))


for _what, _most in (("key", 64), ("value", 512)):
    LIMITS.add(f"a {_what} counted in bytes", _stricter(_what, _most, _utf8))
    LIMITS.add(f"a {_what} counted in UTF-16 units", _stricter(_what, _most, _utf16))
    LIMITS.add(f"a {_what} counted after NFD", _stricter(_what, _most, _nfd))


@LIMITS.handler("all values together 8192 characters at most, counted in bytes")
def _(inner: Handler) -> Handler:
    async def handle(request: Request) -> Response:
        total = sum(_utf8(value) for value in _pairs(request).values())
        return error(400) if total > 8192 else await inner(request)

    return handle


def _laxer(place: str, measure: Callable[[str], int]) -> None:
    """The limit holds for something that is less than the characters."""
    limit = {"propertyNames": 64, "additionalProperties": 512}[place]
    name = {"propertyNames": "key", "additionalProperties": "value"}[place]

    def edit(document: Any) -> None:
        _metadata(document)[place].pop("maxLength")

    LIMITS.add(
        f"a {name} counted {measure.__name__.strip('_').replace('_', ' ')}", _stricter(name, limit, measure), edit=edit
    )


def _after_nfc(text: str) -> int:
    return len(unicodedata.normalize("NFC", text))


def _without_combining_marks(text: str) -> int:
    return sum(not unicodedata.combining(character) for character in text)


def _after_stripping(text: str) -> int:
    return len(text.strip())


for _place in ("propertyNames", "additionalProperties"):
    for _measure in (_after_nfc, _without_combining_marks, _after_stripping):
        _laxer(_place, _measure)


def _cutting(name: str, change: Callable[[dict[str, str]], dict[str, str]]) -> None:
    def cut(request: Request) -> Request:
        pairs = _pairs(request)
        return request.with_sent(change(pairs)) if pairs else request

    def wrap(inner: Handler) -> Handler:
        async def handle(request: Request) -> Response:
            return await inner(cut(request))

        return handle

    LIMITS.add(name, wrap)


_cutting("a value that is too long is cut instead of refused", lambda pairs: {k: v[:512] for k, v in pairs.items()})
_cutting("a key that is too long is cut instead of refused", lambda pairs: {k[:64]: v for k, v in pairs.items()})
_cutting("pairs beyond 16 are dropped instead of refused", lambda pairs: dict(list(pairs.items())[:16]))
_cutting("a value is cut at 255", lambda pairs: {k: v[:255] for k, v in pairs.items()})
_cutting(
    "a value is cut at 1000 bytes",
    lambda pairs: {k: v.encode()[:1000].decode(errors="ignore") for k, v in pairs.items()},
)
_cutting("a value of exactly 512 is cut", lambda pairs: {k: v[:511] for k, v in pairs.items()})
_cutting("the 16th pair is dropped", lambda pairs: dict(list(pairs.items())[:15]))


@LIMITS.handler("the limit on pairs is not kept across calls")
def _(inner: Handler) -> Handler:
    stored: dict[bytes, Any] = {}

    async def handle(request: Request) -> Response:
        response = await inner(request)
        if (
            response.status == 400
            and 0 < len(_pairs(request)) <= 16
            and all(len(v) <= 512 for v in _pairs(request).values())
        ):
            if any(len(key) > 64 for key in _pairs(request)) or set(request.json()) != {"metadata"}:
                return response
            read = await inner(request.with_json({}))
            if read.status == 200:
                run = read.json()
                run["metadata"] = stored[request.path] = {**run["metadata"], **_pairs(request)}
                read.set_json(run)
            return read
        if response.status == 200 and request.path in stored and "metadata" not in request.json():
            run = response.json()
            run["metadata"] = stored[request.path]
            response.set_json(run)
        elif response.status == 200:
            stored.pop(request.path, None)
        return response

    return handle


@LIMITS.handler("a merge is held to 15 pairs")
def _(inner: Handler) -> Handler:
    async def handle(request: Request) -> Response:
        if _pairs(request):
            read = await inner(request.with_json({}))
            if (
                read.status == 200
                and read.json()["metadata"]
                and len({**read.json()["metadata"], **_pairs(request)}) > 15
            ):
                return error(400)
        return await inner(request)

    return handle


@LIMITS.handler("an old key counts as a new pair")
def _(inner: Handler) -> Handler:
    async def handle(request: Request) -> Response:
        if _pairs(request):
            read = await inner(request.with_json({}))
            if (
                read.status == 200
                and len(read.json()["metadata"] or {}) + len(_pairs(request)) > 16
                and len(_pairs(request)) == 1
            ):
                return error(400)
        return await inner(request)

    return handle
