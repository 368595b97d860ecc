"""Both clients with the same scripted responses, for rows of docs/vendor-sdk-comparison.md."""

import copy
import json
import os
import re
import ssl
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

import attrs
import httpx
import httpx2
import openai
import pytest
import trustme

import thread_runs
import thread_runs_mock
from tests.client.tls_server import silently, talking
from thread_runs import Client, UnknownObject

ROOT = Path(__file__).parents[2]
KEY = "sk-secret-Hy4Kw9Zt"
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
Handler = Callable[[httpx2.Request], httpx2.Response]


@pytest.fixture
def run(examples: dict[str, Any]) -> dict[str, Any]:
    return copy.deepcopy(examples["RunDocumented"])


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that a client of this thread would have waited; nothing waits."""
    seconds: list[float] = []
    sleep, here = time.sleep, threading.get_ident()
    monkeypatch.setattr(
        time, "sleep", lambda wait: seconds.append(wait) if threading.get_ident() == here else sleep(wait)
    )
    return seconds


def clients(handler: Handler, **options: Any) -> Iterator[Any]:
    """Yield the SDK and then our client, whose requests are answered by `handler`."""
    url = "http://example.com/v1"
    transport = httpx2.MockTransport(handler)
    with openai.OpenAI(api_key=KEY, base_url=url, http_client=httpx2.Client(transport=transport), **options) as vendor:
        yield vendor
    with Client(KEY, base_url=url, transport=transport, **options) as ours:
        yield ours


def call(client: Any, **arguments: Any) -> Any:
    """Return the result of the call, or its error."""
    try:
        return client.beta.threads.runs.update("run_1", thread_id="thread_1", **arguments)
    except Exception as error:
        return error


def replying(status: int, body: Any, headers: dict[str, str] | None = None) -> Handler:
    return lambda request: httpx2.Response(status, json=body, headers=headers)


def test_a_field_that_was_left_out_is_none_in_the_sdk_and_unset_here(run: dict[str, Any]) -> None:
    del run["instructions"], run["usage"]
    with pytest.warns(thread_runs.NonConformingResponseWarning, match="instructions is missing; usage is missing"):
        theirs, ours = (call(client) for client in clients(replying(200, run)))
    assert (theirs.instructions, theirs.usage) == (None, None)
    assert (ours.instructions, ours.usage) == (thread_runs.UNSET, thread_runs.UNSET)
    assert ours.to_dict() == run
    assert isinstance(theirs, openai.BaseModel)
    assert attrs.has(type(ours))


@pytest.mark.parametrize("status", [400, 401, 403, 404, 408, 409, 422, 429, 500, 502, 503, 504, 529])
@pytest.mark.usefixtures("waits")
def test_the_same_statuses_are_repeated_and_become_errors_of_the_same_name(status: int) -> None:
    error = {"message": "No.", "type": "some_type", "param": "metadata", "code": "some_code"}
    requests: list[httpx2.Request] = []

    def handler(request: httpx2.Request) -> httpx2.Response:
        requests.append(request)
        return httpx2.Response(status, json={"error": error}, headers={"x-request-id": "req_1"})

    seen = []
    for client in clients(handler):
        caught = call(client)
        seen.append(
            {
                "tries": len(requests),
                "name": type(caught).__name__,
                "bases": [base.__name__ for base in type(caught).__mro__ if base.__name__.startswith("API")],
                "body": (caught.body, caught.type, caught.param, caught.code),
                "request": (caught.status_code, caught.request_id, str(caught.request.url)),
                "response": caught.response.json(),
            }
        )
        requests.clear()
    assert {**seen[1], "bases": [base for base in seen[1]["bases"] if base != "APIResponseError"]} == seen[0]


@pytest.mark.parametrize(
    "failure", [httpx2.ReadTimeout("slow"), httpx2.ConnectError("refused"), httpx2.ReadError("reset")], ids=repr
)
@pytest.mark.usefixtures("waits")
def test_timeouts_and_lost_connections_are_repeated_twice(failure: Exception) -> None:
    def handler(request: httpx2.Request) -> httpx2.Response:
        requests.append(request)
        raise failure

    requests: list[httpx2.Request] = []
    names = [type(call(client)).__name__ for client in clients(handler)]
    assert len(requests) == 6
    assert names[0] == names[1] == ("APITimeoutError" if "Timeout" in repr(failure) else "APIConnectionError")


def test_both_wait_half_a_second_doubling_to_eight_less_up_to_a_quarter(waits: list[float]) -> None:
    for client in clients(replying(500, {}), max_retries=7):
        call(client)
        assert len(waits) == 7
        for wait, longest in zip(waits, [0.5, 1, 2, 4, 8, 8, 8], strict=True):
            assert longest * 0.75 <= wait <= longest
        waits.clear()


@pytest.mark.parametrize(("seconds", "retried"), [(1, True), (120, True), (121, False)])
def test_both_obey_retry_after_up_to_120_seconds(waits: list[float], seconds: int, retried: bool) -> None:
    for headers in ({"retry-after": str(seconds)}, {"retry-after-ms": str(seconds * 1000)}):
        for client in clients(replying(429, {}, headers), max_retries=1):
            assert type(call(client)).__name__ == "RateLimitError"
            assert waits == [seconds] * retried
            waits.clear()


def test_both_read_retry_after_as_a_date(waits: list[float]) -> None:
    when = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(time.time() + 60))
    for client in clients(replying(429, {}, {"retry-after": when}), max_retries=1):
        call(client)
        assert 50 < waits.pop() <= 60


@pytest.mark.usefixtures("waits")
def test_x_should_retry_is_obeyed_by_the_sdk_only() -> None:
    requests: list[httpx2.Request] = []

    def handler(request: httpx2.Request) -> httpx2.Response:
        requests.append(request)
        return httpx2.Response(400, json={}, headers={"x-should-retry": "true"})

    counts = []
    for client in clients(handler):
        call(client)
        counts.append(len(requests))
        requests.clear()
    assert counts == [3, 1]


def test_the_sdk_reads_bodies_of_any_length(run: dict[str, Any]) -> None:
    large = {**run, "instructions": "x" * 11 * 1024 * 1024}
    theirs, ours = (call(client) for client in clients(replying(200, large)))
    assert len(theirs.instructions) == len(large["instructions"])
    assert isinstance(ours, thread_runs.APIResponseValidationError)
    assert "longer than 10485760 bytes" in str(ours)


def test_both_keep_unknown_values(run: dict[str, Any]) -> None:
    document = {**run, "status": "paused", "tools": [{"type": "web_search", "depth": 1}], "region": "eu"}
    for client in clients(replying(200, document)):
        result = call(client)
        assert (result.status, result.tools[0].type, result.tools[0].depth) == ("paused", "web_search", 1)
        assert result.region == "eu"
        with warnings.catch_warnings():
            # Pydantic warns of values that it did not expect.
            warnings.simplefilter("ignore", UserWarning)
            assert result.to_dict()["tools"] == document["tools"]
    assert isinstance(result.tools[0], UnknownObject)


def test_a_key_that_the_server_echoes_is_in_the_error_of_the_sdk() -> None:
    body = {"error": {"message": f"Bad key {KEY}.", "code": KEY}}
    theirs, ours = (call(client) for client in clients(replying(401, body, {"x-request-id": f"req-{KEY}"})))
    assert (KEY in str(theirs), KEY in str(theirs.body), KEY in theirs.request_id) == (True, True, True)
    assert (KEY in str(ours), KEY in str(ours.body), KEY in ours.request_id) == (False, False, False)
    assert KEY in ours.response.text


def test_the_request_id(run: dict[str, Any]) -> None:
    theirs, _ = (call(client) for client in clients(replying(200, run, {"x-request-id": "req_9"})))
    assert theirs._request_id == "req_9"
    for client in clients(replying(404, {}, {"x-request-id": "req_9"})):
        assert call(client).request_id == "req_9"
    for client in clients(replying(200, run, {"x-request-id": "req_9"})):
        raw = client.beta.threads.runs.with_raw_response.update("run_1", thread_id="thread_1")
        assert raw.request_id == "req_9"


def test_the_sdk_ignores_an_announced_end(run: dict[str, Any]) -> None:
    headers = {"sunset": "Wed, 11 Nov 2099 00:00:00 GMT"}
    found = []
    for client in clients(replying(200, run, headers)):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            call(client)
        found.append([str(one.message) for one in caught if "2099" in str(one.message)])
    assert [len(one) for one in found] == [0, 1]


def test_a_callers_http_client_is_closed_by_the_sdk_only() -> None:
    theirs, ours = httpx2.Client(), httpx2.Client()
    openai.OpenAI(api_key=KEY, http_client=theirs).close()
    Client(KEY, http_client=ours).close()
    assert (theirs.is_closed, ours.is_closed) == (True, False)
    ours.close()


def test_both_take_an_http_client_of_either_library(run: dict[str, Any]) -> None:
    for library in (httpx, httpx2):
        for make in (openai.OpenAI, Client):
            transport = library.MockTransport(lambda request, library=library: library.Response(200, json=run))
            with library.Client(transport=transport) as http:
                client: Any = make(api_key=KEY, base_url="http://example.com/v1", http_client=http)
                assert call(client).id == run["id"]


def test_auth_hooks_cookies_and_mounts_of_a_callers_http_client_work(run: dict[str, Any]) -> None:
    def signed(request: httpx2.Request) -> httpx2.Request:
        request.headers["x-signature"] = "signed"
        return request

    def handler(request: httpx2.Request) -> httpx2.Response:
        requests.append(request)
        return httpx2.Response(200, json=run)

    requests: list[httpx2.Request] = []
    statuses: list[int] = []
    for make in (openai.OpenAI, Client):
        http = httpx2.Client(
            auth=signed,
            cookies={"session": "1"},
            event_hooks={"response": [lambda response: statuses.append(response.status_code)]},
            mounts={"all://example.com": httpx2.MockTransport(handler)},
        )
        client: Any = make(api_key=KEY, base_url="http://example.com/v1", http_client=http)
        assert call(client).id == run["id"]
        http.close()
    assert [(one.headers["x-signature"], one.headers["cookie"]) for one in requests] == [("signed", "session=1")] * 2
    assert statuses == [200, 200]


@pytest.mark.usefixtures("waits")
def test_a_rejected_certificate_is_tried_three_times_by_the_sdk() -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("localhost").configure_cert(context)
    with talking(silently, context) as url:
        opened: list[object] = []
        http = httpx2.Client(event_hooks={"request": [opened.append]})
        with openai.OpenAI(api_key=KEY, base_url=url, http_client=http) as vendor:
            theirs = call(vendor)
        with Client(KEY, base_url=url) as client:
            ours = call(client)
    assert (len(opened), str(theirs)) == (3, "Connection error.")
    assert ours.tries == 1
    assert "certificate of localhost was rejected: unable to get local issuer certificate" in str(ours)


async def test_both_run_on_asyncio_and_trio() -> None:
    with thread_runs_mock.serve(create_missing=True) as server:
        async with openai.AsyncOpenAI(api_key=KEY, base_url=server.base_url) as vendor:
            assert (await vendor.beta.threads.runs.update("run_1", thread_id="thread_1")).id == "run_1"
        async with thread_runs.AsyncClient(KEY, base_url=server.base_url) as ours:
            assert (await ours.beta.threads.runs.update("run_1", thread_id="thread_1")).id == "run_1"


def test_the_sdk_logs_by_an_environment_variable() -> None:
    program = (
        "import sys, warnings; warnings.simplefilter('ignore'); import openai; "
        "openai.OpenAI(api_key='k', base_url=sys.argv[1]).beta.threads.runs.update('run_1', thread_id='thread_1')"
    )
    with thread_runs_mock.serve(create_missing=True) as server:
        command = [sys.executable, "-c", program, server.base_url]
        logged = [
            subprocess.run(
                command, env={**os.environ, "OPENAI_LOG": level}, capture_output=True, encoding="utf-8", check=True
            ).stderr
            for level in ("", "debug")
        ]
    assert logged[0] == ""
    assert "Sending HTTP Request: POST" in logged[1]


def test_the_sdk_has_no_command() -> None:
    commands = {name: metadata.entry_points(group="console_scripts", name=name) for name in ("openai", "thread-runs")}
    assert [bool(found) for found in commands.values()] == [False, True]


def test_the_sdk_has_the_rest_of_the_api(run: dict[str, Any]) -> None:
    vendor, ours = clients(replying(200, run))
    assert hasattr(vendor, "chat")
    assert hasattr(vendor.beta.threads.runs, "stream")
    assert not hasattr(ours, "chat")
    assert not hasattr(ours.beta.threads.runs, "stream")


PAGE = ROOT / "docs" / "vendor-sdk-comparison.md"
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in PAGE.read_text("utf-8").splitlines()
    if line.startswith("| ") and "shown by" not in line
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_each_row_names_tests_that_exist(row: list[str]) -> None:
    assert len(row) == 4
    assert json.dumps(row[3]).count("`") >= 2
    for shown in re.findall(r"`([^`]+)`", row[3]):
        if shown == "make bench-client":
            continue
        files = ROOT.glob("tests/**/*.py") if shown.startswith("test_") and not shown.endswith(".py") else []
        found = [file for file in files if f"def {shown}(" in file.read_text("utf-8")]
        assert found or (ROOT / shown).is_file() or list(ROOT.glob(f"tests/*/{shown}")), f"{shown} does not exist"
    # What the SDK does is shown by a test that runs the SDK.
    sdk = "".join(path.read_text("utf-8") for path in Path(__file__).parent.glob("test_*sdk*.py"))
    sdk += "".join(path.read_text("utf-8") for path in Path(__file__).parent.glob("test_vendor_comparison*.py"))
    names = re.findall(r"`(test_\w+)`", row[3])
    assert "make bench-client" in row[3] or any(f"def {name}(" in sdk for name in names), "no test runs the SDK"
