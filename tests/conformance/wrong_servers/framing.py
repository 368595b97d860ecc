"""Servers that err in where messages end, and in what one request leaves behind on its connection."""

import json
import re
import time
from typing import Any

import h11

from tests.conformance.wrong_servers.proxy import Group, Handler, Request, Response, error
from tests.conformance.wrong_servers.wire import Connection

FRAMING = Group("framing")
CONNECTIONS = Group("connections")


@FRAMING.handler("a body in chunks is read as empty", connection=Connection)
def _(inner: Handler) -> Handler:
    async def handle(request: Request) -> Response:
        return await inner(request.with_body(b"") if "transfer-encoding" in request.headers else request)

    return handle


@FRAMING.handler("only the first chunk of a body is read", connection=Connection)
def _(inner: Handler) -> Handler:
    async def handle(request: Request) -> Response:
        if "transfer-encoding" in request.headers and request.parts:
            request = request.with_body(request.parts[0])
        return await inner(request)

    return handle


@FRAMING.handler("only what has arrived with the first read of a body counts", connection=Connection)
def _(inner: Handler) -> Handler:
    async def handle(request: Request) -> Response:
        if "transfer-encoding" not in request.headers and request.parts:
            request = request.with_body(request.parts[0])
        return await inner(request)

    return handle


def _refusing_chunks(name: str, pattern: bytes) -> None:
    class Refusing(Connection):
        async def respond(self, request: Request) -> Response | None:
            body = self.raw.partition(b"\r\n\r\n")[2]
            is_hit = "transfer-encoding" in request.headers and re.search(pattern, body)
            return error(400) if is_hit else await super().respond(request)

    FRAMING.add(name, connection=Refusing)


_refusing_chunks("a chunk extension is an error", rb"(?:^|\r\n)[0-9a-fA-F]+[ \t]*;")
_refusing_chunks("a chunk size in upper case is an error", rb"(?:^|\r\n)[0-9A-F]*[A-F][0-9A-F]*(?:;[^\r\n]*)?\r\n")
_refusing_chunks("a trailer is an error", rb"\r\n0+[^\r\n]*\r\n[!#-z]+:")


@FRAMING.wire("a caller that speaks HTTP/1.0 is answered in chunks")
class _Chunking(Connection):
    def encode(self, response: Response, request: Request) -> bytes:
        data = super().encode(response, request)
        if request.version != "1.0" or request.method == "HEAD":
            return data
        head, _, body = data.partition(b"\r\n\r\n")
        head = re.sub(rb"\r\n(?i:content-length):[^\r]*", b"\r\ntransfer-encoding: chunked", head)
        return head + b"\r\n\r\n%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)


@FRAMING.handler("a body that was announced with Expect is taken for empty", connection=Connection)
def _(inner: Handler) -> Handler:
    async def handle(request: Request) -> Response:
        return await inner(request.with_body(b"") if "expect" in request.headers else request)

    return handle


@FRAMING.wire("Content-Length counts characters")
class _Counting(Connection):
    def encode(self, response: Response, request: Request) -> bytes:
        data = super().encode(response, request)
        length = len(response.body.decode(errors="replace"))
        return re.sub(rb"(?i:(content-length)): \d+", rb"\1: %d" % length, data, count=1)


@FRAMING.wire("a success has both Content-Length and Transfer-Encoding")
class _Both(Connection):
    def encode(self, response: Response, request: Request) -> bytes:
        data = super().encode(response, request)
        if response.status != 200:
            return data
        head, _, body = data.partition(b"\r\n\r\n")
        return head + b"\r\ntransfer-encoding: chunked\r\n\r\n%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)


@FRAMING.wire("two bytes too many follow each error")
class _Trailing(Connection):
    def encode(self, response: Response, request: Request) -> bytes:
        data = super().encode(response, request)
        return data + b"\r\n" if response.status >= 400 and response.status != 413 else data


@FRAMING.wire("a response to HEAD has a body")
class _HeadBody(Connection):
    def encode(self, response: Response, request: Request) -> bytes:
        data = super().encode(response, request)
        return data + response.body if request.method == "HEAD" else data


@FRAMING.wire("a body that takes 300 ms to arrive is refused")
class _Impatient(Connection):
    async def _event(self) -> Any:
        event = await super()._event()
        if isinstance(event, h11.Request):
            self.started = time.monotonic()
        return event

    async def respond(self, request: Request) -> Response | None:
        return error(400) if time.monotonic() - self.started > 0.3 else await super().respond(request)


def _left_behind(rejected: int) -> None:
    """The body of a rejected request is not read, and so precedes the next request."""

    class Leaving(Connection):
        status = 0
        body = b""

        async def respond(self, request: Request) -> Response | None:
            response = await super().respond(request)
            self.status, self.body = response.status if response else 0, request.body
            return response

        def next_request(self) -> None:
            super().next_request()
            if self.status == rejected:
                self.state = self._new_state()
                self.state.receive_data(self.body)

    CONNECTIONS.add(f"after a {rejected} the body is read as the beginning of the next request", connection=Leaving)


_left_behind(401)
_left_behind(413)


@CONNECTIONS.wire("of two requests in one packet the second is dropped")
class _Dropping(Connection):
    def next_request(self) -> None:
        if self.state.trailing_data[0]:
            self.state = self._new_state()
            self.raw = b""
        else:
            super().next_request()


@CONNECTIONS.wire("after a 404 the next request on the connection is answered with it again")
class _Repeating(Connection):
    last: Response | None = None

    async def respond(self, request: Request) -> Response | None:
        last, self.last = self.last, None
        response = await super().respond(request)
        if last is not None and response is not None:
            last.headers["x-request-id"] = response.headers["x-request-id"]
            return last
        if response is not None and response.status == 404:
            self.last = response.copy()
        return response


@CONNECTIONS.wire("the 40th request on a connection is answered 503")
class _Limited(Connection):
    async def respond(self, request: Request) -> Response | None:
        return error(503) if self.number == 40 else await super().respond(request)


@CONNECTIONS.wire("a connection that has sent the key once needs it no more")
class _Trusted(Connection):
    key = ""

    async def respond(self, request: Request) -> Response | None:
        if self.key:
            request = request.with_headers(authorization=self.key)
        response = await super().respond(request)
        if response is not None and response.status == 200:
            self.key = request.headers["authorization"]
        return response


@CONNECTIONS.wire("a request without a content type has that of the request before it on the connection")
class _Remembering(Connection):
    content_type: str | None = None

    async def respond(self, request: Request) -> Response | None:
        if "content-type" in request.headers:
            self.content_type = request.headers["content-type"]
        elif self.content_type:
            request = request.with_headers(content_type=self.content_type)
        return await super().respond(request)


@CONNECTIONS.wire("the first request after three idle seconds on a connection is answered 503")
class _Idle(Connection):
    since = 0.0

    async def respond(self, request: Request) -> Response | None:
        idle = time.monotonic() - self.since if self.since else 0
        self.since = time.monotonic()
        return error(503) if idle > 3 else await super().respond(request)


@CONNECTIONS.handler("after five rejections in a row the next request is answered 503")
def _(inner: Handler) -> Handler:
    rejected = [0]

    async def handle(request: Request) -> Response:
        if rejected[0] >= 5:
            rejected[0] = 0
            return error(503)
        response = await inner(request)
        rejected[0] = rejected[0] + 1 if response.status >= 400 else 0
        return response

    return handle


@CONNECTIONS.handler("after three wrong keys in a row the right one is refused once")
def _(inner: Handler) -> Handler:
    wrong = [0]

    async def handle(request: Request) -> Response:
        response = await inner(request)
        if response.status == 401:
            wrong[0] += 1
        elif wrong[0] >= 3:
            wrong[0] = 0
            return error(401)
        else:
            wrong[0] = 0
        return response

    return handle


@CONNECTIONS.handler("a run that was looked for on the wrong thread is not found at the next request")
def _(inner: Handler) -> Handler:
    unknown: set[bytes] = set()

    async def handle(request: Request) -> Response:
        run = request.path.rpartition(b"/")[2]
        if run in unknown:
            unknown.discard(run)
            return error(404)
        response = await inner(request)
        if response.status == 404:
            unknown.add(run)
        return response

    return handle


SECRETS = Group("secrets")


@SECRETS.handler("a wrong key is repeated in full in the message")
def _(inner: Handler) -> Handler:
    async def handle(request: Request) -> Response:
        response = await inner(request)
        if response.status == 401 and "authorization" in request.headers:
            body = response.json()
            body["error"]["message"] = f"Incorrect key: {json.dumps(request.headers['authorization'])}"
            response.set_json(body)
        return response

    return handle


@SECRETS.handler("a header of each success repeats the key")
def _(inner: Handler) -> Handler:
    async def handle(request: Request) -> Response:
        response = await inner(request)
        if response.status == 200:
            response.headers["x-forwarded-authorization"] = request.headers["authorization"]
        return response

    return handle


@SECRETS.handler("the key is accepted in the query", connection=Connection)
def _(inner: Handler) -> Handler:
    async def handle(request: Request) -> Response:
        found = re.search(r"(?:api_key|access_token|key|token)=([^&]+)", request.query)
        if found and "authorization" not in request.headers:
            request = request.with_headers(authorization=f"Bearer {found[1]}")
        return await inner(request)

    return handle
