"""`make publish` to real indexes on loopback, and an installation from there."""

import os
import subprocess
import sys
import venv
from collections.abc import Iterator
from importlib.metadata import requires, version
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from .package_index import BIN, PASSWORD, USER, DevpiIndex, DevpiServer, PackageIndex, PyPIServer

ROOT = Path(__file__).parents[2]
CALL = """
import json, sys, thread_runs, thread_runs_mock
with thread_runs_mock.serve() as server, thread_runs.Client("sk-test", base_url=server.base_url) as client:
    run = client.beta.threads.runs.update(
        thread_id="thread_abc123", run_id="run_abc123", metadata={"user_id": "user_abc123"}
    )
print(thread_runs.__file__)
print(run.status)
"""


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "--directory", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return folder


@pytest.fixture(scope="module")
def devpi(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DevpiServer]:
    server = DevpiServer(tmp_path_factory.mktemp("devpi"))
    yield server
    server.close()


@pytest.fixture
def pypiserver(tmp_path: Path) -> Iterator[PyPIServer]:
    index = PyPIServer(tmp_path)
    yield index
    index.close()


@pytest.fixture(params=["pypiserver", "devpi"])
def index(request: pytest.FixtureRequest) -> PackageIndex:
    if request.param == "devpi":
        return DevpiIndex(request.getfixturevalue("devpi"))
    index: PyPIServer = request.getfixturevalue("pypiserver")
    return index


def publish(dist: Path, upload_url: str, simple_url: str, password: str = PASSWORD) -> tuple[int, str]:
    """Exit status of the command, and all that it printed."""
    done = subprocess.run(
        [
            *(sys.executable, "-m", "scripts.publish", upload_url, "--simple-url", simple_url, "--dist", str(dist)),
        ],
        cwd=ROOT,
        env={**os.environ, "UV_PUBLISH_USERNAME": USER, "UV_PUBLISH_PASSWORD": password},
        capture_output=True,
        text=True,
    )
    printed = done.stdout + done.stderr
    assert password not in printed
    assert "Traceback" not in printed
    return done.returncode, printed


def test_publish_then_reject_then_complete_an_interrupted_upload(dist: Path, index: PackageIndex) -> None:
    names = sorted(file.name for file in dist.iterdir())
    status, printed = publish(dist, index.upload_url, index.simple_url, "wrong-password-0815")
    assert status == 1
    assert "403" in printed or "401" in printed
    status, printed = publish(dist, index.upload_url, index.simple_url)
    assert (status, printed.count("uploaded"), printed.count("verified")) == (0, 2, 2), printed
    status, printed = publish(dist, index.upload_url, index.simple_url)
    assert status == 1
    assert "on the index already" in printed
    assert "Nothing was uploaded" in printed
    index.remove(names[0])
    status, printed = publish(dist, index.upload_url, index.simple_url)
    assert (status, printed.count("uploaded"), printed.count("verified")) == (0, 1, 2), printed


def test_other_contents_are_never_replaced(dist: Path, index: PackageIndex, tmp_path: Path) -> None:
    assert publish(dist, index.upload_url, index.simple_url)[0] == 0
    other = tmp_path / "other"
    other.mkdir()
    for file in dist.iterdir():
        (other / file.name).write_bytes(file.read_bytes() + (b"x" if file.suffix == ".gz" else b""))
    status, printed = publish(other, index.upload_url, index.simple_url)
    assert status == 1
    assert "with other contents. Nothing was uploaded" in printed
    assert "info.version" in printed


def test_an_index_that_is_down(dist: Path) -> None:
    status, printed = publish(dist, "http://127.0.0.1:9/", "http://127.0.0.1:9/simple/")
    assert status == 1
    assert "cannot be reached" in printed


def test_nothing_built(tmp_path: Path) -> None:
    status, printed = publish(tmp_path, "http://127.0.0.1:9/", "http://127.0.0.1:9/simple/")
    assert status == 1
    assert "make build" in printed


def dependencies(name: str, extras: set[str], found: dict[str, str]) -> dict[str, str]:
    """The installed versions of what `name` requires here, and what that requires in turn."""
    for requirement in map(Requirement, requires(name) or []):
        environments = [{"extra": extra} for extra in extras or {""}]
        wanted = requirement.marker is None or any(map(requirement.marker.evaluate, environments))
        if wanted and requirement.name not in found:
            found[requirement.name] = version(requirement.name)
            dependencies(requirement.name, requirement.extras, found)
    return found


def test_the_documented_call_from_a_package_installed_from_the_index(
    dist: Path, pypiserver: PyPIServer, tmp_path: Path
) -> None:
    assert publish(dist, pypiserver.upload_url, pypiserver.simple_url)[0] == 0
    pins = [f"{name}=={pin}" for name, pin in dependencies("thread-runs", {"mock"}, {}).items()]
    download = [*("download", "--quiet", "--no-deps", "--only-binary", ":all:", "--dest", str(pypiserver.packages))]
    subprocess.run([sys.executable, "-m", "pip", *download, *pins], check=True, capture_output=True)
    environment = tmp_path / "environment"
    venv.create(environment, with_pip=True)
    python = str(environment / BIN.name / "python")
    # Whatever this machine is set up with, the package and all it needs must come from this index.
    clean = {"PATH": os.environ["PATH"], "PIP_CONFIG_FILE": os.devnull, "PIP_NO_CACHE_DIR": "1"}
    install = [*("-m", "pip", "install", "--quiet", "--index-url", pypiserver.simple_url, "thread-runs[mock]")]
    subprocess.run([python, *install], env=clean, cwd=tmp_path, check=True)
    shown = subprocess.run([python, "-c", CALL], env=clean, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert shown.stdout.splitlines()[-1] == "completed"
    assert str(environment) in shown.stdout
    commands = subprocess.run(
        [str(environment / BIN.name / "thread-runs-mock"), "--help"], env=clean, capture_output=True, text=True
    )
    assert commands.returncode == 0
