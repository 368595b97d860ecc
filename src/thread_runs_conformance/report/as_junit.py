"""A report as JUnit XML, for CI systems."""

import re
import xml.etree.ElementTree as ElementTree
from itertools import groupby

from thread_runs_conformance.report import as_text
from thread_runs_conformance.result import CaseResult, Report

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write(report: Report) -> str:
    """One suite for each group of cases. A case fails if it made a finding that no earlier case made."""
    counts = report.counts
    root = ElementTree.Element(
        "testsuites",
        name="thread-runs-conformance",
        tests=str(len(report.cases)),
        failures=str(counts["failed"]),
        errors=str(counts["error"]),
        time=f"{report.seconds:.3f}",
    )
    problems = [*report.not_restored, *report.cut_off]
    if problems:
        # An error, and the first case: a run that was interrupted must not look like one that passed.
        suite = ElementTree.SubElement(root, "testsuite", name="run", tests="1", errors="1", failures="0")
        case = ElementTree.SubElement(suite, "testcase", classname="run", name="complete and restored", time="0")
        error = ElementTree.SubElement(case, "error", message=_clean(report.verdict))
        error.text = _clean("\n".join(problems))
    for group, members in groupby(report.cases, key=lambda case: case.group):
        _suite(root, group, list(members))
    output = ElementTree.SubElement(root, "system-out")
    output.text = _clean(f"{report.verdict} ({as_text.summary(report)})")
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True)


def _suite(root: ElementTree.Element, group: str, cases: list[CaseResult]) -> None:
    suite = ElementTree.SubElement(
        root,
        "testsuite",
        name=group,
        tests=str(len(cases)),
        failures=str(sum(case.state == "failed" for case in cases)),
        errors=str(sum(case.state == "error" for case in cases)),
        skipped=str(sum(case.state == "skipped" for case in cases)),
        time=f"{sum(case.seconds for case in cases):.3f}",
    )
    for result in cases:
        case = ElementTree.SubElement(
            suite, "testcase", classname=group, name=_clean(result.name), time=f"{result.seconds:.3f}"
        )
        if result.state == "skipped":
            ElementTree.SubElement(case, "skipped", message=_clean(result.reason))
        elif result.state == "error":
            ElementTree.SubElement(case, "error", message="the suite itself failed").text = _clean(result.reason)
        elif result.findings:
            text = "\n\n".join(finding.text() for finding in result.findings)
            message = "; ".join(f"{finding.code}: {finding.sentence}" for finding in result.findings)
            ElementTree.SubElement(case, "failure", message=_clean(message)).text = _clean(text)


def _clean(text: str) -> str:
    """The text without the characters that XML 1.0 does not allow."""
    return _NOT_XML.sub("\ufffd", text)
