"""The fixture, as an application's tests use it."""

import subprocess
import sys
from pathlib import Path

import pytest

TESTS = """
import os
import httpx, pytest
from thread_runs import Client

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

def test_two_lines(thread_runs_mock):
    run = Client().beta.threads.runs.update("run_abc123", thread_id="thread_abc123", metadata={"a": "b"})
    assert thread_runs_mock.requests[0].json == {"metadata": {"a": "b"}}
    assert run.metadata["a"] == "b"

def test_each_test_has_its_own(thread_runs_mock):
    assert thread_runs_mock.requests == []
    run = Client().beta.threads.runs.update("run_abc123", thread_id="thread_abc123", metadata={})
    assert "a" not in run.metadata.to_dict()

@pytest.mark.thread_runs_mock(create_missing=True, api_key="sk-other")
def test_options(thread_runs_mock):
    assert os.environ["OPENAI_BASE_URL"] == thread_runs_mock.base_url
    run = Client().beta.threads.runs.update("new", thread_id="new", metadata={})
    assert run.id == "new"

def test_without_it():
    assert "OPENAI_BASE_URL" not in os.environ
"""


@pytest.mark.slow
def test_fixture(tmp_path: Path) -> None:
    (tmp_path / "test_application.py").write_text(TESTS, "utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "--strict-markers", "-p", "no:cacheprovider", "--rootdir", "."]
    # It takes longer to import than all that is tested here.
    command += ["-p", "no:schemathesis"]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, encoding="utf-8", check=False)
    assert result.returncode == 0, result.stdout
    assert "4 passed" in result.stdout
