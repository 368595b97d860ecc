"""Programs that are no Python packages: a browser, a database server."""

import os
import shutil
import subprocess

import pytest


def require(program: str, *packages: str) -> str:
    """Return the path of `program`, installing Debian's `packages` if it is missing.

    The test fails, and says what to install, where that is not possible: not root, or not Debian.
    """
    if shutil.which(program) is None:
        if os.geteuid() != 0 or shutil.which("apt-get") is None:
            pytest.fail(f"{program} is needed for this test; on Debian: sudo apt-get install {' '.join(packages)}")
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for arguments in (["update"], ["install", "--yes", "--no-install-recommends", *packages]):
            subprocess.run(["apt-get", "-qq", *arguments], env=quiet, check=True, stdout=subprocess.DEVNULL)
    path = shutil.which(program)
    assert path is not None, f"{' '.join(packages)} did not bring {program}"
    return path
