"""What wrong servers are made of: a handler around the mock that changes what goes in or what comes out."""

import copy
import json
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

import thread_runs_mock
from tests.conformance.asgi import read_body

Message: TypeAlias = MutableMapping[str, Any]


@dataclass(frozen=True)
class Request:
    """A request.

    Attributes:
        headers: By lower-case name; repeated ones are joined.
        connection: Tells apart the connections that requests come from.
        pairs: The headers as they were sent. This and what follows is known of requests to the wire server only.
        parts: The body, as it arrived.
        target: What the request line names, with the query.
    """

    method: str
    path: bytes
    headers: dict[str, str]
    body: bytes
    connection: Any = None
    pairs: tuple[tuple[str, str], ...] = ()
    parts: tuple[bytes, ...] = ()
    target: bytes = b""
    query: str = ""
    version: str = "1.1"

    def json(self) -> Any:
        """The body, or None if it is not JSON."""
        try:
            # As text: json.loads would take bytes for UTF-16 too, which is a defect of its own.
            return json.loads(self.body.decode())
        except (ValueError, RecursionError):
            return None

    def with_json(self, value: Any) -> "Request":
        return self.with_body(encoded(value))

    def with_body(self, body: bytes) -> "Request":
        return replace(self, body=body, headers={**self.headers, "content-length": str(len(body))})

    def with_headers(self, **changes: str | None) -> "Request":
        """Names with underscores; None removes a header."""
        headers = dict(self.headers)
        for name, value in changes.items():
            headers.pop(name.replace("_", "-"), None)
            if value is not None:
                headers[name.replace("_", "-")] = value
        return replace(self, headers=headers)

    def sent(self) -> Any:
        """The value of `metadata`, or None."""
        body = self.json()
        return body.get("metadata") if isinstance(body, dict) else None

    def with_sent(self, metadata: Any) -> "Request":
        return self.with_json({**self.json(), "metadata": metadata})


@dataclass
class Response:
    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)

    def set_json(self, value: Any) -> None:
        self.body = encoded(value)

    def copy(self) -> "Response":
        return copy.deepcopy(self)


Handler: TypeAlias = Callable[[Request], Awaitable[Response]]
Wrapper: TypeAlias = Callable[[Handler], Handler]


@dataclass(frozen=True)
class Mutant:
    """A server that is wrong in one way.

    Attributes:
        wrap: Makes the wrong handler of the right one.
        edit: Changes the spec that the mock serves.
        metadata: Whether the mock below merges or replaces.
        connection: The wire server's class for connections; None if the fault shows under uvicorn too.
    """

    name: str
    group: str
    wrap: Wrapper | None = None
    edit: Callable[[Any], None] | None = None
    metadata: str = "merge"
    connection: Any = None


@dataclass
class Group:
    """Mutants of one class, collected by decorators."""

    name: str
    mutants: list[Mutant] = field(default_factory=list)

    def add(self, name: str, wrap: Wrapper | None = None, **options: Any) -> None:
        self.mutants.append(Mutant(name, self.name, wrap, **options))

    def request(self, name: str, **options: Any) -> Callable[[Callable[[Request], Request]], None]:
        """The decorated function changes each request."""
        return lambda change: self.add(name, changing_requests(change), **options)

    def response(self, name: str, when: str = "2", **options: Any) -> Callable[[Callable[[Response], None]], None]:
        """The decorated function changes each response whose status begins with `when`."""
        return lambda change: self.add(name, changing_responses(change, when), **options)

    def run(self, name: str, **options: Any) -> Callable[[Callable[[Any], Any]], None]:
        """The decorated function changes each Run that is answered; it may return another."""
        return lambda change: self.add(name, changing_runs(change), **options)

    def handler(self, name: str, **options: Any) -> Callable[[Wrapper], None]:
        """The decorated function makes a handler of a handler."""
        return lambda wrap: self.add(name, wrap, **options)

    def wire(self, name: str, **options: Any) -> Callable[[Any], None]:
        """The decorated class serves the connections."""
        return lambda connection: self.add(name, connection=connection, **options)

    def spec(self, name: str, **options: Any) -> Callable[[Callable[[Any], None]], None]:
        """The decorated function changes the spec that is served."""
        return lambda edit: self.add(name, edit=edit, **options)


def encoded(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")


def changing_requests(change: Callable[[Request], Request]) -> Wrapper:
    def wrap(inner: Handler) -> Handler:
        async def handle(request: Request) -> Response:
            return await inner(change(request))

        return handle

    return wrap


def changing_responses(change: Callable[[Response], None], when: str = "") -> Wrapper:
    def wrap(inner: Handler) -> Handler:
        async def handle(request: Request) -> Response:
            response = await inner(request)
            if str(response.status).startswith(when):
                change(response)
            return response

        return handle

    return wrap


def changing_runs(change: Callable[[Any], Any]) -> Wrapper:
    def edit(response: Response) -> None:
        run = response.json()
        changed = change(run)
        response.set_json(run if changed is None else changed)

    return changing_responses(edit, "2")


def every(count: int, wrap: Wrapper, of: str = "") -> Wrapper:
    """The fault shows on every `count`-th answer only (of those whose status begins with `of`)."""

    def outer(inner: Handler) -> Handler:
        calls = [0]
        last: list[Response] = []

        async def remembered(request: Request) -> Response:
            return last[0].copy()

        wrong = wrap(remembered)

        async def handle(request: Request) -> Response:
            response = await inner(request)
            if str(response.status).startswith(of):
                calls[0] += 1
                if calls[0] % count == 0:
                    last[:] = [response]
                    return await wrong(request)
            return response

        return handle

    return outer


def error(status: int, message: str = "Refused.", **changes: Any) -> Response:
    """A refusal in the documented form."""
    body = {"error": {"message": message, "type": "invalid_request_error", "param": None, "code": None, **changes}}
    headers = {"content-type": "application/json", "x-request-id": next(_identifiers)}
    return Response(status, headers, encoded(body))


def _counted() -> Iterator[str]:
    number = 0
    while True:
        number += 1
        yield f"req_mutant_{number}"


_identifiers = _counted()


class MutantApp:
    """The ASGI application of a wrong server.

    Attributes:
        handler: Answers a request wrongly.
    """

    def __init__(self, mutant: Mutant, spec: Any, runs: list[dict[str, Any]], key: str) -> None:
        mode: Any = mutant.metadata
        application = thread_runs_mock.create_app(spec, runs, metadata=mode, api_key=key)
        self.spec = application.spec
        self._application = application
        self.handler = mutant.wrap(self._forward) if mutant.wrap else self._forward

    async def __call__(self, scope: Message, receive: Any, send: Any) -> None:
        body = await read_body(receive)
        headers: dict[str, str] = {}
        for name, value in scope["headers"]:
            headers[name.decode()] = value.decode("latin-1")
        response = await self.handler(
            Request(scope["method"], scope["raw_path"], headers, body, tuple(scope.get("client") or ()))
        )
        pairs = [(name.encode(), value.encode("latin-1")) for name, value in response.headers.items()]
        if response.status not in (204, 304):
            pairs.append((b"content-length", str(len(response.body)).encode()))
        await send({"type": "http.response.start", "status": response.status, "headers": pairs})
        body = b"" if response.status in (204, 304) or scope["method"] == "HEAD" else response.body
        await send({"type": "http.response.body", "body": body})

    async def _forward(self, request: Request) -> Response:
        scope = {
            "type": "http",
            "method": request.method,
            "raw_path": request.path,
            "query_string": b"",
            "headers": [(name.encode("latin-1"), value.encode("latin-1")) for name, value in request.headers.items()],
        }
        response = Response(0, {}, b"")

        async def receive() -> Message:
            return {"type": "http.request", "body": request.body, "more_body": False}

        async def send(message: Message) -> None:
            if message["type"] == "http.response.start":
                response.status = message["status"]
                response.headers = {name.decode(): value.decode("latin-1") for name, value in message["headers"]}
                response.headers.pop("content-length", None)
            else:
                response.body += message.get("body", b"")

        await self._application(scope, receive, send)
        return response
