import os
import subprocess
import sys

import pytest

from thread_runs_spec.standard_output import tolerate_closed_stdout

PROGRAM = """
import sys
from thread_runs_spec.standard_output import tolerate_closed_stdout
tolerate_closed_stdout()
print("text " * 100_000)
print("more", flush=True)
print("the rest")
sys.exit(3)
"""


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_program_continues_when_the_reader_of_its_output_stops(unbuffered: str) -> None:
    read, write = os.pipe()
    os.close(read)
    environment = {**os.environ, "PYTHONUNBUFFERED": unbuffered}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], env=environment, stdout=write, stderr=subprocess.PIPE, encoding="utf-8"
    )
    os.close(write)
    assert (done.returncode, done.stderr) == (3, "")


def test_the_output_that_is_read_is_complete() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, encoding="utf-8")
    assert (done.returncode, done.stderr) == (3, "")
    assert done.stdout == f"{'text ' * 100_000}\nmore\nthe rest\n"


def test_a_replaced_stdout_is_left_unchanged(capsys: pytest.CaptureFixture[str]) -> None:
    before = sys.stdout
    tolerate_closed_stdout()
    assert sys.stdout is before
