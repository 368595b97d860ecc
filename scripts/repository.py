"""Where things are in this repository, and how git is asked about them."""

import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SPEC = ROOT / "openapi.yaml"
GENERATED = ROOT / "generated" / "thread_runs_client"


def git(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    """Run git in the repository; return its output and exit status, whatever that is."""
    return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, check=False)
