"""Requests that reach another run than the one they name, or an operation that is none."""

import unicodedata
from collections.abc import Callable
from urllib.parse import unquote, unquote_to_bytes

from tests.conformance.wrong_servers.proxy import Group, Handler, Request, Response

ROUTING = Group("routing")


def _routed(name: str, change: Callable[[list[bytes], list[list[bytes]]], list[bytes]]) -> None:
    """`change` is given the decoded segments of a path and those of all paths that were right so far."""

    def wrap(inner: Handler) -> Handler:
        known: list[list[bytes]] = []

        async def handle(request: Request) -> Response:
            response = await inner(request)
            parts = [unquote_to_bytes(part) for part in request.path.split(b"/")]
            if response.status == 200 and parts not in known:
                known.append(parts)
            if response.status == 404 and len(parts) >= 6:
                again = change(parts, known)
                path = b"/".join(b"".join(b"%%%02X" % byte for byte in part) for part in again)
                return await inner(Request(request.method, path, request.headers, request.body))
            return response

        return handle

    ROUTING.add(name, wrap)


def _matching(
    test: Callable[[bytes, bytes], bool], *, only: int | None = None
) -> Callable[[list[bytes], list[list[bytes]]], list[bytes]]:
    """A path is taken for a known one if each identifier passes the test."""

    def change(parts: list[bytes], known: list[list[bytes]]) -> list[bytes]:
        for other in known:
            same = [
                mine == its or (test(mine, its) if only in (None, index) else False)
                for index, (mine, its) in enumerate(zip(parts, other, strict=False))
            ]
            if len(parts) == len(other) and all(same):
                return other
        return parts

    return change


def _nfkc(text: bytes) -> str:
    return unicodedata.normalize("NFKC", text.decode(errors="replace"))


_routed("identifiers are compared without case", _matching(lambda a, b: a.lower() == b.lower()))
_routed("run ids are compared without case", _matching(lambda a, b: a.lower() == b.lower(), only=5))
_routed("thread ids are compared without case", _matching(lambda a, b: a.lower() == b.lower(), only=3))
_routed("identifiers are decoded twice", _matching(lambda a, b: unquote_to_bytes(a) == b))
_routed("identifiers are stripped", _matching(lambda a, b: a.strip() == b))
_routed("identifiers end at NUL", _matching(lambda a, b: a.partition(b"\x00")[0] == b))
_routed("identifiers end at a semicolon", _matching(lambda a, b: a.partition(b";")[0] == b))
_routed("identifiers end at a question mark", _matching(lambda a, b: a.partition(b"?")[0] == b))
_routed("identifiers end at a hash sign", _matching(lambda a, b: a.partition(b"#")[0] == b))
_routed("identifiers end at a slash", _matching(lambda a, b: a.partition(b"/")[0] == b))
_routed("an identifier's beginning is enough", _matching(lambda a, b: len(a) > 3 and b.startswith(a)))
_routed("what begins with an identifier is taken for it", _matching(lambda a, b: a.startswith(b)))
_routed("the thread id is ignored", _matching(lambda a, b: True, only=3))
_routed("the run id is ignored", _matching(lambda a, b: True, only=5))
_routed("an asterisk matches every run", _matching(lambda a, b: a == b"*"))
_routed("identifiers are normalised to NFKC", _matching(lambda a, b: _nfkc(a) == b.decode(errors="replace")))
_routed("dots are resolved in identifiers", _matching(lambda a, b: b"/../" in a and a.rpartition(b"/")[2] == b))
_routed("quotes are removed from identifiers", _matching(lambda a, b: a.strip(b"'\"") == b))


@ROUTING.handler("a percent-encoded identifier is not decoded")
def _(inner: Handler) -> Handler:
    async def handle(request: Request) -> Response:
        return await inner(Request(request.method, request.path.replace(b"%", b"%25"), request.headers, request.body))

    return handle


@ROUTING.handler("unknown runs are made on first use")
def _(inner: Handler) -> Handler:
    known: list[Request] = []

    async def handle(request: Request) -> Response:
        response = await inner(request)
        if response.status == 200 and not known:
            known.append(request)
        if response.status == 404 and known and request.method == "POST":
            parts = unquote(request.path.decode()).split("/")
            made = await inner(known[0].with_json({}))
            made.set_json({**made.json(), "thread_id": parts[3], "id": parts[-1], "metadata": request.sent() or {}})
            return made
        return response

    return handle


for _method in ("GET", "PUT", "PATCH", "DELETE"):

    def _wrap(inner: Handler, method: str = _method) -> Handler:
        async def handle(request: Request) -> Response:
            if request.method == method and method != "GET":
                request = Request("POST", request.path, request.headers, request.body)
            elif request.method == method:
                headers = {**request.headers, "content-type": "application/json", "content-length": "2"}
                request = Request("POST", request.path, headers, b"{}")
            return await inner(request)

        return handle

    ROUTING.add(f"{_method} is answered like POST", _wrap)
