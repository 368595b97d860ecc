"""What a session found, as text and as one self-contained HTML page."""

import re
import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable
from html import escape
from itertools import groupby
from pathlib import Path
from string import Template

from thread_runs_conformance.findings import Finding
from thread_runs_conformance.session import CaseResult, Session

PAGE = Path(__file__).with_name("report.html")


def verdict(session: Session) -> str:
    """One sentence."""
    result = session.result
    count = len(result.findings)
    if count:
        return f"The server breaks the contract in {count} way{'s' if count > 1 else ''}."
    if result.crashed:
        return "Not judged: the suite itself failed."
    if result.interrupted:
        return "Not judged: the session was stopped."
    if session.meter.spent:
        return f"Not judged to the end: the budget of {session.meter.budget} requests is spent. No finding so far."
    if not any(case.outcome == "passed" for case in result.cases):
        return "Not judged: nothing could be tried."
    if result.not_restored:
        return "No finding, but the runs could not be put back."
    if not session.subject.semantics.can_remove and session.subject.modify_operation:
        return "The server keeps the contract, as far as it can be tried with pairs that cannot be removed."
    return "The server keeps the contract."


def statuses(session: Session) -> dict[str, dict[str, int]]:
    """For each operation and documented status how often it was reached."""
    reached = session.subject.checks.reached
    return {
        operation.id: {status: reached[operation.id, status] for status in operation.statuses}
        for operation in session.contract.operations
    }


def not_tried(session: Session) -> Counter[str]:
    """Why tests were skipped, and how many."""
    return Counter(case.reason for case in session.result.cases if case.outcome == "skipped")


def text(session: Session) -> str:
    """For the console: findings, what was learned, what was not reached, the verdict."""
    result = session.result
    blocks = [f"{index}. {finding.text()}" for index, finding in enumerate(result.findings, 1)]
    if result.crashed:
        blocks.append(result.crashed)
    facts = [f"learned: {session.subject.semantics}"]
    for operation, reached in statuses(session).items():
        facts.append(f"{operation}: reached {_listed(status for status, count in reached.items() if count)}")
        facts.append(f"{operation}: not reached {_listed(status for status, count in reached.items() if not count)}")
    facts += [
        f"not tried ({count} test{'s' if count > 1 else ''}): {reason}" for reason, count in not_tried(session).items()
    ]
    facts += session.subject.account.notes
    facts += [f"NOT PUT BACK: {line}" for line in result.not_restored]
    blocks.append("\n".join(facts))
    passed = Counter(case.outcome for case in result.cases)
    blocks.append(
        f"{verdict(session)} ({passed['passed']} tests passed, {passed['failed']} failed, "
        f"{passed['skipped']} not tried; {session.meter.count} requests in {result.seconds:.1f} s; "
        f"SEED={session.settings.seed})"
    )
    return "\n\n".join(blocks)


def _listed(words: Iterable[str]) -> str:
    return ", ".join(words) or "none"


def html(session: Session) -> str:
    """The page."""
    result = session.result
    kind = "good" if verdict(session).startswith("The server keeps") else "bad" if len(result.findings) else "open"
    return Template(PAGE.read_text("utf-8")).substitute(
        kind=kind,
        verdict=escape(verdict(session)),
        summary=_summary(session),
        findings="".join(_finding(index, finding) for index, finding in enumerate(result.findings, 1))
        or "<p>None.</p>",
        operations="".join(_operation(name, reached) for name, reached in statuses(session).items()),
        not_reached=_not_reached(session),
        constraints=_constraints(session),
        cases=_cases(session),
        timings=_timings(session),
    )


def _marked(text: str) -> str:
    """Escaped, with what stands between backticks as code."""
    return re.sub(r"`([^`]*)`", r"<code>\1</code>", escape(text))


def _rows(pairs: list[tuple[str, str]]) -> str:
    return "".join(f"<tr><th>{escape(name)}</th><td>{escape(value)}</td></tr>" for name, value in pairs)


def _summary(session: Session) -> str:
    settings, outcomes = session.settings, Counter(case.outcome for case in session.result.cases)
    document = session.contract.document["info"]
    pairs = [
        ("contract", f"{document['title']} {document['version']} ({settings.spec.name})"),
        ("server", session.wire.base_url),
        ("runs", ", ".join(str(target) for target in session.subject.targets[:4])),
        ("learned", str(session.subject.semantics)),
        ("profile and seed", f"{settings.profile}, SEED={settings.seed}"),
        ("tests", f"{outcomes['passed']} passed, {outcomes['failed']} failed, {outcomes['skipped']} not tried"),
        ("requests", f"{session.meter.count} in {session.result.seconds:.1f} s"),
    ]
    pairs += [("put back", "NOT: " + line) for line in session.result.not_restored]
    pairs += [("note", note) for note in session.subject.account.notes]
    return f"<table class='facts'>{_rows(pairs)}</table>"


def _finding(index: int, finding: Finding) -> str:
    seen = f"{finding.seen} time{'s' if finding.seen > 1 else ''}: {'; '.join(finding.cases)}"
    return (
        f"<article><h3><span>{index}</span> {_marked(finding.sentence)} <code>{escape(finding.rule)}</code></h3><dl>"
        f"<dt>What was sent</dt><dd><pre>{escape(finding.sent)}</pre></dd>"
        f"<dt>What the contract says</dt><dd><code>{escape(f'{finding.place.file}:{finding.place.line}')}</code> "
        f"<code>#{escape(finding.place.pointer)}</code><br>{escape(finding.place.text)}</dd>"
        f"<dt>What came back</dt><dd><pre>{escape(finding.answer)}</pre></dd>"
        f"<dt>Seen</dt><dd>{escape(seen)}</dd></dl></article>"
    )


def _operation(name: str, reached: dict[str, int]) -> str:
    cells = "".join(
        f"<td class='{'hit' if count else 'miss'}'><b>{status}</b><br>{count or 'not reached'}</td>"
        for status, count in reached.items()
    )
    return f"<tr><th>{escape(name)}</th>{cells}</tr>"


def _not_reached(session: Session) -> str:
    missing = [
        f"{operation}: status {status}"
        for operation, reached in statuses(session).items()
        for status, count in reached.items()
        if not count
    ]
    skipped = [
        f"{count} test{'s' if count > 1 else ''}: {reason}" for reason, count in sorted(not_tried(session).items())
    ]
    return "".join(f"<li>{escape(line)}</li>" for line in missing + skipped) or "<li>Nothing.</li>"


def _constraints(session: Session) -> str:
    """Every rule of the contract that a named case stands at or breaks."""
    by_rule: dict[str, list[CaseResult]] = defaultdict(list)
    for case in session.result.cases:
        if case.rule:
            by_rule[case.rule].append(case)
    rows = []
    for rule, cases in sorted(by_rule.items()):
        place = session.contract.place(rule)
        kept = Counter("kept at" if case.group == "boundaries" else "broken by" for case in cases)
        failed = sum(case.outcome == "failed" for case in cases)
        counts = ", ".join(f"{what} {count}" for what, count in sorted(kept.items(), reverse=True))
        rows.append(
            f"<tr class='{'failed' if failed else 'passed'}'><td><code>{escape(place.pointer)}</code></td>"
            f"<td>{place.line}</td><td>{escape(place.text)}</td><td>{counts}</td><td>{failed or ''}</td></tr>"
        )
    return "".join(rows)


def _cases(session: Session) -> str:
    blocks = []
    for group, members in groupby(session.result.cases, key=lambda case: case.group):
        cases = list(members)
        outcomes = Counter(case.outcome for case in cases)
        seconds = sum(case.seconds for case in cases)
        rows = "".join(
            f"<tr class='{case.outcome}'><td>{escape(case.name)}</td><td>{case.outcome}</td>"
            f"<td>{escape(case.reason)}</td><td>{case.seconds * 1000:.0f} ms</td></tr>"
            for case in cases
        )
        shown = ", ".join(f"{count} {outcome}" for outcome, count in outcomes.items())
        blocks.append(
            f"<details><summary>{escape(group)}: {shown} ({seconds:.1f} s)</summary><table>{rows}</table></details>"
        )
    return "".join(blocks)


def _timings(session: Session) -> str:
    times = sorted(session.result.latencies)
    if not times:
        return _rows([("requests", "none")])
    places = {"shortest": 0, "median": len(times) // 2, "95 %": len(times) * 95 // 100, "longest": len(times) - 1}
    pairs = [(name, f"{times[place] * 1000:.1f} ms") for name, place in places.items()]
    return _rows([*pairs, ("mean", f"{statistics.fmean(times) * 1000:.1f} ms"), ("requests", str(len(times)))])
