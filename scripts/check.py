"""Check the repository without changing it: the spec, the verdict on its changes, drift, format, lint and types."""

import argparse
import filecmp
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from scripts.generate import GenerationError, generate
from scripts.lint import lint_file
from scripts.repository import GENERATED, ROOT, SPEC, sentence
from thread_runs_spec.standard_output import tolerate_closed_stdout

TOOLS = {
    "format": [sys.executable, "-m", "ruff", "format", "--check", "."],
    "lint": [sys.executable, "-m", "ruff", "check", "."],
    "types": [sys.executable, "-m", "mypy"],
    "places": [sys.executable, "-m", "scripts.places"],
    "diff": [sys.executable, "-m", "scripts.diff"],
}
"""These run one after the other, because `types` and `places` both run mypy, with the same cache."""


@dataclass(frozen=True)
class Result:
    """The result of one check, and what it printed."""

    name: str
    passed: bool
    printed: str


def files(folder: Path) -> set[str]:
    """Return the paths of all files below `folder`, relative to it, without Python's caches."""
    return {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def drift(spec: Path, generated: Path) -> list[str]:
    """Return the differences between `generated` and a newly generated package, one line each."""
    with tempfile.TemporaryDirectory() as folder:
        fresh = Path(folder) / generated.name
        generate(spec, fresh)
        want, have = files(fresh), files(generated)
        return [
            *(f"missing: {name}" for name in sorted(want - have)),
            *(f"not made by the generator: {name}" for name in sorted(have - want)),
            *(
                f"differs: {name}"
                for name in sorted(want & have)
                if not filecmp.cmp(fresh / name, generated / name, shallow=False)
            ),
        ]


def check_spec() -> Iterator[Result]:
    """Lint the spec and, if there are no findings, look for drift."""
    findings = lint_file(SPEC)
    yield Result("spec", not findings, "\n".join(findings))
    if findings:
        return
    try:
        differences = drift(SPEC, GENERATED)
    except (GenerationError, OSError) as error:
        differences = [sentence(error)]
    else:
        if differences:
            name = GENERATED.relative_to(ROOT)
            differences.append(f"{name} is out of date: run `make generate` and commit the result.")
    yield Result("drift", not differences, "\n".join(differences))


def run_tool(name: str, command: list[str]) -> Result:
    """Run one of the tools."""
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8")
    return Result(name, done.returncode == 0, done.stdout.rstrip())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--base", default="", help="the release to compare with; default: the last one")
    tools = {**TOOLS, "diff": [*TOOLS["diff"], "--base", parser.parse_args().base]}
    failed = []
    with ThreadPoolExecutor(1) as pool:
        # The tools are processes, so they run while this process works.
        results = pool.map(run_tool, tools, tools.values())
        for result in chain(check_spec(), results):
            print(f"check {result.name}", flush=True)
            if result.printed:
                print(result.printed, flush=True)
            if not result.passed:
                failed.append(result.name)
    if failed:
        sys.exit(f"check: failed: {', '.join(failed)}")
    print("check: passed")


if __name__ == "__main__":
    tolerate_closed_stdout()
    main()
