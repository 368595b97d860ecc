"""The result of a run: the object that `judge` returns and that every report is made from."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from thread_runs_conformance.findings import Finding
from thread_runs_conformance.spec import Place

CONFORMS, FINDINGS, NOT_JUDGED = 0, 1, 2
"""Exit statuses."""
State = Literal["passed", "failed", "skipped", "error"]


START = "start"
"""The group of the step before the cases."""


@dataclass(frozen=True)
class CaseResult:
    """One case and its outcome.

    Attributes:
        state: `failed` if the case made a finding that no earlier case made, `skipped` if it could not be tried,
            `error` if the suite itself failed.
        reason: Why it was skipped, or the traceback of an error.
        place: The rule of the spec that the case checks.
        findings: The findings that no earlier case made.
        seconds: Its duration.
    """

    group: str
    name: str
    state: State
    reason: str = ""
    place: Place | None = None
    findings: tuple[Finding, ...] = ()
    seconds: float = 0


@dataclass
class Report:
    """The result of a run.

    Attributes:
        findings: The defects of the server, one finding each.
        not_restored: What could not be restored, in sentences.
        cut_off: Why the run ended before all cases were run, in sentences; empty if it did not.
        stopped_at_first: The run stopped at the first finding, as requested (`--exitfirst`).
        not_run: For each group of cases, how many were not run because the run ended early.
        errors: Failures of the suite itself.
        notes: Further remarks on the result.
        reached: For each operation and documented status, how often it was seen.
        not_judged: Operations that were not judged, and why.
        covered: For each systematic series, how many of its cases were run, and how many it has.
        learned: How the server behaves where the spec leaves it open.
    """

    spec: Path
    title: str
    base_url: str
    targets: list[str]
    profile: str
    seed: int
    findings: list[Finding] = field(default_factory=list)
    cases: list[CaseResult] = field(default_factory=list)
    not_restored: list[str] = field(default_factory=list)
    cut_off: list[str] = field(default_factory=list)
    stopped_at_first: bool = False
    not_run: Mapping[str, int] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    reached: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    not_judged: Mapping[str, str] = field(default_factory=dict)
    covered: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    learned: Mapping[str, str] = field(default_factory=dict)
    cannot_remove: bool = False
    latencies: list[float] = field(default_factory=list)
    requests: int = 0
    seconds: float = 0

    @property
    def conforms(self) -> bool:
        """Whether the server was judged to the end and nothing was found."""
        return self.exit_status == CONFORMS

    @property
    def exit_status(self) -> int:
        """0: conforms. 1: there are findings. 2: not judged, or not to the end."""
        if self.errors or self.cut_off or self.not_restored:
            return NOT_JUDGED
        if self.findings:
            return FINDINGS
        return CONFORMS if self._tried else NOT_JUDGED

    @property
    def _tried(self) -> bool:
        """Whether a case passed. Reading the targets is not enough, because there may be none."""
        return any(case.state == "passed" and case.group != START for case in self.cases)

    @property
    def counts(self) -> Counter[str]:
        """How many cases ended in each state."""
        return Counter(case.state for case in self.cases)

    @property
    def not_tried(self) -> Counter[str]:
        """The number of skipped cases for each reason."""
        return Counter(case.reason for case in self.cases if case.state == "skipped")

    @property
    def verdict(self) -> str:
        """The result in one sentence."""
        count = len(self.findings)
        found = f"{count} finding{'' if count == 1 else 's'}"
        if self.not_restored:
            return f"NOT RESTORED: some resources are not in their original state ({found})."
        if self.errors:
            return f"Not judged to the end: the suite itself failed ({found} so far)."
        if self.cut_off:
            return f"Not judged to the end: {'; '.join(self.cut_off)} ({found} so far)."
        if self.stopped_at_first and self.not_run:
            left = sum(self.not_run.values())
            return (
                f"The server violates the spec. The run stopped at the first finding (--exitfirst): {left} of "
                f"{left + len(self.cases) - 1} cases were not run."
            )
        if count:
            return f"The server violates the spec in {count} way{'s' if count > 1 else ''}."
        if not self._tried:
            return "Not judged: nothing could be tried."
        if self.cannot_remove:
            return "The server conforms to the spec, as far as it can be tried without adding pairs."
        return "The server conforms to the spec."
