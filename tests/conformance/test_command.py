"""The conformance suite as a command: verdicts, reports, and what it may do to a live server."""

import os
import pty
import re
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conformance.wrong_servers.proxy import Handler, Request, Response, changing_runs
from thread_runs_conformance.__main__ import main
from thread_runs_conformance.rules import RULES

from .conftest import KEY, ORIGINAL, ROOT, RUN, Live, Suite, command


@pytest.mark.unmeasured
def test_the_mock_conforms(suite: Suite) -> None:
    """The mock in both metadata modes, case by case: see test_pytest_plugin.py."""
    done = suite(METADATA="replace")
    assert (done.returncode, "The server conforms to the spec." in done.stdout) == (0, True), done.stdout
    assert "replace the stored" in done.stdout
    assert "reached 200, 400, 401, 404, 413, 415" in done.stdout
    assert "not reached 403, 409, 422, 429, 5XX" in done.stdout
    assert "seed 1" in done.stdout


class Page(HTMLParser):
    """Checks that tags are closed in order, and collects the addresses that a page refers to."""

    void = ("meta", "br")

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.addresses: list[str | None] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.addresses += [value for name, value in attrs if name in ("src", "href")]
        if tag not in self.void:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_a_finding_is_a_sentence_in_every_report(suite: Suite, live: Callable[..., Live], tmp_path: Path) -> None:
    def wrong(run: Any) -> None:
        run["status"] = "<done>"

    done = suite(**live(changing_runs(wrong)).environment, ONLY="targets")
    assert done.returncode == 1
    findings = re.findall(r"^\d+\. (.*)$", done.stdout, re.MULTILINE)
    assert len(findings) == 1, done.stdout
    assert findings[0].startswith("The body of a success does not match its schema at `status`")
    line = 1 + (ROOT / "openapi.yaml").read_text("utf-8").splitlines().index("      enum:")
    assert "#/components/schemas/RunStatus/enum" in done.stdout
    assert f"openapi.yaml:{line}" in done.stdout
    assert re.search(r"sent +curl http://127.0.0.1:\d+/v1/threads/thread_abc123/runs/run_cancelled", done.stdout)
    assert "$OPENAI_API_KEY" in done.stdout
    root = ElementTree.parse(tmp_path / "junit.xml").getroot()
    assert len(list(root.iter("failure"))) == 1
    text = (tmp_path / "report.html").read_text("utf-8")
    page = Page(text)
    assert (page.open, page.addresses) == ([], [])
    assert "&lt;done&gt;" in text
    for written in (done.stdout, done.stderr, text, (tmp_path / "junit.xml").read_text("utf-8")):
        assert KEY not in written
    # What is printed can be pasted into a shell.
    found = re.search(r"^ +sent +(curl .*)$", done.stdout, re.MULTILINE)
    assert found is not None
    pasted = found[1].replace("'Authorization: Bearer $OPENAI_API_KEY'", f"'Authorization: Bearer {KEY}'")
    again = subprocess.run(["sh", "-c", pasted], capture_output=True, encoding="utf-8")
    assert '"status": "<done>"' in again.stdout


@pytest.mark.unmeasured
@pytest.mark.parametrize("mode", ["merge", "replace"])
def test_a_live_run_is_restored_and_no_other_run_gets_valid_calls(
    suite: Suite, live: Callable[..., Live], mode: str
) -> None:
    server = live(metadata=mode)
    done = suite(**server.environment)
    assert done.returncode == 0, done.stdout
    assert server.metadata() == ORIGINAL
    methods = {request.method for _, request in server.requests}
    assert methods <= {"POST", "GET", "HEAD", "OPTIONS", "TRACE"}
    assert "it needs targets with two parents (--target)" in done.stdout


def test_a_session_that_stops_at_the_first_finding_restores_the_run(suite: Suite, live: Callable[..., Live]) -> None:
    seen = [0]

    def wrong_later(run: Any) -> None:
        seen[0] += 1
        if seen[0] > 60:
            run["status"] = "<done>"

    server = live(changing_runs(wrong_later))
    done = suite(**server.environment, EXITFIRST="1")
    assert (done.returncode, server.metadata()) == (1, ORIGINAL), done.stdout
    assert len(re.findall(r"^\d+\. ", done.stdout, re.MULTILINE)) == 1
    assert "The run stopped at the first finding (--exitfirst)" in done.stdout


@pytest.mark.unmeasured
@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_session_restores_the_run(
    live: Callable[..., Live], tmp_path: Path, stop: signal.Signals
) -> None:
    server = live()
    with subprocess.Popen(**command(tmp_path, **server.environment, RATE="100"), encoding="utf-8") as process:
        deadline = time.monotonic() + 60
        while len(server.requests) < 60 and time.monotonic() < deadline:
            time.sleep(0.02)
        assert len(server.requests) >= 60
        process.send_signal(stop)
        out, _ = process.communicate(timeout=300)
    assert (process.returncode, server.metadata()) == (2, ORIGINAL), out
    assert "the run was stopped" in out


def test_the_next_session_restores_the_run_of_a_killed_session(
    suite: Suite, live: Callable[..., Live], tmp_path: Path
) -> None:
    server = live()
    with subprocess.Popen(**command(tmp_path, **server.environment, RATE="100")) as process:
        while server.metadata() == ORIGINAL and process.poll() is None:
            time.sleep(0.02)
        process.kill()
    assert server.metadata() != ORIGINAL
    done = suite(**server.environment, BUDGET="60", ONLY="limits")
    assert server.metadata() == ORIGINAL
    assert "an earlier run that was cut off" in done.stdout


def test_the_budget_is_kept_and_does_not_prevent_restoring(suite: Suite, live: Callable[..., Live]) -> None:
    server = live()
    done = suite(**server.environment, BUDGET="80")
    assert done.returncode == 2
    assert "the budget of 80 requests is spent" in done.stdout
    assert 80 <= len(server.requests) <= 90
    assert server.metadata() == ORIGINAL


def test_the_rate_holds(suite: Suite, live: Callable[..., Live]) -> None:
    server = live()
    suite(**server.environment, RATE="40", BUDGET="60")
    times = [moment for moment, _ in server.requests]
    # Of any 21 requests the first and the last are half a second apart, less what the loopback takes.
    assert min(later - earlier for earlier, later in zip(times, times[20:], strict=False)) > 0.4


def null_changes_nothing(inner: Handler) -> Handler:
    """A server that merges and takes nothing away: pairs that are added stay."""

    async def handle(request: Request) -> Response:
        body = request.json()
        if isinstance(body, dict) and body.get("metadata", "") is None:
            return await inner(request.with_json({**body, "metadata": {}}))
        return await inner(request)

    return handle


def test_no_pair_is_added_that_cannot_be_removed(suite: Suite, live: Callable[..., Live]) -> None:
    server = live(null_changes_nothing)
    done = suite(**server.environment, ONLY="limits")
    assert (done.returncode, server.metadata()) == (0, ORIGINAL), done.stdout
    assert "null changes nothing" in done.stdout
    assert "as far as it can be tried" in done.stdout
    assert "it would add pairs that this server has no way to remove" in done.stdout


def test_nothing_is_added_to_a_run_without_pairs(suite: Suite, live: Callable[..., Live]) -> None:
    """Whether pairs can be removed cannot be learned there."""
    server = live(null_changes_nothing)
    done = suite(**{**server.environment, "RUN_ID": "run_queued", "ONLY": "t"})
    assert done.returncode == 0, done.stdout
    assert server.metadata("run_queued") in (None, {})
    assert "No target has pairs in `metadata`." in done.stdout
    assert "The server conforms to the spec, as far as it can be tried without adding pairs." in done.stdout


def test_how_pairs_change_is_learned_from_another_target(suite: Suite, live: Callable[..., Live]) -> None:
    server = live()
    environment = {**server.environment, "RUN_ID": "run_queued", "ONLY": "texts"}
    done = suite(**environment, MORE_RUNS="thread_abc123/run_cancelled")
    assert (done.returncode, server.metadata()) == (0, ORIGINAL), done.stdout
    assert "null removes all pairs" in done.stdout
    assert "The server conforms to the spec." in done.stdout


def test_pairs_are_added_to_a_run_that_was_prepared(suite: Suite, live: Callable[..., Live]) -> None:
    """Pairs that cannot be removed may remain on it. The report says so."""
    server = live(null_changes_nothing)
    environment = {name: value for name, value in server.environment.items() if name not in RUN}
    prepare = "echo thread_id=thread_abc123,run_id=run_queued"
    done = suite(**environment, PREPARE=prepare, ONLY="targets")
    assert done.returncode == 0, done.stdout
    assert re.search(
        r"^thread_abc123/run_queued, which --prepare created: `metadata` could not be restored: .*conformance_1",
        done.stdout,
        re.MULTILINE,
    )


def test_what_cannot_be_restored_is_reported(suite: Suite, live: Callable[..., Live]) -> None:
    """A server that takes what it must reject, and cannot remove it."""

    def takes_all(inner: Handler) -> Handler:
        async def handle(request: Request) -> Response:
            sent = request.sent()
            if isinstance(sent, dict) and any(not isinstance(value, str) for value in sent.values()):
                return await inner(request.with_sent({key: str(value) for key, value in sent.items()}))
            return await null_changes_nothing(inner)(request)

        return handle

    done = suite(**live(takes_all).environment, ONLY="rejected bodies")
    assert done.returncode == 2
    assert re.search(r"^NOT RESTORED: .*`metadata` could not be restored: it was {'reason'", done.stdout)


def test_a_rate_limit_is_obeyed_and_is_not_a_finding(suite: Suite, live: Callable[..., Live]) -> None:
    def limited(inner: Handler) -> Handler:
        calls = [0]

        async def handle(request: Request) -> Response:
            calls[0] += 1
            if calls[0] == 20:
                response = await inner(request.with_json({"x": 1}))
                return Response(429, {**response.headers, "retry-after": "1"}, response.body)
            return await inner(request)

        return handle

    server = live(limited)
    done = suite(**server.environment, ONLY="not JSON")
    assert done.returncode == 0, done.stdout
    assert "The server limited the rate (429)" in done.stdout
    assert server.requests[20][0] - server.requests[19][0] > 0.9


def test_an_accepted_wrong_key_is_a_finding_unless_any_key_is_allowed(suite: Suite) -> None:
    import thread_runs_mock

    with thread_runs_mock.serve() as server:
        environment = {"BASE_URL": server.base_url, "OPENAI_API_KEY": KEY, **RUN}
        done = suite(**environment, ONLY="authentication")
        assert done.returncode == 1
        assert "A request with another key is accepted; it must be rejected." in done.stdout
        assert len(re.findall(r"^\d+\. ", done.stdout, re.MULTILINE)) == 1
        assert suite(**environment, ANY_KEY="1", ONLY="authentication").returncode == 0


def test_a_server_that_does_not_respond_is_not_judged(suite: Suite) -> None:
    done = suite(BASE_URL="http://127.0.0.1:9", OPENAI_API_KEY=KEY, **RUN)
    assert done.returncode == 2
    assert "Not judged to the end: the server does not respond; " in done.stdout
    assert len(re.findall(r"^\d+\. ", done.stdout, re.MULTILINE)) == 1
    assert "no response: ConnectError" in done.stdout


def test_bad_input_ends_the_command(suite: Suite) -> None:
    done = suite(PROFILE="fast")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "thread-runs-conformance: PROFILE must be one of quick, ci, deep, but is 'fast'\n"


def test_the_rules_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--rules"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line for line in lines if not line.startswith(" ")] == list(RULES)
    assert lines[2] == f"    Fix: {next(iter(RULES.values())).fix}"


def test_a_spec_that_cannot_be_read_ends_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spec = tmp_path / "bad.yaml"
    spec.write_text("openapi: 3.1.0\npaths: [", "utf-8")
    assert main(["--spec", str(spec), "--base-url", "http://127.0.0.1:9", "--target", "id=1"]) == 2
    assert capsys.readouterr().err.startswith("thread-runs-conformance: bad.yaml:3: not YAML")


def test_the_mock_has_no_targets_for_another_spec(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--spec", str(ROOT / "tests" / "conformance" / "specs" / "inventory.yaml")]) == 2
    assert "--target or --prepare is needed" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("missing", "arguments", "message"),
    [
        ("jsonschema_rs", ["--base-url", "http://127.0.0.1:9"], "install thread-runs[conformance]"),
        ("thread_runs_mock", [], "--base-url is needed: thread-runs[mock] is not installed"),
    ],
)
def test_what_is_not_installed_is_named(missing: str, arguments: list[str], message: str) -> None:
    program = f"""import sys
sys.modules[{missing!r}] = None
from thread_runs_conformance.__main__ import main
sys.exit(main({arguments!r}))"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, encoding="utf-8")
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.unmeasured
def test_progress_is_shown_on_a_terminal_and_not_in_ci(live: Callable[..., Live], tmp_path: Path) -> None:
    """It takes one line of the terminal, which is empty at the end."""
    shown = {}
    for name, ci in (("terminal", ""), ("ci", "true")):
        ours, theirs = pty.openpty()
        options = command(tmp_path, **live().environment, ONLY="examples", CI=ci)
        done = subprocess.run(**{**options, "stderr": theirs})
        assert done.returncode == 0
        os.close(theirs)
        shown[name] = os.read(ours, 65536).decode()
        os.close(ours)
    assert re.match(r"\r\x1b\[K *\d+ %  1 of \d+ cases, \d+ requests, 0 findings  examples\r", shown["terminal"])
    assert shown["terminal"].splitlines()[-2].endswith("\x1b[K\x1b[K") or "\r\x1b[K\r\x1b[K" in shown["terminal"]
    assert "%" not in shown["ci"]


@pytest.mark.unmeasured
def test_a_new_operation_is_covered_without_manual_edits(suite: Suite, tmp_path: Path) -> None:
    document = yaml.safe_load((ROOT / "openapi.yaml").read_text("utf-8"))
    path = "/threads/{thread_id}/runs/{run_id}"
    modify = document["paths"][path]["post"]
    shared = {name: modify[name] for name in ("security", "parameters", "responses", "tags")}
    document["paths"][path]["get"] = {"operationId": "retrieveRun", **shared}
    document["paths"][f"{path}/cancel"] = {"post": {"operationId": "cancelRun", **shared}}
    spec = tmp_path / "more.yaml"
    spec.write_text(yaml.safe_dump(document, sort_keys=False, allow_unicode=True), "utf-8")
    done = suite(SPEC=str(spec))
    assert done.returncode == 0, done.stdout
    for operation in ("modifyRun", "retrieveRun"):
        assert re.search(rf"^{operation}: reached 200, .*401, .*404", done.stdout, re.MULTILINE)
    # Nothing says what cancelling does.
    assert "\ncancelRun: NOT JUDGED: the mock does not simulate it" in done.stdout
    names = [case.get("name", "") for case in ElementTree.parse(tmp_path / "junit.xml").iter("testcase")]
    for name in ("retrieveRun: sync", "cancelRun: wrong", f"{path}/cancel: DELETE"):
        assert name in names
