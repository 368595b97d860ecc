"""Export a tagged release, check it, and build it: the same files every time.

What is built depends on the tag alone, not on the working tree, the folder, the time or the version of Python.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from scripts.repository import ROOT, git, git_text


class ProvenanceError(Exception):
    """There is no such release, or it cannot be checked or built. The message gives the reason."""


def tag_of(version: str) -> str:
    """Return the tag of a version. Raises ProvenanceError if there is none."""
    tag = f"v{version}"
    if git("rev-parse", "--verify", "--quiet", f"refs/tags/{tag}^{{commit}}", check=False).returncode != 0:
        raise ProvenanceError(
            f"there is no tag {tag}: run `make release`, or `git fetch --tags` if it was released elsewhere"
        )
    return tag


def export(tag: str, folder: Path) -> None:
    """Make a clone of the repository at `tag` in `folder`. Raises GitError if that fails."""
    git("clone", "--quiet", "--no-checkout", f"file://{ROOT}", str(folder))
    git("-C", str(folder), "-c", "advice.detachedHead=false", "checkout", "--quiet", f"refs/tags/{tag}")


def _environment(folder: Path) -> dict[str, str]:
    """The environment in which commands in an export use the export's packages and not those of this tree."""
    packages = os.pathsep.join(str(folder / name) for name in ("src", "generated"))
    kept = {name: value for name, value in os.environ.items() if not name.startswith("UV_PUBLISH")}
    return {**kept, "PYTHONPATH": packages}


def check(folder: Path) -> None:
    """Run `make check` in an export, and judge the changes since the previous release.

    Raises ProvenanceError with what it printed.
    """
    if "MYPY_CACHE_DIR" not in os.environ and (ROOT / ".mypy_cache").is_dir():
        # Types are checked again only where a file differs.
        shutil.copytree(ROOT / ".mypy_cache", folder / ".mypy_cache")
    previous = git("-C", str(folder), "describe", "--tags", "--abbrev=0", "--match", "v[0-9]*", "HEAD^", check=False)
    command = [sys.executable, "-m", "scripts.check"]
    if previous.returncode == 0:
        command += ["--base", previous.stdout.decode().strip()]
    done = subprocess.run(command, cwd=folder, env=_environment(folder), capture_output=True, encoding="utf-8")
    if done.returncode != 0:
        raise ProvenanceError(f"`make check` fails on the tagged commit:\n{(done.stdout + done.stderr).strip()}")


def build(source: Path, folder: Path) -> list[Path]:
    """Build wheel and sdist of the export `source` into `folder`. Raises ProvenanceError if that fails."""
    command = [sys.executable, "-m", "hatchling", "build", "--directory", str(folder)]
    epoch = git_text("-C", str(source), "log", "-1", "--format=%ct")
    environment = {**_environment(source), "SOURCE_DATE_EPOCH": epoch}
    done = subprocess.run(command, cwd=source, env=environment, capture_output=True, encoding="utf-8")
    if done.returncode != 0:
        # The last line of a traceback has the reason.
        said = done.stderr.strip().rpartition("\n")[2]
        raise ProvenanceError(f"the tag cannot be built: {said or f'exit status {done.returncode}'}")
    return sorted(folder.iterdir())


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
