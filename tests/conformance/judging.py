"""Judges applications in process, by the few cases that a test is about."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from scripts.repository import SPEC
from tests.conformance.wrong_servers import Mutant, MutantApp
from tests.conformance.wrong_servers.runs import KEY, runs
from thread_runs_conformance import judge
from thread_runs_conformance.result import Report

TARGETS = tuple({"thread_id": run["thread_id"], "run_id": run["id"]} for run in runs())


def wrong_server(mutant: Mutant, folder: Path) -> MutantApp:
    """The application of a wrong server.

    Args:
        folder: Where the document is written that the server serves, if that is what is wrong.
    """
    spec = None
    if mutant.edit is not None:
        document = yaml.safe_load(SPEC.read_text("utf-8"))
        mutant.edit(document)
        spec = folder / "openapi.yaml"
        spec.write_text(yaml.safe_dump(document, sort_keys=False, allow_unicode=True), "utf-8")
    return MutantApp(mutant, spec, runs(), KEY)


def judged(app: Any, only: str, *, targets: Sequence[Any] = TARGETS, **options: Any) -> Report:
    """The report on an application that serves openapi.yaml.

    Args:
        only: Text that the ids of the cases contain.
    """
    given = {"disposable": True, "profile": "quick", "pause": 0, **options}
    return judge("http://server.test/v1", targets, app=app, bearer=KEY, only=only, **given)


@dataclass
class Answer:
    """A response on its way out; headers may be repeated."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)

    def set_json(self, value: Any) -> None:
        self.body = json.dumps(value).encode()


Edit = Callable[[str, str, bytes, Answer], None]


def editing(app: Any, edit: Edit) -> Any:
    """An ASGI application whose responses are edited on their way out.

    Args:
        edit: Is given the method, the path, the request's body and the response, which it changes.
    """

    async def edited(scope: Any, receive: Any, send: Any) -> None:
        body = bytearray()
        answer = Answer(0, [], b"")

        async def receiving() -> Any:
            message = await receive()
            body.extend(message.get("body", b""))
            return message

        async def sending(message: Any) -> None:
            if message["type"] == "http.response.start":
                answer.status = message["status"]
                pairs = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in message["headers"]]
                answer.headers = [pair for pair in pairs if pair[0].lower() != "content-length"]
                return
            answer.body += message.get("body", b"")
            if message.get("more_body", False):
                return
            edit(scope["method"], scope["path"], bytes(body), answer)
            headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in answer.headers]
            await send({"type": "http.response.start", "status": answer.status, "headers": headers})
            await send({"type": "http.response.body", "body": answer.body})

        await app(scope, receiving, sending)

    return edited
