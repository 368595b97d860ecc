"""The command `thread-runs`, as a process."""

import contextlib
import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import thread_runs
import thread_runs_mock
from thread_runs_spec import PACKAGED

from .calling import KEY
from .scripted_server import ScriptedServer

pytestmark = pytest.mark.slow
IDS = ["thread_abc123", "run_abc123"]


@pytest.fixture(scope="module")
def mock() -> Iterator[str]:
    with thread_runs_mock.serve() as server:
        yield server.base_url


def command(*arguments: str, url: str | None = None, key: str | None = KEY) -> subprocess.CompletedProcess[str]:
    variables = {"OPENAI_BASE_URL": url, "OPENAI_API_KEY": key}
    return subprocess.run(
        [sys.executable, "-m", "thread_runs", *arguments],
        env={**os.environ, **{name: value for name, value in variables.items() if value}},
        capture_output=True,
        encoding="utf-8",
        timeout=60,
    )


def test_update_shows_the_run(mock: str) -> None:
    done = command("update", *IDS, "--metadata", "step=2", "url=http://a?b=c", "--metadata", "empty=", url=mock)
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[0] == "run_abc123  completed"
    assert {"  step=2", "  url=http://a?b=c", "  empty="} <= set(lines)


def test_update_shows_the_whole_run_as_json(mock: str) -> None:
    done = command("update", *IDS, "--metadata", "step=3", "--json", "--base-url", mock, url="http://127.0.0.1:9")
    assert done.returncode == 0
    assert json.loads(done.stdout)["metadata"]["step"] == "3"
    assert json.loads(command("update", *IDS, "--metadata-null", "--json", url=mock).stdout)["metadata"] == {}
    assert command("update", *IDS, url=mock).stdout == "run_abc123  completed\n"


FAILURES: list[tuple[str, str, int, str]] = [
    ("401 Unauthorized", "{}", 4, "401"),
    ("403 Forbidden", "{}", 4, "403"),
    ("404 Not Found", '{"error": {"message": "No run\\nfound."}}', 5, "No run found. (request id req_1)"),
    ("429 Too Many Requests", "{}", 6, "429"),
    ("503 Busy", "<html>", 7, "503"),
    ("200 OK", "{}", 8, "the object is not recognisably a Run"),
    ("418 I'm a Teapot", "{}", 9, "418"),
]


@pytest.mark.parametrize(("status", "body", "code", "text"), FAILURES)
def test_an_error_is_one_line_and_a_status_by_its_kind(
    server: ScriptedServer, status: str, body: str, code: int, text: str
) -> None:
    server.then(status, body.encode(), "sunset: Sun, 06 Nov 1994 08:49:37 GMT")
    done = command("update", *IDS, "--max-retries", "0", url=server.url)
    assert (done.returncode, done.stdout) == (code, "")
    warning, error = done.stderr.splitlines()
    assert warning == (
        "thread-runs: warning: The server 127.0.0.1 says that this operation is switched off on 1994-11-06 08:49 UTC."
    )
    assert error.startswith("thread-runs: ")
    assert text in error
    assert KEY not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "text"),
    [
        (["update", *IDS, "--max-retries", "0"], 3, "the connection failed"),
        (["update", *IDS, "--metadata", f"{'k' * 65}=v", "long=" + "v" * 513], 2, "at most 64 allowed; metadata.long"),
        (["update", "..", "run_1"], 2, "thread_id must not be"),
        (["update", *IDS, "--deadline", "-1"], 2, "deadline must be above 0"),
        (["update", *IDS, "--base-url", "localhost"], 2, "base_url must begin with"),
        (["update", *IDS, "--metadata", "step"], 2, "expected KEY=VALUE, but got 'step'"),
        ([], 2, "usage: thread-runs"),
    ],
)
def test_what_fails_before_or_without_an_answer(arguments: list[str], code: int, text: str) -> None:
    done = command(*arguments, url="http://127.0.0.1:9")
    assert (done.returncode, done.stdout) == (code, "")
    assert text in done.stderr


def test_a_missing_key_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    done = command("update", *IDS, key=None)
    assert done.returncode == 1
    assert "OPENAI_API_KEY" in done.stderr


def test_help_lists_every_exit_status() -> None:
    from thread_runs import _cli

    text = command("update", "--help").stdout
    for code in {0, 1, 2, *_cli.EXIT_CODES.values()}:
        assert f"\n  {code}  " in text
    errors: Any = [name for name in thread_runs.__all__ if name.endswith("Error")]
    api_errors = [name for name in errors if issubclass(getattr(thread_runs, name), thread_runs.APIStatusError)]
    assert [name for name in api_errors if not any(part in _cli.EXIT_CODES for part in [name, "APIStatusError"])] == []


def test_spec_prints_the_spec() -> None:
    spec = PACKAGED.read_bytes()
    assert spec == (Path(__file__).parents[2] / "openapi.yaml").read_bytes()
    assert command("spec").stdout.encode() == spec


def test_the_output_can_go_to_any_text_stream() -> None:
    from thread_runs import _cli

    with contextlib.redirect_stdout(io.StringIO()) as output:
        assert _cli.main(["--version"]) == 0
    assert output.getvalue().startswith(f"thread-runs {thread_runs.__version__}\n")


def test_a_locale_without_a_character_is_not_an_error(mock: str) -> None:
    ascii_locale = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    variables = {**os.environ, **ascii_locale, "OPENAI_BASE_URL": mock, "OPENAI_API_KEY": KEY}
    body = json.dumps({"metadata": {"city": "Zürich"}}).encode()
    for arguments, printed in (
        (["update", *IDS, "--body", "-"], b"  city=Z\\xfcrich\n"),
        (["spec"], PACKAGED.read_bytes()),
    ):
        command = [sys.executable, "-m", "thread_runs", *arguments]
        done = subprocess.run(command, env=variables, input=body, capture_output=True, timeout=60)
        assert (done.returncode, done.stderr) == (0, b"")
        assert printed in done.stdout


def test_a_closed_output_is_not_an_error() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", "import sys; from thread_runs._cli import main; sys.exit(main(['spec']))"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait() == 0


def test_ctrl_c_ends_quietly(server: ScriptedServer) -> None:
    server.reply = None
    with subprocess.Popen(
        [sys.executable, "-m", "thread_runs", "update", *IDS],
        env={**os.environ, "OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": server.url},
        stderr=subprocess.PIPE,
    ) as process:
        while not server.requests:
            assert process.poll() is None
        process.send_signal(2)
        assert process.wait() == 130
        assert process.stderr is not None
        assert process.stderr.read() == b""


def test_version() -> None:
    shown = command("--version").stdout
    assert shown.startswith("thread-runs ")
    assert f"\nspec {thread_runs.__version__} sha256:" in shown
