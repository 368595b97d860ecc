import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
import yaml

import thread_runs_mock
from tests import debian
from thread_runs_spec import PACKAGED

HEADERS = {"Authorization": "Bearer sk-test-1234", "OpenAI-Beta": "assistants=v2"}
DOCUMENTED = "/threads/thread_abc123/runs/run_abc123"


@pytest.fixture(scope="session")
def document() -> Any:
    """The spec, read by the tests themselves."""
    return yaml.safe_load(PACKAGED.read_text("utf-8"))


@pytest.fixture(scope="session")
def documented_run(document: Any) -> Any:
    return document["components"]["examples"]["RunDocumented"]["value"]


@pytest.fixture(scope="session")
def shown() -> int:
    """How many resources the spec's examples show: a mock holds them when it starts."""
    with thread_runs_mock.serve() as server:
        count = len(httpx.get(f"{server.base_url.removesuffix('/v1')}/_mock/runs").content.splitlines())
    assert count >= 11
    return count


@pytest.fixture
def start() -> Iterator[Callable[..., httpx.Client]]:
    """Serves the mock with the options given, and returns a client of it."""
    from contextlib import ExitStack

    with ExitStack() as stack:

        def started(**options: Any) -> httpx.Client:
            server = stack.enter_context(thread_runs_mock.serve(**options))
            return stack.enter_context(httpx.Client(base_url=server.base_url, headers=HEADERS))

        yield started


@pytest.fixture
def client(start: Callable[..., httpx.Client]) -> httpx.Client:
    return start()


@pytest.fixture
def write_spec(tmp_path: Path, document: Any) -> Callable[[Callable[[Any], None]], Path]:
    """Writes a copy of the spec with a change made to it."""
    import copy

    def write(change: Callable[[Any], None]) -> Path:
        changed = copy.deepcopy(document)
        change(changed)
        path = tmp_path / "changed.yaml"
        path.write_text(yaml.safe_dump(changed, sort_keys=False, allow_unicode=True), "utf-8")
        return path

    return write


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The URL of a PostgreSQL server of our own, on loopback."""
    folder = "usr/lib/postgresql/*/bin"
    initdb, postgres = (debian.program(name, "postgresql", folder) for name in ("initdb", "postgres"))
    # The server does not run as root.
    user = "postgres" if os.geteuid() == 0 else None
    with tempfile.TemporaryDirectory() as directory, socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
        if user:
            shutil.chown(directory, user)
        data = f"{directory}/data"
        make = [initdb, "--pgdata", data, "--auth=trust", "--username=mock", "--no-sync", "--encoding=UTF8"]
        subprocess.run(make, user=user, cwd=directory, capture_output=True, check=True)
        probe.close()
        options = ["-D", data, "-h", "127.0.0.1", "-p", str(port), "-k", directory, "-c", "fsync=off"]
        with Path(directory, "log").open("wb") as log:
            server = subprocess.Popen([postgres, *options], user=user, cwd=directory, stdout=log, stderr=log)
        try:
            url = f"postgresql://mock@127.0.0.1:{port}/postgres"
            deadline = time.monotonic() + 30
            while True:
                try:
                    psycopg.connect(url).close()
                    break
                except psycopg.OperationalError:
                    if server.poll() is not None or time.monotonic() > deadline:
                        pytest.fail(Path(directory, "log").read_text(encoding="utf-8"))
                    time.sleep(0.05)
            yield url
        finally:
            # Do not wait for clients to leave.
            server.send_signal(signal.SIGINT)
            server.wait(30)


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def location(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str | None]:
    """Where a store is; empty at first."""
    if request.param == "memory":
        yield None
    elif request.param == "sqlite":
        yield str(tmp_path / "runs.db")
    else:
        url = request.getfixturevalue("postgresql")
        yield url
        with psycopg.connect(url, autocommit=True) as connection:
            for table in ("thread_runs_mock", "thread_runs_mock_removed", "thread_runs_mock_facts"):
                connection.execute(f"DROP TABLE IF EXISTS {table}")


@pytest.fixture
def launch() -> Iterator[Callable[..., tuple[subprocess.Popen[str], str]]]:
    """Starts the command and waits until it says where it listens."""
    processes: list[subprocess.Popen[str]] = []

    def launched(*arguments: str, **environment: str) -> tuple[subprocess.Popen[str], str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "thread_runs_mock", "--port", "0", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            env={**os.environ, **environment},
            # With a group of its own its workers can be ended with it.
            start_new_session=True,
        )
        processes.append(process)
        assert process.stdout
        line = process.stdout.readline()
        assert re.fullmatch(r"thread-runs-mock: listening on http://127\.0\.0\.1:\d+/v1\n", line), line
        return process, line.split()[-1]

    yield launched
    for process in processes:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
