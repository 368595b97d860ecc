"""A report as one self-contained HTML page."""

import re
import statistics
from collections import Counter, defaultdict
from html import escape
from importlib import resources
from itertools import groupby
from string import Template

from thread_runs_conformance.findings import Finding
from thread_runs_conformance.result import CONFORMS, FINDINGS, CaseResult, Report
from thread_runs_conformance.rules import RULES


def write(report: Report) -> str:
    """The page. What could not be restored comes first."""
    kind = {CONFORMS: "good", FINDINGS: "bad"}.get(report.exit_status, "open")
    page = resources.files("thread_runs_conformance.report").joinpath("report.html").read_text("utf-8")
    return Template(page).substitute(
        kind=kind,
        verdict=escape(report.verdict),
        alarm=_alarm(report),
        summary=_summary(report),
        findings="".join(_finding(index, finding) for index, finding in enumerate(report.findings, 1))
        or "<p>None.</p>",
        operations="".join(_operation(report, name) for name in report.reached),
        not_reached=_not_reached(report),
        constraints=_constraints(report),
        cases=_cases(report),
        timings=_timings(report),
    )


def _alarm(report: Report) -> str:
    lines = [*(f"NOT RESTORED: {line}" for line in report.not_restored), *report.cut_off, *report.errors]
    return "".join(f"<pre class='alarm'>{escape(line)}</pre>" for line in lines)


def _marked(text: str) -> str:
    """The escaped text, with text between backticks as code."""
    return re.sub(r"`([^`]*)`", r"<code>\1</code>", escape(text))


def _rows(pairs: list[tuple[str, str]]) -> str:
    return "".join(f"<tr><th>{escape(name)}</th><td>{escape(value)}</td></tr>" for name, value in pairs)


def _summary(report: Report) -> str:
    counts = report.counts
    pairs = [
        ("spec", f"{report.title} ({report.spec.name})"),
        ("server", report.base_url),
        ("targets", ", ".join(report.targets[:4])),
        *(("learned", f"{operation}: {learned}") for operation, learned in report.learned.items()),
        ("profile and seed", f"{report.profile}, {report.seed}"),
        ("cases", f"{counts['passed']} passed, {counts['failed']} failed, {counts['skipped']} not tried"),
        ("requests", f"{report.requests} in {report.seconds:.1f} s"),
        *(("covered", f"{series}: {run} of {total}") for series, (run, total) in report.covered.items()),
        *(("note", note) for note in report.notes),
    ]
    return f"<table class='facts'>{_rows(pairs)}</table>"


def _finding(index: int, finding: Finding) -> str:
    place = finding.place
    return (
        f"<article><h3><span>{index}</span> {_marked(finding.sentence)} <code>{escape(finding.code)}</code></h3><dl>"
        f"<dt>What was sent</dt><dd><pre>{escape(finding.sent)}</pre></dd>"
        f"<dt>What the spec says</dt><dd><code>{escape(place.location)}</code> "
        f"<code>{escape(('#' if place.line else '') + place.pointer)}</code><br>{escape(place.text)}</dd>"
        f"<dt>What was received</dt><dd><pre>{escape(finding.received)}</pre></dd>"
        f"<dt>Seen</dt><dd>{escape(finding.times)}</dd>"
        f"<dt>How to fix it</dt><dd>{_marked(RULES[finding.code].fix)}</dd></dl></article>"
    )


def _operation(report: Report, name: str) -> str:
    cells = "".join(
        f"<td class='{'hit' if count else 'miss'}'><b>{escape(status)}</b><br>{count or 'not reached'}</td>"
        for status, count in report.reached[name].items()
    )
    return f"<tr><th>{escape(name)}</th>{cells}</tr>"


def _not_reached(report: Report) -> str:
    lines = [f"{name}: not judged: {reason}" for name, reason in report.not_judged.items()]
    lines += [
        f"{operation}: status {status}"
        for operation, reached in report.reached.items()
        for status, count in reached.items()
        if not count and operation not in report.not_judged
    ]
    lines += [f"{count} not run: {group}" for group, count in report.not_run.items()]
    lines += [f"{count} case{'s' if count > 1 else ''}: {reason}" for reason, count in sorted(report.not_tried.items())]
    return "".join(f"<li>{escape(line)}</li>" for line in lines) or "<li>Nothing.</li>"


def _constraints(report: Report) -> str:
    """Every rule of the spec that a case is about."""
    by_rule: dict[str, list[CaseResult]] = defaultdict(list)
    for case in report.cases:
        if case.place is not None:
            by_rule[case.place.pointer].append(case)
    rows = []
    for pointer, cases in sorted(by_rule.items()):
        place = cases[0].place
        assert place is not None
        kinds = Counter("valid" if case.group == "limits" else "violations" for case in cases)
        failed = sum(case.state == "failed" for case in cases)
        counts = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))
        rows.append(
            f"<tr class='{'failed' if failed else 'passed'}'><td><code>{escape(pointer)}</code></td>"
            f"<td>{place.line}</td><td>{escape(place.text)}</td><td>{counts}</td><td>{failed or ''}</td></tr>"
        )
    return "".join(rows)


def _cases(report: Report) -> str:
    blocks = []
    for group, members in groupby(report.cases, key=lambda case: case.group):
        cases = list(members)
        states = Counter(case.state for case in cases)
        seconds = sum(case.seconds for case in cases)
        rows = "".join(
            f"<tr class='{case.state}'><td>{escape(case.name)}</td><td>{case.state}</td>"
            f"<td>{escape(case.reason)}</td><td>{case.seconds * 1000:.0f} ms</td></tr>"
            for case in cases
        )
        shown = ", ".join(f"{count} {state}" for state, count in states.items())
        blocks.append(
            f"<details><summary>{escape(group)}: {shown} ({seconds:.1f} s)</summary><table>{rows}</table></details>"
        )
    return "".join(blocks)


def _timings(report: Report) -> str:
    times = sorted(report.latencies)
    if not times:
        return _rows([("requests", "none")])
    places = {"shortest": 0, "median": len(times) // 2, "95 %": len(times) * 95 // 100, "longest": len(times) - 1}
    pairs = [(name, f"{times[place] * 1000:.1f} ms") for name, place in places.items()]
    return _rows([*pairs, ("mean", f"{statistics.fmean(times) * 1000:.1f} ms"), ("requests", str(len(times)))])
