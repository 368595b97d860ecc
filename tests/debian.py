"""Programs of Debian's packages that some tests run."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest


def program(name: str, package: str, *folders: str) -> str:
    """The path of a program; its package is installed where that can be done without asking anybody."""
    path = _find(name, folders)
    if path is None and os.geteuid() == 0 and shutil.which("apt-get"):
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for command in (["update"], ["install", "--yes", "--no-install-recommends", package]):
            subprocess.run(["apt-get", "--quiet", *command], env=environment, capture_output=True, check=False)
        path = _find(name, folders)
    if path is None:
        pytest.fail(f"{name} is not installed: apt-get install {package}")
    return path


def _find(name: str, folders: tuple[str, ...]) -> str | None:
    places = [place for folder in folders for place in sorted(Path("/").glob(folder), reverse=True)]
    return shutil.which(name) or shutil.which(name, path=os.pathsep.join(map(str, places)))
