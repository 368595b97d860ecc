"""The command, as a process."""

import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

import thread_runs_mock
from thread_runs_mock import command
from thread_runs_mock.__main__ import main

from .conftest import DOCUMENTED, HEADERS

Process = subprocess.Popen[str]
Launch = Callable[..., tuple[Process, str]]
COMMAND = [sys.executable, "-m", "thread_runs_mock"]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*COMMAND, *arguments], capture_output=True, encoding="utf-8", timeout=120, check=False)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_stops_cleanly_with_connections_open(launch: Launch, number: signal.Signals) -> None:
    process, url = launch()
    host, port = httpx.URL(url).host, httpx.URL(url).port
    assert port
    with httpx.Client(headers=HEADERS) as client, socket.create_connection((host, port)) as half_open:
        half_open.sendall(b"POST /v1/threads/a/runs/b HTTP/1.1\r\n")
        assert client.post(url + DOCUMENTED, json={}).status_code == 200
        process.send_signal(number)
        output, errors = process.communicate(timeout=10)
    assert process.returncode == 0
    assert output == ""
    assert re.fullmatch(r"POST /v1\S+/run_abc123 200 \d+\.\d ms req_[0-9a-f]{24}\n", errors)


def test_an_unfinished_request_does_not_delay_the_stop(launch: Launch) -> None:
    process, url = launch("--quiet", "--grace", "0.2")
    host, port = httpx.URL(url).host, httpx.URL(url).port
    assert port
    with socket.create_connection((host, port)) as unfinished:
        head = "".join(f"{name}: {value}\r\n" for name, value in HEADERS.items())
        path = httpx.URL(url).path + DOCUMENTED
        head += "Content-Type: application/json\r\nContent-Length: 9\r\n"
        unfinished.sendall(f"POST {path} HTTP/1.1\r\nHost: a\r\n{head}\r\n{{".encode())
        assert httpx.post(url, json={}).status_code == 404
        process.terminate()
        assert process.communicate(timeout=10) == ("", "")
    assert process.returncode == 0


def test_options(launch: Launch, tmp_path: Path) -> None:
    process, url = launch("--create-missing", "--metadata", "replace", "--api-key", "sk-test-1234", "--quiet")
    path = "/threads/new/runs/new"
    with httpx.Client(base_url=url, headers=HEADERS) as client:
        assert client.post(path, json={"metadata": {"a": "b"}}).json()["metadata"] == {"a": "b"}
        assert client.post(path, json={"metadata": {"c": "d"}}).json()["metadata"] == {"c": "d"}
        assert client.post(path, json={}, headers={"Authorization": "Bearer other"}).status_code == 401
    process.terminate()
    assert process.communicate(timeout=10) == ("", "")


def test_the_key_of_the_environment_is_never_logged(launch: Launch) -> None:
    process, url = launch(THREAD_RUNS_MOCK_API_KEY="sk-from-environment")
    for key, status in (("sk-from-environment", 200), ("sk-some-other-key", 401)):
        headers = {**HEADERS, "Authorization": f"Bearer {key}"}
        assert httpx.post(url + DOCUMENTED, json={}, headers=headers).status_code == status
    process.terminate()
    _, errors = process.communicate(timeout=10)
    assert len(errors.splitlines()) == 2
    assert "sk-" not in errors


def test_port_in_use() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = run("--port", str(port))
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr == f"thread-runs-mock: cannot listen on 127.0.0.1:{port}: Address already in use\n"


def test_port_in_use_in_python() -> None:
    with thread_runs_mock.serve() as server:
        port = httpx.URL(server.base_url).port
        with pytest.raises(OSError, match="in use"), thread_runs_mock.serve(port=port or 0):
            pass


def test_the_default_port_comes_from_the_spec(write_spec: Callable[..., Path]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        def change(document: dict[str, list[dict[str, dict[str, dict[str, str]]]]]) -> None:
            document["servers"][1]["variables"]["port"]["default"] = str(port)

        result = run("--spec", str(write_spec(change)))
    assert f"cannot listen on 127.0.0.1:{port}:" in result.stderr


def test_bad_host() -> None:
    result = run("--host", "256.0.0.1", "--port", "0")
    assert result.returncode == 1
    assert result.stderr.startswith("thread-runs-mock: cannot listen on 256.0.0.1:0: ")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--port", "65536"), "argument --port: expected a number from 0 to 65535, but got '65536'"),
        (("--port", "x"), "argument --port: expected a number from 0 to 65535, but got 'x'"),
        (("--metadata", "drop"), "argument --metadata: invalid choice: 'drop'"),
        (("--spec", "/none.yaml"), "thread-runs-mock: /none.yaml: No such file or directory"),
        (("--grace", "-1"), "argument --grace: expected seconds from 0 to 999999, but got '-1'"),
        (("--request-timeout", "nan"), "argument --request-timeout: expected seconds from 0 to 999999, but got 'nan'"),
        (("--workers", "0"), "argument --workers: expected a number from 1, but got '0'"),
        (("--workers", "2"), "error: --workers needs --store: processes cannot share what is in memory"),
        (
            ("--workers", "2", "--store", "x.db", "--script", "x"),
            "error: --workers cannot be used with --script:",
        ),
        (
            ("--workers", "2", "--store", "x.db", "--replay", "x"),
            "error: --workers cannot be used with --replay:",
        ),
        (("--workers", "2", "--store", "x.db", "--seed", "7"), "error: --workers cannot be used with --seed:"),
        (("--store", "mysql://x"), "thread-runs-mock: a store is a file or a postgresql:// URL, but got 'mysql://'"),
        (("--script", "/none.yaml"), "thread-runs-mock: /none.yaml: No such file or directory"),
        (("--runs", "/none.json"), "thread-runs-mock: /none.json: No such file or directory"),
        (("--faults", "nothing=1"), "thread-runs-mock: unknown fault 'nothing'. Known faults are: delay, "),
    ],
)
def test_bad_options(arguments: tuple[str, ...], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    # The function that the installed command calls.
    try:
        status: object = main(arguments)
    except SystemExit as exit_:
        status = exit_.code
    assert status == 2
    assert message in capsys.readouterr().err.splitlines()[-1]


def test_faults(launch: Launch) -> None:
    _, url = launch("--quiet", "--faults", "status=1:418")
    assert httpx.post(url + DOCUMENTED, json={}, headers=HEADERS).status_code == 418


def test_export_that_cannot_be_written(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--export", "/none/runs.jsonl"]) == 1
    assert capsys.readouterr().err == "thread-runs-mock: /none/runs.jsonl: No such file or directory\n"


def test_ipv6(launch: Launch) -> None:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("no IPv6 on this machine")
    process = subprocess.Popen(
        [*COMMAND, "--host", "::1", "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        encoding="utf-8",
    )
    assert process.stdout
    url = process.stdout.readline().split()[-1]
    assert url.startswith("http://[::1]:")
    assert httpx.post(url + DOCUMENTED, json={}, headers=HEADERS).status_code == 200
    process.terminate()
    process.communicate(timeout=10)
    assert process.returncode == 0


def test_progress_is_reported_once_a_second_and_at_the_end(capsys: pytest.CaptureFixture[str]) -> None:
    progress = command._Progress()
    progress(1, 0.1)
    progress(10, 1)
    assert capsys.readouterr().err == "thread-runs-mock: 10 runs read, 100%\n"
