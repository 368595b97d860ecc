"""Show what the conformance suite detects: run it against servers that are wrong in one way each, and the right one.

ONLY= picks mutants by parts of their group and name, parted by |. SEEDS= sets how many seeds the right server is run
with in each metadata mode. BASELINE=n runs schemathesis alone beside the suite, on every n-th mutant. WORKERS= and
PROFILE= are what they say.
"""

import contextlib
import importlib
import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import connection
from pathlib import Path
from typing import Any

import yaml

from scripts.repository import SPEC

from tests.conformance.wrong_servers import FROM_OTHER_ANGLES, MUTANTS, Mutant, MutantApp, wire  # isort: skip
from thread_runs_conformance.credentials import Credentials
from thread_runs_conformance.judging import engine_for
from thread_runs_conformance.mock_server import MOCK_KEY, mock_runs, targets_of
from thread_runs_conformance.options import Options
from thread_runs_conformance.spec import Spec

RIGHT = {mode: Mutant(f"the right server, {mode}", "right", metadata=mode) for mode in ("merge", "replace")}
RUNS = mock_runs(Spec(SPEC).document)
TIMEOUT = 300
"""Seconds after which a session is given up; it counts as not caught."""


@dataclass(frozen=True)
class Outcome:
    """What a session found: the first finding's rule and sentence, empty if there was none."""

    mutant: Mutant
    rule: str
    sentence: str
    others: int
    status: int
    seconds: float
    requests: int
    seed: int

    @property
    def caught(self) -> bool:
        return bool(self.rule)


@contextlib.contextmanager
def served(mutant: Mutant) -> Iterator[str]:
    """Serve a wrong server; its base URL."""
    from thread_runs_mock import server

    with tempfile.TemporaryDirectory() as folder:
        spec: Path | None = None
        if mutant.edit:
            document = yaml.safe_load(SPEC.read_text("utf-8"))
            mutant.edit(document)
            spec = Path(folder) / "openapi.yaml"
            spec.write_text(yaml.safe_dump(document, sort_keys=False, allow_unicode=True), "utf-8")
        application: Any = MutantApp(mutant, spec, RUNS, MOCK_KEY)
        if mutant.connection:
            with wire.serve(application.handler, mutant.connection) as origin:
                yield f"{origin}{application.spec.base_path}"
            return
        sock = server.listen("127.0.0.1", 0)
        with server.in_thread(application, sock):
            yield server.base_url(sock, application.spec.base_path)


def judge(mutant: Mutant, settings: Options) -> dict[str, Any]:
    """Run the suite against a server in this process."""
    with served(mutant) as base_url:
        options = replace(
            settings,
            base_url=base_url,
            targets=tuple(targets_of(RUNS)),
            credentials=Credentials(MOCK_KEY),
            disposable=True,
        )
        report = engine_for(options).run()
        return {
            "rule": report.findings[0].code if report.findings else "",
            "sentence": report.findings[0].sentence if report.findings else "".join(report.errors)[-500:],
            "others": max(len(report.findings) - 1, 0),
            "status": report.exit_status,
            "requests": report.requests,
        }


def _child(mutant: Mutant, settings: Options, pipe: Any) -> None:
    pipe.send(judge(mutant, settings))
    pipe.close()


class Judging:
    """A session in a process of its own, which begins where this one is."""

    def __init__(self, mutant: Mutant, settings: Options) -> None:
        self.mutant = mutant
        self._seed = settings.seed
        context = multiprocessing.get_context("fork")
        self.pipe, theirs = context.Pipe(duplex=False)
        self._process = context.Process(target=_child, args=(mutant, settings, theirs))
        self._started = time.monotonic()
        self._process.start()
        theirs.close()

    @property
    def overdue(self) -> bool:
        return time.monotonic() - self._started > TIMEOUT

    def outcome(self) -> Outcome:
        """What it found; waits for nothing."""
        found: dict[str, Any] = {"rule": "", "sentence": "no result", "others": 0, "status": -1, "requests": 0}
        with contextlib.suppress(EOFError):
            if self.pipe.poll():
                found = self.pipe.recv()
        self._process.kill()
        self._process.join()
        self.pipe.close()
        return Outcome(self.mutant, seconds=time.monotonic() - self._started, seed=self._seed, **found)


def judge_all(jobs: list[tuple[Mutant, Options]], workers: int) -> Iterator[Outcome]:
    """Run all jobs, some at a time; gives each outcome as it comes."""
    waiting, running = jobs[::-1], list[Judging]()
    while waiting or running:
        while waiting and len(running) < workers:
            running.append(Judging(*waiting.pop()))
        ready = connection.wait([judging.pipe for judging in running], timeout=1)
        for judging in [judging for judging in running if judging.pipe in ready or judging.overdue]:
            running.remove(judging)
            yield judging.outcome()


def report_mutant(index: int, outcome: Outcome) -> None:
    name = f"{index:4} {outcome.mutant.group}: {outcome.mutant.name}"
    found = f"caught by {outcome.rule}: {outcome.sentence}" if outcome.caught else f"ESCAPED {outcome.sentence}"
    print(f"{name}  {found}  ({outcome.seconds:.1f} s)", flush=True)


BASELINES = {
    "schemathesis run": [],
    "schemathesis run, fully configured": [
        *("--checks", "all", "--mode", "all", "--max-examples", "100"),
        *("--phases", "examples,coverage,fuzzing,stateful"),
    ],
}


def baseline(mutant: Mutant, options: list[str], *, configured: bool) -> bool:
    """Whether the command line of schemathesis notices; with the run's identifiers fixed if it is configured."""
    with served(mutant) as base_url, tempfile.TemporaryDirectory() as folder:
        target = targets_of(RUNS)[0].values
        lines = ["[generation]", "deterministic = true", "database = 'none'"]
        if configured:
            lines = [
                "[parameters]",
                *(f'"path.{name}" = "{value}"' for name, value in target.items()),
                *lines,
                "[checks.negative_data_rejection]",
                "expected-statuses = [400, 401, 404, 405, 413, 415, 422]",
            ]
        (Path(folder) / "schemathesis.toml").write_text("\n".join(lines), "utf-8")
        command = [
            *(str(Path(sys.executable).parent / "schemathesis"), "run", str(SPEC), "--url", base_url, "--no-color"),
            *(
                "--header",
                f"Authorization: Bearer {MOCK_KEY}",
                "--header",
                "OpenAI-Beta: assistants=v2",
                "--max-failures",
                "1",
            ),
            *options,
        ]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=TIMEOUT)
        return done.returncode == 1


def table(outcomes: list[Outcome], baselines: dict[str, dict[str, int]]) -> str:
    """Figures by group, as Markdown."""
    groups = list(dict.fromkeys(outcome.mutant.group for outcome in outcomes))
    total = Counter(outcome.mutant.group for outcome in outcomes)
    caught = Counter(outcome.mutant.group for outcome in outcomes if outcome.caught)
    heads = ["class", "mutants", "this suite", *baselines]
    lines = [f"| {' | '.join(heads)} |", f"|---|{'---:|' * (len(heads) - 1)}"]
    for group in groups:
        cells = [total[group], caught[group], *(figures[group] for figures in baselines.values())]
        lines.append(f"| {group} | {' | '.join(map(str, cells))} |")
    sums = [total.total(), caught.total(), *(sum(figures.values()) for figures in baselines.values())]
    lines.append(f"| **all** | {' | '.join(f'**{number}**' for number in sums)} |")
    return "\n".join(lines)


def main() -> int:
    workers = int(os.environ.get("WORKERS") or os.cpu_count() or 1)
    seeds, step = int(os.environ.get("SEEDS") or 50), int(os.environ.get("BASELINE") or 0)
    settings = Options(profile=os.environ.get("PROFILE") or "ci", stop_at_first=True, pause=1)
    # What every session needs is imported once, before they part.
    for name in ("thread_runs_client.responses", "thread_runs_conformance.engine", "thread_runs_mock.app"):
        importlib.import_module(name)
    wanted = os.environ.get("ONLY", "").split("|")
    everything = [*MUTANTS, *FROM_OTHER_ANGLES]
    chosen = [mutant for mutant in everything if any(part in f"{mutant.group}: {mutant.name}" for part in wanted)]
    chosen = chosen[:: step or 1]
    started = time.monotonic()
    outcomes = []
    for index, outcome in enumerate(judge_all([(mutant, settings) for mutant in chosen], workers), 1):
        outcomes.append(outcome)
        report_mutant(index, outcome)
    outcomes.sort(key=lambda outcome: everything.index(outcome.mutant))
    elapsed = time.monotonic() - started
    right = [
        (RIGHT[mode], replace(settings, metadata=mode, seed=seed)) for seed in range(1, seeds + 1) for mode in RIGHT
    ]
    alarms = []
    for outcome in judge_all(right, workers):
        if outcome.status != 0:
            alarms.append(outcome)
            print(f"FALSE ALARM with SEED={outcome.seed}: {outcome.mutant.name}: {outcome.sentence}", flush=True)
    escaped = [outcome for outcome in outcomes if not outcome.caught]
    print()
    print(table(outcomes, _baselines(chosen, workers) if step else {}))
    print()
    for outcome in escaped:
        print(f"ESCAPED {outcome.mutant.group}: {outcome.mutant.name} {outcome.sentence}")
    print(f"{len(outcomes) - len(escaped)} of {len(outcomes)} caught in {elapsed:.0f} s, profile {settings.profile}")
    print(
        f"{len(alarms)} false alarms in {len(right)} sessions of the right server ({seeds} seeds in each metadata mode)"
    )
    return 1 if escaped or alarms else 0


def _baselines(mutants: list[Mutant], workers: int) -> dict[str, dict[str, int]]:
    return {name: _baseline_figures(name, options, mutants, workers) for name, options in BASELINES.items()}


def _baseline_figures(name: str, options: list[str], mutants: list[Mutant], workers: int) -> dict[str, int]:
    def notices(mutant: Mutant) -> bool:
        return baseline(mutant, options, configured=bool(options))

    with ThreadPoolExecutor(workers) as pool:
        hits = list(pool.map(notices, mutants))
    if false := [mode for mode, right in RIGHT.items() if notices(right)]:
        print(f"{name} objects to the right server too ({', '.join(false)})")
    figures = dict.fromkeys((mutant.group for mutant in mutants), 0)
    for mutant, hit in zip(mutants, hits, strict=True):
        figures[mutant.group] += hit
    return figures


if __name__ == "__main__":
    sys.exit(main())
