"""What the mock promises to those who run it: health, records, a clean stop, and help where its extra is missing."""

import contextlib
import json
import resource
import signal
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

import thread_runs_mock
from thread_runs_mock.__main__ import main
from thread_runs_mock.server import Server, listen

from .conftest import DOCUMENTED, HEADERS

NOTES = """
openapi: 3.1.0
info: {title: Notes, version: '1'}
servers: [{url: /v1}]
security: [{header: []}, {query: []}]
paths:
  /notes:
    post:
      requestBody: {content: {application/json: {schema: {type: object}}}}
      responses:
        '201': {description: made, content: {application/json: {schema: {$ref: '#/components/schemas/Note'}}}}
  /notes/{note_id}:
    parameters: [{name: note_id, in: path, required: true, schema: {type: string}}]
    get:
      responses:
        '200': {description: one, content: {application/json: {schema: {$ref: '#/components/schemas/Note'}}}}
components:
  securitySchemes:
    header: {type: apiKey, in: header, name: X-Notes-Auth}
    query: {type: apiKey, in: query, name: sig}
  schemas:
    Note:
      type: object
      required: [id, created_at, text]
      properties: {id: {type: string}, created_at: {type: integer}, text: {type: string}}
      example: {id: note_abc123, created_at: 1, text: b}
"""
Launch = Callable[..., tuple[subprocess.Popen[str], str]]


def post(url: str, **headers: str) -> httpx.Response:
    return httpx.post(url + DOCUMENTED, json={"metadata": {"k": "v" * 500}}, headers={**HEADERS, **headers}, timeout=60)


def test_health_says_when_nothing_can_be_written(tmp_path: Path, launch: Launch) -> None:
    store = tmp_path / "runs.db"
    process, url = launch("--store", str(store), "--quiet")
    health = f"{url.removesuffix('/v1')}/_mock/health"
    assert httpx.get(health).status_code == 200
    # A file that may not grow fails as one on a full disk does.
    _, hard = resource.prlimit(process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (4096, hard))
    failed = httpx.get(health)
    assert (failed.status_code, failed.json()["error"]["type"]) == (503, "server_error")
    assert post(url).status_code == 503
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (hard, hard))
    assert httpx.get(health).status_code == 200
    assert post(url).status_code == 200
    process.terminate()
    _, errors = process.communicate(timeout=30)
    # The message names the file.
    assert f"the SQLite store {store} failed: " in errors


def test_health_says_when_the_database_cannot_be_written(postgresql: str) -> None:
    url = postgresql.rpartition("/")[0] + "/health"
    with psycopg.connect(postgresql, autocommit=True) as admin:

        def change(setting: bytes) -> None:
            admin.execute(b"ALTER DATABASE health " + setting)
            admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'health'")

        admin.execute("CREATE DATABASE health")
        try:
            with thread_runs_mock.serve(store=url) as server, httpx.Client(headers=HEADERS) as client:
                health = f"{server.base_url.removesuffix('/v1')}/_mock/health"
                for broken, repaired in (
                    (b"ALLOW_CONNECTIONS false", b"ALLOW_CONNECTIONS true"),
                    (b"SET default_transaction_read_only = on", b"RESET default_transaction_read_only"),
                ):
                    assert client.get(health).status_code == 200
                    change(broken)
                    # The first request may find that its connection is gone.
                    assert [client.get(health).status_code for _ in range(2)] == [503, 503]
                    assert client.post(server.base_url + DOCUMENTED, json={}).status_code == 503
                    change(repaired)
                    client.get(health)
                    assert client.get(health).status_code == 200
                    assert client.post(server.base_url + DOCUMENTED, json={}).status_code == 200
        finally:
            admin.execute("DROP DATABASE health WITH (FORCE)")


def test_responses_made_by_faults_are_recorded_and_marked() -> None:
    with thread_runs_mock.serve(faults="") as server, httpx.Client(base_url=server.base_url, headers=HEADERS) as client:

        def meet(fault: str) -> None:
            client.post(DOCUMENTED, json={"metadata": {}}, headers={"Prefer": f"fault={fault}"})

        for fault in ("html; value=502", "garbage-json", "delay; value=0", "none", "informational"):
            meet(fault)
        for fault in ("reset-before-headers", "reset-after-headers"):
            with pytest.raises(httpx.TransportError):
                meet(fault)
        client.post(DOCUMENTED, json={})
        found = [(request.fault, request.status, request.json) for request in server.requests]
    assert found == [
        ("html", 502, {"metadata": {}}),
        ("garbage-json", 200, {"metadata": {}}),
        ("delay", 200, {"metadata": {}}),
        (None, 400, {"metadata": {}}),
        ("informational", 200, {"metadata": {}}),
        ("reset-before-headers", 0, {"metadata": {}}),
        ("reset-after-headers", 200, {"metadata": {}}),
        (None, 200, {}),
    ]


@pytest.mark.parametrize(("grace", "status"), [("30", 200), ("0.1", 503)])
def test_requests_in_progress_are_finished_or_rejected_when_the_server_stops(
    grace: str, status: int, launch: Launch
) -> None:
    process, url = launch("--faults", "--grace", grace)
    with ThreadPoolExecutor() as pool:
        delay = "1" if status == 200 else "60"
        waiting = pool.submit(post, url, Prefer=f"fault=delay; value={delay}")
        assert process.stderr
        # The line is logged when the delay begins.
        assert "fault delay" in process.stderr.readline()
        process.send_signal(signal.SIGTERM)
        response = waiting.result()
    assert response.status_code == status
    if status == 503:
        assert response.json()["error"]["message"] == "The server is stopping."
        assert response.headers["x-request-id"].startswith("req_")
    assert process.wait(30) == 0


@pytest.mark.parametrize(("grace", "delay", "status"), [("30", "1", 200), ("0.1", "60", 503)])
def test_each_worker_finishes_or_rejects_its_requests_when_it_stops(
    grace: str, delay: str, status: int, launch: Launch, tmp_path: Path
) -> None:
    store = ("--store", str(tmp_path / "runs.db"), "--workers", "2")
    process, url = launch("--faults", "--grace", grace, *store)
    with ThreadPoolExecutor(8) as pool:
        waiting = [pool.submit(post, url, Prefer=f"fault=delay; value={delay}") for _ in range(8)]
        assert process.stderr
        # A line is logged when a delay begins; a short one may be over before the last begins.
        begun = 0
        while begun < len(waiting):
            begun += "fault delay" in process.stderr.readline()
        process.send_signal(signal.SIGTERM)
        assert [each.result().status_code for each in waiting] == [status] * 8
    assert process.wait(30) == 0


def test_a_seed_makes_two_processes_give_the_same(launch: Launch, tmp_path: Path) -> None:
    spec = tmp_path / "notes.yaml"
    spec.write_text(NOTES, "utf-8")
    answers = []
    for _ in range(2):
        process, url = launch("--spec", str(spec), "--seed", "7", "--quiet")
        sent = [httpx.post(f"{url}/notes", json={"text": "a"}) for _ in range(3)]
        assert [response.status_code for response in sent] == [201] * 3
        requests = httpx.get(f"{url.removesuffix('/v1')}/_mock/requests").json()
        times = [request["time"] for request in requests]
        answers.append([(response.json(), response.headers["x-request-id"]) for response in sent] + times)
        process.terminate()
    assert answers[0] == answers[1]
    notes = [note for note, _ in answers[0][:3]]
    assert len({note["id"] for note in notes}) == 3
    assert {note["created_at"] for note in notes} == {1_700_000_000}


def test_a_response_in_progress_is_cut_off_when_the_server_stops(launch: Launch) -> None:
    process, url = launch("--faults", "--grace", "0.1")
    headers = {**HEADERS, "Prefer": "fault=endless-body"}
    with httpx.stream("POST", url + DOCUMENTED, json={}, headers=headers, timeout=60) as response:
        process.send_signal(signal.SIGTERM)
        with contextlib.suppress(httpx.TransportError):
            for part in response.iter_raw():
                assert part.strip(b"[ ") == b""
    assert process.wait(30) == 0


def test_a_server_that_is_stopped_before_it_runs_does_not_run() -> None:
    with contextlib.closing(thread_runs_mock.create_app()) as application:
        server = Server(application, lambda: None)
        server.stop()
        server.run([listen("127.0.0.1", 0)])
        # Nor does it matter that it has stopped already.
        server.stop()


def python(code: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], cwd=cwd, capture_output=True, encoding="utf-8", check=False)


WITHOUT = "import sys; sys.modules['{}'] = None; "
NEEDS = "thread_runs_mock needs its extra: pip install 'thread-runs[mock]' (no module named {})"


@pytest.mark.parametrize("missing", ["uvicorn", "orjson", "yaml"])
def test_the_command_says_what_to_install(missing: str, tmp_path: Path) -> None:
    code = WITHOUT.format(missing) + "from thread_runs_mock.__main__ import main; sys.exit(main(['--port', '0']))"
    done = python(code, tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"thread-runs-mock: {NEEDS.format(missing)}\n")


@pytest.mark.parametrize("call", ["create_app()", "serve().__enter__()"])
def test_the_functions_say_what_to_install(call: str, tmp_path: Path) -> None:
    done = python(WITHOUT.format("uvicorn") + f"import thread_runs_mock; thread_runs_mock.{call}", tmp_path)
    if call == "create_app()":
        # The application itself does not need a server.
        assert done.returncode == 0
        done = python(WITHOUT.format("orjson") + f"import thread_runs_mock; thread_runs_mock.{call}", tmp_path)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("ImportError: thread_runs_mock needs its extra: pip install ")


def test_another_missing_module_is_not_mistaken_for_the_extra(tmp_path: Path) -> None:
    done = python(WITHOUT.format("asyncio") + "import thread_runs_mock; thread_runs_mock.serve().__enter__()", tmp_path)
    assert "ModuleNotFoundError" in done.stderr.splitlines()[-1]


def test_the_fixture_says_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text("import sys\nsys.modules['orjson'] = None\n", "utf-8")
    (tmp_path / "test_it.py").write_text("def test_it(thread_runs_mock):\n    pass\n", "utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:schemathesis", "test_it.py"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, encoding="utf-8", check=False)
    assert f"ImportError: {NEEDS.format('orjson')}" in done.stdout


def test_exchanges_are_recorded_to_a_file_and_replayed_from_it(tmp_path: Path) -> None:
    file = tmp_path / "bug.jsonl"
    options: dict[str, Any] = {"api_key": "sk-secret-1234"}
    key = {"Authorization": "Bearer sk-secret-1234"}
    with thread_runs_mock.serve(record=file, faults="", **options) as server:
        sent = [
            post(f"{server.base_url}", **key),
            post(server.base_url, Prefer="fault=html; value=502", **key),
            httpx.post(f"{server.base_url}/none?api_key=sk-secret-1234", headers={"Cookie": "sk-secret-1234"}),
        ]
    text = file.read_text("utf-8")
    assert "sk-secret" not in text
    assert len(text.splitlines()) == 3
    with thread_runs_mock.serve(replay=file, **options) as server:
        again = [
            post(f"{server.base_url}", **key),
            post(server.base_url, **key),
            httpx.post(f"{server.base_url}/none?api_key=sk-other"),
        ]
        unknown = post(server.base_url, **key)
    assert [(each.status_code, each.content) for each in again] == [(each.status_code, each.content) for each in sent]
    assert [each.headers["x-request-id"] for each in again] == [each.headers["x-request-id"] for each in sent]
    assert (unknown.status_code, unknown.json()["error"]["message"]) == (
        404,
        "The recording has no further response for POST /v1/threads/thread_abc123/runs/run_abc123.",
    )


def test_secrets_that_the_spec_names_are_masked(tmp_path: Path) -> None:
    spec, file = tmp_path / "notes.yaml", tmp_path / "bug.jsonl"
    spec.write_text(NOTES, "utf-8")
    call: dict[str, Any] = {"json": {"text": "a"}, "headers": {"X-Notes-Auth": "my-credential", "X-Other": "shown"}}
    with thread_runs_mock.serve(spec, record=file, faults="") as server:
        sent = httpx.post(f"{server.base_url}/notes?sig=my-credential&page=2", **call)
        call["headers"]["Prefer"] = "fault=html"
        httpx.post(f"{server.base_url}/notes", **call)
        shown = [str(request.as_object()) for request in server.requests]
    assert all(
        "my-credential" not in text and "shown" in text for text in [*shown, *file.read_text("utf-8").splitlines()]
    )
    with thread_runs_mock.serve(spec, replay=file) as server:
        again = httpx.post(f"{server.base_url}/notes?sig=another&page=2", json={"text": "a"})
    assert again.content == sent.content


def test_two_recordings_share_a_file_which_the_command_replays(tmp_path: Path, launch: Launch) -> None:
    file = tmp_path / "bug.jsonl"
    store = ("--store", str(tmp_path / "runs.db"), "--workers", "2")
    sent = []
    for arguments in ((), store):
        process, url = launch("--quiet", "--record", str(file), *arguments)
        sent += [post(url).content for _ in range(4)]
        process.terminate()
        assert process.wait(30) == 0
    assert len(file.read_text("utf-8").splitlines()) == 8
    _, url = launch("--quiet", "--replay", str(file))
    assert [post(url).content for _ in range(8)] == sent
    assert post(url).status_code == 404


def test_pages_ask_for_no_key(tmp_path: Path) -> None:
    with thread_runs_mock.serve(api_key="sk-secret-1234") as server:
        post(server.base_url, Authorization="Bearer sk-secret-1234")
        root = server.base_url.removesuffix("/v1")
        for path in ("/docs", "/openapi.yaml", "/_mock/", "/_mock/status.json", "/_mock/requests", "/_mock/runs"):
            page = httpx.get(root + path)
            assert page.status_code == 200
            assert "sk-secret-1234" not in page.text
        assert httpx.post(server.base_url + DOCUMENTED, json={}).status_code == 401


def test_each_worker_shows_its_own_requests(tmp_path: Path, launch: Launch) -> None:
    _, url = launch("--quiet", "--store", str(tmp_path / "runs.db"), "--workers", "2")
    page = f"{url.removesuffix('/v1')}/_mock/requests"
    for _ in range(8):
        # A client keeps its connection, and so its process.
        with httpx.Client(headers=HEADERS) as client:
            before = client.get(page).json()
            identifier = client.post(url + DOCUMENTED, json={}).headers["x-request-id"]
            assert [request["request_id"] for request in client.get(page).json()[len(before) :]] == [identifier]


def test_a_recording_holds_bytes_and_broken_connections(tmp_path: Path) -> None:
    file = tmp_path / "bug.jsonl"
    as_json = {**HEADERS, "content-type": "application/json"}
    with thread_runs_mock.serve(record=file, faults="") as server:
        with pytest.raises(httpx.TransportError):
            post(server.base_url, Prefer="fault=reset-before-headers")
        sent = httpx.post(server.base_url + DOCUMENTED, content=b"\xff", headers=as_json)
        page = httpx.get(server.base_url.removesuffix("/v1") + "/_mock/runs")
    with thread_runs_mock.serve(replay=file) as server:
        with pytest.raises(httpx.TransportError):
            post(server.base_url)
        again = httpx.post(server.base_url + DOCUMENTED, content=b"\xff", headers=as_json)
        assert httpx.get(server.base_url.removesuffix("/v1") + "/_mock/runs").content == page.content
        # Of a recording nothing is given twice.
        assert httpx.get(server.base_url.removesuffix("/v1") + "/_mock/runs").status_code == 404
    assert (again.status_code, again.content) == (sent.status_code, sent.content)


def test_a_response_without_a_body_is_replayed_without_one(tmp_path: Path) -> None:
    file = tmp_path / "bug.jsonl"
    request = {"method": "DELETE", "path": "/v1/a", "query": "", "headers": {}, "body": ""}
    image = {"status": 200, "headers": {"content-type": "image/png"}, "body_base64": "iVBORw=="}
    exchanges = [{"request": request, "response": {"status": 204, "headers": {}, "body": ""}}]
    exchanges.append({"request": {**request, "method": "GET"}, "response": image})
    file.write_text("".join(f"{json.dumps(exchange)}\n" for exchange in exchanges), "utf-8")
    with thread_runs_mock.serve(replay=file) as server:
        deleted = httpx.delete(f"{server.base_url}/a")
        assert (deleted.status_code, deleted.content, "content-length" in deleted.headers) == (204, b"", False)
        assert httpx.get(f"{server.base_url}/a").content == b"\x89PNG"


@pytest.mark.parametrize("text", ["{", "{}", '{"request": 1, "response": null}', '{"request": {}, "response": {}}'])
def test_a_recording_that_cannot_be_read(text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "bug.jsonl"
    file.write_text(f"{text}\n", "utf-8")
    assert main(["--replay", str(file), "--port", "0"]) == 2
    assert capsys.readouterr().err == f"thread-runs-mock: {file}: line 1: not a recorded exchange\n"


@pytest.mark.parametrize("option", ["--record", "--replay"])
def test_a_recording_in_no_folder(option: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "none" / "bug.jsonl"
    assert main([option, str(file), "--port", "0"]) == 2
    assert capsys.readouterr().err == f"thread-runs-mock: {file}: No such file or directory\n"


def test_a_recording_on_a_full_disk_does_not_stop_the_mock(caplog: pytest.LogCaptureFixture) -> None:
    with thread_runs_mock.serve(record="/dev/full") as server:
        assert post(server.base_url).status_code == 200
    assert "the recording failed: No space left on device" in caplog.text
