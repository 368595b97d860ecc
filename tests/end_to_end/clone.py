"""A clone of the repository in which a test may commit, release and publish."""

import fcntl
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def copy_mypy_cache(folder: Path) -> None:
    """Fill `folder` with what mypy knows of this tree, so that in a clone it checks only what differs.

    Every test process has a copy of its own, because two runs of mypy must not write to one cache.
    """
    kept = ROOT / ".mypy_cache"
    kept.mkdir(exist_ok=True)
    with (kept / "copying.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        subprocess.run([sys.executable, "-m", "mypy"], cwd=ROOT, capture_output=True)
        shutil.copytree(kept, folder, dirs_exist_ok=True)


def shell(line: str, folder: Path, path: str = "", **variables: str) -> tuple[int, str]:
    """Run a line in `folder` with the programs of this environment on PATH, after those in `path`.

    Returns the exit status and all that it printed.
    """
    programs = os.pathsep.join(filter(None, [path, str(Path(sys.executable).parent), os.environ["PATH"]]))
    done = subprocess.run(
        ["bash", "-e", "-c", line],
        cwd=folder,
        env={**os.environ, "PATH": programs, **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
    )
    return done.returncode, done.stdout


class Clone:
    """A clone of the repository in its current state, with uncommitted changes, without tags."""

    def __init__(self, folder: Path, mypy_cache: Path | None = None) -> None:
        self.folder = folder
        self.mypy_cache = mypy_cache
        # Not a local clone, which would copy every object as a file: tests copy their clones.
        subprocess.run(["git", "clone", "--quiet", "--no-tags", "--no-local", str(ROOT), str(folder)], check=True)
        changed = subprocess.run(
            ["git", "ls-files", "-z", "--modified", "--others", "--exclude-standard"],
            cwd=ROOT,
            capture_output=True,
            encoding="utf-8",
            check=True,
        ).stdout
        for name in filter(None, changed.split("\0")):
            if (ROOT / name).exists():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                (folder / name).write_bytes((ROOT / name).read_bytes())
        self.git("config", "user.name", "Test")
        self.git("config", "user.email", "test@example.invalid")
        self.commit("Start", "--allow-empty")

    @classmethod
    def at(cls, folder: Path) -> "Clone":
        """Return a clone that is there already."""
        clone = cls.__new__(cls)
        clone.folder = folder
        clone.mypy_cache = None
        return clone

    def link_environment(self) -> None:
        """Give the clone the environment of this tree, so that `make` has nothing to set up in it."""
        environment = Path(sys.executable).parents[1]
        (self.folder / ".venv").mkdir()
        for path in environment.iterdir():
            if path.name != "installed":
                (self.folder / ".venv" / path.name).symlink_to(path)
        # Newer than the lock.
        (self.folder / ".venv" / "installed").touch()

    def shell(self, line: str, **variables: str) -> tuple[int, str]:
        """Run a line as a user of the clone types it; return its exit status and all that it printed."""
        packages = os.pathsep.join(str(self.folder / name) for name in ("src", "generated"))
        return shell(line, self.folder, PYTHONPATH=packages, **variables)

    def git(self, *arguments: str) -> str:
        return subprocess.run(
            ["git", *arguments], cwd=self.folder, capture_output=True, encoding="utf-8", check=True
        ).stdout.strip()

    def commit(self, subject: str, *options: str) -> None:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", subject, *options)

    def run(self, script: str, *arguments: str, shell: str = "true", **variables: str) -> tuple[int, str]:
        """Run a script of the clone; return its exit status and all that it printed. `shell` is run before it."""
        packages = os.pathsep.join(str(self.folder / name) for name in ("src", "generated"))
        cache = {"MYPY_CACHE_DIR": str(self.mypy_cache)} if self.mypy_cache else {}
        done = subprocess.run(
            ["bash", "-c", f'{shell} && exec "$@"', "bash", sys.executable, "-m", f"scripts.{script}", *arguments],
            cwd=self.folder,
            env={**os.environ, **cache, "PYTHONPATH": packages, **variables},
            capture_output=True,
            encoding="utf-8",
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
