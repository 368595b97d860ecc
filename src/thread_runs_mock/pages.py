"""The mock's own pages: `/docs`, `/openapi.yaml` and `/_mock/`. They are not part of the spec."""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

from thread_runs_mock import errors, reference, strict_json
from thread_runs_mock.messages import MAX_BODY, Receive, Request, Send
from thread_runs_mock.script import ScriptError
from thread_runs_mock.state import State

T = TypeVar("T")

_SHOWN = 100
"""The most resources and requests on the status page."""
_PAGE = 1000
"""The number of resources that are read at a time for an export."""
_STATIC = Path(__file__).with_name("static")


@dataclass(frozen=True)
class Visit:
    """A request for a page, and methods to respond to it."""

    request: Request
    identifier: bytes
    receive: Receive
    send: Send

    async def json(self) -> dict[str, Any]:
        """Return the JSON object in the body.

        A browser sends this content type to another origin only after asking, and the mock does not agree: other
        sites cannot change anything.

        Raises:
            ApiError: The body is not a JSON object.
        """
        content_type = self.request.headers.get(b"content-type", b"").decode("latin-1")
        if content_type.partition(";")[0].strip().lower() != "application/json":
            raise errors.wrong_content_type(content_type, "application/json")
        body, more = b"", True
        while more and len(body) <= MAX_BODY:
            message = await self.receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        try:
            value = strict_json.decode(body)
        except strict_json.NotJsonError:
            raise errors.body_not_json() from None
        if not isinstance(value, dict):
            raise errors.not_applied("expected a JSON object")
        return value

    async def respond(self, body: bytes, media_type: str = "application/json", status: int = 200) -> None:
        """Send a response with a body."""
        headers = [
            (b"x-request-id", self.identifier),
            (b"content-type", media_type.encode()),
            (b"content-length", b"%d" % len(body)),
            (b"cache-control", b"no-store"),
        ]
        await self.send({"type": "http.response.start", "status": status, "headers": headers})
        await self.send({"type": "http.response.body", "body": body})

    async def done(self) -> None:
        """Send 204."""
        headers = [(b"x-request-id", self.identifier)]
        await self.send({"type": "http.response.start", "status": 204, "headers": headers})
        await self.send({"type": "http.response.body", "body": b""})


Page: TypeAlias = Callable[[Visit], Awaitable[None]]


class Pages:
    """The pages of one application. They need no key, and show none."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._pages: dict[tuple[str, str], Page] = {
            ("GET", "/docs"): self._docs,
            ("GET", "/openapi.yaml"): self._openapi,
            # Browsers request it on their own.
            ("GET", "/favicon.ico"): Visit.done,
            ("GET", "/_mock"): _static("status.html", "text/html; charset=utf-8"),
            ("GET", "/_mock/"): _static("status.html", "text/html; charset=utf-8"),
            ("GET", "/_mock/status.css"): _static("status.css", "text/css; charset=utf-8"),
            ("GET", "/_mock/status.js"): _static("status.js", "text/javascript; charset=utf-8"),
            ("GET", "/_mock/status.json"): self._status,
            ("GET", "/_mock/health"): self._health,
            ("GET", "/_mock/requests"): self._requests,
            ("DELETE", "/_mock/requests"): self._forget_requests,
            ("GET", "/_mock/runs"): self._resources,
            ("POST", "/_mock/script"): self._add_response,
            ("DELETE", "/_mock/script"): self._clear_script,
            ("PUT", "/_mock/faults"): self._choose_faults,
            ("DELETE", "/_mock/faults"): self._switch_faults_off,
        }

    def find(self, method: str, path: str) -> Page | None:
        """Return the page of a path, or None.

        A page raises `ApiError` before it has sent anything.
        """
        return self._pages.get(("GET" if method == "HEAD" else method, path))

    async def _docs(self, visit: Visit) -> None:
        service = self._state.service
        page = reference.page(service.document.root, service.base_path or "/")
        await visit.respond(page.encode(), "text/html; charset=utf-8")

    async def _openapi(self, visit: Visit) -> None:
        await visit.respond(self._state.service.source, "application/yaml")

    async def _health(self, visit: Visit) -> None:
        state = self._state
        await state.with_store("", state.store.check_writable)
        health = {"status": "ok", "version": state.service.version, "store": state.store.name}
        await visit.respond(strict_json.encode(health))

    async def _requests(self, visit: Visit) -> None:
        requests = [request.as_object() for request in self._state.recorder.requests()]
        await visit.respond(strict_json.encode(requests))

    async def _forget_requests(self, visit: Visit) -> None:
        self._state.recorder.clear()
        await visit.done()

    async def _resources(self, visit: Visit) -> None:
        bodies = self._state.store.bodies()
        page = await self._next(bodies, _PAGE)
        headers = [(b"x-request-id", visit.identifier), (b"content-type", b"application/jsonl")]
        await visit.send({"type": "http.response.start", "status": 200, "headers": headers})
        while page:
            await visit.send({"type": "http.response.body", "body": b"\n".join([*page, b""]), "more_body": True})
            page = await self._next(bodies, _PAGE)
        await visit.send({"type": "http.response.body", "body": b""})

    async def _status(self, visit: Visit) -> None:
        """Send the contents of the status page as JSON."""
        state, service = self._state, self._state.service
        count = await state.with_store("", lambda: len(state.store))
        resources = map(strict_json.decode, await self._next(state.store.bodies(), _SHOWN))
        requests = state.recorder.requests()[: -_SHOWN - 1 : -1]
        documented = {
            (response.status, response.example): {"code": response.status, "example": response.example}
            for operation in service.operations
            for response in operation.documented
        }
        shown = {
            "title": service.title,
            "version": service.version,
            "base_path": service.base_path,
            "started": state.started.isoformat(timespec="seconds"),
            "settings": dict(state.settings),
            "store": {"name": state.store.name, "count": count},
            "not_simulated": [operation.name for operation in service.operations if not operation.is_simulated],
            "resources": [{"key": self._key(resource), "body": resource} for resource in resources],
            "requests": [request.as_object() for request in requests],
            "script": {
                "steps": [{"response": text, "times": times} for text, times in state.script.steps()],
                "documented": list(documented.values()),
            },
            "faults": {
                "rates": None if state.faults is None else state.faults.rates(),
                "known": [] if state.faults is None else state.faults.known(),
            },
        }
        await visit.respond(strict_json.encode(shown))

    def _key(self, resource: Any) -> str:
        home = self._state.service.home(resource)
        return home[0].key(home[1]) if home else str(resource.get("id", ""))

    async def _add_response(self, visit: Visit) -> None:
        """Do what `answer_next` does: `{"code": 429, "example": "rateLimit", "times": 2}`."""
        try:
            self._state.script.add_step(await visit.json())
        except ScriptError as error:
            raise errors.not_applied(str(error)) from None
        await visit.done()

    async def _clear_script(self, visit: Visit) -> None:
        self._state.script.clear()
        await visit.done()

    async def _choose_faults(self, visit: Visit) -> None:
        """Switch faults on, with rates as `--faults` takes them: `{"rates": "delay=0.1:2"}`."""
        rates = (await visit.json()).get("rates", "")
        if self._state.faults is None or not isinstance(rates, str):
            raise errors.not_applied("expected rates to be text, and a server that can apply faults")
        try:
            self._state.faults.choose(rates)
        except ValueError as error:
            raise errors.not_applied(str(error)) from None
        await visit.done()

    async def _switch_faults_off(self, visit: Visit) -> None:
        if self._state.faults is not None:
            self._state.faults.choose(None)
        await visit.done()

    async def _next(self, items: Iterator[T], size: int) -> list[T]:
        return await self._state.with_store("", lambda: list(islice(items, size)))


def _static(name: str, media_type: str) -> Page:
    async def page(visit: Visit) -> None:
        await visit.respond((_STATIC / name).read_bytes(), media_type)

    return page
