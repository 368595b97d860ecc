"""A report as workflow commands of GitHub Actions: annotations at the lines of the spec."""

import os
from pathlib import Path

from thread_runs_conformance.report import as_text
from thread_runs_conformance.result import Report
from thread_runs_conformance.spec import Place


def write(report: Report) -> str:
    """An error for each finding, at the rule of the spec; and the summary as a notice."""
    lines = [f"::error title=not restored::{_data(line)}" for line in report.not_restored]
    lines += [f"::error title=the suite itself failed::{_data(error)}" for error in report.errors]
    lines += [f"::error title=cut off::{_data(reason)}" for reason in report.cut_off]
    for finding in report.findings:
        where = _where(report.spec, finding.place)
        lines.append(f"::error {where}title={_property(finding.code)}::{_data(finding.text())}")
    lines += [f"::warning title=not judged::{_data(f'{name}: {why}')}" for name, why in report.not_judged.items()]
    lines.append(f"::notice title=conformance::{_data(f'{report.verdict} ({as_text.summary(report)})')}")
    return "\n".join(lines)


def _where(spec: Path, place: Place) -> str:
    """File and line, if the spec is in the workspace; annotations elsewhere are dropped."""
    if not place.line:
        return ""
    workspace = Path(os.environ.get("GITHUB_WORKSPACE") or Path.cwd())
    try:
        path = spec.resolve().relative_to(workspace.resolve())
    except ValueError:
        return ""
    return f"file={_property(path.as_posix())},line={place.line},"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
