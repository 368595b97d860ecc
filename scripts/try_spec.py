"""Try a spec: generate its client, check the types, and call every method against the mock.

Prints a table with a row for each spec, and below it what does not work, one line each.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from scripts.generate import GenerationError, generate
from scripts.lint import lint_file
from scripts.repository import ROOT
from thread_runs_spec import operations
from thread_runs_spec.document import Spec, SpecError
from thread_runs_spec.standard_output import tolerate_closed_stdout


@dataclass
class Outcome:
    """The result for one spec.

    Attributes:
        lint: The number of findings of `scripts.lint`.
        notes: What the client does otherwise than the spec asks.
        seconds: Processor time of the generation.
    """

    name: str
    operations: int = 0
    methods: int = 0
    type_errors: int = 0
    called: int = 0
    lint: int = 0
    notes: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    seconds: float = 0

    @property
    def works(self) -> bool:
        return not self.failures and self.operations == self.methods == self.called > 0


def processor_time() -> float:
    """Return the CPU seconds of this process and of its child processes, such as the formatter."""
    return sum(os.times()[:4])


def try_spec(path: Path) -> Outcome:
    """Generate a client of the spec and try it."""
    outcome = Outcome(path.name)
    with tempfile.TemporaryDirectory() as folder:
        package = Path(folder) / "thread_runs_client"
        try:
            outcome.operations = len(operations.operations(Spec.parse(path.name, path.read_text("utf-8"))))
            started = processor_time()
            outcome.notes = generate(path, package)
            outcome.seconds = processor_time() - started
        except (SpecError, GenerationError) as error:
            outcome.failures.append(str(error))
            return outcome
        outcome.lint = len(lint_file(path))
        command = [sys.executable, "-m", "mypy", "--strict", "--config-file=", "--cache-dir", folder, str(package)]
        typed = subprocess.run(command, cwd=folder, capture_output=True, encoding="utf-8")
        if typed.returncode != 0:
            lines = typed.stdout.splitlines() or [typed.stderr]
            outcome.type_errors = len([line for line in lines if " error: " in line]) or 1
            outcome.failures += lines[:5]
        env = {**os.environ, "PYTHONPATH": os.pathsep.join([folder, str(ROOT / "src"), str(ROOT)])}
        command = [sys.executable, "-m", "scripts.call_methods", str(path.resolve())]
        done = subprocess.run(command, cwd=folder, env=env, capture_output=True, encoding="utf-8")
        if not done.stdout:
            outcome.failures.append(done.stderr.strip().rpartition("\n")[2])
            return outcome
        called = json.loads(done.stdout.splitlines()[-1])
        outcome.methods = called["methods"]
        outcome.called = outcome.methods - len({line.partition(":")[0] for line in called["failures"]})
        outcome.failures += called["failures"]
    return outcome


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("specs", nargs="+", type=Path, metavar="SPEC")
    parser.add_argument("--verbose", action="store_true", help="show the notes, too")
    arguments = parser.parse_args()
    print("| spec | operations | methods | type errors | called | lint findings | notes | CPU seconds |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|")
    outcomes = []
    for path in arguments.specs:
        one = try_spec(path)
        outcomes.append(one)
        print(
            f"| {one.name} | {one.operations} | {one.methods} | {one.type_errors} | {one.called} "
            f"| {one.lint} | {len(one.notes)} | {one.seconds:.1f} |",
            flush=True,
        )
    for one in outcomes:
        for line in [*one.failures, *(one.notes if arguments.verbose else [])]:
            print(f"{one.name}: {line}")
    sys.exit(not all(one.works for one in outcomes))


if __name__ == "__main__":
    tolerate_closed_stdout()
    main()
