"""Servers that understand only one of the spellings of a request that the standards treat as equal."""

import re
from collections.abc import Callable

from tests.conformance.wrong_servers.proxy import Group, Handler, Request, Response, changing_requests, error
from tests.conformance.wrong_servers.wire import Connection

HTTP = Group("HTTP spellings")
JSON = Group("JSON spellings")
NEGOTIATION = Group("content negotiation")


def _refusing(group: Group, name: str, is_hit: Callable[[Request], object], status: int) -> None:
    def wrap(inner: Handler) -> Handler:
        async def handle(request: Request) -> Response:
            return error(status) if is_hit(request) else await inner(request)

        return handle

    group.add(name, wrap, connection=Connection)


def _media_type(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip()


def _names(request: Request) -> list[str]:
    return [name for name, _ in request.pairs]


_refusing(
    HTTP,
    "a media type in upper case is not known",
    lambda request: _media_type(request).lower() == "application/json" != _media_type(request),
    415,
)
_refusing(
    HTTP,
    "a charset in quotes is not known",
    lambda request: 'charset="' in request.headers.get("content-type", ""),
    415,
)
_refusing(
    HTTP,
    "a charset in upper case is not known",
    lambda request: re.search(r'charset="?UTF-8', request.headers.get("content-type", "")),
    415,
)
_refusing(
    HTTP,
    "the beta header is found in one spelling of its name only",
    lambda request: "openai-beta" in request.headers and "OpenAI-Beta" not in _names(request),
    400,
)
_refusing(HTTP, "the key is not found if the header's name is in capitals", lambda r: "AUTHORIZATION" in _names(r), 401)
_refusing(
    HTTP,
    "the scheme of the key is compared with case",
    lambda request: re.match(r"(?!Bearer )(?i:bearer )", request.headers.get("authorization", "")),
    401,
)
_refusing(HTTP, "an absolute request target is not found", lambda request: not request.target.startswith(b"/"), 404)
_refusing(
    HTTP,
    "percent-encoded letters in a path are not decoded",
    lambda request: re.search(rb"%(?:4[1-9A-Fa-f]|5[0-9Aa]|6[1-9A-Fa-f]|7[0-9Aa])", request.path),
    404,
)
_refusing(
    HTTP,
    "percent-encodings in lower case are not decoded",
    lambda request: re.search(rb"%(?:[a-f].|.[a-f])", request.path),
    404,
)
_refusing(
    HTTP,
    "a list header on two lines is an error of the server",
    lambda request: len(request.pairs) > len(request.headers),
    500,
)


def _refusing_raw(name: str, pattern: bytes, status: int) -> None:
    class Refusing(Connection):
        async def respond(self, request: Request) -> Response | None:
            head = self.raw.partition(b"\r\n\r\n")[0] + b"\r\n"
            return error(status) if re.search(pattern, head) else await super().respond(request)

    HTTP.add(name, connection=Refusing)


_refusing_raw("a tab before a header's value belongs to it", rb"\r\n(?i:openai-beta):[ ]*\t", 400)
_refusing_raw("a header without a space after the colon is ignored", rb"\r\n(?i:authorization):[^ \t]", 401)


def _rewriting(name: str, change: Callable[[bytes], bytes]) -> None:
    """The body is misread."""
    JSON.add(name, changing_requests(lambda request: request.with_body(change(request.body))))


_PAIR = rb"(?<!\\)\\u[dD][89aAbB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
_rewriting("an escaped surrogate pair becomes two characters", lambda body: re.sub(_PAIR, rb"\\ufffd\\ufffd", body))
_rewriting("an escaped slash keeps its backslash", lambda body: re.sub(rb"(?<!\\)\\/", rb"\\\\/", body))
_rewriting(
    "escapes with digits in upper case become question marks",
    lambda body: re.sub(rb"(?<!\\)\\u(?![dD][89a-fA-F])(?=[0-9a-f]*[A-F])[0-9a-fA-F]{4}", b"?", body),
)


def _refusing_json(name: str, is_hit: Callable[[Request], object]) -> None:
    def wrap(inner: Handler) -> Handler:
        async def handle(request: Request) -> Response:
            return error(400) if isinstance(request.json(), dict) and is_hit(request) else await inner(request)

        return handle

    JSON.add(name, wrap)


_refusing_json(
    "an escaped property name is not known",
    lambda request: "metadata" in request.json() and b'"metadata"' not in request.body,
)
_refusing_json("a line break between tokens is refused", lambda request: re.search(rb"[{,:}\"]\s*[\r\n]", request.body))


_refusing(
    NEGOTIATION, "a quality in Accept is not understood", lambda request: "q=" in request.headers.get("accept", ""), 406
)
_refusing(
    NEGOTIATION,
    "If-None-Match on a change is answered as on a read",
    lambda request: "if-none-match" in request.headers,
    304,
)


@NEGOTIATION.handler("without Accept, errors are HTML", connection=Connection)
def _(inner: Handler) -> Handler:
    async def handle(request: Request) -> Response:
        response = await inner(request)
        if response.status >= 400 and "accept" not in request.headers:
            response.headers["content-type"] = "text/html"
            response.body = b"<h1>Error</h1>"
        return response

    return handle


@NEGOTIATION.handler("Range on a change is obeyed", connection=Connection)
def _(inner: Handler) -> Handler:
    async def handle(request: Request) -> Response:
        response = await inner(request)
        found = re.fullmatch(r"bytes=(\d+)-(\d+)", request.headers.get("range", ""))
        if found and response.status == 200:
            first, last = int(found[1]), int(found[2])
            response.headers["content-range"] = f"bytes {first}-{last}/{len(response.body)}"
            response.status, response.body = 206, response.body[first : last + 1]
        return response

    return handle


@NEGOTIATION.handler("with Accept-Language: de, numbers have a decimal comma", connection=Connection)
def _(inner: Handler) -> Handler:
    async def handle(request: Request) -> Response:
        response = await inner(request)
        if response.status == 200 and request.headers.get("accept-language", "").startswith("de"):
            run = response.json()
            run["temperature"] = str(run.get("temperature") or 1.0).replace(".", ",")
            response.set_json(run)
        return response

    return handle
