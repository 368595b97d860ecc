"""docs/ci.md: each file is valid, and its commands are run against local services."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

import thread_runs_mock

from .clone import Clone

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
BLOCK = re.compile(r"^```yaml\n# (\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FILES = BLOCK.findall((ROOT / "docs" / "ci.md").read_text("utf-8"))
SCHEMAS = {".github": "vendor.github-workflows", ".gitlab-ci.yml": "vendor.gitlab-ci"}
APPLICATION_TEST = """
import thread_runs


def test_a_run_is_changed(thread_runs_mock):
    with thread_runs.Client() as client:
        run = client.beta.threads.runs.update("run_abc123", thread_id="thread_abc123", metadata={"a": "b"})
    assert run.metadata["a"] == "b"
"""


def commands(document: dict[str, Any]) -> list[str]:
    """Return the lines that a file runs, of GitHub Actions or GitLab CI."""
    jobs = document.get("jobs") or {name: job for name, job in document.items() if isinstance(job, dict)}
    steps = [step["run"] for job in jobs.values() for step in job.get("steps", []) if "run" in step]
    return steps + [line for job in jobs.values() for line in job.get("script", [])]


def lines_of(product: str) -> list[str]:
    """Return the commands of all files in which `product` occurs, each once."""
    found = [commands(yaml.safe_load(text)) for _, text in FILES if product in text]
    return list(dict.fromkeys(line for lines in found for line in lines))


def run(line: str, folder: Path, **variables: str) -> str:
    environment = {**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}", **variables}
    done = subprocess.run(
        ["bash", "-e", "-c", line], cwd=folder, env=environment, capture_output=True, encoding="utf-8"
    )
    assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
    return done.stdout


def test_there_are_three_jobs_for_two_systems() -> None:
    assert [name.split("/")[0] for name, _ in FILES] == [".github", ".gitlab-ci.yml"] * 3


@pytest.mark.parametrize(("name", "text"), FILES, ids=[f"{number}-{name}" for number, (name, _) in enumerate(FILES)])
def test_a_file_is_valid(name: str, text: str, tmp_path: Path) -> None:
    file = tmp_path / "file.yml"
    file.write_text(text, "utf-8")
    command = [str(BIN / "check-jsonschema"), "--builtin-schema", SCHEMAS[name.split("/")[0]], str(file)]
    done = subprocess.run(command, capture_output=True, encoding="utf-8")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture
def deepened(tmp_path: Path) -> Iterator[Path]:
    """A shallow clone of a released repository, made deep enough, with the environment of this one."""
    origin = Clone(tmp_path / "origin")
    origin.git("tag", "v0.1.0")
    folder = tmp_path / "shallow"
    origin.git("clone", "--quiet", "--depth=1", "--no-tags", f"file://{origin.folder}", str(folder))
    (folder / ".venv").symlink_to(BIN.parent)
    installed = BIN.parent / "installed"
    was_there = installed.exists()
    installed.touch()
    for name in ("requirements.lock", "pyproject.toml"):
        os.utime(folder / name, (0, 0))
    run("git fetch --quiet --unshallow --tags", folder)
    yield folder
    if not was_there:
        installed.unlink()


def test_the_maintainers_commands(deepened: Path, tmp_path: Path) -> None:
    lines = lines_of("make check")
    # `make check`, `make test` and `make publish` are tested by themselves, and take minutes.
    quick = [line for line in lines if "diff" in line]
    assert {line.split()[1] for line in lines if line not in quick} == {"check", "test", "publish"}
    summary = tmp_path / "summary.md"
    printed = [run(line, deepened, GITHUB_STEP_SUMMARY=str(summary)) for line in quick]
    assert printed[0].startswith("::notice title=version::Version: nothing requires a new one after ")
    assert "### This change does not break callers" in summary.read_text("utf-8")


def test_the_server_teams_commands(tmp_path: Path) -> None:
    install, *judge = lines_of("thread-runs-conformance")
    run(f"{install} --quiet --no-deps --no-index", tmp_path)
    with thread_runs_mock.serve() as server:
        variables = {
            "BASE_URL": server.base_url,
            "THREAD_ID": "thread_abc123",
            "RUN_ID": "run_abc123",
            "OPENAI_API_KEY": "sk-test",
            "ANY_KEY": "1",
            "PROFILE": "quick",
            "PAUSE": "0",
        }
        run(judge[0], tmp_path, **variables)
    assert {file.name for file in (tmp_path / "reports").iterdir()} >= {"junit.xml", "report.html", "report.json"}


def test_the_applications_commands(tmp_path: Path) -> None:
    (tmp_path / "test_application.py").write_text(APPLICATION_TEST, "utf-8")
    install, test = lines_of("thread-runs[mock]")
    run(f"{install} --quiet --no-deps --no-index", tmp_path)
    run(test, tmp_path)
    assert (tmp_path / "junit.xml").exists()
