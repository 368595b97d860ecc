"""`make mutants`: test the suite with servers that are wrong in one way each, and with right ones.

ONLY= selects servers by parts of their class and name, separated by |; ONLY=none selects no wrong server. SEEDS= is
the number of seeds for each right server. SOURCE=1 judges mutants of the servers' own source instead, SAMPLE= of
them, drawn by SEED=. COMPLETE=1 does not stop at the first finding, and counts the findings for each defect. EVERY=n
judges only every n-th server. BASELINE=1 also runs schemathesis alone, for comparison. WORKERS= is the number of
processes, PROFILE= the profile of the suite.
"""

import importlib
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import replace

from scripts.mutants import baseline, report, source
from scripts.mutants.judging import Job, Outcome, Settings, judge_all
from scripts.mutants.subjects import RIGHT, WRONG, Subject
from thread_runs_spec.standard_output import tolerate_closed_stdout

ONCE = ("thread_runs_conformance.judging", "thread_runs_mock", "thread_runs_mock.server", "schemathesis", "fastapi")
"""Modules that every judgement needs. They are imported once, before the processes are forked."""


def main() -> int:
    def number(name: str, default: int) -> int:
        return int(os.environ.get(name) or default)

    workers = number("WORKERS", (os.cpu_count() or 1) + 1)
    profile = os.environ.get("PROFILE") or ("quick" if number("SOURCE", 0) else "ci")
    # Mutants of source have no background jobs that a longer pause would wait for.
    pause = 0.5 if number("SOURCE", 0) else 5
    settings = Settings(profile=profile, seed=number("SEED", 1), exitfirst=not number("COMPLETE", 0), pause=pause)
    wanted = (os.environ.get("ONLY") or "").split("|")
    for name in ONCE:
        importlib.import_module(name)
    if number("SOURCE", 0):
        return _source(number("SAMPLE", 300), settings, workers, wanted)
    named = [subject for subject in WRONG if any(part in f"{subject.group}: {subject.name}" for part in wanted)]
    chosen = [] if wanted == ["none"] else named[:: number("EVERY", 1)]
    outcomes = _judge(chosen, settings, workers)
    alarms = _alarms(number("SEEDS", 20), settings, workers)
    print()
    print(report.table(outcomes, baseline.figures(chosen, workers) if number("BASELINE", 0) else {}))
    escaped = _print_escaped(outcomes)
    if not settings.exitfirst:
        print(report.findings_per_defect(outcomes))
    return 1 if escaped or alarms else 0


def _judge(subjects: Sequence[Subject], settings: Settings, workers: int) -> list[Outcome]:
    """Judge all; the outcomes are in the order of the subjects."""
    started = time.monotonic()
    outcomes = []
    for index, outcome in enumerate(judge_all([Job(subject, settings) for subject in subjects], workers), 1):
        outcomes.append(outcome)
        print(report.line(index, outcome), flush=True)
    print(f"{len(outcomes)} servers judged in {time.monotonic() - started:.0f} s, profile {settings.profile}")
    order = {id(subject): index for index, subject in enumerate(subjects)}
    return sorted(outcomes, key=lambda outcome: order[id(outcome.subject)])


def _alarms(seeds: int, settings: Settings, workers: int) -> int:
    """Judge the right servers; every finding is a false alarm."""
    jobs = [Job(subject, replace(settings, seed=seed)) for seed in range(1, seeds + 1) for subject in RIGHT]
    alarms = failed = 0
    for index, outcome in enumerate(judge_all(jobs, workers), 1):
        alarms += outcome.state == "caught"
        failed += outcome.state in ("failed", "invalid")
        if outcome.state != "escaped":
            what = "FALSE ALARM" if outcome.state == "caught" else "NOT JUDGED"
            print(f"{what} with SEED={outcome.seed}: {outcome.subject.name}: {outcome.sentence}", flush=True)
        if index % len(RIGHT) == 0:
            print(f"{index} of {len(jobs)} judgements of right servers", flush=True)
    print(
        f"{alarms} false alarms in {len(jobs) - failed} judgements of {len(RIGHT)} right servers; {failed} not judged"
    )
    return alarms + failed


def _print_escaped(outcomes: Sequence[Outcome]) -> int:
    escaped = [outcome for outcome in outcomes if outcome.state != "caught"]
    print()
    for outcome in escaped:
        print(f"{outcome.state.upper()} {outcome.subject.group}: {outcome.subject.name} {outcome.sentence}")
    print(f"{len(outcomes) - len(escaped)} of {len(outcomes)} caught")
    return len(escaped)


def _source(size: int, settings: Settings, workers: int, wanted: Sequence[str]) -> int:
    mutants = source.sample(size, settings.seed, wanted)
    reviews = source.reviews()
    known = {mutant: review for mutant in mutants for review in reviews if review.covers(mutant)}
    outcomes = _judge([mutant for mutant in mutants if mutant not in known], settings, workers)
    started = [outcome for outcome in outcomes if outcome.state != "invalid"]
    print()
    print(report.table(started, {}))
    for mutant, review in known.items():
        print(f"{review.verdict}: {mutant.name} ({review.reason})")
    print(
        f"{len(mutants)} mutants drawn with SEED={settings.seed}: {len(outcomes) - len(started)} did not start, "
        f"{len(known)} are reviewed as ones that nobody could catch"
    )
    escaped = _print_escaped(started)
    if not settings.exitfirst:
        print(report.findings_per_defect(started))
    return 1 if escaped else 0


if __name__ == "__main__":
    tolerate_closed_stdout()
    sys.exit(main())
