"""`make build`: what is in the files, and that building is reproducible."""

import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from thread_runs import __version__

ROOT = Path(__file__).parents[2]


def build(source: Path, folder: Path) -> dict[str, bytes]:
    """The files built from `source`, by name."""
    command = [sys.executable, "-m", "hatchling", "build", "--directory", str(folder)]
    subprocess.run(command, cwd=source, check=True, capture_output=True)
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    build(ROOT, folder)
    return folder


def test_both_files_have_the_version_of_the_spec(built: Path) -> None:
    assert sorted(path.name for path in built.iterdir()) == [
        f"thread_runs-{__version__}-py3-none-any.whl",
        f"thread_runs-{__version__}.tar.gz",
    ]


def test_building_in_another_folder_gives_the_same_bytes(built: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    for name in filter(None, tracked.split("\0")):
        target = copy / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / name).exists():
            shutil.copy(ROOT / name, target, follow_symlinks=False)
    old_umask = os.umask(0o077)
    try:
        again = build(copy, tmp_path / "again")
    finally:
        os.umask(old_umask)
    wheel = f"thread_runs-{__version__}-py3-none-any.whl"
    assert again[wheel] == (built / wheel).read_bytes()


def test_the_wheel_built_from_the_sdist_is_the_same(built: Path, tmp_path: Path) -> None:
    with tarfile.open(built / f"thread_runs-{__version__}.tar.gz") as archive:
        archive.extractall(tmp_path, filter="data")
    again = build(tmp_path / f"thread_runs-{__version__}", tmp_path / "again")
    assert again == {path.name: path.read_bytes() for path in built.iterdir()}


def test_the_wheel_contains_packages_spec_type_markers_and_licence_only(built: Path) -> None:
    with zipfile.ZipFile(built / f"thread_runs-{__version__}-py3-none-any.whl") as archive:
        names = archive.namelist()
        assert archive.read("thread_runs_spec/openapi.yaml") == (ROOT / "openapi.yaml").read_bytes()
    packages = {"thread_runs", "thread_runs_client", "thread_runs_conformance", "thread_runs_mock", "thread_runs_spec"}
    information = f"thread_runs-{__version__}.dist-info"
    assert {name.split("/")[0] for name in names} == {*packages, information}
    assert {f"{package}/py.typed" for package in packages} <= set(names)
    assert {Path(name).suffix for name in names if not name.startswith(information)} == {
        ".html",
        ".py",
        ".typed",
        ".yaml",
    }
    assert sorted(name for name in names if name.startswith(information)) == [
        f"{information}/METADATA",
        f"{information}/RECORD",
        f"{information}/WHEEL",
        f"{information}/entry_points.txt",
        f"{information}/licenses/LICENSE",
    ]
