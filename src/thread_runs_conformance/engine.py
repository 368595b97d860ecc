"""Runs the cases against a server, and restores the targets."""

import hashlib
import time
import traceback
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random
from urllib.parse import urlsplit

from thread_runs_conformance.answers import AnswerChecks
from thread_runs_conformance.cases import Case
from thread_runs_conformance.cases.selection import choose, everything_in
from thread_runs_conformance.connection import Connection
from thread_runs_conformance.exchange import Exchange
from thread_runs_conformance.findings import Findings
from thread_runs_conformance.generation import Explorer
from thread_runs_conformance.guard import Guard
from thread_runs_conformance.known_state import KnownState
from thread_runs_conformance.learning import learn
from thread_runs_conformance.operations import Operation
from thread_runs_conformance.options import Options, cache_folder
from thread_runs_conformance.outcomes import NotTried
from thread_runs_conformance.rejections import Rejections
from thread_runs_conformance.restore import Journal, restore
from thread_runs_conformance.result import START, CaseResult, Report
from thread_runs_conformance.sending import Sender
from thread_runs_conformance.subject import Subject
from thread_runs_conformance.wire import Meter, Wire

MOST_FAULTS = 5
"""After this many requests in a row without a response the run ends, because each can take as long as the timeout."""
GRACE = 15
"""Seconds to wait for such a server to come back."""

Progress = Callable[[int, int, int, int, str], None]
"""A function that is called with cases done, total cases, requests, findings, and the group of cases."""


class Engine:
    """One run. Call `start`, `run_case` for each of `cases`, and `finish`; or `run` for all of that."""

    def __init__(self, options: Options, connection: Connection, progress: Progress | None = None) -> None:
        self.options = options
        self.spec, operations, everything = everything_in(options.spec)
        self.operations = [*operations]
        self.cases = choose(everything, options.sizes.series, options.seed, options.only)
        self._pools = Counter(case.pool for case in everything if case.pool)
        self.findings = Findings(options.credentials.secrets)
        self.meter = Meter(options.rate, options.budget, lambda: self.found_first)
        self._connection = connection
        self._progress = progress
        self._results: list[CaseResult] = []
        self._pools_run: Counter[str] = Counter()
        self._done: set[str] = set()
        self._latencies: list[float] = []
        self._cut_off: list[str] = []
        self._errors: list[str] = []
        self._faults = 0
        self._absences = 0
        self._started = time.monotonic()
        self._learned = False
        checks = AnswerChecks(self.spec, self.findings, options.credentials.secrets)
        self._checks = checks
        base_path = urlsplit(connection.base_url).path.rstrip("/")
        guard = Guard(self.operations, options.targets, base_path, options.disposable)
        self.wire = Wire(connection, self.meter, guard, self._record)
        sender = Sender(
            self.spec,
            self.operations,
            self.wire,
            self.findings,
            checks,
            list(options.targets),
            options.credentials,
            disposable=options.disposable,
            any_key=options.any_key,
            rounds=options.sizes.rounds,
            client=options.client,
        )
        state = KnownState(sender)
        self.subject = Subject(
            self.spec,
            self.operations,
            self.findings,
            checks,
            sender,
            state,
            Rejections(sender, state, checks),
            Explorer(options.sizes, options.seed, options.spec),
            Random(options.seed),
            options.pause,
        )
        self._journal = Journal(None if options.disposable else journal_path(connection.base_url), connection.base_url)

    def _record(self, exchange: Exchange) -> None:
        self._latencies.append(exchange.seconds)
        self._faults = self._faults + 1 if exchange.fault else 0
        self._checks.check_message(exchange)
        # A request without a response may have been executed.
        if not 300 <= exchange.status < 500:
            self.subject.state.note_action(exchange)

    @property
    def stopped(self) -> bool:
        """Whether no more cases are to be run."""
        return bool(self._cut_off) or self.meter.spent or self.found_first or self.subject.stopping.is_set()

    @property
    def found_first(self) -> bool:
        """Whether the run stops because there is a finding (`--exitfirst`)."""
        return self.options.exitfirst and len(self.findings) > 0

    def stop(self) -> None:
        """End the run after the case that is being run. The resources are still restored."""
        self.subject.stopping.set()

    def run(self) -> Report:
        """Run everything. Ctrl-C ends the run early; the resources are still restored."""
        try:
            self.start()
            for case in self.cases:
                if self.stopped:
                    break
                self.run_case(case)
        except KeyboardInterrupt:
            self.stop()
        if self.subject.stopping.is_set():
            self._cut_off.append("the run was stopped")
        return self.finish()

    def start(self) -> CaseResult:
        """Read the targets, and learn what the spec leaves open."""
        self._learned = True

        def run(subject: Subject) -> None:
            learn(subject, self._journal)

        return self._run(Case(START, "read the targets and learn how they are changed", run))

    def run_case(self, case: Case) -> CaseResult:
        """Run one case. It fails if it makes a finding that no earlier case made."""
        result = self._run(case)
        self._done.add(case.id)
        self._pools_run[case.pool] += result.state != "skipped"
        if self._progress is not None:
            self._progress(len(self._done), len(self.cases), self.meter.count, len(self.findings), case.group)
        self._check_alive()
        return result

    def _run(self, case: Case) -> CaseResult:
        before, started = len(self.findings), time.monotonic()
        self.findings.case = case.id
        state, reason = "passed", ""
        try:
            case.run(self.subject)
        except NotTried as skipped:
            state, reason = "skipped", str(skipped)
        except Exception as error:
            reason = _reason_inside(error)
            state = "skipped" if reason else "error"
            if not reason:
                reason = traceback.format_exc()
                self._errors.append(f"{case.id}: {reason}")
        new = tuple(self.findings.since(before))
        if new and state != "error":
            state = "failed"
        place = self.spec.place(case.rule) if case.rule else None
        result = CaseResult(
            case.group,
            case.name,
            state,  # type: ignore[arg-type]  # one of the four
            reason,
            place,
            new,
            time.monotonic() - started,
        )
        self._results.append(result)
        return result

    def _check_alive(self) -> None:
        """End the run if the server does not respond. If it comes back within the grace period, continue."""
        if self._faults < MOST_FAULTS:
            return
        deadline = time.monotonic() + GRACE
        known = self.subject.state.everything()[:1]
        # If the server never responded, do not wait for it.
        while known and time.monotonic() < deadline and not self.subject.stopping.wait(1):
            self.subject.state.resync(known[0].operation, known[0].target)
            if not self._faults:
                self._absences += 1
                return
        self._cut_off.append("the server does not respond any more" if known else "the server does not respond")

    def finish(self) -> Report:
        """Restore the resources, close all connections, and report."""
        self.findings.closed = True
        not_restored = []
        if self._learned and not self.options.disposable:
            not_restored = restore(self.subject, self._journal)
        self.subject.sender.close()
        self.wire.close()
        self._connection.close()
        if self._faults and self._faults == len(self._latencies) and not self._cut_off:
            self._cut_off.append("the server does not respond")
        if self.meter.spent:
            self._cut_off.append(f"the budget of {self.meter.budget} requests is spent")
        return self._report(not_restored)

    def _report(self, not_restored: list[str]) -> Report:
        info, options, state = self.spec.document.get("info", {}), self.options, self.subject.state
        left = [case for case in self.cases if case.id not in self._done]
        cut_off = [f"{reason}; {len(left)} of {len(self.cases)} cases were not run" for reason in self._cut_off]
        times = "once" if self._absences == 1 else f"{self._absences} times"
        absences = [f"The server stopped responding {times} and came back."] if self._absences else []
        modifying = [operation for operation in self.subject.modifying if operation.id in state.semantics]
        return Report(
            spec=options.spec,
            title=f"{info.get('title', 'no title')} {info.get('version', '')}".strip(),
            base_url=self._connection.base_url,
            targets=[str(target) for target in options.targets],
            profile=options.profile,
            seed=options.seed,
            findings=list(self.findings),
            cases=self._results,
            not_restored=not_restored,
            cut_off=cut_off,
            stopped_at_first=self.found_first,
            not_run=Counter(case.group for case in left),
            errors=self._errors,
            notes=[*self.subject.sender.notes, *absences],
            reached={
                operation.id: {status: self._checks.reached[operation.id, status] for status in operation.statuses}
                for operation in self.operations
            },
            not_judged=self._not_judged(),
            covered={pool: (self._pools_run[pool], total) for pool, total in self._pools.items()},
            learned={operation.id: str(state.semantics[operation.id]) for operation in modifying if operation.maps},
            cannot_remove=any(
                operation.maps and not state.semantics[operation.id].can_remove for operation in modifying
            )
            and not options.disposable,
            latencies=self._latencies,
            requests=self.meter.count,
            seconds=time.monotonic() - self._started,
        )

    def _not_judged(self) -> dict[str, str]:
        found = {}
        for operation in self.operations:
            if not any(self._checks.reached[operation.id, status] for status in operation.statuses):
                found[operation.id] = self._why_not(operation)
            elif operation.may_refuse and not any(
                self._checks.reached[operation.id, status] for status in operation.statuses if status.startswith("2")
            ):
                found[operation.id] = "no valid request succeeded, which the spec allows"
            elif operation.id in self._checks.not_simulated:
                found[operation.id] = (
                    "the mock does not simulate it: it responds with an example (x-mock-simulated: false)"
                )
        return found

    def _why_not(self, operation: Operation) -> str:
        try:
            self.subject.sender.targets(operation)
            self.subject.sender.only_if_safe(operation)
        except NotTried as reason:
            return str(reason)
        try:
            self.subject.sender.other_body(operation)
        except NotTried as reason:
            return str(reason)
        return "no case got a response that the spec documents"


def _reason_inside(error: BaseException) -> str:
    """The reason of a NotTried, which may be wrapped, for example by Hypothesis; empty if there is none."""
    inner: BaseException | None = error
    while inner is not None:
        if isinstance(inner, NotTried):
            return str(inner)
        group = getattr(inner, "exceptions", ())
        for each in group:
            if found := _reason_inside(each):
                return found
        inner = inner.__cause__ or inner.__context__
    return ""


def journal_path(base_url: str) -> Path:
    """The file that holds the original state of a live server's resources while they are changed."""
    name = hashlib.sha256(base_url.encode()).hexdigest()[:16]
    return cache_folder() / f"{name}.json"
