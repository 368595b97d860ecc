"""`make release` in a clone of the repository."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


class Clone:
    """A clone of the repository as it stands here, uncommitted changes included, without tags."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        subprocess.run(["git", "clone", "--quiet", "--no-tags", str(ROOT), str(folder)], check=True)
        changed = subprocess.run(
            ["git", "ls-files", "-z", "--modified", "--others", "--exclude-standard"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for name in filter(None, changed.split("\0")):
            if (ROOT / name).exists():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                (folder / name).write_bytes((ROOT / name).read_bytes())
        self.git("config", "user.name", "Test")
        self.git("config", "user.email", "test@example.invalid")
        self.commit("Start", "--allow-empty")

    def git(self, *arguments: str) -> str:
        return subprocess.run(
            ["git", *arguments], cwd=self.folder, capture_output=True, text=True, check=True
        ).stdout.strip()

    def commit(self, subject: str, *options: str) -> None:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", subject, *options)

    def run(self, script: str) -> tuple[int, str]:
        """Exit status of a script of the clone, and all that it printed."""
        environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
        done = subprocess.run(
            [sys.executable, "-m", f"scripts.{script}"],
            cwd=self.folder,
            env=environment,
            capture_output=True,
            text=True,
        )
        assert "Traceback" not in done.stderr, done.stderr
        return done.returncode, done.stdout + done.stderr

    def replace(self, name: str, old: str, new: str) -> None:
        file = self.folder / name
        text = file.read_text("utf-8")
        assert old in text
        file.write_text(text.replace(old, new, 1), "utf-8")

    def set_version(self, version: str) -> None:
        file = self.folder / "openapi.yaml"
        text = re.sub(r"^  version: .*$", f"  version: {version}", file.read_text("utf-8"), count=1, flags=re.MULTILINE)
        file.write_text(text, "utf-8")

    def note(self, text: str) -> None:
        self.replace("CHANGELOG.md", "## [Unreleased]\n", f"## [Unreleased]\n\n### Changed\n\n- {text}\n")


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    clone = Clone(tmp_path / "clone")
    clone.set_version("7.0.0")
    clone.run("generate")
    clone.note("Something that users see.")
    clone.commit("Change something")
    return clone


def test_a_release_and_the_one_after_it(clone: Clone) -> None:
    status, printed = clone.run("release")
    assert status == 0, printed
    assert clone.git("tag") == "v7.0.0"
    assert clone.git("log", "-1", "--format=%s") == "Release 7.0.0"
    assert clone.git("status", "--porcelain") == ""
    changelog = (clone.folder / "CHANGELOG.md").read_text("utf-8")
    assert re.search(r"## \[Unreleased\]\n\n## \[7\.0\.0\] - \d{4}-\d\d-\d\d\n\n### Changed\n\n- Something", changelog)

    assert clone.run("release")[1].startswith("release: v7.0.0 exists already")
    clone.set_version("7.0.1")
    clone.run("generate")
    clone.commit("Raise the version")
    status, printed = clone.run("release")
    assert status == 1
    assert "notes nothing under Unreleased" in printed

    # A field less breaks callers: 7.0.1 does not say so.
    clone.replace("openapi.yaml", "\n        top_p:\n", "\n        top_q:\n")
    clone.run("generate")
    clone.note("`top_p` is gone.")
    clone.commit("Remove a field")
    status, printed = clone.run("release")
    assert status == 1
    assert "raise it to 8.0.0" in printed
    clone.set_version("8.0.0")
    clone.run("generate")
    clone.commit("Raise the version again")
    status, printed = clone.run("release")
    assert status == 0, printed
    notes = clone.git("tag", "--list", "--format=%(contents)", "v8.0.0")
    assert "### Changed\n\n- `top_p` is gone." in notes
    assert "### Contract\n\n- " in notes
    assert "### Python names\n\n- " in notes


def test_a_tree_that_is_not_clean(clone: Clone) -> None:
    (clone.folder / "new.txt").touch()
    status, printed = clone.run("release")
    assert status == 1
    assert "not clean" in printed
    assert clone.git("tag") == ""


def test_drift(clone: Clone) -> None:
    clone.replace("generated/thread_runs_client/facts.py", "Facts", "Truths")
    clone.commit("Edit by hand")
    status, printed = clone.run("release")
    assert status == 1
    assert "run `make generate`" in printed
    assert clone.git("tag") == ""
