"""Programs from Debian packages that some tests run."""

import fcntl
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

LOCK = Path(tempfile.gettempdir(), "thread-runs-apt.lock")


def program(name: str, package: str, *folders: str) -> str:
    """Return the path of a program; install its package first if that needs no permission.

    Test processes that run in parallel take turns, so that apt-get runs once.

    Args:
        name: The program.
        package: The Debian package that holds it.
        folders: Where to look besides PATH, as patterns below `/`.
    """
    path = _find(name, folders)
    if path is None and os.geteuid() == 0 and shutil.which("apt-get"):
        with LOCK.open("w", encoding="utf-8") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            path = _find(name, folders) or _install(name, package, folders)
    if path is None:
        pytest.fail(f"{name} is not installed: apt-get install {package}")
    return path


def _install(name: str, package: str, folders: tuple[str, ...]) -> str | None:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update"], ["install", "--yes", "--no-install-recommends", package]):
        subprocess.run(["apt-get", "--quiet", *command], env=environment, capture_output=True, check=False)
    return _find(name, folders)


def _find(name: str, folders: tuple[str, ...]) -> str | None:
    places = [place for folder in folders for place in sorted(Path("/").glob(folder), reverse=True)]
    return shutil.which(name) or shutil.which(name, path=os.pathsep.join(map(str, places)))
