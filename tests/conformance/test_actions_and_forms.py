"""Operations that are neither read nor changed: actions, uploads, texts, and what need not exist."""

from pathlib import Path
from typing import Any

import pytest

from tests.conformance.servers import jobs
from thread_runs_conformance import judge
from thread_runs_conformance.report import WRITERS

SPEC = Path(__file__).with_name("specs") / "jobs.yaml"


def judged(fault: str = "", **options: Any) -> Any:
    given: dict[str, Any] = {"disposable": True, "profile": "quick", "pause": 0, **options}
    app = jobs.create_app(fault)
    return judge(base_url="http://jobs.test", app=app, targets=jobs.TARGETS, spec=SPEC, **given)


@pytest.mark.slow
def test_a_right_server_has_no_finding() -> None:
    report = judged()
    assert (report.findings, report.errors, report.exit_status) == ([], [], 0), WRITERS["text"](report)
    assert report.not_judged == {}
    assert {"200", "404", "409"} <= {status for status, count in report.reached["stopJob"].items() if count}
    assert report.reached["attachFile"]["201"]
    assert report.reached["getLog"]["200"]
    # A rejected action is a note and not a finding.
    assert any(note.startswith("stopJob: valid requests were answered 409") for note in report.notes)
    assert any("what the path names need not exist" in reason for reason in report.not_tried)


@pytest.mark.parametrize(
    ("fault", "only", "code", "words"),
    [
        ("form unchecked", "attachFile", "invalid-request-accepted", "A form without `file` is accepted"),
        ("any log", "getLog", "invalid-request-accepted", "A `job` that does not exist"),
        ("any upload", "attachFile", "invalid-request-accepted", "that does not exist"),
        ("stop fails", "stopJob", "undocumented-status", "500"),
    ],
)
def test_a_wrong_server_has_a_finding_of_its_kind(fault: str, only: str, code: str, words: str) -> None:
    report = judged(fault, only=only)
    found = [finding for finding in report.findings if finding.code == code]
    assert any(words in finding.sentence for finding in found), WRITERS["text"](report)


def test_nothing_of_a_live_server_is_stopped_or_uploaded() -> None:
    report = judged(disposable=False)
    assert (report.findings, report.errors, report.not_restored) == ([], [], []), WRITERS["text"](report)
    assert set(report.not_judged) == {"stopJob", "attachFile"}
