"""What schemathesis finds by itself, for comparison."""

import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from scripts.mutants.judging import TIMEOUT
from scripts.mutants.subjects import RIGHT, Served, Subject
from scripts.repository import SPEC

KINDS = {
    "schemathesis run": [],
    "schemathesis run, fully configured": [
        *("--checks", "all", "--mode", "all", "--max-examples", "100"),
        *("--phases", "examples,coverage,fuzzing,stateful"),
    ],
}


def figures(subjects: Sequence[Subject], workers: int) -> dict[str, dict[str, int]]:
    """For each kind, how many servers of each class it notices."""
    return {name: _figures(name, options, subjects, workers) for name, options in KINDS.items()}


def _figures(name: str, options: Sequence[str], subjects: Sequence[Subject], workers: int) -> dict[str, int]:
    def notices(subject: Subject) -> bool:
        with subject.serve() as served:
            return _notices(served, options)

    with ThreadPoolExecutor(workers) as pool:
        hits = list(pool.map(notices, subjects))
    if false := [right.name for right in RIGHT if notices(right)]:
        print(f"{name} objects to right servers too ({', '.join(false)})")
    found = dict.fromkeys((subject.group for subject in subjects), 0)
    for subject, hit in zip(subjects, hits, strict=True):
        found[subject.group] += hit
    return found


def _notices(served: Served, options: Sequence[str]) -> bool:
    """Whether the command line of schemathesis notices; with the identifiers fixed if it is given options."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "schemathesis.toml").write_text(_configuration(served.targets[0] if options else {}), "utf-8")
        headers = {**served.headers, "OpenAI-Beta": "assistants=v2"} if served.spec is None else served.headers
        command = [
            str(Path(sys.executable).parent / "schemathesis"),
            *("run", str(served.spec or SPEC), "--url", served.base_url, "--no-color", "--max-failures", "1"),
            *(part for name, value in headers.items() for part in ("--header", f"{name}: {value}")),
            *options,
        ]
        done = subprocess.run(command, cwd=folder, capture_output=True, encoding="utf-8", timeout=TIMEOUT)
        return done.returncode == 1


def _configuration(target: Mapping[str, str]) -> str:
    lines = ["[generation]", "deterministic = true", "database = 'none'"]
    if target:
        lines = [
            "[parameters]",
            *(f'"path.{name}" = "{value}"' for name, value in target.items()),
            *lines,
            "[checks.negative_data_rejection]",
            "expected-statuses = [400, 401, 404, 405, 413, 415, 422]",
        ]
    return "\n".join(lines)
