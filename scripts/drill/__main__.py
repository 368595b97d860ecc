"""Rehearse changes of the spec: make each in a clone of the repository, and check what follows automatically.

For each change: `make generate`, `make check`, `make diff`, the conformance suite against the mock, and a call of every
method. A change that needs a decision must fail with a message that says which.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from scripts.drill.edits import EDITS, Edit
from scripts.repository import ROOT, SPEC
from thread_runs_spec.standard_output import tolerate_closed_stdout


@dataclass
class Outcome:
    """What each step did; a step that failed keeps what it printed."""

    edit: Edit
    failures: dict[str, str] = field(default_factory=dict)
    verdict: str = ""
    seconds: float = 0

    @property
    def as_expected(self) -> bool:
        printed = "\n".join(self.failures.values())
        return bool(self.failures) == bool(self.edit.decide) and all(text in printed for text in self.edit.decide)


def rehearse(edit: Edit) -> Outcome:
    """Make the change in a clone of the repository, and run there what a maintainer would."""
    outcome = Outcome(edit)
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        clone = Path(folder) / "clone"
        subprocess.run(["git", "clone", "--quiet", "--no-local", str(ROOT), str(clone)], check=True)
        if "MYPY_CACHE_DIR" not in os.environ and (ROOT / ".mypy_cache").exists():
            shutil.copytree(ROOT / ".mypy_cache", clone / ".mypy_cache")
        document = yaml.safe_load((clone / SPEC.name).read_text("utf-8"))
        edit.make(document)
        (clone / SPEC.name).write_text(yaml.safe_dump(document, sort_keys=False, allow_unicode=True), "utf-8")
        packages = os.pathsep.join([str(clone / "src"), str(clone / "generated")])
        env = {**os.environ, "PYTHONPATH": packages, "PROFILE": "quick"}
        steps = {
            "generate": ["-m", "scripts.generate"],
            "check": ["-m", "scripts.check"],
            "diff": ["-m", "scripts.diff", "--base", "HEAD"],
            "conformance suite": ["-m", "scripts.conformance"],
            "calls": ["-m", "scripts.call_methods", SPEC.name],
        }
        for name, arguments in steps.items():
            done = subprocess.run(
                [sys.executable, *arguments], cwd=clone, env=env, capture_output=True, encoding="utf-8"
            )
            if done.returncode != 0:
                outcome.failures[name] = done.stdout + done.stderr
            if name == "diff":
                found = re.search(r"^Version: (.*)$", done.stdout, re.MULTILINE)
                outcome.verdict = found[1].partition(";")[0] if found else "none"
    outcome.seconds = time.monotonic() - started
    return outcome


HEADER = "| change | follows by itself | left to a person | verdict |\n|---|---|---|---|"


def row(outcome: Outcome) -> str:
    """Return the row of the table for one change."""
    said = "; ".join(outcome.edit.decide) or "nothing"
    failed = ", ".join(outcome.failures) or "everything"
    follows = f"all but {failed}" if outcome.failures else failed
    return f"| {outcome.edit.name} | {follows} | {said} | {outcome.verdict} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="rehearse the changes whose name contains this; all by default")
    arguments = parser.parse_args()
    edits = [edit for edit in EDITS if arguments.only in edit.name]
    print(HEADER, flush=True)
    outcomes = []
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for outcome in pool.map(rehearse, edits):
            outcomes.append(outcome)
            print(row(outcome), flush=True)
    wrong = [outcome for outcome in outcomes if not outcome.as_expected]
    for outcome in wrong:
        print(f"\n{outcome.edit.name}: not as expected", *outcome.failures.values(), sep="\n", file=sys.stderr)
    sys.exit(bool(wrong))


if __name__ == "__main__":
    tolerate_closed_stdout()
    main()
