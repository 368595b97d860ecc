"""Judging from Python: a server in process, and the report that comes back."""

import json
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import pytest

import thread_runs_mock
from tests.conformance.wrong_servers.proxy import Mutant, MutantApp, changing_runs
from thread_runs_conformance import judge
from thread_runs_conformance.credentials import Credentials
from thread_runs_conformance.judging import engine_for
from thread_runs_conformance.options import Options, OptionsError
from thread_runs_conformance.report import WRITERS
from thread_runs_conformance.targets import Target

KEY = "sk-judge-Key-5678"
TARGETS = ["thread_id=thread_abc123,run_id=run_cancelled"]
SMALL: dict[str, Any] = {"profile": "quick", "pause": 0}


def _undocumented(run: Any) -> None:
    run["status"] = "<done>"


WRONG = Mutant("wrong", "wrong", changing_runs(_undocumented))


@pytest.mark.slow
def test_an_application_is_judged_without_a_socket(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: Any, **options: Any) -> Any:
        raise AssertionError("a socket was opened")

    application = thread_runs_mock.create_app(api_key=KEY)
    monkeypatch.setattr("socket.create_connection", refuse)
    report = judge(app=application, targets=TARGETS, bearer=KEY, **SMALL)
    assert (report.conforms, report.findings, report.errors) == (True, [], []), WRITERS["text"](report)
    assert report.reached["modifyRun"]["200"] > 100
    assert report.requests > 500


@pytest.fixture(scope="module")
def wrong() -> Any:
    """The report on a server with an undocumented status."""
    return judge(app=MutantApp(WRONG, None, [], KEY), targets=TARGETS, bearer=KEY, budget=200, **SMALL)


def test_a_report_has_the_finding_its_place_and_its_code(wrong: Any) -> None:
    assert [finding.code for finding in wrong.findings] == ["schema"]
    assert wrong.findings[0].place.pointer == "/components/schemas/RunStatus/enum"
    assert KEY not in str(wrong)


def test_a_run_that_was_cut_off_is_not_judged_whatever_it_found(wrong: Any) -> None:
    assert wrong.exit_status == 2
    assert "the budget of 200 requests is spent" in wrong.verdict
    assert "1 finding so far" in wrong.verdict


def test_a_run_can_be_stopped_after_a_case() -> None:
    """Ctrl-C does this, too: Python ignores an exception that a signal raises in a finalizer."""
    options = Options(
        base_url="http://server.test/v1",
        targets=(Target.parse(TARGETS[0]),),
        credentials=Credentials(bearer=KEY),
        profile="quick",
        pause=0,
    )
    engine = engine_for(options, thread_runs_mock.create_app(api_key=KEY), lambda *progress: engine.stop())
    report = engine.run()
    assert len([case for case in report.cases if case.group != "start"]) == 1
    assert (report.exit_status, report.not_restored) == (2, [])
    assert "the run was stopped" in report.verdict


def test_a_run_that_stops_at_the_first_finding_says_what_was_not_judged() -> None:
    report = judge(app=MutantApp(WRONG, None, [], KEY), targets=TARGETS, bearer=KEY, exitfirst=True, **SMALL)
    assert (len(report.findings), report.exit_status, report.stopped_at_first) == (1, 1, True)
    left = sum(report.not_run.values())
    assert left > 300
    assert report.not_run["limits"] > 50
    assert "stopped at the first finding (--exitfirst)" in report.verdict
    assert f"{left} of {left + len(report.cases) - 1} cases were not run" in report.verdict
    written = {name: write(report) for name, write in WRITERS.items()}
    assert json.loads(written["json"])["not_run"] == dict(report.not_run)
    assert f"not run: limits ({report.not_run['limits']})" in written["text"]
    assert f"{report.not_run['limits']} not run: limits" in written["html"]


def test_after_a_finding_in_the_last_case_everything_is_judged() -> None:
    application = MutantApp(WRONG, None, [], KEY)
    report = judge(app=application, targets=TARGETS, bearer=KEY, exitfirst=True, only="nothing has this", **SMALL)
    assert report.verdict == "The server violates the spec in 1 way."
    assert not report.not_run


def test_every_format_has_the_finding(wrong: Any) -> None:
    written = {name: write(wrong) for name, write in WRITERS.items()}
    assert json.loads(written["json"])["findings"][0]["code"] == "schema"
    root = ElementTree.fromstring(written["junit"])
    assert "schema: The body of a success" in (next(root.iter("failure")).get("message") or "")
    assert "budget" in (next(root.iter("error")).text or "")
    assert written["github"].splitlines()[0].startswith("::error title=cut off::")
    assert any("title=schema::" in line for line in written["github"].splitlines())
    for name, text in written.items():
        assert "done" in text, name
        assert KEY not in text, name


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "--base-url is needed"),
        ({"base_url": "http://127.0.0.1:9"}, "--target or --prepare is needed"),
        ({"base_url": "http://127.0.0.1:9", "targets": ["thread_id"]}, "name=value"),
        ({"base_url": "http://127.0.0.1:9", "prepare": "exit 3"}, "failed with exit status 3"),
        ({"base_url": "http://127.0.0.1:9", "prepare": "echo hello"}, "a target is 'name=value,name=value'"),
    ],
)
def test_bad_input_is_named(given: dict[str, Any], message: str) -> None:
    with pytest.raises(OptionsError, match=message):
        judge(**given)


def test_a_command_prepares_the_target() -> None:
    application = thread_runs_mock.create_app(api_key=KEY)
    for printed in (
        "thread_id=thread_abc123 run_id=run_cancelled",
        '{"thread_id": "thread_abc123", "run_id": "run_cancelled"}',
    ):
        report = judge(app=application, prepare=f"echo '{printed}'", bearer=KEY, budget=20, **SMALL)
        assert report.targets == ["thread_abc123/run_cancelled"]
        assert report.findings == []


def test_an_unreadable_spec_is_one_line(tmp_path: Path) -> None:
    from thread_runs_conformance.spec import SpecError

    path = tmp_path / "bad.yaml"
    path.write_text("openapi: 3.1.0\npaths: [", "utf-8")
    with pytest.raises(SpecError) as caught:
        judge(app=object, targets=TARGETS, spec=path)
    assert len(str(caught.value).splitlines()) == 1
