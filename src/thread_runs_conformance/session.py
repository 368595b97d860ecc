"""A session of the suite as a pytest plugin: the server under test, findings, progress, putting back."""

import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from typing import Any, TextIO

import pytest
import schemathesis

from thread_runs_conformance.calls import Target
from thread_runs_conformance.exchange import Exchange
from thread_runs_conformance.explore import Explorer
from thread_runs_conformance.findings import Findings
from thread_runs_conformance.learning import Journal, learn, restore
from thread_runs_conformance.settings import Settings
from thread_runs_conformance.spec import Contract
from thread_runs_conformance.subject import Subject
from thread_runs_conformance.wire import Meter, Wire

ORDER = ("test_boundaries", "test_negative", "test_authentication", "test_state", "test_positive")
"""What says most about a defect comes first: later sightings add to its finding."""
MOST_FAULTS = 5
"""Requests in a row that may go unanswered before the session ends: each can take as long as the timeout."""
GRACE = 4
"""Seconds that such a server gets to come back."""


@dataclass
class CaseResult:
    """One test and how it went: `passed`, `failed`, or `skipped` with the reason."""

    group: str
    name: str
    outcome: str
    reason: str
    rule: str
    seconds: float


@dataclass
class Result:
    """What a session came to."""

    findings: Findings
    cases: list[CaseResult] = field(default_factory=list)
    not_restored: list[str] = field(default_factory=list)
    latencies: list[float] = field(default_factory=list)
    interrupted: bool = False
    crashed: str = ""
    seconds: float = 0


class Session:
    """The plugin. `scripts/conformance.py` makes one for each run of pytest."""

    def __init__(
        self, settings: Settings, base_url: str, key: str, targets: list[Target], strict: bool, out: TextIO | None
    ) -> None:
        # The name that pytest registers the plugin under.
        self.__name__ = "contract"
        self.settings = settings
        self.contract = Contract(settings.spec)
        self.result = Result(Findings([key]))
        self.meter = Meter(settings.rate, settings.budget)
        self.wire = Wire(base_url, self.meter, settings.timeout, self._record)
        sizes = settings.sizes
        self.subject = Subject(
            self.contract,
            self.wire,
            self.result.findings,
            targets,
            key,
            strict=strict,
            any_key=settings.any_key,
            rounds=sizes.rounds,
        )
        self.explorer = Explorer(sizes, settings.seed)
        config = schemathesis.Config.from_dict({"base-url": base_url})
        self.schema = schemathesis.openapi.from_path(settings.spec, config=config)
        self._journal = Journal(settings.output / "restore.json", base_url)
        self._out = out
        self._total = 0
        self._done = 0
        self._learned = False
        self._faults = 0
        self._started = time.monotonic()

    def _record(self, exchange: Exchange) -> None:
        self.result.latencies.append(exchange.seconds)
        self._faults = self._faults + 1 if exchange.fault else 0

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items.sort(key=lambda item: ORDER.index(item.path.stem))
        self._total = len(items)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Iterator[None]:
        """A test fails for the findings that it is the first to make."""
        findings = self.result.findings
        before = len(findings)
        if not self._learned:
            self._learned = True
            learn(self.subject, self._journal)
        findings.case = _spoken(item)
        try:
            yield
        except pytest.skip.Exception:
            if len(findings) == before:
                raise
        if new := findings.since(before):
            pytest.fail("\n\n".join(finding.text() for finding in new), pytrace=False)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[Any]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        report = yield
        if call.when == "call" or report.outcome != "passed":
            reason = ""
            if report.outcome == "skipped" and isinstance(report.longrepr, tuple):
                reason = report.longrepr[2].removeprefix("Skipped: ")
            elif report.outcome == "failed" and call.excinfo and not call.excinfo.errisinstance(pytest.fail.Exception):
                self.result.crashed = self.result.crashed or f"{item.name}: {report.longreprtext}"
            rule = next((value.rule for value in _params(item).values() if hasattr(value, "rule")), "")
            case = CaseResult(
                item.path.stem.removeprefix("test_"), _spoken(item), report.outcome, reason, rule, call.duration
            )
            self.result.cases.append(case)
        return report

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_teardown(self, item: pytest.Item) -> None:
        if self._faults < MOST_FAULTS:
            return
        # A server that died of a request and is started again is judged on.
        time.sleep(GRACE)
        self.subject.resync(self.subject.targets[0])
        if self._faults:
            item.session.shouldstop = "the server does not answer"

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        self._done += 1
        self._progress(nodeid.partition("::")[0].rpartition("test_")[2].removesuffix(".py"))

    def pytest_keyboard_interrupt(self) -> None:
        self.result.interrupted = True

    def pytest_internalerror(self, excrepr: Any) -> None:
        self.result.crashed = self.result.crashed or str(excrepr)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.result.crashed = self.result.crashed or report.longreprtext

    def pytest_sessionfinish(self) -> None:
        self._progress("")
        if self._learned:
            self.result.findings.closed = True
            self.result.not_restored = restore(self.subject, self._journal)
        self.subject.typed.close()
        self.wire.close()
        self.result.seconds = time.monotonic() - self._started

    def _progress(self, group: str) -> None:
        if self._out is None or not self._total:
            return
        count = len(self.result.findings)
        line = (
            f"{self._done * 100 // self._total:3} %  {self._done} of {self._total} tests, {self.meter.count} requests, "
            f"{count} finding{'' if count == 1 else 's'}  {group}"
        )
        if self._out.isatty():
            self._out.write(f"\r\033[K{line}" if group else "\r\033[K")
        elif self._done == self._total or self._done % max(self._total // 8, 1) == 0:
            self._out.write(f"{line}\n" if group else "")
        self._out.flush()


def _params(item: pytest.Item) -> dict[str, Any]:
    callspec = getattr(item, "callspec", None)
    return callspec.params if callspec else {}


def _spoken(item: pytest.Item) -> str:
    """The test as words: "limit: metadata: 16 pairs"."""
    name = getattr(item, "originalname", item.name).removeprefix("test_").replace("_", " ")
    given = [getattr(value, "name", None) or str(value) for value in _params(item).values() if value is not None]
    return ": ".join([name, *given])
