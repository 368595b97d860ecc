"""Run all tests in parallel and check the coverage of src/.

Measuring coverage doubles the time of a test. The tests marked `unmeasured` therefore run without it, in a
separate pytest.
"""

import os
import subprocess
import sys

from scripts.repository import ROOT
from thread_runs_spec.standard_output import tolerate_closed_stdout

# One process more than there are cores, because some tests wait for deadlines and for the programs that they start.
PROCESSES = ["--numprocesses", str((os.cpu_count() or 1) + 1)]
PARALLEL = [*PROCESSES, "--dist", "worksteal"]
# The tests of a module share expensive fixtures. Modules start in the order of tests/conftest.py: the longest first.
BY_MODULE = [*PROCESSES, "--dist", "loadscope", "--no-loadscope-reorder"]
UNMEASURED = ["tests/end_to_end", "tests/scripts", "tests/typed_application"]
"""These tests do not add to the coverage: they test code outside src/, or start programs in clones."""
COVERAGE = {
    100: ["src/thread_runs/*", "src/thread_runs_mock/*", "src/thread_runs_spec/*"],
    95: ["src/thread_runs_conformance/*"],
}
"""The least coverage in per cent, and the files that must reach it."""


def main() -> int:
    given = sys.argv[1:]
    ignored = [f"--ignore={folder}" for folder in UNMEASURED]
    steps = {
        "tests": ["pytest", *PARALLEL, *given, "-m", "not unmeasured", *ignored, "--cov", "--cov-report="],
        "tests without coverage": ["pytest", *BY_MODULE, *given, "-m", "unmeasured"],
        **{
            f"coverage of {least} %": ["coverage", "report", f"--include={','.join(files)}", f"--fail-under={least}"]
            for least, files in COVERAGE.items()
        },
    }
    failed = [
        name
        for name, arguments in steps.items()
        if subprocess.run([sys.executable, "-m", *arguments], cwd=ROOT).returncode != 0
    ]
    if failed:
        print(f"test: failed: {', '.join(failed)}", file=sys.stderr)
    return bool(failed)


if __name__ == "__main__":
    tolerate_closed_stdout()
    sys.exit(main())
