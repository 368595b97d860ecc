"""What the mock shows of itself: `/docs`, `/openapi.yaml` and `/_mock/`. None of it is part of the spec."""

import datetime
from collections.abc import Awaitable, Callable, Iterator
from html import escape
from itertools import islice
from typing import Any, TypeAlias

from thread_runs_mock import reference, strict_json
from thread_runs_mock.state import State

_SHOWN = 50
"""Runs and requests on the status page."""
_PAGE = 1000
"""Runs that are read at a time for an export."""

Send: TypeAlias = Callable[[dict[str, Any]], Awaitable[None]]
Page: TypeAlias = Callable[[bytes, Send], Awaitable[None]]


class Pages:
    """The pages of one application. They ask for no key, and hold none."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._pages: dict[tuple[str, str], Page] = {
            ("GET", "/docs"): self._docs,
            ("GET", "/openapi.yaml"): self._openapi,
            ("GET", "/_mock"): self._status,
            ("GET", "/_mock/"): self._status,
            ("GET", "/_mock/health"): self._health,
            ("GET", "/_mock/requests"): self._requests,
            ("DELETE", "/_mock/requests"): self._forget_requests,
            ("GET", "/_mock/runs"): self._runs,
        }

    def find(self, method: str, path: str) -> Page | None:
        """Return the page of a path, or None. It is called with the request's identifier.

        A page raises `ApiError` before it has sent anything.
        """
        return self._pages.get(("GET" if method == "HEAD" else method, path))

    async def _docs(self, request_id: bytes, send: Send) -> None:
        service = self._state.service
        page = reference.page(service.document.root, service.base_path or "/")
        await _send(request_id, send, "text/html; charset=utf-8", page.encode())

    async def _openapi(self, request_id: bytes, send: Send) -> None:
        await _send(request_id, send, "application/yaml", self._state.service.source)

    async def _health(self, request_id: bytes, send: Send) -> None:
        state = self._state
        await state.with_store("", state.store.check_writable)
        health = {"status": "ok", "version": state.service.version, "store": state.store.name}
        await _send(request_id, send, "application/json", strict_json.encode(health))

    async def _requests(self, request_id: bytes, send: Send) -> None:
        requests = [request.as_object() for request in self._state.recorder.requests()]
        await _send(request_id, send, "application/json", strict_json.encode(requests))

    async def _forget_requests(self, request_id: bytes, send: Send) -> None:
        self._state.recorder.clear()
        await send({"type": "http.response.start", "status": 204, "headers": [(b"x-request-id", request_id)]})
        await send({"type": "http.response.body", "body": b""})

    async def _runs(self, request_id: bytes, send: Send) -> None:
        bodies = self._state.store.bodies()
        page = await self._page(bodies, _PAGE)
        headers = [(b"x-request-id", request_id), (b"content-type", b"application/jsonl")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        while page:
            await send({"type": "http.response.body", "body": b"\n".join([*page, b""]), "more_body": True})
            page = await self._page(bodies, _PAGE)
        await send({"type": "http.response.body", "body": b""})

    async def _status(self, request_id: bytes, send: Send) -> None:
        state = self._state
        count = await state.with_store("", lambda: len(state.store))
        bodies = await self._page(state.store.bodies(), _SHOWN)
        faults = ", ".join(state.faults) or "none"
        examples_only = [operation.name for operation in state.service.operations if not operation.is_simulated]
        facts = {
            "spec": f"{state.service.title} {state.service.version}",
            "base path": state.service.base_path,
            "store": f"{state.store.name}, {count:,} runs",
            "not simulated": ", ".join(examples_only) or "none",
            "faults switched on": faults,
            "scripted answers left": str(len(state.script)),
            "running since": state.started.isoformat(sep=" ", timespec="seconds"),
        }
        requests = state.recorder.requests()[: -_SHOWN - 1 : -1]
        body = (
            '<nav><a href="/docs">reference</a> <a href="/openapi.yaml">openapi.yaml</a> '
            '<a href="/_mock/runs">all runs</a> <a href="/_mock/requests">all requests</a></nav><table class="facts">'
            + "".join(f"<tr><th>{escape(name)}</th><td>{escape(value)}</td></tr>" for name, value in facts.items())
            + "</table><h2>Last requests</h2><table>"
            "<tr><th>time</th><th>request</th><th>body</th><th>status</th><th>ms</th><th>request id</th></tr>"
            + "".join(
                f"<tr><td>{datetime.datetime.fromtimestamp(request.time, datetime.UTC):%H:%M:%S.%f}</td>"
                f"<td>{escape(request.method)} {escape(request.path)}</td>"
                f"<td><code>{escape(_excerpt(request.body))}</code></td>"
                f'<td class="s{request.status // 100}">{request.status}</td>'
                f"<td>{request.milliseconds:.2f}</td><td>{escape(request.request_id)}</td></tr>"
                for request in requests
            )
            + f"</table><h2>Runs</h2><p>{min(count, _SHOWN)} of {count:,}</p><table>"
            "<tr><th>id</th><th>status</th><th>metadata</th><th>whole</th></tr>"
            + "".join(_run_row(strict_json.decode(body)) for body in bodies)
            + "</table>"
        )
        html = _html(f"{state.service.title} mock", body, refresh=True)
        await _send(request_id, send, "text/html; charset=utf-8", html)

    async def _page(self, bodies: Iterator[bytes], size: int) -> list[bytes]:
        return await self._state.with_store("", lambda: list(islice(bodies, size)))


def _run_row(run: Any) -> str:
    metadata = "<br>".join(
        f"<code>{escape(str(name))}</code> {escape(str(value))}" for name, value in (run.get("metadata") or {}).items()
    )
    whole = escape(strict_json.encode(run).decode())
    return (
        f"<tr><td>{escape(str(run.get('id', '')))}</td><td>{escape(str(run.get('status', '')))}</td>"
        f"<td>{metadata}</td><td><details><summary>JSON</summary><code>{whole}</code></details></td></tr>"
    )


def _excerpt(body: bytes) -> str:
    text = body.decode("utf-8", "backslashreplace")
    return text if len(text) <= 200 else f"{text[:199]}…"


def _html(heading: str, body: str, refresh: bool = False) -> bytes:
    head = '<meta http-equiv="refresh" content="5">' if refresh else ""
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8">{head}<title>{escape(heading)}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><style>'
        "body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:75rem;padding:0 1rem;color:#1f2328}"
        "table{border-collapse:collapse;width:100%;margin:.5rem 0 1.5rem}"
        "th,td{text-align:left;vertical-align:top;padding:.3rem .8rem .3rem 0;border-bottom:1px solid #d8dee4}"
        ".facts{width:auto}nav a{margin-right:1rem}code{font-size:13px;overflow-wrap:anywhere}"
        "td{overflow-wrap:anywhere}.s2{color:#116329}.s4{color:#9a6700}.s5{color:#b42318}"
        f"</style></head><body><h1>{escape(heading)}</h1>{body}</body></html>"
    ).encode()


async def _send(request_id: bytes, send: Send, media_type: str, body: bytes) -> None:
    headers = [
        (b"x-request-id", request_id),
        (b"content-type", media_type.encode()),
        (b"content-length", b"%d" % len(body)),
    ]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})
