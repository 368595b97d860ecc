"""Where things are in this repository, and how git is called in it."""

import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SPEC = ROOT / "openapi.yaml"
GENERATED = ROOT / "generated" / "thread_runs_client"
CHANGELOG = ROOT / "CHANGELOG.md"
ACCEPTED = ROOT / "accepted-changes.yaml"


class GitError(Exception):
    """A git command failed. The message is one line."""


def git(*arguments: str, check: bool = True) -> subprocess.CompletedProcess[bytes]:
    """Run git in the repository. Raises GitError if git is missing, or with `check` if the command fails."""
    try:
        done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, check=False)
    except FileNotFoundError:
        raise GitError("git is not installed") from None
    if check and done.returncode != 0:
        printed = (done.stderr or done.stdout).decode(errors="replace")
        raise GitError(f"git {arguments[0]}: {' '.join(printed.split()) or f'exit status {done.returncode}'}")
    return done


def changed_paths() -> list[str]:
    """Return the paths that are not as the checked-out commit has them. Raises GitError if git cannot say."""
    lines = git("status", "--porcelain").stdout.decode(errors="replace").splitlines()
    return [line[3:] for line in lines]


def git_text(*arguments: str) -> str:
    """Return what a git command prints, without surrounding white space. Raises GitError if it fails."""
    return git(*arguments).stdout.decode().strip()
