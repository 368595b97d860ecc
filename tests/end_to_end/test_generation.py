"""`make generate` and the drift check of `make check`, on copies."""

import subprocess
import sys
from pathlib import Path

import pytest

from scripts.check import drift, files
from scripts.generate import GenerationError, generate
from scripts.repository import GENERATED, SPEC

ROOT = Path(__file__).parents[2]


def contents(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in files(folder)}


def test_generating_twice_changes_nothing(tmp_path: Path) -> None:
    package = tmp_path / "thread_runs_client"
    generate(SPEC, package)
    first = contents(package)
    generate(SPEC, package)
    assert contents(package) == first == contents(GENERATED)
    assert [path.name for path in tmp_path.iterdir()] == [package.name]


def test_files_of_an_earlier_spec_are_removed(tmp_path: Path) -> None:
    package = tmp_path / "thread_runs_client"
    package.mkdir()
    (package / "old.py").touch()
    generate(SPEC, package)
    assert not (package / "old.py").exists()


def test_drift_is_reported_for_each_file(tmp_path: Path) -> None:
    package = tmp_path / "thread_runs_client"
    generate(SPEC, package)
    assert drift(SPEC, package) == []
    (package / "models" / "run.py").write_text("# edited by hand\n", "utf-8")
    (package / "extra.py").touch()
    (package / "facts.py").unlink()
    assert drift(SPEC, package) == [
        "missing: facts.py",
        "not made by the generator: extra.py",
        "differs: models/run.py",
    ]


def test_a_spec_that_the_generator_warns_about_leaves_the_package_unchanged(tmp_path: Path) -> None:
    package = tmp_path / "thread_runs_client"
    generate(SPEC, package)
    before = contents(package)
    broken = tmp_path / "openapi.yaml"
    broken.write_text(
        SPEC.read_text("utf-8").replace('#/components/schemas/RunError"', '#/components/schemas/Gone"'), "utf-8"
    )
    with pytest.raises(GenerationError, match="Gone"):
        generate(broken, package)
    assert contents(package) == before


def test_a_broken_spec_gives_one_message(tmp_path: Path) -> None:
    broken = tmp_path / "openapi.yaml"
    broken.write_text("openapi: 3.1.0\n", "utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "scripts.generate", "--spec", str(broken), "--output", str(tmp_path / "out")],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
    )
    assert done.returncode == 2
    assert done.stderr.startswith("generate: ")
    assert "Traceback" not in done.stderr
