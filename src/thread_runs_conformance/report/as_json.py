"""A report as JSON, for programs."""

import dataclasses
import json
from typing import Any

from thread_runs_conformance.findings import Finding
from thread_runs_conformance.result import Report
from thread_runs_conformance.rules import RULES
from thread_runs_conformance.spec import Place


def write(report: Report) -> str:
    """The report; `exit_status` is that of the command."""
    return json.dumps(as_value(report), indent=2, ensure_ascii=False)


def as_value(report: Report) -> dict[str, Any]:
    """The report as JSON values."""
    return {
        "verdict": report.verdict,
        "exit_status": report.exit_status,
        "not_restored": report.not_restored,
        "cut_off": report.cut_off,
        "stopped_at_first": report.stopped_at_first,
        "not_run": dict(report.not_run),
        "errors": report.errors,
        "findings": [_finding(finding) for finding in report.findings],
        "spec": {"file": str(report.spec), "title": report.title},
        "server": report.base_url,
        "targets": report.targets,
        "profile": report.profile,
        "seed": report.seed,
        "requests": report.requests,
        "seconds": round(report.seconds, 3),
        "learned": dict(report.learned),
        "reached": {name: dict(statuses) for name, statuses in report.reached.items()},
        "not_judged": dict(report.not_judged),
        "covered": {name: {"run": run, "total": total} for name, (run, total) in report.covered.items()},
        "notes": report.notes,
        "cases": [
            {
                "group": case.group,
                "name": case.name,
                "state": case.state,
                "reason": case.reason,
                "findings": [finding.code for finding in case.findings],
                "seconds": round(case.seconds, 3),
            }
            for case in report.cases
        ],
    }


def _finding(finding: Finding) -> dict[str, Any]:
    value = dataclasses.asdict(finding)
    del value["size"]
    return {**value, "place": _place(finding.place), "fix": RULES[finding.code].fix}


def _place(place: Place) -> dict[str, Any]:
    return {"file": place.file, "line": place.line or None, "pointer": place.pointer, "text": place.text}
