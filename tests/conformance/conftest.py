import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.conformance.wrong_servers.proxy import Handler, Mutant, MutantApp, Request, Response
from thread_runs_conformance.__main__ import main
from thread_runs_mock import server

ROOT = Path(__file__).parents[2]
KEY = "sk-live-Key-5678"
RUN = {"THREAD_ID": "thread_abc123", "RUN_ID": "run_cancelled"}
ORIGINAL = {"reason": "user left"}
HEADERS = {"Authorization": f"Bearer {KEY}", "OpenAI-Beta": "assistants=v2"}


@pytest.fixture(autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give each test its own journal, because a run restores the resources of an earlier one on the same URL."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))


class Live:
    """A server that is given to the suite by its URL, as a live one is, and records what it is asked."""

    def __init__(self, base_url: str, requests: list[tuple[float, Request]]) -> None:
        self.base_url = base_url
        self.requests = requests

    @property
    def environment(self) -> dict[str, str]:
        return {"BASE_URL": self.base_url, "OPENAI_API_KEY": KEY, **RUN}

    def metadata(self, run_id: str = RUN["RUN_ID"]) -> Any:
        url = f"{self.base_url}/threads/{RUN['THREAD_ID']}/runs/{run_id}"
        return httpx.post(url, headers=HEADERS, json={}).json()["metadata"]


@pytest.fixture
def live() -> Iterator[Callable[..., Live]]:
    """Serves the mock, or what `wrap` makes of it."""
    with contextlib.ExitStack() as stack:

        def start(wrap: Callable[[Handler], Handler] | None = None, **options: Any) -> Live:
            requests: list[tuple[float, Request]] = []

            def record(inner: Handler) -> Handler:
                handler = wrap(inner) if wrap else inner

                async def handle(request: Request) -> Response:
                    requests.append((time.monotonic(), request))
                    return await handler(request)

                return handle

            application: Any = MutantApp(Mutant("live", "live", record, **options), None, [], KEY)
            sock = server.listen("127.0.0.1", 0)
            stack.enter_context(server.in_thread(application, sock))
            return Live(server.base_url(sock, application.spec.base_path), requests)

        yield start


Suite = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def suite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Suite:
    """Runs the command in this process, by default with the quick profile."""

    def run(**environment: str) -> "subprocess.CompletedProcess[str]":
        with monkeypatch.context() as patch:
            patch.setattr(os, "environ", command(tmp_path, **environment)["env"])
            status = main([])
        written = capsys.readouterr()
        return subprocess.CompletedProcess([], status, written.out, written.err)

    return run


def command(output: Path, **environment: str) -> dict[str, Any]:
    """Arguments of `subprocess` that run the command in a process of its own."""
    kept = {name: value for name, value in os.environ.items() if name not in ("OPENAI_API_KEY", "BASE_URL", "SPEC")}
    return {
        "args": [sys.executable, "-m", "thread_runs_conformance"],
        "env": {
            **kept,
            "PROFILE": "quick",
            "PAUSE": "0",
            "OUTPUT": str(output),
            "XDG_CACHE_HOME": str(output / "cache"),
            **environment,
        },
        "stdout": subprocess.PIPE,
        "stderr": subprocess.PIPE,
    }
