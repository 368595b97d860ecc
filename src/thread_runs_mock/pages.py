"""What the mock shows of itself: `/docs`, `/openapi.yaml` and `/_mock/`. None of it is part of the contract."""

from __future__ import annotations

import datetime
from collections.abc import Awaitable, Callable, Iterator
from html import escape
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeAlias

from thread_runs_mock import reference, strict_json
from thread_runs_mock import spec as specs

if TYPE_CHECKING:
    from thread_runs_mock.app import Application

_SHOWN = 50
"""Runs and requests on the status page."""
_PAGE = 1000
"""Runs that are read at a time for an export."""

Pairs: TypeAlias = list[tuple[bytes, bytes]]
Send: TypeAlias = Callable[[dict[str, Any]], Awaitable[None]]
Page: TypeAlias = Callable[[Pairs, Send], Awaitable[None]]


class Pages:
    """The pages of one application. They ask for no key, and hold none."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._started = datetime.datetime.now(datetime.UTC)
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
        """The page of a path; it adds its own headers to those it is given.

        A page raises `ApiError` before it has sent anything.
        """
        return self._pages.get(("GET" if method == "HEAD" else method, path))

    async def _docs(self, headers: Pairs, send: Send) -> None:
        spec = self._application.spec
        page = reference.page(specs.parse(spec.source), spec.base_path or "/")
        await _send(headers, send, "text/html; charset=utf-8", page.encode())

    async def _openapi(self, headers: Pairs, send: Send) -> None:
        await _send(headers, send, "application/yaml", self._application.spec.source)

    async def _health(self, headers: Pairs, send: Send) -> None:
        await self._application.with_store("", lambda: self._application.store.contains(""))
        health = {"status": "ok", "version": self._application.spec.version, "store": self._application.store.name}
        await _send(headers, send, "application/json", strict_json.encode(health))

    async def _requests(self, headers: Pairs, send: Send) -> None:
        requests = [request.as_object() for request in self._application.recorder.requests()]
        await _send(headers, send, "application/json", strict_json.encode(requests))

    async def _forget_requests(self, headers: Pairs, send: Send) -> None:
        self._application.recorder.clear()
        await send({"type": "http.response.start", "status": 204, "headers": headers})
        await send({"type": "http.response.body", "body": b""})

    async def _runs(self, headers: Pairs, send: Send) -> None:
        bodies = self._application.store.bodies()
        page = await self._page(bodies, _PAGE)
        headers.append((b"content-type", b"application/jsonl"))
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        while page:
            await send({"type": "http.response.body", "body": b"\n".join([*page, b""]), "more_body": True})
            page = await self._page(bodies, _PAGE)
        await send({"type": "http.response.body", "body": b""})

    async def _status(self, headers: Pairs, send: Send) -> None:
        application = self._application
        count = await self._application.with_store("", lambda: len(application.store))
        bodies = await self._page(application.store.bodies(), _SHOWN)
        faults = ", ".join(application.faults) or "none"
        facts = {
            "contract": f"{application.spec.title} {application.spec.version}",
            "base path": application.spec.base_path,
            "store": f"{application.store.name}, {count:,} runs",
            "faults switched on": faults,
            "scripted answers left": str(len(application.script)),
            "running since": self._started.isoformat(sep=" ", timespec="seconds"),
        }
        requests = application.recorder.requests()[: -_SHOWN - 1 : -1]
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
        html = _html(f"{application.spec.title} mock", body, refresh=True)
        await _send(headers, send, "text/html; charset=utf-8", html)

    async def _page(self, bodies: Iterator[bytes], size: int) -> list[bytes]:
        return await self._application.with_store("", lambda: list(islice(bodies, size)))


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


async def _send(headers: Pairs, send: Send, media_type: str, body: bytes) -> None:
    headers += [(b"content-type", media_type.encode()), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})
