"""Requests that violate the spec and are accepted, and rejected requests that change something all the same."""

import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

from tests.conformance.wrong_servers.proxy import Group, Handler, Request, Response, changing_requests, encoded

BODY = Group("request body")
AUTH = Group("authentication")
HEADER = Group("request headers")
WRITES = Group("refused calls that write")


def _sent(name: str, change: Callable[[Any], Any]) -> None:
    """The value of metadata is changed into something valid."""

    def edit(request: Request) -> Request:
        body = request.json()
        if not isinstance(body, dict) or "metadata" not in body:
            return request
        return request.with_sent(change(body["metadata"]))

    BODY.add(name, changing_requests(edit))


def _values(name: str, change: Callable[[Any], Any]) -> None:
    _sent(name, lambda sent: {k: change(v) for k, v in sent.items()} if isinstance(sent, dict) else sent)


def _dropped(name: str, drop: Callable[[Any], bool]) -> None:
    _sent(name, lambda sent: {k: v for k, v in sent.items() if not drop(v)} if isinstance(sent, dict) else sent)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


_values("numbers become text", lambda value: str(value) if _is_number(value) else value)
_values("integers become text", lambda value: str(value) if type(value) is int else value)
_values("booleans become text", lambda value: str(value).lower() if isinstance(value, bool) else value)
_values("null becomes text", lambda value: "null" if value is None else value)
_values("arrays are joined", lambda value: ",".join(map(str, value)) if isinstance(value, list) else value)
_values("objects become the text of JSON", lambda value: json.dumps(value) if isinstance(value, dict) else value)
_values("values that are false become empty text", lambda value: value or "")
_dropped("values that are null are dropped", lambda value: value is None)
_dropped("values that are no text are dropped", lambda value: not isinstance(value, str))
_dropped("empty arrays are dropped", lambda value: value == [])
_sent("metadata that is false is taken for an empty object", lambda sent: sent or ({} if sent is not None else None))
_sent("metadata that is an array is taken for an empty object", lambda sent: {} if isinstance(sent, list) else sent)
_sent("metadata that is text is taken for null", lambda sent: None if isinstance(sent, str) else sent)
_sent("metadata that is no object is ignored", lambda sent: sent if isinstance(sent, dict) or sent is None else {})
_sent(
    "a value that is too long is dropped",
    lambda sent: (
        {k: v for k, v in sent.items() if not isinstance(v, str) or len(v) <= 512} if isinstance(sent, dict) else sent
    ),
)
_sent(
    "a key that is too long is dropped",
    lambda sent: {k: v for k, v in sent.items() if len(k) <= 64} if isinstance(sent, dict) else sent,
)


def _body(name: str, change: Callable[[Any], Any]) -> None:
    def edit(request: Request) -> Request:
        body = request.json()
        return request if body is None and request.body != b"null" else request.with_json(change(body))

    BODY.add(name, changing_requests(edit))


def _known(body: Any, ignored: Callable[[str, Any], bool]) -> Any:
    return {k: v for k, v in body.items() if k == "metadata" or not ignored(k, v)} if isinstance(body, dict) else body


_body("unknown properties are ignored", lambda body: _known(body, lambda _k, _v: True))
_body("unknown properties that are null are ignored", lambda body: _known(body, lambda _k, v: v is None))
_body("the property __proto__ is ignored", lambda body: _known(body, lambda k, _v: k == "__proto__"))
_body("an empty property name is ignored", lambda body: _known(body, lambda k, _v: k == ""))
_body("METADATA is taken for metadata", lambda body: _known(body, lambda k, _v: k.lower() == "metadata"))
_body("`metadata ` is taken for metadata", lambda body: _known(body, lambda k, _v: k.strip() == "metadata"))
_body("`metadata[k]` is ignored", lambda body: _known(body, lambda k, _v: k.startswith("metadata[")))
_body("a body that is an array is taken for {}", lambda body: {} if isinstance(body, list) else body)
_body("an empty array is taken for {}", lambda body: {} if body == [] else body)
_body("a body that is null is taken for {}", lambda body: {} if body is None else body)
_body("a body that is text is taken for {}", lambda body: {} if isinstance(body, str) else body)
_body("a body that is false is taken for {}", lambda body: body or {})
_body("a body that is no object is taken for {}", lambda body: body if isinstance(body, dict) else {})


def _lenient(name: str, read: Callable[[bytes], Any]) -> None:
    """Bodies that are not JSON are read all the same."""

    def edit(request: Request) -> Request:
        if request.json() is not None and not name.startswith("NaN"):
            return request
        try:
            return request.with_body(encoded(read(request.body)))
        except (ValueError, TypeError, RecursionError):
            return request

    BODY.add(name, changing_requests(edit))


def _load(text: str) -> Any:
    return json.loads(text, strict=False)


def _finite(body: bytes) -> Any:
    value = json.loads(body, parse_constant=lambda _: None)
    if isinstance(value, dict) and isinstance(value.get("metadata"), dict):
        value["metadata"] = {k: v for k, v in value["metadata"].items() if v is not None}
    return value


_lenient("an empty body is taken for {}", lambda body: {} if not body.strip() else _load("x"))
_lenient("a trailing comma is let through", lambda body: _load(re.sub(r",\s*}", "}", body.decode())))
_lenient("single quotes are let through", lambda body: _load(body.decode().replace("'", '"')))
_lenient("comments are let through", lambda body: _load(re.sub(r"//.*$", "", body.decode())))
_lenient("text after the document is ignored", lambda body: json.JSONDecoder().raw_decode(body.decode())[0])
_lenient("a cut off object is closed", lambda body: _load(body.decode() + "}"))
_lenient("bytes that are not UTF-8 are replaced", lambda body: _load(body.decode(errors="replace")))
_lenient("control characters in strings are let through", lambda body: _load(body.decode()))
_lenient("unknown escapes are let through", lambda body: _load(body.decode().replace("\\x", "x")))
_lenient("NaN is taken for null", _finite)
_lenient("forms are let through", lambda body: {} if parse_qsl(body.decode()) else _load("x"))


@BODY.request("UTF-16 is let through")
def _(request: Request) -> Request:
    # Unlike Request.json, json.loads detects the encoding of bytes.
    return request.with_json(json.loads(request.body)) if request.body[:2] == b"\xff\xfe" else request


def _auth(name: str, is_let_in: Callable[[str | None, str], bool]) -> None:
    def wrap(inner: Handler) -> Handler:
        known: list[str] = []

        async def handle(request: Request) -> Response:
            given = request.headers.get("authorization")
            if not known and given:
                known.append(given)  # The first request of the suite is a valid one.
            if known and is_let_in(given, known[0]):
                request = request.with_headers(authorization=known[0])
            return await inner(request)

        return handle

    AUTH.add(name, wrap)


_auth("the key is not checked at all", lambda given, known: True)
_auth("any key is let in", lambda given, known: (given or "").startswith("Bearer ") and len(given or "") > 7)
_auth("any key that begins with sk- is let in", lambda given, known: (given or "").startswith("Bearer sk-"))
_auth("a missing key is let in", lambda given, known: given is None)
_auth("an empty header is let in", lambda given, known: given == "")
_auth("an empty key is let in", lambda given, known: given in ("Bearer", "Bearer "))
_auth(
    "the beginning of the key is enough", lambda given, known: len(given or "") > 20 and known.startswith(given or "")
)
_auth("what begins with the key is let in", lambda given, known: (given or "").startswith(known))
_auth("the key is compared without case", lambda given, known: (given or "").lower() == known.lower())
_auth("a key of the right length is let in", lambda given, known: len(given or "") == len(known))
_auth("the key anywhere in the header is let in", lambda given, known: known.split()[1] in (given or ""))
_auth("the scheme is not looked at", lambda given, known: (given or "").split()[-1:] == known.split()[1:])
_auth("another scheme is let in", lambda given, known: (given or "").startswith("Basic "))
_auth("the key without a scheme is let in", lambda given, known: given == known.split()[1])
_auth("the first characters of the key are compared", lambda given, known: (given or "")[:20] == known[:20])


def _beta(name: str, is_good: Callable[[str | None], bool]) -> None:
    def edit(request: Request) -> Request:
        good = is_good(request.headers.get("openai-beta"))
        return request.with_headers(openai_beta="assistants=v2") if good else request

    HEADER.add(name, changing_requests(edit))


_beta("the beta header is not checked", lambda value: True)
_beta("a missing beta header is let through", lambda value: value is None)
_beta("an empty beta header is let through", lambda value: value == "")
_beta("the beta header's beginning is compared", lambda value: (value or "").startswith("assistants=v2"))
_beta("the beta header's end is compared", lambda value: (value or "").endswith("assistants=v2"))
_beta("the beta header is compared without case", lambda value: (value or "").lower() == "assistants=v2")
_beta("the beta header's version is not looked at", lambda value: (value or "").startswith("assistants="))
_beta("any beta header is let through", lambda value: bool(value))
_beta("the beta header is searched", lambda value: "assistants=v2" in (value or ""))


def _type(name: str, is_good: Callable[[str | None], bool]) -> None:
    def edit(request: Request) -> Request:
        good = is_good(request.headers.get("content-type"))
        return request.with_headers(content_type="application/json") if good else request

    HEADER.add(name, changing_requests(edit))


_type("the content type is not checked", lambda value: True)
_type("a missing content type is let through", lambda value: not value)
_type("text/plain is let through", lambda value: (value or "").startswith("text/plain"))
_type("application/* is let through", lambda value: (value or "").startswith("application/"))
_type("form data is let through", lambda value: "form" in (value or ""))
_type("the content type is searched for json", lambda value: "json" in (value or ""))


@HEADER.handler("a content type with a charset is refused")
def _(inner: Handler) -> Handler:
    async def handle(request: Request) -> Response:
        if ";" in request.headers.get("content-type", ""):
            request = request.with_headers(content_type="text/plain")
        return await inner(request)

    return handle


def _writing(name: str, is_hit: Callable[[Request, Response], bool]) -> None:
    """The valid part of a rejected request is stored."""

    def wrap(inner: Handler) -> Handler:
        known: list[str] = []

        async def handle(request: Request) -> Response:
            response = await inner(request)
            if response.status == 200:
                known[:] = [request.headers.get("authorization", "")]
            elif known and is_hit(request, response):
                text = request.body.decode(errors="replace")
                found = re.search(r'"(c[^"\\\\]*)": ?"([^"\\\\]*)"', text)
                if found:
                    again = request.with_json({"metadata": {found[1]: found[2]}})
                    again = again.with_headers(
                        authorization=known[0], content_type="application/json", openai_beta="assistants=v2"
                    )
                    await inner(Request("POST", again.path, again.headers, again.body))
            return response

        return handle

    WRITES.add(name, wrap)


def _has(request: Request, test: Callable[[Any], bool]) -> bool:
    sent = request.sent()
    return isinstance(sent, dict) and any(test(value) for value in sent.values())


_writing("any refused call", lambda request, response: True)
_writing("a value of the wrong type", lambda request, response: _has(request, lambda value: not isinstance(value, str)))
_writing("a value that is null", lambda request, response: _has(request, lambda value: value is None))
_writing(
    "a value that is too long",
    lambda request, response: _has(request, lambda value: isinstance(value, str) and len(value) > 512),
)
_writing(
    "a key that is too long",
    lambda request, response: isinstance(request.sent(), dict) and max(map(len, request.sent()), default=0) > 64,
)
_writing("an unknown property", lambda request, response: isinstance(request.json(), dict) and len(request.json()) > 1)
_writing("no key", lambda request, response: request.headers.get("authorization") is None)
_writing("a wrong key", lambda request, response: response.status == 401)
_writing("a missing beta header", lambda request, response: "openai-beta" not in request.headers)
_writing(
    "a malformed beta header",
    lambda request, response: request.headers.get("openai-beta", "assistants=v2") != "assistants=v2",
)
_writing("a wrong content type", lambda request, response: response.status == 415)
_writing("another method", lambda request, response: response.status == 405)
_writing("the method DELETE", lambda request, response: request.method == "DELETE")
_writing("a body that is not JSON", lambda request, response: request.json() is None)
_writing("a body that is too large", lambda request, response: response.status == 413)


@WRITES.handler("a refused call removes all pairs")
def _(inner: Handler) -> Handler:
    async def handle(request: Request) -> Response:
        response = await inner(request)
        if response.status == 400 and isinstance(request.json(), dict):
            await inner(request.with_json({"metadata": None}))
        return response

    return handle


@WRITES.handler("too many pairs: the first 16 are stored")
def _(inner: Handler) -> Handler:
    async def handle(request: Request) -> Response:
        response = await inner(request)
        sent = request.sent()
        if response.status == 400 and isinstance(sent, dict) and len(sent) > 16:
            await inner(request.with_json({"metadata": None}))
            await inner(request.with_sent(dict(list(sent.items())[:16])))
        return response

    return handle


@WRITES.handler("the method DELETE removes all pairs")
def _(inner: Handler) -> Handler:
    async def handle(request: Request) -> Response:
        if request.method == "DELETE":
            await inner(
                Request("POST", request.path, request.headers, b'{"metadata": null}').with_json({"metadata": None})
            )
        return await inner(request)

    return handle
