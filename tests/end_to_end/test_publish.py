"""`make publish` and `make verify` with real indexes on loopback; test_recorded_change.py installs from one."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts import publish as scripts_publish
from scripts.package_index import Index, PackageIndexError
from scripts.publish import PublishError
from thread_runs import __version__

from .clone import Clone
from .package_index import PASSWORD, USER, DevpiIndex, DevpiServer, PackageIndex, PyPIServer

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory, mypy_cache: Path) -> Clone:
    """A clone in which 7.0.0 was released."""
    clone = Clone(tmp_path_factory.mktemp("released") / "clone", mypy_cache)
    clone.set_version("7.0.0")
    clone.run("generate")
    clone.note("Something that users see.")
    clone.commit("Change something")
    status, printed = clone.run("release")
    assert status == 0, printed
    return clone


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "--directory", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return sorted(folder.iterdir())


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


@pytest.fixture
def as_user(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UV_PUBLISH_USERNAME", USER)
    monkeypatch.setenv("UV_PUBLISH_PASSWORD", PASSWORD)


def publish(clone: Clone, *arguments: str, password: str = PASSWORD) -> tuple[int, str]:
    status, printed = clone.run("publish", *arguments, UV_PUBLISH_USERNAME=USER, UV_PUBLISH_PASSWORD=password)
    assert password not in printed
    return status, printed


def test_files_are_uploaded_once_completed_and_never_replaced(
    dist: list[Path],
    index: PackageIndex,
    as_user: None,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    def go(files: list[Path]) -> str:
        with Index(index.upload_url, index.simple_url) as opened:
            scripts_publish.publish(opened, files, __version__)
        return capsys.readouterr().out

    with monkeypatch.context() as wrong:
        wrong.setenv("UV_PUBLISH_PASSWORD", "wrong-password-0815")
        with pytest.raises((PublishError, PackageIndexError), match=r"40[13]") as refused:
            go(dist)
        # No page of the index, nor its style sheet.
        assert not set("<>{}\n") & set(str(refused.value))
    printed = go(dist)
    assert (printed.count("uploaded"), printed.count("verified")) == (2, 2)
    printed = go(dist)
    assert "already there" in printed
    assert (printed.count("uploaded"), printed.count("verified")) == (0, 2)
    index.remove(dist[0].name)
    printed = go(dist)
    assert (printed.count("uploaded"), printed.count("verified")) == (1, 2)
    others = [tmp_path / file.name for file in dist]
    for file, other in zip(dist, others, strict=True):
        other.write_bytes(file.read_bytes() + (b"x" if file.suffix == ".gz" else b""))
    with pytest.raises(PublishError, match="with other contents"):
        go(others)


@pytest.fixture(scope="module")
def release_files(released: Clone, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The files of 7.0.0, as `make publish` builds and uploads them after all checks."""
    index = PyPIServer(tmp_path_factory.mktemp("pypiserver"))
    status, printed = publish(released, index.upload_url, "--simple-url", index.simple_url)
    index.close()
    assert (status, printed.count("uploaded"), printed.count("verified")) == (0, 2, 2), printed
    return sorted(index.packages.iterdir())


def test_an_uploaded_release_is_not_uploaded_again_and_can_be_verified(
    release_files: list[Path], released: Clone, devpi: DevpiServer, as_user: None, tmp_path: Path
) -> None:
    index = DevpiIndex(devpi)
    with Index(index.upload_url, index.simple_url) as opened:
        scripts_publish.publish(opened, release_files, "7.0.0")
    status, printed = publish(released, index.upload_url, "--simple-url", index.simple_url)
    assert (status, "already there" in printed, printed.count("verified")) == (0, True, 2), printed
    assert "uploaded" not in printed
    status, printed = released.run("verify", "7.0.0", "--simple-url", index.simple_url)
    assert (status, printed.count("same: ")) == (0, 2), printed
    downloaded = tmp_path / "downloaded"
    download = [*("download", "--quiet", "--no-deps", "--index-url", index.simple_url, "--dest", str(downloaded))]
    clean = {"PATH": os.environ["PATH"], "PIP_CONFIG_FILE": os.devnull, "PIP_NO_CACHE_DIR": "1"}
    subprocess.run([sys.executable, "-m", "pip", *download, "thread-runs==7.0.0"], check=True, env=clean)
    (wheel,) = downloaded.iterdir()
    assert wheel.read_bytes() == next(file for file in release_files if file.suffix == ".whl").read_bytes()


def test_downloaded_files_are_verified(release_files: list[Path], released: Clone, tmp_path: Path) -> None:
    for file in release_files:
        shutil.copy(file, tmp_path)
    status, printed = released.run("verify", "7.0.0", "--files", str(tmp_path))
    assert (status, printed.count("same: ")) == (0, 2), printed
    wheel = next(tmp_path.glob("*.whl"))
    wheel.write_bytes(wheel.read_bytes() + b"x")
    (tmp_path / "thread_runs-7.0.0-py3-none-win32.whl").touch()
    status, printed = released.run("verify", "7.0.0", "--files", str(tmp_path))
    assert (status, printed.count("same: ")) == (1, 1), printed
    assert f"differs: {wheel.name}" in printed
    assert "not built by the tag: thread_runs-7.0.0-py3-none-win32.whl" in printed


def test_only_the_tagged_commit_is_published(released: Clone) -> None:
    nowhere = "http://127.0.0.1:9/"
    text = (released.folder / "openapi.yaml").read_text("utf-8")
    try:
        released.set_version("7.0.1")
        assert publish(released, nowhere) == (
            1,
            "publish: there is no tag v7.0.1: run `make release`, or `git fetch --tags` if it was released elsewhere\n",
        )
        (released.folder / "openapi.yaml").write_text(text.replace("title: Thread Runs", "title: Others", 1), "utf-8")
        assert publish(released, nowhere) == (1, "publish: the tree differs from v7.0.0: openapi.yaml\n")
        released.git("checkout", "--quiet", "--", ".")
        released.git("commit", "--quiet", "--allow-empty", "--message", "Something later")
        status, printed = publish(released, nowhere)
        assert status == 1
        assert "is not v7.0.0" in printed
    finally:
        released.git("reset", "--quiet", "--hard", "v7.0.0")


def test_an_address_that_is_wrong_gets_one_line(released: Clone, pypiserver: PyPIServer) -> None:
    assert "cannot be reached" in publish(released, "http://127.0.0.1:9/")[1]
    for address, said in (
        (pypiserver.simple_url, "is where pip reads; INDEX_URL is where to upload"),
        (f"{pypiserver.upload_url}nothing/", "there is no package index at"),
        ("ftp://example.com", "name the address to upload to"),
    ):
        status, printed = publish(released, address)
        assert (status, printed.count("\n"), said in printed) == (1, 1, True), printed
        assert "<" not in printed


def test_a_tagged_commit_that_fails_the_checks_is_not_published(released: Clone, pypiserver: PyPIServer) -> None:
    released.git("checkout", "--quiet", "-b", "broken")
    try:
        released.set_version("7.0.1")
        released.commit("Change the version and nothing that follows from it")
        released.git("tag", "v7.0.1")
        status, printed = publish(released, pypiserver.upload_url, "--simple-url", pypiserver.simple_url)
        assert status == 1
        assert "`make check` fails on the tagged commit" in printed
        assert "is out of date" in printed
        assert list(pypiserver.packages.iterdir()) == []
    finally:
        released.git("tag", "--delete", "v7.0.1")
        released.git("checkout", "--quiet", "v7.0.0")
