"""The command `thread-runs` of a client that was generated from another spec: a command for each operation."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import thread_runs_mock
from scripts.generate import generate
from tests.client.calling import KEY

ROOT = Path(__file__).parents[2]
SPEC = ROOT / "tests" / "specs" / "assistants.yaml"
Command = Callable[..., subprocess.CompletedProcess[bytes]]


@pytest.fixture(scope="module")
def command(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Command]:
    folder = tmp_path_factory.mktemp("client")
    generate(SPEC, folder / "thread_runs_client")
    env = dict(os.environ)
    with thread_runs_mock.serve(SPEC) as server:
        env |= {
            "PYTHONPATH": os.pathsep.join([str(folder), str(ROOT / "src")]),
            "OPENAI_API_KEY": KEY,
            "OPENAI_BASE_URL": server.base_url,
        }

        def run(*arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
            line = [sys.executable, "-m", "thread_runs", *arguments]
            return subprocess.run(line, env=env, input=stdin, capture_output=True, timeout=60)

        yield run


def test_each_operation_has_a_command(command: Command) -> None:
    text = command("--help").stdout.decode()
    # The first operation of the spec has a name alone, the others with their groups.
    for name in ("create", "threads.create", "runs.create", "steps.list", "submit-tool-outputs", "text", "spec"):
        assert re.search(rf"^    {name}\b", text, re.MULTILINE), name


def test_scalars_lists_and_json_are_options(command: Command) -> None:
    tools = '[{"type": "code_interpreter"}]'
    done = command("create", "--model", "gpt-4o", "--tools", tools, "--temperature", "0.5", "--name-null", "--json")
    assert (done.returncode, done.stderr) == (0, b"")
    assert json.loads(done.stdout)["object"] == "assistant"
    assert b"expected JSON" in command("create", "--model", "gpt-4o", "--tools", "[").stderr
    done = command("create", "--model", "gpt-4o", "--temperature", "3")
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"temperature: 3.0, at most 2 allowed" in done.stderr


def test_a_whole_body_comes_from_a_file_or_the_standard_input(command: Command, tmp_path: Path) -> None:
    body = b'{"model": "gpt-4o", "metadata": {"a": "1"}}'
    file = tmp_path / "body.json"
    file.write_bytes(body)
    for source, stdin in ((str(file), b""), ("-", body)):
        assert command("create", "--body", source, stdin=stdin).returncode == 0
    done = command("create", "--body", "-", "--model", "gpt-4o", stdin=body)
    assert done.returncode == 2
    assert b"--body is the whole body" in done.stderr
    assert b"a JSON object with model" in command("create", "--body", "-", stdin=b"[]").stderr
    assert b"--body: " in command("create", "--body", str(tmp_path / "absent")).stderr


def test_what_is_required_is_named(command: Command) -> None:
    done = command("create", "--name", "Tutor")
    assert done.returncode == 2
    assert b"the following arguments are required: --model" in done.stderr


def test_a_list_is_shown_as_json(command: Command) -> None:
    done = command("runs.list", "thread_1", "--limit", "5", "--order", "asc")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["object"] == "list"


def test_files_are_sent_and_received(command: Command, tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_bytes(b"hello")
    done = command("files.create", "--file", str(file), "--purpose", "assistants", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["object"] == "file"
    assert command("content", "file_1").stdout == b"hello"
    assert command("text", "file_1").stdout == b"hello\n"
