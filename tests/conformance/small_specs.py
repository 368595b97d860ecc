"""Small specs of one resource, and a right server of each."""

import json
from pathlib import Path
from typing import Any

import jsonschema_rs

from thread_runs_conformance import judge
from thread_runs_conformance.report import WRITERS
from thread_runs_conformance.result import Report

ERROR = {
    "description": "It was not done.",
    "content": {"application/json": {"schema": {"type": "object", "required": ["message"]}}},
}


def document(change: Any, thing: Any = None, **options: Any) -> Any:
    """A spec that reads and changes a thing.

    Args:
        change: The schema of the body of a change.
        thing: The schema of the thing; by default that of the change, in which nothing is required.
        options: `parameter`, the path parameter; `method`, that of a change, None for none; `required`, whether it
            needs its body; `headers`, parameters of a change.
    """
    shown = thing or {key: value for key, value in change.items() if key in ("properties", "type")}
    answers = {"200": {"description": "The thing.", "content": {"application/json": {"schema": shown}}}, "4XX": ERROR}
    body = {"content": {"application/json": {"schema": change}}, "required": options.get("required", True)}
    method = options.get("method", "patch")
    modify = {
        "operationId": "changeThing",
        "requestBody": body,
        "responses": answers,
        "parameters": options.get("headers", []),
    }
    parameter = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Things", "version": "1"},
        "paths": {
            "/things/{id}": {
                "parameters": [options.get("parameter", parameter)],
                "get": {"operationId": "readThing", "responses": answers},
                **({method: modify} if method else {}),
            }
        },
    }


class Things:
    """A right server of such a spec: changes are merged, or replace the thing by PUT.

    Attributes:
        things: The things, by the last segment of their path.
    """

    def __init__(self, spec: Any, **things: Any) -> None:
        self.things = things
        self.requests: list[tuple[str, str, bytes]] = []
        self._operations = spec["paths"]["/things/{id}"]

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            raise NotImplementedError
        body = (await receive()).get("body", b"")
        self.requests.append((scope["method"], scope["raw_path"].decode(), body))
        status, value = self.answer(scope, body)
        headers = [(b"content-type", b"application/json")]
        if status == 405:
            headers.append((b"allow", ", ".join(method.upper() for method in self._operations).encode()))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        content = b"" if scope["method"] == "HEAD" else json.dumps(value).encode()
        await send({"type": "http.response.body", "body": content})

    def answer(self, scope: Any, body: bytes) -> tuple[int, Any]:
        method, name = scope["method"].lower(), scope["path"].removeprefix("/things/")
        if method not in self._operations or method == "parameters":
            return 405, {"message": "not allowed"}
        if name not in self.things:
            return 404, {"message": "no such thing"}
        if method != "get":
            operation = self._operations[method]
            headers = {key.decode(): value.decode("latin-1") for key, value in scope["headers"]}
            for each in operation["parameters"]:
                if not jsonschema_rs.is_valid(each["schema"], headers.get(each["name"].lower())):
                    return 400, {"message": f"{each['name']} is wrong"}
            if not headers.get("content-type", "").lower().startswith("application/json"):
                return 415, {"message": "not JSON"}
            try:
                value = json.loads(body.decode())
            except (ValueError, RecursionError):
                return 400, {"message": "not JSON"}
            if not jsonschema_rs.is_valid(operation["requestBody"]["content"]["application/json"]["schema"], value):
                return 400, {"message": "wrong"}
            if isinstance(value, dict):
                self.things[name] = {**({} if method == "put" else self.things[name]), **value}
        return 200, self.things[name]


def judged(spec: Any, app: Any, folder: Path, only: str = "", **options: Any) -> Report:
    path = folder / "things.json"
    path.write_text(json.dumps(spec), "utf-8")
    given = {"disposable": True, "profile": "quick", "pause": 0, "targets": ["id=a"], **options}
    return judge("http://things.test", app=app, spec=path, only=only, **given)


def conforms(report: Report) -> bool:
    assert (report.findings, report.errors, report.not_restored) == ([], [], []), WRITERS["text"](report)
    return report.exit_status == 0


def an_object(**properties: Any) -> Any:
    return {"type": "object", "additionalProperties": False, "properties": properties}


TEXT = {"type": "string", "maxLength": 10}
