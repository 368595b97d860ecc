"""A report for a console: findings, what was learned, what was not tried, the verdict."""

from collections.abc import Iterable

from thread_runs_conformance.result import Report


def write(report: Report) -> str:
    """The report. What could not be restored comes first."""
    blocks = []
    if report.not_restored:
        blocks.append("\n".join(f"NOT RESTORED: {line}" for line in report.not_restored))
    blocks += [f"{index}. {finding.text()}" for index, finding in enumerate(report.findings, 1)]
    blocks += [f"The suite itself failed: {error}" for error in report.errors]
    blocks.append("\n".join(_facts(report)))
    blocks.append(f"{report.verdict} ({summary(report)})")
    return "\n\n".join(blocks)


def summary(report: Report) -> str:
    """The numbers of a run, on one line."""
    counts = report.counts
    return (
        f"{counts['passed']} cases passed, {counts['failed']} failed, {counts['skipped']} not tried; "
        f"{report.requests} requests in {report.seconds:.1f} s; profile {report.profile}, seed {report.seed}"
    )


def _facts(report: Report) -> Iterable[str]:
    for operation, learned in report.learned.items():
        yield f"learned: {operation}: {learned}"
    for operation, reached in report.reached.items():
        if operation not in report.not_judged:
            yield f"{operation}: reached {_listed(status for status, count in reached.items() if count)}"
            yield f"{operation}: not reached {_listed(status for status, count in reached.items() if not count)}"
    for operation, reason in report.not_judged.items():
        yield f"{operation}: NOT JUDGED: {reason}"
    for series, (run, total) in report.covered.items():
        yield f"covered: {series}: {run} of {total} combinations ({run * 100 // max(total, 1)} %)"
    for reason, count in report.not_tried.items():
        yield f"not tried ({count} case{'s' if count > 1 else ''}): {reason}"
    if report.not_run:
        yield f"not run: {_listed(f'{group} ({count})' for group, count in report.not_run.items())}"
    yield from report.notes
    for reason in report.cut_off:
        yield f"CUT OFF: {reason}"


def _listed(words: Iterable[str]) -> str:
    return ", ".join(words) or "none"
