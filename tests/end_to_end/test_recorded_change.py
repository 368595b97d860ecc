"""docs/from-change-to-package.md: its edit and its commands, repeated in a clone, give the output on the page.

Dates, digests, line numbers and counts of files may differ. For commands without output on the page, only the exit
status is checked.
"""

import os
import re
import subprocess
import sys
import venv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import requires, version
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from .clone import Clone, shell
from .package_index import BIN, PASSWORD, USER, PyPIServer

PAGE = Path(__file__).parents[2] / "docs" / "from-change-to-package.md"
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
ADDRESS = "127.0.0.1:8090"
LEFT_OUT = "…"
VARYING = [
    (r"sha256:[0-9a-f]{64}", "sha256:DIGEST"),
    (r"\d{4}-\d\d-\d\d", "DATE"),
    (r"(\.yaml|\.py):\d+", r"\1:LINE"),
    (r"line=\d+", "line=LINE"),
    (r"\d+ (files already|source files)", r"COUNT \1"),
    (r"127\.0\.0\.1:\d+", "ADDRESS"),
]


@dataclass(frozen=True)
class Command:
    """A command of the page, and the lines that the page shows below it."""

    line: str
    shown: str


def commands(block: str) -> list[Command]:
    parts = re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]
    return [Command(*part.split("\n", 1)) for part in parts]


CONSOLE = [commands(text) for language, text in BLOCKS if language == "console"]


def same_each_time(text: str) -> str:
    """Return the text without the parts that differ between runs, and without the lines that make adds to a failure."""
    for pattern, word in VARYING:
        text = re.sub(pattern, word, text)
    return "".join(line for line in text.splitlines(keepends=True) if not line.startswith("make: ***"))


def check(command: Command, status: int, printed: str) -> None:
    fails = re.search(r"^This breaks callers: |^generate: ", command.shown, re.MULTILINE)
    assert status == (2 if fails else 0), f"{command.line}\n{printed}"
    if command.shown:
        lines = same_each_time(command.shown).splitlines(keepends=True)
        pattern = "".join("(.*\n)*?" if line.strip() == LEFT_OUT else re.escape(line) for line in lines)
        assert re.fullmatch(pattern, same_each_time(printed)), f"{command.line}\n{printed}"


def edit(clone: Clone, diff: str) -> None:
    """Make the edit of the page: a diff whose hunks are separated by omitted lines."""
    for file, text in re.findall(r"^\+\+\+ b/(\S+)\n(.*?)(?=^--- |\Z)", diff, re.MULTILINE | re.DOTALL):
        for hunk in text.split(f"{LEFT_OUT}\n"):
            old, new = (
                "".join(line[1:] for line in hunk.splitlines(keepends=True) if line[0] in signs)
                for signs in (" -", " +")
            )
            assert (clone.folder / file).read_text("utf-8").count(old) == 1, hunk
            clone.replace(file, old, new)


@pytest.fixture
def index(tmp_path: Path) -> Iterator[PyPIServer]:
    server = PyPIServer(tmp_path)
    yield server
    server.close()


@pytest.fixture
def clone(tmp_path: Path, mypy_cache: Path) -> Clone:
    """A clone in which 0.1.0 was released."""
    clone = Clone(tmp_path / "clone", mypy_cache)
    clone.set_version("0.1.0")
    if clone.git("status", "--porcelain"):
        clone.run("generate")
        clone.commit("Set the version")
    status, printed = clone.run("release")
    assert status == 0, printed
    clone.link_environment()
    return clone


def dependencies(name: str, extras: set[str], found: dict[str, str]) -> dict[str, str]:
    """The installed versions of the direct and indirect requirements of `name`."""
    for requirement in map(Requirement, requires(name) or []):
        environments = [{"extra": extra} for extra in extras or {""}]
        wanted = requirement.marker is None or any(map(requirement.marker.evaluate, environments))
        if wanted and requirement.name not in found:
            found[requirement.name] = version(requirement.name)
            dependencies(requirement.name, requirement.extras, found)
    return found


def provide_dependencies(index: PyPIServer) -> None:
    """Put the requirements of `thread-runs[mock]` on the index, in the installed versions."""
    pins = [f"{name}=={pin}" for name, pin in dependencies("thread-runs", {"mock"}, {}).items()]
    download = [*("download", "--quiet", "--no-deps", "--only-binary", ":all:", "--dest", str(index.packages))]
    subprocess.run([sys.executable, "-m", "pip", *download, *pins], check=True, capture_output=True)


def test_the_recorded_change_gives_what_the_page_shows(
    clone: Clone, index: PyPIServer, mypy_cache: Path, tmp_path: Path
) -> None:
    generated, fault, checked, annotated, removed, released, published, verified, installed = CONSOLE
    variables = {"MYPY_CACHE_DIR": str(mypy_cache), "UV_PUBLISH_USERNAME": USER, "UV_PUBLISH_PASSWORD": PASSWORD}
    address = index.upload_url.removeprefix("http://").rstrip("/")

    def run_each(block: list[Command], run: Callable[[str], tuple[int, str]]) -> None:
        for command in block:
            check(command, *run(command.line.replace(ADDRESS, address)))

    def in_clone(line: str) -> tuple[int, str]:
        return clone.shell(line, **variables)

    edit(clone, next(text for language, text in BLOCKS if language == "diff"))
    run_each(generated, in_clone)

    clone.replace("openapi.yaml", "Not every server sends it.\n          type: string", "Text.\n          type: text")
    run_each(fault, in_clone)
    clone.git("checkout", "--quiet", "openapi.yaml")

    for block in (checked, annotated, released, published, verified):
        run_each(block, in_clone)

    # Packages are installed from this index only, whatever the configuration of pip is.
    application = tmp_path / "application"
    venv.create(application)
    provide_dependencies(index)
    pip = {"PIP_PYTHON": str(application / BIN.name / "python"), "PIP_INDEX_URL": index.simple_url}
    call = next(command for command in installed if command.line == "cat call.py")
    (application / "call.py").write_text(call.shown, "utf-8")
    clean = {"PIP_CONFIG_FILE": os.devnull, "PIP_NO_CACHE_DIR": "1", **pip}
    run_each(installed, lambda line: shell(line, application, path=str(application / BIN.name), **clean))

    clone.git("reset", "--quiet", "--hard", "v0.1.1")
    clone.git("checkout", "--quiet", "v0.1.0", "--", "openapi.yaml", "generated")
    clone.set_version("0.1.2")
    assert clone.run("generate")[0] == 0
    run_each(removed, in_clone)
