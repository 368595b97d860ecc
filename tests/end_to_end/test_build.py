"""`make build`: what is in the files, and that building is reproducible."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from importlib.metadata import requires
from pathlib import Path

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packaging.requirements import Requirement

from thread_runs import __version__

ROOT = Path(__file__).parents[2]
WHEEL = f"thread_runs-{__version__}-py3-none-any.whl"
INFORMATION = f"thread_runs-{__version__}.dist-info"


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


def other_python() -> str:
    """Another Python on this machine: of another version if one is installed beside this, else the system's own."""
    beside = sorted(Path(sys.base_prefix).parent.glob("3.1[1-9]*/bin/python3"))
    others = [str(python) for python in beside if not python.is_relative_to(sys.base_prefix)]
    return [*others, "/usr/bin/python3"][0]


def test_building_again_elsewhere_gives_the_same_bytes(built: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    tracked = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, encoding="utf-8"
    ).stdout
    for name in filter(None, tracked.split("\0")):
        target = copy / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / name).exists():
            shutil.copy(ROOT / name, target, follow_symlinks=False)
            os.utime(target, (1, 1), follow_symlinks=False)
    old_umask = os.umask(0o077)
    try:
        again = build(copy, tmp_path / "again")
    finally:
        os.umask(old_umask)
    assert again[WHEEL] == (built / WHEEL).read_bytes()


def test_another_version_of_python_builds_the_same_bytes(built: Path, tmp_path: Path) -> None:
    # The build tools are pure Python: they run from this environment.
    tools = os.pathsep.join(path for path in sys.path if path.endswith("site-packages"))
    python = other_python()
    command = [python, "-m", "hatchling", "build", "--directory", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, env={**os.environ, "PYTHONPATH": tools})
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {
        path.name: path.read_bytes() for path in built.iterdir()
    }


def test_the_bill_of_materials_names_the_requirements_and_the_digest_of_the_spec(built: Path) -> None:
    with zipfile.ZipFile(built / WHEEL) as archive:
        text = archive.read(f"{INFORMATION}/sboms/thread-runs.cdx.json").decode()
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    document = json.loads(text)
    assert document["metadata"]["component"]["purl"] == f"pkg:pypi/thread-runs@{__version__}"
    parts = {part["bom-ref"]: part for part in document["components"]}
    digest = hashlib.sha256((ROOT / "openapi.yaml").read_bytes()).hexdigest()
    assert parts["openapi.yaml"]["hashes"] == [{"alg": "SHA-256", "content": digest}]
    declared = {Requirement(text).name for text in requires("thread-runs") or []}
    assert {part["name"] for part in parts.values()} - {"openapi.yaml"} == declared


def test_the_command_shows_the_versions_and_the_digest_of_the_spec() -> None:
    command = [str(Path(sys.executable).parent / "thread-runs"), "--version"]
    shown = subprocess.run(command, capture_output=True, encoding="utf-8", check=True).stdout
    digest = hashlib.sha256((ROOT / "openapi.yaml").read_bytes()).hexdigest()
    assert f"thread-runs {__version__}\n" in shown
    assert f"spec {__version__} sha256:{digest}\n" in shown


def test_the_wheel_built_from_the_sdist_is_the_same(built: Path, tmp_path: Path) -> None:
    with tarfile.open(built / f"thread_runs-{__version__}.tar.gz") as archive:
        archive.extractall(tmp_path, filter="data")
    again = build(tmp_path / f"thread_runs-{__version__}", tmp_path / "again")
    assert again == {path.name: path.read_bytes() for path in built.iterdir()}


def test_the_wheel_holds_the_packages_the_spec_the_type_markers_the_licence_and_nothing_else(built: Path) -> None:
    with zipfile.ZipFile(built / f"thread_runs-{__version__}-py3-none-any.whl") as archive:
        names = archive.namelist()
        assert archive.read("thread_runs_spec/openapi.yaml") == (ROOT / "openapi.yaml").read_bytes()
    packages = {"thread_runs", "thread_runs_client", "thread_runs_conformance", "thread_runs_mock", "thread_runs_spec"}
    information = f"thread_runs-{__version__}.dist-info"
    assert {name.split("/")[0] for name in names} == {*packages, information}
    assert {f"{package}/py.typed" for package in packages} <= set(names)
    assert {Path(name).suffix for name in names if not name.startswith(information)} == {
        ".css",
        ".html",
        ".js",
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
        f"{information}/sboms/thread-runs.cdx.json",
    ]
