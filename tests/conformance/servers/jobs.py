"""specs/jobs.yaml: an action, an upload, a log in plain text. Forms are read by Werkzeug."""

import json
from collections.abc import Awaitable, Callable
from io import BytesIO
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from werkzeug.formparser import FormDataParser
from werkzeug.http import parse_options_header

TARGETS = ({"queue": "mail", "job": "1"}, {"queue": "mail", "job": "2"}, {"queue": "print", "job": "3"})
FAULTS = {
    "form unchecked": "The parts of an upload need not be there.",
    "any log": "The log of a job that does not exist is empty.",
    "stop fails": "Stopping a job ends in 500 every time.",
    "any upload": "A file can be attached to a job that does not exist.",
}


class Jobs:
    """The jobs, and what the routes do with them."""

    def __init__(self, fault: str = "") -> None:
        self._fault = fault
        self._jobs = {
            (target["queue"], target["job"]): {
                "id": target["job"],
                "queue": target["queue"],
                "title": f"Job {target['job']}",
                "state": "running",
            }
            for target in TARGETS
        }

    def _job(self, request: Request) -> dict[str, Any]:
        found = self._jobs.get((request.path_params["queue"], request.path_params["job"]))
        if found is None:
            raise HTTPException(404, "no such job")
        return found

    async def list(self, request: Request) -> Response:
        queue = request.path_params["queue"]
        return JSONResponse({"jobs": [job for job in self._jobs.values() if job["queue"] == queue]})

    async def get(self, request: Request) -> Response:
        return JSONResponse(self._job(request))

    async def change(self, request: Request) -> Response:
        job = self._job(request)
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            raise HTTPException(415, "expected application/json")
        try:
            body = json.loads((await request.body()).decode(), object_pairs_hook=_unique, parse_constant=_refused)
        except (ValueError, RecursionError):
            raise HTTPException(400, "not JSON") from None
        title = body.get("title") if isinstance(body, dict) else None
        if not isinstance(title, str) or len(body) != 1 or len(title) > 40 or not _is_text(title):
            raise HTTPException(400, "expected a title")
        job["title"] = title
        return JSONResponse(job)

    async def stop(self, request: Request) -> Response:
        job = self._job(request)
        if self._fault == "stop fails":
            return JSONResponse({"error": "internal error"}, 500)
        if job["state"] != "running":
            raise HTTPException(409, "the job is not running")
        job["state"] = "stopped"
        return JSONResponse(job)

    async def attach(self, request: Request) -> Response:
        if self._fault != "any upload":
            self._job(request)
        raw = await request.body()
        kind, options = parse_options_header(request.headers.get("content-type"))
        _, fields, files = FormDataParser(stream_factory=lambda *_, **__: BytesIO()).parse(
            BytesIO(raw), kind, len(raw), options
        )
        file, purpose = files.get("file"), fields.get("purpose")
        if self._fault == "form unchecked":
            return JSONResponse({"name": "file", "bytes": 0, "purpose": str(purpose)}, 201)
        if file is None or purpose not in ("input", "output"):
            raise HTTPException(400, "expected file and purpose")
        return JSONResponse({"name": file.filename, "bytes": len(file.read()), "purpose": purpose}, 201)

    async def log(self, request: Request) -> Response:
        if self._fault == "any log" and "x" not in request.path_params["job"]:
            return PlainTextResponse("")
        return PlainTextResponse(f"{self._job(request)['title']} started")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({name for name, _ in pairs}) < len(pairs):
        raise ValueError("a name is there twice")
    return dict(pairs)


def _refused(name: str) -> Any:
    raise ValueError(name)


def _is_text(text: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in text)


async def _failed(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return JSONResponse({"error": str(error.detail)}, error.status_code, headers=error.headers)


def create_app(fault: str = "") -> Starlette:
    """The server, right or with a fault."""
    jobs = Jobs(fault)
    one = "/queues/{queue}/jobs/{job}"
    routes: list[tuple[str, str, Callable[[Request], Awaitable[Response]]]] = [
        ("GET", "/queues/{queue}/jobs", jobs.list),
        ("GET", one, jobs.get),
        ("PATCH", one, jobs.change),
        ("POST", f"{one}/stop", jobs.stop),
        ("POST", f"{one}/files", jobs.attach),
        ("GET", f"{one}/log", jobs.log),
    ]
    by_path: dict[str, dict[str, Callable[[Request], Awaitable[Response]]]] = {}
    for method, path, handler in routes:
        by_path.setdefault(path, {})[method] = handler
    return Starlette(
        routes=[Route(path, _by_method(handlers), methods=list(handlers)) for path, handlers in by_path.items()],
        exception_handlers={HTTPException: _failed},
    )


def _by_method(
    handlers: dict[str, Callable[[Request], Awaitable[Response]]],
) -> Callable[[Request], Awaitable[Response]]:
    async def handle(request: Request) -> Response:
        handler = handlers.get(request.method) or handlers["GET"]
        return await handler(request)

    return handle
