"""The paths of this repository, and calls of git in it."""

import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SPEC = ROOT / "openapi.yaml"
GENERATED = ROOT / "generated" / "thread_runs_client"
CHANGELOG = ROOT / "CHANGELOG.md"
ACCEPTED = ROOT / "accepted-changes.yaml"


class GitError(Exception):
    """A git command failed. The message is one line."""


def sentence(error: Exception) -> str:
    """Return the message of an error in one line. If several files could not be copied, it names the first."""
    if isinstance(error, shutil.Error) and isinstance(error.args[0], list):
        return str(error.args[0][0][2])
    if isinstance(error, OSError) and error.strerror:
        return f"{error.strerror}: {error.filename}" if error.filename else error.strerror
    return str(error)


def git(*arguments: str, check: bool = True) -> subprocess.CompletedProcess[bytes]:
    """Run git in the repository. Raises GitError if git is missing, or with `check` if the command fails."""
    try:
        done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, check=False)
    except FileNotFoundError:
        raise GitError("git is not installed") from None
    if check and done.returncode != 0:
        printed = (done.stderr or done.stdout).decode(errors="replace")
        fatal = [line for line in printed.splitlines() if line.startswith("fatal: ")]
        if fatal and printed.count("\n") > 20:
            # The lines before list every file that git could not write.
            printed = " ".join(fatal)
        raise GitError(f"git {arguments[0]}: {' '.join(printed.split()) or f'exit status {done.returncode}'}")
    return done


def changed_paths() -> list[str]:
    """Return the paths that differ from the checked-out commit. Raises GitError if git fails."""
    # With locks, git would also write its index, for which there may be no space.
    lines = git("--no-optional-locks", "status", "--porcelain").stdout.decode(errors="replace").splitlines()
    return [line[3:] for line in lines]


def git_text(*arguments: str) -> str:
    """Return what a git command prints, without surrounding white space. Raises GitError if it fails."""
    return git(*arguments).stdout.decode().strip()
