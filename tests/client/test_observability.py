"""What a caller sees of a call in addition to its Run: the HTTP response, the log, announcements of the server."""

import json
import logging
import pickle
import warnings
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

import thread_runs
from thread_runs import AsyncClient, Client, ServerDeprecationWarning

from .calling import IGNORE_DEPRECATION, KEY, both, update
from .scripted_server import ScriptedServer

pytestmark = [IGNORE_DEPRECATION, pytest.mark.usefixtures("library")]


@both
async def test_the_raw_response_beside_the_run(
    server: ScriptedServer, run: dict[str, Any], kind: type[Client | AsyncClient]
) -> None:
    server.then("503 Busy")
    server.then("200 OK", run, "x-other: 1")
    client = kind(KEY, base_url=server.url)
    answer: Any = client.beta.threads.runs.with_raw_response.update("run_1", thread_id="thread_1", metadata={"k": "v"})
    raw = answer if isinstance(client, Client) else await answer
    assert (raw.status_code, raw.request_id, raw.retries_taken, raw.headers["X-Other"]) == (200, "req_1", 1, "1")
    assert json.loads(raw.text) == json.loads(raw.content) == run
    assert raw.parse().to_dict() == run
    assert raw.json() == run
    assert raw.elapsed == raw.http_response.elapsed > timedelta(0)
    assert raw.http_request.method == "POST"
    assert str(raw.url) == str(raw.http_request.url) == f"{server.url}/threads/thread_1/runs/run_1"
    assert repr(raw) == "<RawResponse [200] req_1>"
    closed = client.close()
    if closed is not None:
        await closed


def test_a_raw_response_is_parsed_on_request(server: ScriptedServer) -> None:
    server.then("200 OK", b"{}")
    with Client(KEY, base_url=server.url) as client:
        raw = client.beta.threads.runs.with_raw_response.update("run_1", thread_id="thread_1")
        with pytest.raises(thread_runs.APIResponseValidationError, match="not recognisably a Run"):
            raw.parse()


def test_a_raw_response_cannot_be_pickled_as_it_holds_the_key(server: ScriptedServer, run: dict[str, Any]) -> None:
    server.then("200 OK", run)
    with Client(KEY, base_url=server.url) as client:
        raw = client.beta.threads.runs.with_raw_response.update("run_1", thread_id="thread_1")
    with pytest.raises(TypeError, match=r"RawResponse holds the request with its key: pickle the result of parse\(\)"):
        pickle.dumps(raw)
    assert KEY.encode() not in pickle.dumps(raw.parse())


def test_the_raw_method_is_deprecated_like_the_other(server: ScriptedServer, run: dict[str, Any]) -> None:
    server.then("200 OK", run)
    with Client(KEY, base_url=server.url) as client, pytest.warns(DeprecationWarning, match="modifyRun") as caught:
        client.beta.threads.runs.with_raw_response.update("run_1", thread_id="thread_1")
    assert [warning.filename for warning in caught] == [__file__]


@both
async def test_one_line_for_each_attempt(
    server: ScriptedServer, run: dict[str, Any], kind: type[Client | AsyncClient], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "thread_runs")
    server.then("503 Busy")
    server.then("200 OK", run)
    server.replies.insert(1, b"")
    await update(kind, server.url, {"run_id": "a b\n"})
    lines = [record.getMessage() for record in caplog.records if record.name == "thread_runs"]
    assert len(lines) == 3
    for line, outcome, tries in zip(lines, ["503", "RemoteProtocolError", "200"], [1, 2, 3], strict=True):
        request_id = "-" if outcome == "RemoteProtocolError" else "req_1"
        start, _, rest = line.partition(f" {outcome} ")
        milliseconds, _, end = rest.partition(" ms ")
        assert start == "POST /v1/threads/thread_1/runs/a%20b%0A"
        assert float(milliseconds) >= 0
        assert end == f"{request_id} try {tries} of 3"


def test_debug_shows_headers_and_keeps_secrets(
    server: ScriptedServer, run: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG", "thread_runs")
    server.then("200 OK", run, f"x-echo: Bearer {KEY}", "set-cookie: session=s-cookie")
    with Client(KEY, base_url=server.url, default_headers={"Cookie": "a=s-cookie", "X-Mine": "mine"}) as client:
        client.beta.threads.runs.update("run_1", thread_id="thread_1", metadata={"user": "Dr. Secret"})
        client.beta.threads.runs.update("run_1", thread_id="thread_1", metadata=None)
    text = "\n".join(record.getMessage() for record in caplog.records if record.name == "thread_runs")
    assert "'x-mine': 'mine'" in text
    assert "'authorization': '[redacted]'" in text
    assert '{"metadata": {"user": "[redacted]"}}' in text
    assert '{"metadata": null}' in text
    assert "'x-echo': 'Bearer [redacted]'" in text
    assert [secret for secret in (KEY, "s-cookie", "Dr. Secret") if secret in text] == []


def test_no_handler_is_installed_and_nothing_is_written_unasked(
    server: ScriptedServer, run: dict[str, Any], capfd: pytest.CaptureFixture[str]
) -> None:
    server.then("200 OK", run)
    with Client(KEY, base_url=server.url) as client:
        client.beta.threads.runs.update("run_1", thread_id="thread_1")
    assert logging.getLogger("thread_runs").handlers == []
    assert capfd.readouterr() == ("", "")


PAST, FUTURE = "Sun, 06 Nov 1994 08:49:37 GMT", format_datetime(datetime(2126, 8, 26, tzinfo=UTC), usegmt=True)
ANNOUNCEMENTS = [
    ([f"sunset: {FUTURE}"], "is switched off on 2126-08-26 00:00 UTC"),
    (["deprecation: @1688169599"], "is deprecated since 2023-06-30 23:59 UTC"),
    (["deprecation: @4942857600"], "is deprecated from 2126-08-20 00:00 UTC"),
    ([f"deprecation: {PAST}"], "is deprecated since 1994-11-06 08:49 UTC"),
    (["deprecation: true"], "is deprecated"),
    (
        ["deprecation: @1688169599", f"sunset: {FUTURE}"],
        "is deprecated since 2023-06-30 23:59 UTC and is switched off on 2126-08-26 00:00 UTC",
    ),
]


@both
@pytest.mark.parametrize(("headers", "news"), ANNOUNCEMENTS)
async def test_an_announced_end_is_one_warning_at_the_callers_line(
    server: ScriptedServer, run: dict[str, Any], kind: type[Client | AsyncClient], headers: list[str], news: str
) -> None:
    server.then("503 Busy", b"", *headers)
    server.then("200 OK", run, *headers)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", ServerDeprecationWarning)
        await update(kind, server.url)
    found = [warning for warning in caught if warning.category is ServerDeprecationWarning]
    assert [str(warning.message) for warning in found] == [f"The server 127.0.0.1 says that this operation {news}."]
    assert found[0].filename.endswith("calling.py")


@both
async def test_an_error_announces_it_too(server: ScriptedServer, kind: type[Client | AsyncClient]) -> None:
    server.then("410 Gone", b"", f"sunset: {PAST}")
    with pytest.warns(ServerDeprecationWarning, match="1994"), pytest.raises(thread_runs.APIStatusError):
        await update(kind, server.url)


@pytest.mark.parametrize(
    "header",
    ["sunset: soon", "sunset: 1", "sunset: Sun, 06 Nov 1994", "deprecation: false", "deprecation: @99999999999999999",
     "deprecation: @x", "deprecation: Mon, 40 Nov 1994 08:49:37 GMT", "sunset: Sun, 06 Nov 1994 08:49:37 XYZ"],
)  # fmt: skip
async def test_an_announcement_that_cannot_be_read_is_ignored(
    server: ScriptedServer, run: dict[str, Any], header: str
) -> None:
    server.then("200 OK", run, header)
    assert (await update(Client, server.url)).to_dict() == run
