"""What may be sent to a live server: reads, and changes of the declared targets. Nothing else, valid or not."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conformance.asgi import read_body
from tests.conformance.conftest import ROOT
from thread_runs_conformance import judge
from thread_runs_conformance.guard import Guard, Withheld
from thread_runs_conformance.operations import operations_of
from thread_runs_conformance.report import WRITERS
from thread_runs_conformance.spec import Spec
from thread_runs_conformance.targets import Target

KEY = "sk-guard-Key-5678"
TARGET = Target({"thread_id": "thread_1", "run_id": "run/é 1"})
PATH = "/v1/threads/thread_1/runs/run%2F%C3%A9%201"
CHANGE = b'{"metadata": {"k": "v"}}'


@pytest.fixture(scope="module")
def with_delete(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """openapi.yaml with a GET and a DELETE in addition to the modify operation."""
    document = yaml.safe_load((ROOT / "openapi.yaml").read_text("utf-8"))
    item = document["paths"]["/threads/{thread_id}/runs/{run_id}"]
    shared = {name: item["post"][name] for name in ("security", "parameters", "responses")}
    item["get"] = {"operationId": "retrieveRun", **shared}
    gone = {"204": {"description": "The run is gone."}, "404": item["post"]["responses"]["404"]}
    item["delete"] = {"operationId": "deleteRun", **shared, "responses": gone}
    path = tmp_path_factory.mktemp("spec") / "delete.yaml"
    path.write_text(yaml.safe_dump(document, sort_keys=False, allow_unicode=True), "utf-8")
    return path


def guard(spec: Path, *, disposable: bool = False) -> Guard:
    return Guard(operations_of(Spec(spec)), [TARGET], "/v1", disposable)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", PATH, CHANGE),
        ("POST", "/v1/threads/%74hread_1/runs/run%2f%c3%a9%201?x=1", CHANGE),
        ("POST", PATH, b"not JSON"),
        ("POST", "/v1/threads/thread_1/runs/run_of_somebody_else", b"{}"),
        ("GET", "/v1/anything", b""),
        ("HEAD", PATH, b""),
        ("OPTIONS", PATH, b""),
        ("TRACE", PATH, b""),
    ],
)
def test_reads_and_changes_of_targets_pass(with_delete: Path, method: str, path: str, body: bytes) -> None:
    guard(with_delete).check(method, path, body)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("DELETE", PATH, b""),
        ("DELETE", "/v1/threads/thread_1/runs/RUN", b""),
        ("delete", PATH, b""),
        ("PUT", PATH, CHANGE),
        ("PATCH", PATH, CHANGE),
        ("POST", "/v1/threads/thread_1/runs/run_of_somebody_else", CHANGE),
        ("POST", "/v1/threads/thread_1/runs/run_of_somebody_else", b""),
        ("POST", "/v1/threads/thread_1/runs/run%252F%C3%A9%201", CHANGE),
        ("POST", "/v1/threads/thread_1/runs", CHANGE),
        ("POST", PATH + "/cancel", b""),
        ("POST", PATH + "/", CHANGE),
        ("PURGE", PATH, b""),
    ],
)
def test_nothing_else_passes_unless_the_server_is_disposable(
    with_delete: Path, method: str, path: str, body: bytes
) -> None:
    with pytest.raises(Withheld):
        guard(with_delete).check(method, path, body)
    guard(with_delete, disposable=True).check(method, path, body)


class CaselessServer:
    """A server whose identifiers are not case-sensitive, with GET, POST and DELETE."""

    def __init__(self, example: Any, *names: str) -> None:
        self.runs = {name.lower(): {**example, "thread_id": "thread_1", "id": name} for name in names}
        self.methods: set[str] = set()
        self._count = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            raise NotImplementedError
        body = await read_body(receive)
        self._count += 1
        self.methods.add(scope["method"])
        status, value = self._answer(scope, body)
        headers = [(b"content-type", b"application/json"), (b"x-request-id", b"req_%d" % self._count)]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if status == 204 else json.dumps(value).encode()})

    def _answer(self, scope: Any, body: bytes) -> tuple[int, Any]:
        name = scope["path"].rpartition("/")[2].lower()
        if name not in self.runs:
            return 404, {"error": {"message": "No run.", "type": "invalid_request_error", "param": None, "code": None}}
        if scope["method"] == "DELETE":
            del self.runs[name]
            return 204, None
        if scope["method"] == "POST":
            try:
                sent = json.loads(body).get("metadata", {})
            except (ValueError, AttributeError):
                sent = {}
            stored = self.runs[name]["metadata"] or {}
            self.runs[name] = {**self.runs[name], "metadata": {} if sent is None else {**stored, **sent}}
        return 200, self.runs[name]


@pytest.fixture
def example() -> Any:
    document = yaml.safe_load((ROOT / "openapi.yaml").read_text("utf-8"))
    return document["components"]["examples"]["RunCancelled"]["value"]


@pytest.mark.slow
def test_a_live_resource_is_never_deleted(with_delete: Path, example: Any) -> None:
    server = CaselessServer(example, "run_Abc")
    before = json.loads(json.dumps(server.runs))
    report = judge(
        app=server,
        targets=["thread_id=thread_1,run_id=run_Abc"],
        spec=with_delete,
        bearer=KEY,
        profile="quick",
        pause=0,
    )
    assert server.methods <= {"GET", "HEAD", "POST", "OPTIONS", "TRACE"}
    assert server.runs == before
    assert report.not_restored == []
    assert report.findings
    assert "deleteRun" in report.not_judged


def test_on_a_disposable_server_no_finding_follows_from_a_delete(with_delete: Path, example: Any) -> None:
    server = CaselessServer(example, "run_Abc", "run_Def")
    report = judge(
        app=server,
        targets=["thread_id=thread_1,run_id=run_Abc", "thread_id=thread_1,run_id=run_Def"],
        spec=with_delete,
        bearer=KEY,
        disposable=True,
        profile="quick",
        pause=0,
        only="DELETE",
    )
    assert {finding.code for finding in report.findings} <= {"invalid-request-accepted"}, report.findings


def test_what_could_not_be_restored_comes_first_in_every_report(example: Any) -> None:
    class Losing(CaselessServer):
        """Removes all pairs, and does not store the first one again."""

        def _answer(self, scope: Any, body: bytes) -> tuple[int, Any]:
            return super()._answer(scope, body.replace(b'"first": "1"', b""))

    report = judge(
        app=Losing({**example, "metadata": {"first": "1"}}, "run_1"),
        targets=["thread_id=thread_1,run_id=run_1"],
        bearer=KEY,
        only="targets",
        pause=0,
    )
    assert report.exit_status == 2
    written = {name: write(report) for name, write in WRITERS.items()}
    assert written["text"].startswith("NOT RESTORED: ")
    assert written["github"].startswith("::error title=not restored::")
    assert list(json.loads(written["json"]))[2] == "not_restored"
    assert written["junit"].index("could not be restored") < written["junit"].index('name="targets"')
    assert written["html"].index("could not be restored") < written["html"].index("<table")


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
def test_compressed_responses_are_read(coding: str) -> None:
    import gzip
    import zlib

    import thread_runs_mock

    inner = thread_runs_mock.create_app(api_key=KEY)
    codings: dict[str, Any] = {"gzip": gzip.compress, "deflate": zlib.compress}
    compress = codings[coding]

    async def app(scope: Any, receive: Any, send: Any) -> None:
        started: list[Any] = []

        async def compressed(message: Any) -> None:
            if message["type"] == "http.response.start":
                started.append(message)
                return
            body = message.get("body", b"")
            headers = [pair for pair in started[0]["headers"] if pair[0].lower() != b"content-length"]
            offered = dict(scope["headers"]).get(b"accept-encoding", b"").decode()
            if coding in offered and body:
                body, headers = compress(body), [*headers, (b"content-encoding", coding.encode())]
            await send({**started[0], "headers": headers})
            await send({**message, "body": body})

        await inner(scope, receive, compressed)

    report = judge(
        app=app, targets=["thread_id=thread_abc123,run_id=run_cancelled"], bearer=KEY, only="generated: ", pause=0
    )
    assert (report.findings, report.errors, report.exit_status) == ([], [], 0)
