"""Every store keeps runs in the same way; those on disk keep them for the next process."""

import asyncio
import contextlib
import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

import thread_runs_mock
from thread_runs_mock.loading import RunsError
from thread_runs_mock.stores import StoreError

from .conftest import DOCUMENTED, HEADERS

CLIENTS = 64
DATABASES = ["sqlite", "postgresql"]
ROUNDS = 3


def test_state(location: str | None, start: Callable[..., httpx.Client], documented_run: Any) -> None:
    client = start(store=location, create_missing=True)
    pairs = {"a": "1", "\0": "ü🦔"}
    expected = {**documented_run, "metadata": {**documented_run["metadata"], **pairs}}
    assert client.post(DOCUMENTED, json={"metadata": pairs}).json() == expected
    assert client.post(DOCUMENTED, json={}).json() == expected
    too_many = {f"k{n}": "" for n in range(16)}
    assert client.post(DOCUMENTED, json={"metadata": too_many}).status_code == 400
    assert client.post(DOCUMENTED, json={}).json() == expected
    for thread_id, run_id in (("a%2Fb", "%25"), ("a", "b%2F%25"), ("%00", "x%00"), ("t" * 1500, "é" * 50)):
        path = f"/threads/{thread_id}/runs/{run_id}"
        assert client.post(path, json={"metadata": {"own": run_id}}).json()["metadata"]["own"] == run_id
        assert client.post(path, json={}).json()["metadata"]["own"] == run_id


def test_missing_resources_get_404(location: str | None, start: Callable[..., httpx.Client]) -> None:
    client = start(store=location)
    for path, message in (
        ("/threads/thread_abc123/runs/run_x", "No run found with id 'run_x'."),
        ("/threads/thread_abc12/runs/run_abc123", "No thread found with id 'thread_abc12'."),
        ("/threads/thread_abc1234/runs/run_abc123", "No thread found with id 'thread_abc1234'."),
    ):
        response = client.post(path, json={})
        assert (response.status_code, response.json()["error"]["message"]) == (404, message)


@pytest.mark.slow
def test_more_runs_than_are_kept_as_objects(start: Callable[..., httpx.Client]) -> None:
    client = start(create_missing=True)
    # The store in memory keeps 256 of them.
    for n in range(300):
        assert client.post(f"/threads/t/runs/{n}", json={}).status_code == 200
    assert client.post("/threads/t/runs/1", json={"metadata": {"a": "b"}}).json()["metadata"]["a"] == "b"


def test_read_and_delete(
    location: str | None, start: Callable[..., httpx.Client], write_spec: Callable[..., Path]
) -> None:
    def change(document: Any) -> None:
        item = document["paths"]["/threads/{thread_id}/runs/{run_id}"]
        item["delete"] = {
            "parameters": item["post"]["parameters"][:2],
            "responses": {"204": {"description": "gone"}},
        }

        item["get"] = {name: item["post"][name] for name in ("parameters", "responses")}

    client = start(store=location, spec=write_spec(change))
    assert client.get(DOCUMENTED).json()["id"] == "run_abc123"
    assert client.delete(DOCUMENTED).status_code == 204
    assert client.delete(DOCUMENTED).status_code == 404
    assert client.get(DOCUMENTED).status_code == 404
    assert client.post(DOCUMENTED, json={}).status_code == 404


def serve_once(location: str | None, sent: Any, **options: Any) -> Any:
    """Start a server for one request; return the metadata of its response."""
    with thread_runs_mock.serve(store=location, **options) as server:
        answer = httpx.post(server.base_url + DOCUMENTED, json=sent, headers=HEADERS)
        return answer.json()["metadata"]


@pytest.mark.parametrize("location", ["sqlite", "postgresql"], indirect=True)
def test_changes_survive_a_restart(location: str, documented_run: Any, shown: int) -> None:
    runs = [{**documented_run, "metadata": {"from": "file"}}]
    assert serve_once(location, {"metadata": {"a": "1"}}, runs=runs) == {"from": "file", "a": "1"}
    # What the store holds is newer than the file.
    assert serve_once(location, {"metadata": {"b": "2"}}, runs=runs) == {"from": "file", "a": "1", "b": "2"}
    # A bad file changes nothing.
    other = {**documented_run, "id": "run_other"}
    with pytest.raises(RunsError):
        serve_once(location, {}, runs=[other, {}])
    with thread_runs_mock.serve(store=location) as server, httpx.Client(headers=HEADERS) as client:
        assert client.post(f"{server.base_url}/threads/thread_abc123/runs/run_other", json={}).status_code == 404
        root = server.base_url.removesuffix("/v1")
        assert client.get(f"{root}/_mock/health").json()["store"] != "memory"
        assert client.get(f"{root}/_mock/status.json").json()["store"]["count"] == shown


# The databases add nothing to the coverage of reading and writing files.
@pytest.mark.parametrize(
    "location", ["memory", *(pytest.param(name, marks=pytest.mark.unmeasured) for name in DATABASES)], indirect=True
)
def test_many_runs_from_store_to_store(location: str | None, tmp_path: Path, documented_run: Any, shown: int) -> None:
    path = tmp_path / "runs.jsonl"
    # More than between two reports of progress, which are 10,000 runs apart, and than one page for a database.
    text = json.dumps({**documented_run, "id": "run_ID", "metadata": {"n": "ID"}}) + "\n"
    path.write_text("".join([text.replace("ID", str(n)) for n in range(10_001)]), "utf-8")
    exported = tmp_path / "exported.jsonl"
    store = [] if location is None else ["--store", location]
    command = [sys.executable, "-m", "thread_runs_mock"]
    result = subprocess.run(
        [*command, *store, "--runs", path, "--export", exported], capture_output=True, encoding="utf-8", check=True
    )
    assert result.stderr.endswith("thread-runs-mock: 10,001 runs read, 100%\n")
    assert len(exported.read_bytes().splitlines()) == 10_001 + shown
    again = subprocess.run([*command, "--runs", exported, "--export", "-"], capture_output=True, check=True)
    assert sorted(again.stdout.splitlines()) == sorted(exported.read_bytes().splitlines())


async def by_clients(base_url: str, path: Callable[[int], str], pairs: Callable[[int, int], Any]) -> list[list[Any]]:
    """Let all clients send their requests at once, each one after another. Return the metadata received, by client.

    Each client has a connection of its own. An HTTP library would take most of the time of these tests.
    """
    url = httpx.URL(base_url)
    head = "".join(f"{name}: {value}\r\n" for name, value in {**HEADERS, "Content-Type": "application/json"}.items())

    async def one(number: int) -> list[Any]:
        reader, writer = await asyncio.open_connection(url.host, url.port)
        received = []
        for turn in range(ROUNDS):
            body = json.dumps({"metadata": pairs(number, turn)})
            line = f"POST {url.path}{path(number)} HTTP/1.1\r\nHost: mock\r\n"
            writer.write(f"{line}{head}Content-Length: {len(body)}\r\n\r\n{body}".encode())
            answer = await reader.readuntil(b"\r\n\r\n")
            length = re.search(rb"content-length: (\d+)", answer)
            assert length
            content = await reader.readexactly(int(length[1]))
            assert answer.startswith(b"HTTP/1.1 200 "), content
            received.append(json.loads(content)["metadata"])
        writer.close()
        await writer.wait_closed()
        return received

    return await asyncio.wait_for(asyncio.gather(*(one(number) for number in range(CLIENTS))), 60)


@pytest.mark.unmeasured
def test_64_clients_that_merge(location: str | None) -> None:
    def pairs(number: int, turn: int) -> dict[str, str]:
        # A run has room for 16 pairs: four clients share a key.
        return {f"k{number % 16}": f"{number}:{turn}"}

    with thread_runs_mock.serve(store=location) as server:
        path = "/threads/thread_abc123/runs/run_queued"
        answers = asyncio.run(by_clients(server.base_url, lambda number: path, pairs))
        stored = httpx.post(server.base_url + path, json={}, headers=HEADERS).json()["metadata"]
    for number, own in enumerate(answers):
        for turn, answer in enumerate(own):
            # A response has what was sent, and all that was acknowledged to this client before.
            assert pairs(number, turn).items() <= answer.items()
    assert stored.keys() == {f"k{n}" for n in range(16)}
    assert all(int(value.partition(":")[2]) == ROUNDS - 1 for value in stored.values())


@pytest.mark.unmeasured
def test_64_clients_that_replace(location: str | None) -> None:
    def pairs(number: int, turn: int) -> dict[str, str]:
        return {f"k{n}": f"{number}:{turn}" for n in range(16)}

    with thread_runs_mock.serve(store=location, metadata="replace") as server:
        answers = asyncio.run(by_clients(server.base_url, lambda number: DOCUMENTED, pairs))
        stored = httpx.post(server.base_url + DOCUMENTED, json={}, headers=HEADERS).json()["metadata"]
    assert answers == [[pairs(number, turn) for turn in range(ROUNDS)] for number in range(CLIENTS)]
    # The last set of one client, and whole.
    assert stored in [pairs(number, ROUNDS - 1) for number in range(CLIENTS)]


@pytest.mark.unmeasured
def test_64_clients_with_runs_of_their_own(location: str | None) -> None:
    with thread_runs_mock.serve(store=location, create_missing=True) as server:
        answers = asyncio.run(
            by_clients(
                server.base_url, lambda number: f"/threads/t/runs/{number}", lambda number, turn: {f"k{turn}": ""}
            )
        )
    for own in answers:
        assert [f"k{turn}" for turn in range(ROUNDS)] == [name for name in own[-1] if name.startswith("k")]


async def by_two_replicas(urls: list[str]) -> None:
    await asyncio.gather(*(by_clients(url, lambda number: DOCUMENTED, replica_pairs(url)) for url in urls))


def replica_pairs(url: str) -> Callable[[int, int], dict[str, str]]:
    # Seven keys for each replica, and one pair is there from the start.
    return lambda number, turn: {f"{url[-8:-3]}_{number % 7}": f"{turn}"}


@pytest.mark.unmeasured
def test_two_replicas_lose_no_update(postgresql: str, launch: Callable[..., tuple[Any, str]]) -> None:
    try:
        # Started together, on an empty database.
        urls = [launch("--store", postgresql, "--quiet")[1] for _ in range(2)]
        asyncio.run(by_two_replicas(urls))
        stored = [httpx.post(url + DOCUMENTED, json={}, headers=HEADERS).json()["metadata"] for url in urls]
        assert stored[0] == stored[1]
        for url in urls:
            assert {f"{url[-8:-3]}_{n}": str(ROUNDS - 1) for n in range(7)}.items() <= stored[0].items()
    finally:
        with psycopg.connect(postgresql, autocommit=True) as connection:
            connection.execute("DROP TABLE IF EXISTS thread_runs_mock")


def test_workers_share_a_store(tmp_path: Path, launch: Callable[..., tuple[Any, str]]) -> None:
    process, url = launch("--store", str(tmp_path / "runs.db"), "--workers", "2", "--quiet")
    for n in range(12):
        # A new connection each time: the system gives it to either.
        answer = httpx.post(url + DOCUMENTED, json={"metadata": {f"k{n}": ""}}, headers=HEADERS)
        assert [f"k{m}" in answer.json()["metadata"] for m in range(n + 1)] == [True] * (n + 1)
    process.terminate()
    assert process.communicate(timeout=30) == ("", "")
    assert process.returncode == 0


def test_workers_are_kept_running(tmp_path: Path, launch: Callable[..., tuple[Any, str]]) -> None:
    path = tmp_path / "runs.db"
    process, url = launch("--store", str(path), "--workers", "2", "--quiet")

    def kill_workers() -> None:
        for pid in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text(encoding="utf-8").split():
            os.kill(int(pid), signal.SIGKILL)

    for _ in range(3):
        kill_workers()
        assert httpx.post(url + DOCUMENTED, json={}, headers=HEADERS, timeout=30).status_code == 200
    # One that cannot serve any more ends them all, and says why.
    path.write_bytes(b"not a database" * 1000)
    kill_workers()
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 2
    assert f"thread-runs-mock: the SQLite store {path} failed: file is not a database" in errors


def test_a_request_that_is_cancelled(tmp_path: Path) -> None:
    async def check() -> None:
        application = thread_runs_mock.create_app(store=tmp_path / "runs.db")
        with contextlib.closing(application), contextlib.closing(sqlite3.connect(tmp_path / "runs.db")) as other:
            other.execute("BEGIN IMMEDIATE")
            state = application.state
            waiting = asyncio.create_task(state.with_store("", lambda: state.store.contains("")))
            await asyncio.sleep(0)
            waiting.cancel()
            other.rollback()
            assert not await state.with_store("", lambda: state.store.contains("/none"))
            assert waiting.cancelled()

    asyncio.run(check())


@pytest.mark.parametrize("statement", ["DROP TABLE thread_runs_mock", "SELECT pg_terminate_backend(%s)"])
def test_a_database_that_fails(postgresql: str, statement: str, caplog: pytest.LogCaptureFixture) -> None:
    with thread_runs_mock.serve(store=postgresql) as server, httpx.Client(headers=HEADERS) as client:
        with psycopg.connect(postgresql, autocommit=True) as connection:
            if "%s" in statement:
                query = "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND query = 'COMMIT'"
                row = connection.execute(query).fetchone()
                assert row
                connection.execute(statement.encode(), row)
            else:
                connection.execute(statement.encode())
        response = client.post(server.base_url + DOCUMENTED, json={})
        assert (response.status_code, response.json()["error"]["type"]) == (503, "server_error")
        root = server.base_url.removesuffix("/v1")
        if "%s" in statement:
            # The next request has a connection again.
            assert client.post(server.base_url + DOCUMENTED, json={}).status_code == 200
        else:
            assert client.get(f"{root}/_mock/health").status_code == 503
    assert "the PostgreSQL store failed: " in caplog.text
    with psycopg.connect(postgresql, autocommit=True) as connection:
        connection.execute("DROP TABLE IF EXISTS thread_runs_mock")


@pytest.mark.parametrize(
    ("location", "message"),
    [
        ("mysql://host/db", "a store is a file or a postgresql:// URL, but got 'mysql://'"),
        ("/none/runs.db", "/none/runs.db: no such directory"),
        ("/tmp", "the SQLite store /tmp failed: unable to open database file"),
        ("postgresql://127.0.0.1:1/x", "the PostgreSQL store failed: connection"),
    ],
)
def test_no_such_store(location: str, message: str) -> None:
    with pytest.raises(StoreError) as caught:
        thread_runs_mock.create_app(store=location)
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_not_a_database(tmp_path: Path) -> None:
    path = tmp_path / "runs.db"
    path.write_text("not a database" * 100, "utf-8")
    with pytest.raises(StoreError, match=f"the SQLite store {path} failed: file is not a database"):
        thread_runs_mock.create_app(store=path)


def test_without_the_postgresql_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(StoreError, match=r"needs: pip install 'thread-runs\[postgresql\]'"):
        thread_runs_mock.create_app(store="postgresql://127.0.0.1/x")


def test_a_commit_waits_for_the_disk(tmp_path: Path) -> None:
    application = thread_runs_mock.create_app(store=tmp_path / "runs.db")
    try:
        with application.state.store.transaction():
            connection: sqlite3.Connection = application.state.store._connection  # type: ignore[attr-defined]
            assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
            assert connection.execute("PRAGMA synchronous").fetchone() == (2,)
    finally:
        application.close()
