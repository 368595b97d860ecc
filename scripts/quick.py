"""Run the tests for the changes since the last commit, and the fast core, in less than 30 seconds.

The tests follow from the paths that changed, untracked files included. Tests that are marked `slow` or `deep` are left
out; end-to-end tests are all slow.
"""

import subprocess
import sys

from scripts.repository import ROOT, git
from scripts.test import PARALLEL
from thread_runs_spec.standard_output import tolerate_closed_stdout

CORE = [
    "tests/spec",
    "tests/client/test_client.py",
    "tests/client/test_generated.py",
    "tests/client/test_request_limits.py",
    "tests/scripts/test_imports.py",
    "tests/scripts/test_lint.py",
    "tests/scripts/test_repository_rules.py",
]
TESTS = {
    "openapi.yaml": ["tests/client", "tests/mock"],
    "templates/": ["tests/client"],
    "generated/": ["tests/client"],
    "src/thread_runs/": ["tests/client"],
    "src/thread_runs_mock/": ["tests/mock"],
    "src/thread_runs_spec/": ["tests/mock", "tests/conformance", "tests/scripts"],
    "src/thread_runs_conformance/": ["tests/conformance"],
    "scripts/": ["tests/scripts"],
}
"""The tests for changes at or below a path, in addition to the core."""


def changed_paths() -> list[str]:
    """Return the paths that differ from the last commit, relative to the root; deleted files are left out."""
    tracked = git("diff", "--name-only", "-z", "HEAD").stdout
    untracked = git("ls-files", "-z", "--others", "--exclude-standard").stdout
    paths = (tracked + untracked).decode().split("\0")
    return sorted(path for path in paths if path and (ROOT / path).is_file())


def selection(changed: list[str]) -> list[str]:
    """Return the test files and folders to run for the paths that changed."""
    related = [tests for prefix, tests in TESTS.items() if any(path.startswith(prefix) for path in changed)]
    itself = [path for path in changed if path.startswith("tests/") and path.rpartition("/")[2].startswith("test_")]
    paths = dict.fromkeys([*CORE, *(test for tests in related for test in tests), *itself])
    return [path for path in paths if (ROOT / path).exists()]


def main() -> int:
    pytest = [sys.executable, "-m", "pytest", "--quiet", *PARALLEL]
    return subprocess.run([*pytest, "-m", "not slow and not deep", *selection(changed_paths())], cwd=ROOT).returncode


if __name__ == "__main__":
    tolerate_closed_stdout()
    sys.exit(main())
