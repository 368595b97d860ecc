"""The pytest plugin in the test suite of a server team."""

import subprocess
import sys
from pathlib import Path

import pytest

import thread_runs_mock

KEY = "sk-plugin-Key-5678"
TEST = "def test_conformance(conformance_case):\n    conformance_case()\n"


@pytest.mark.slow
@pytest.mark.unmeasured
@pytest.mark.parametrize("mode", ["merge", "replace"])
def test_the_mock_conforms_case_by_case(tmp_path: Path, mode: str) -> None:
    server = (
        "import pytest\nimport thread_runs_mock\n\n\n@pytest.fixture(scope='session')\ndef conformance_server():\n"
        f"    app = thread_runs_mock.create_app(api_key={KEY!r}, metadata={mode!r})\n"
        "    from thread_runs_conformance.credentials import Credentials\n"
        "    return {'app': app, 'base_url': 'http://server.test/v1', 'disposable': True,\n"
        f"            'credentials': Credentials({KEY!r}), 'targets': ["
        "'thread_id=thread_abc123,run_id=run_cancelled', 'thread_id=thread_abc123,run_id=run_queued']}\n"
    )
    (tmp_path / "conftest.py").write_text(server, "utf-8")
    (tmp_path / "pytest.ini").write_text("[pytest]\nconformance = --profile quick --pause 0\n", "utf-8")
    (tmp_path / "test_server.py").write_text(TEST, "utf-8")
    done = run(tmp_path)
    assert done.returncode == 0, done.stdout[-3000:]
    assert "test_server.py::test_conformance[limits: modifyRun: metadata: 16 pairs] PASSED" in done.stdout


@pytest.mark.slow
@pytest.mark.unmeasured
def test_two_lines_of_configuration_and_a_finding(tmp_path: Path) -> None:
    with thread_runs_mock.serve(api_key="sk-another-Key-1234") as server:
        lines = f"[pytest]\nconformance = --base-url {server.base_url} --target thread_id=t,run_id=r --bearer {KEY}\n"
        (tmp_path / "pytest.ini").write_text(lines, "utf-8")
        (tmp_path / "test_server.py").write_text(TEST, "utf-8")
        done = run(tmp_path, "-k", "two-byte and value and 512")
    assert done.returncode == 1
    assert "A valid request is rejected with 401" in done.stdout
    assert "check the credentials" in done.stdout


@pytest.mark.slow
@pytest.mark.unmeasured
def test_bad_configuration_is_named(tmp_path: Path) -> None:
    (tmp_path / "pytest.ini").write_text("[pytest]\nconformance = --base-url nowhere\n", "utf-8")
    (tmp_path / "test_server.py").write_text(TEST, "utf-8")
    done = run(tmp_path)
    assert "--base-url must be a URL" in done.stdout + done.stderr


def run(folder: Path, *options: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "pytest", "-v", "-p", "no:cacheprovider", "-p", "no:randomly", *options]
    return subprocess.run(command, cwd=folder, capture_output=True, encoding="utf-8", timeout=300)
