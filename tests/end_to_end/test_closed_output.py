"""Commands whose reader has ended, as in `make diff | head`."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.repository import ROOT

BIN = Path(sys.executable).parent


def run(command: list[str], **variables: str) -> tuple[int, str]:
    """Run a command with a closed output; return its exit status and its standard error."""
    read, write = os.pipe()
    os.close(read)
    try:
        done = subprocess.run(
            command, cwd=ROOT, env={**os.environ, **variables}, stdout=write, stderr=subprocess.PIPE, encoding="utf-8"
        )
    finally:
        os.close(write)
    return done.returncode, done.stderr


@pytest.mark.parametrize(
    "command",
    [
        *("thread-runs --help", "thread-runs --version", "thread-runs spec"),
        *("thread-runs-mock --help", "thread-runs-mock --export -", "thread-runs-conformance --rules"),
        *("python -m scripts.diff --help", "python -m scripts.diff --rules"),
    ],
)
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_command_ends_without_an_error_if_its_reader_stops(command: str, unbuffered: str) -> None:
    program, *arguments = command.split()
    assert run([str(BIN / program), *arguments], PYTHONUNBUFFERED=unbuffered) == (0, "")


def test_the_exit_status_is_that_of_the_verdict_if_the_output_is_closed(tmp_path: Path) -> None:
    old, new = (tmp_path / name for name in ("old.yaml", "new.yaml"))
    text = (ROOT / "openapi.yaml").read_text("utf-8")
    old.write_text(text, "utf-8")
    new.write_text(text.replace("\n        top_p:\n", "\n        top_q:\n", 1), "utf-8")
    command = [sys.executable, "-m", "scripts.diff", "--spec-only", "--base", str(old), "--head", str(new)]
    assert run(command) == (1, "")


def test_each_script_tolerates_a_closed_output() -> None:
    begin = re.compile(r'^if __name__ == "__main__":\n(.*)\n', re.MULTILINE)
    found = [line for path in (ROOT / "scripts").rglob("*.py") for line in begin.findall(path.read_text("utf-8"))]
    assert len(found) > 10
    assert set(found) == {"    tolerate_closed_stdout()"}
