"""What the suite does about servers that limit the rate, reject what they may reject, or fail after a rejection."""

import asyncio
import json
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import thread_runs_mock
from tests.conformance.conftest import ROOT
from tests.conformance.judging import Answer, editing, judged, wrong_server
from tests.conformance.servers import tickets
from tests.conformance.servers.others import OTHERS
from tests.conformance.wrong_servers import Mutant
from tests.conformance.wrong_servers.proxy import Handler, Request, Response, Wrapper, error
from tests.conformance.wrong_servers.runs import KEY, runs
from thread_runs_conformance import judge
from thread_runs_conformance.report import WRITERS
from thread_runs_conformance.result import Report


def report_on(wrap: Wrapper, only: str, tmp_path: Path, **options: Any) -> Report:
    return judged(wrong_server(Mutant("wrong", "wrong", wrap), tmp_path), only, **options)


def answering(answer: Callable[[int, Request, Response], Response | None]) -> Wrapper:
    """A server whose responses the function may replace. It gets the number of the request."""

    def wrap(inner: Handler) -> Handler:
        count = [0]

        async def handle(request: Request) -> Response:
            count[0] += 1
            right = await inner(request)
            return answer(count[0], request, right) or right

        return handle

    return wrap


def limited(number: int, request: Request, right: Response) -> Response | None:
    if number < 30 or number % 7:
        return None
    response = error(429)
    response.headers["retry-after"] = "0"
    return response


@pytest.mark.parametrize("only", ["rejected bodies", "spellings: ", "concurrency"])
def test_a_rate_limit_is_not_a_finding(tmp_path: Path, only: str) -> None:
    """The limit is checked before anything else: what is rejected by it is not stored."""

    def wrap(inner: Handler) -> Handler:
        count = [0]

        async def handle(request: Request) -> Response:
            count[0] += 1
            return limited(count[0], request, Response(0, {}, b"")) or await inner(request)

        return handle

    report = report_on(wrap, only, tmp_path)
    assert (report.findings, report.errors, report.exit_status) == ([], [], 0), WRITERS["text"](report)
    assert any("The server limited the rate (429)" in note for note in report.notes)


def test_a_rejection_that_the_standards_allow_is_a_note(tmp_path: Path) -> None:
    """RFC 6585, 5: a server may reject header fields that are too large."""

    def long(number: int, request: Request, right: Response) -> Response | None:
        return error(431) if any(len(value) > 1000 for value in request.headers.values()) else None

    def rejecting(inner: Handler) -> Handler:
        async def handle(request: Request) -> Response:
            return long(0, request, Response(0, {}, b"")) or await inner(request)

        return handle

    report = report_on(rejecting, "headers: headers that nobody knows", tmp_path)
    assert (report.findings, report.exit_status) == ([], 0), WRITERS["text"](report)
    assert report.notes == [
        "A request (headers that nobody knows) is rejected with 431, which the standards allow.",
    ]


def test_a_rejection_that_the_standards_allow_for_another_spelling_is_a_finding(tmp_path: Path) -> None:
    def rejecting(inner: Handler) -> Handler:
        async def handle(request: Request) -> Response:
            return error(431) if "x-conformance" in request.headers else await inner(request)

        return handle

    report = report_on(rejecting, "headers: an empty header that nobody knows", tmp_path)
    assert [finding.code for finding in report.findings] == ["spelling-rejected"]


def test_an_identifier_that_is_not_utf_8_may_be_rejected_by_a_proxy_but_must_not_fail(tmp_path: Path) -> None:
    def answer(status: int) -> Wrapper:
        def wrap(inner: Handler) -> Handler:
            async def handle(request: Request) -> Response:
                if re.search(rb"%(FF|C3|C0%AF)$", request.path):
                    return Response(status, {"content-type": "text/html"}, b"<h1>No.</h1>")
                return await inner(request)

            return handle

        return wrap

    assert report_on(answer(400), "identifiers: modifyRun: run_id", tmp_path).findings == []
    (finding,) = report_on(answer(500), "identifiers: modifyRun: run_id", tmp_path).findings
    assert finding.code == "server-error"
    assert "with a byte that is not UTF-8" in finding.sentence


def test_a_valid_request_that_fails_after_a_rejection_is_detected(tmp_path: Path) -> None:
    rejected = [False]

    def sulking(number: int, request: Request, right: Response) -> Response | None:
        before, rejected[0] = rejected[0], right.status == 400
        return error(409) if before else None

    report = report_on(answering(sulking), "rejected bodies: modifyRun: an integer", tmp_path)
    found = {finding.code: finding.sentence for finding in report.findings}
    assert found["read-after-rejection"] == (
        "After a rejected request (a body (an integer instead)), a valid request is answered 409."
    )


def test_an_intermittent_409_among_several_callers_is_not_a_finding(tmp_path: Path) -> None:
    busy = [0]

    def wrap(inner: Handler) -> Handler:
        async def handle(request: Request) -> Response:
            if isinstance(sent := request.sent(), dict) and any(key.startswith("caller1") for key in sent):
                busy[0] += 1
                if busy[0] % 2:
                    return error(409)
            return await inner(request)

        return handle

    report = report_on(wrap, "concurrency", tmp_path)
    assert (report.findings, report.errors, report.exit_status) == ([], [], 0), WRITERS["text"](report)
    assert busy[0] > 10


def test_any_key_may_be_accepted_if_the_option_says_so() -> None:
    application = thread_runs_mock.create_app(runs=runs())
    report = judged(application, "authentication", any_key=True)
    assert (report.findings, report.exit_status) == ([], 0)
    assert report.not_tried == {"the server accepts any credential (--any-key)": 1}
    assert [finding.sentence for finding in judged(application, "authentication").findings] == [
        "A request with another key is accepted; it must be rejected."
    ]


def test_a_login_that_is_not_base64_is_compared_with_another_one() -> None:
    (other,) = (other for other in OTHERS if other.name == "tickets")

    async def app(scope: Any, receive: Any, send: Any) -> None:
        """A server that takes the credential as it is."""
        if scope["type"] == "http":
            headers = dict(scope["headers"])
            if headers.get(b"authorization") == b"Basic let me in":
                headers[b"authorization"] = other.header[1].encode()
            scope = {**scope, "headers": [*headers.items()]}
        await inner(scope, receive, send)

    inner = tickets.create_app()
    report = judge(
        "http://tickets.test",
        other.targets,
        app=app,
        spec=other.spec,
        headers={"Authorization": "Basic let me in"},
        disposable=True,
        only="authentication",
        pause=0,
    )
    assert (report.findings, report.errors, report.exit_status) == ([], [], 0), WRITERS["text"](report)
    assert report.counts["passed"] > 5


def test_the_budget_can_end_while_several_callers_send() -> None:
    application = thread_runs_mock.create_app(runs=runs(), api_key=KEY)
    report = judged(application, "concurrency", budget=40)
    assert (report.findings, report.errors, report.requests) == ([], [], 40)
    assert "the budget of 40 requests is spent" in report.verdict


def test_a_target_that_does_not_exist_is_one_finding_and_nothing_else_is_tried() -> None:
    application = thread_runs_mock.create_app(runs=runs(), api_key=KEY)
    nowhere = ["thread_id=thread_Wrong_a,run_id=run_Nowhere"]
    report = judged(application, "after a rejection", targets=nowhere)
    assert [finding.code for finding in report.findings] == ["valid-request-rejected"]
    assert report.not_tried == {"the target could not be read": len(report.cases) - 1}
    report = judged(application, "at the end: ", targets=nowhere)
    assert report.not_tried == {"no target could be read": 1}


@pytest.mark.parametrize(
    ("only", "target"),
    [("targets", "unrelated=1"), ("no such case", "thread_id=thread_Wrong_a,run_id=run_Wrong_1")],
)
def test_a_run_in_which_nothing_could_be_tried_is_not_judged(only: str, target: str) -> None:
    application = thread_runs_mock.create_app(runs=runs(), api_key=KEY)
    report = judged(application, only, targets=[target])
    assert (report.verdict, report.exit_status) == ("Not judged: nothing could be tried.", 2)


def test_a_server_that_stays_away_for_a_while_is_judged_on() -> None:
    """It is a finding, but the rest is judged: a process may be started again."""
    application: Any = thread_runs_mock.create_app(runs=runs(), api_key=KEY)
    count = [0]

    async def app(scope: Any, receive: Any, send: Any) -> None:
        count[0] += scope["type"] == "http"
        if 40 <= count[0] < 46:
            await asyncio.sleep(60)
        await application(scope, receive, send)

    report = judged(app, "rejected bodies", timeout=0.3)
    assert [finding.code for finding in report.findings] == ["no-response"]
    assert report.notes == ["The server stopped responding once and came back."]
    assert report.cut_off == []
    assert report.requests > 100


@pytest.fixture(scope="module")
def failed() -> Report:
    """A report with findings about the spec and about an RFC."""
    application = thread_runs_mock.create_app(runs=runs(), api_key=KEY)

    def edit(method: str, path: str, body: bytes, answer: Answer) -> None:
        answer.headers.append(("Content-Length", "1"))
        answer.headers.append(("Content-Length", "2"))
        if answer.status == 200:
            answer.set_json({**answer.json(), "status": "a%b\r\n,c:d\x1b"})

    return judged(editing(application, edit), "targets", prepare="echo thread_id=t,run_id=r")


def test_every_format_shows_places_in_the_spec_and_in_rfcs(failed: Report, monkeypatch: pytest.MonkeyPatch) -> None:
    assert {finding.code for finding in failed.findings} >= {"schema", "bad-framing"}
    monkeypatch.setenv("GITHUB_WORKSPACE", str(ROOT))
    lines = WRITERS["github"](failed).splitlines()
    schema = next(line for line in lines if "title=schema::" in line)
    number = 1 + (ROOT / "openapi.yaml").read_text("utf-8").splitlines().index("      enum:")
    assert schema.startswith("::error file=")
    assert schema.split("openapi.yaml,line=")[1].startswith(f"{number},title=schema::")
    assert "a%25b" in schema
    framing = next(line for line in lines if "title=bad-framing::" in line)
    assert framing.startswith("::error title=bad-framing::")
    # Annotations outside the workspace are dropped by GitHub.
    monkeypatch.setenv("GITHUB_WORKSPACE", str(ROOT / "docs"))
    assert "::error title=schema::" in WRITERS["github"](failed)
    assert "RFC 9112, section 6.3" in WRITERS["text"](failed)
    places = [finding["place"] for finding in json.loads(WRITERS["json"](failed))["findings"]]
    assert {"file": "RFC 9112", "line": None, "pointer": "section 6.3", "text": "message body length"} in places
    assert "<code>RFC 9112</code>" in WRITERS["html"](failed)


BROKEN_CLIENT = """
class AuthenticatedClient:
    def __init__(self, **options):
        self.close = lambda: None

    def get_httpx_client(self):
        return self

    def get_async_httpx_client(self):
        return self

    async def aclose(self):
        pass
"""


def test_an_error_of_the_suite_is_in_every_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = {
        "__init__.py": BROKEN_CLIENT,
        "api/__init__.py": "",
        "api/runs/__init__.py": "",
        "api/runs/modify_run.py": "def sync_detailed(*, client):\n    raise ZeroDivisionError('<\x1b>')\n",
    }
    for path, text in files.items():
        (tmp_path / "broken_client" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "broken_client" / path).write_text(text, "utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    application = thread_runs_mock.create_app(runs=runs(), api_key=KEY)
    report = judged(application, "targets", client="broken_client")
    assert report.exit_status == 2
    assert report.verdict == "Not judged to the end: the suite itself failed (0 findings so far)."
    written = {name: write(report) for name, write in WRITERS.items()}
    assert "The suite itself failed: start: " in written["text"]
    assert written["github"].startswith("::error title=the suite itself failed::start: ")
    root = ElementTree.fromstring(written["junit"])
    assert {each.get("message") for each in root.iter("error")} == {"the suite itself failed"}
    assert "ZeroDivisionError: &lt;" in written["html"]
    assert "ZeroDivisionError" in json.loads(written["json"])["errors"][0]
    assert report.latencies == []
