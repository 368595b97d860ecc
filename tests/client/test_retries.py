"""What is repeated, after how long, and what comes when nothing helps."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

import thread_runs
from thread_runs import AsyncClient, Client, _retries

from .calling import IGNORE_DEPRECATION, both, update
from .scripted_server import ScriptedServer

pytestmark = [IGNORE_DEPRECATION, pytest.mark.usefixtures("library")]
TRUNCATED = b"HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n{"


@both
@pytest.mark.parametrize("status", [408, 409, 429, 500, 502, 503, 504, 520, 599])
async def test_a_temporary_error_status_is_tried_again(
    server: ScriptedServer, run: dict[str, Any], kind: type[Client | AsyncClient], status: int
) -> None:
    server.then(f"{status} Passing")
    server.then(f"{status} Passing")
    server.then("200 OK", run)
    answer = await update(kind, server.url, {"metadata": {"k": "v"}})
    assert answer.to_dict() == run
    assert server.bodies == [{"metadata": {"k": "v"}}] * 3


@both
@pytest.mark.parametrize("status", [301, 400, 401, 403, 404, 410, 413, 415, 418, 422, 499])
async def test_a_permanent_error_status_is_not_tried_again(
    server: ScriptedServer, kind: type[Client | AsyncClient], status: int
) -> None:
    server.then(f"{status} Final")
    with pytest.raises(thread_runs.APIStatusError) as caught:
        await update(kind, server.url)
    assert len(server.requests) == 1
    assert caught.value.tries == 1
    assert "tries" not in str(caught.value)


@both
@pytest.mark.parametrize("broken", [b"", TRUNCATED, b"HTTP/1.1 2", b"nonsense\r\n\r\n"])
async def test_a_connection_that_breaks_is_tried_again(
    server: ScriptedServer, run: dict[str, Any], kind: type[Client | AsyncClient], broken: bytes
) -> None:
    server.then("200 OK", run)
    server.replies = [broken, broken, *server.replies]
    assert (await update(kind, server.url)).to_dict() == run
    assert len(server.requests) == 3


@both
async def test_a_timeout_is_tried_again(server: ScriptedServer, kind: type[Client | AsyncClient]) -> None:
    # The server answers one request after the other: what waits for the silent one times out too.
    server.reply = None
    with pytest.raises(thread_runs.APITimeoutError, match=r"in time: ReadTimeout \(after 2 tries\)") as caught:
        await update(kind, server.url, timeout=0.05, max_retries=1)
    assert caught.value.tries == 2


@both
async def test_the_last_error_says_how_many_tries_were_made(
    server: ScriptedServer, kind: type[Client | AsyncClient]
) -> None:
    server.then("503 Busy", {"error": {"message": "Busy."}})
    with pytest.raises(
        thread_runs.InternalServerError, match=r"^503 .*: Busy\. \(request id req_1\) \(after 3 tries\)$"
    ):
        await update(kind, server.url)
    assert len(server.requests) == 3
    with pytest.raises(thread_runs.InternalServerError) as caught:
        await update(kind, server.url, max_retries=0)
    assert caught.value.tries == 1
    with pytest.raises(thread_runs.InternalServerError) as caught:
        await update(kind, server.url, {"max_retries": 4})
    assert caught.value.tries == 5


@both
@pytest.mark.parametrize("headers", ["retry-after: 121", "retry-after: 3600", "retry-after-ms: 120001", "date"])
async def test_a_call_is_not_repeated_if_the_server_asks_for_too_long_a_wait(
    server: ScriptedServer, kind: type[Client | AsyncClient], headers: str
) -> None:
    if headers == "date":
        headers = f"retry-after: {format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)}"
    server.then("429 Too Many Requests", b"", headers)
    with pytest.raises(thread_runs.RateLimitError) as caught:
        await update(kind, server.url)
    assert len(server.requests) == 1
    assert caught.value.retry_after is not None
    assert caught.value.retry_after > 120


@both
@pytest.mark.parametrize(
    "header", ["retry-after: 0", "retry-after-ms: 1", "retry-after: 0.001", "retry-after: soon", "retry-after: -1"]
)
async def test_a_server_that_asks_for_a_short_wait_gets_it(
    server: ScriptedServer, run: dict[str, Any], kind: type[Client | AsyncClient], header: str
) -> None:
    server.then("429 Too Many Requests", b"", header)
    server.then("200 OK", run)
    assert (await update(kind, server.url)).to_dict() == run


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "20"}, 20),
        ({"retry-after": " 1.5 "}, 1.5),
        ({"retry-after-ms": "1500"}, 1.5),
        ({"retry-after-ms": "1500", "retry-after": "9"}, 1.5),
        ({"retry-after-ms": "x", "retry-after": "9"}, 9),
        ({"retry-after": "Sun, 06 Nov 1994 08:49:37 GMT"}, 0),
        ({"retry-after": "Sunday, 06-Nov-94 08:49:37 GMT"}, 0),
        ({"retry-after": "Sun Nov  6 08:49:37 1994"}, 0),
        ({"retry-after": "Sun, 99 Nov 1994 08:49:37 GMT"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "-5"}, None),
        ({"retry-after": "tomorrow"}, None),
        ({"retry-after": "1e9"}, None),
    ],
)
def test_the_forms_of_retry_after(library: Any, headers: dict[str, str], seconds: float | None) -> None:
    assert _retries.retry_after(library.Headers(headers)) == seconds


def test_a_future_date_becomes_the_seconds_until_then(library: Any) -> None:
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    seconds = _retries.retry_after(library.Headers({"retry-after": date}))
    assert seconds is not None
    assert 60 < seconds <= 90


def test_waits_double_from_half_a_second_to_eight_less_up_to_a_quarter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    for tries, longest in [(1, 0.5), (2, 1), (3, 2), (4, 4), (5, 8), (6, 8), (100_000, 8)]:
        waits = {_retries.backoff(tries) for _ in range(50)}
        assert 0.75 * longest <= min(waits) < max(waits) <= longest


def test_errors_of_the_request_or_the_certificate_are_not_repeated(library: Any, server: ScriptedServer) -> None:
    def handler(request: Any) -> Any:
        tried.append(request)
        raise library.UnsupportedProtocol("no such protocol")

    tried: list[Any] = []
    client = Client("k", base_url=server.url, transport=library.MockTransport(handler))
    with client, pytest.raises(thread_runs.APIConnectionError, match="no such protocol"):
        client.beta.threads.runs.update("run_1", thread_id="thread_1")
    assert len(tried) == 1


def test_an_error_of_the_system_is_a_connection_error_too(
    library: Any, server: ScriptedServer, run: dict[str, Any]
) -> None:
    def handler(request: Any) -> Any:
        tried.append(request)
        if len(tried) == 1:
            raise OSError("the cable is out")
        return library.Response(200, json=run)

    tried: list[Any] = []
    with Client("k", base_url=server.url, transport=library.MockTransport(handler)) as client:
        assert client.beta.threads.runs.update("run_1", thread_id="thread_1").to_dict() == run
        assert len(tried) == 2


@pytest.mark.parametrize(
    "options", [{"max_retries": -1}, {"deadline": 0}, {"deadline": -1.5}, {"max_response_bytes": 0}]
)
def test_a_number_out_of_range_is_rejected(server: ScriptedServer, options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(options))):
        Client("k", **options)
    if "max_response_bytes" not in options:
        with Client("k", base_url=server.url) as client, pytest.raises(ValueError, match=next(iter(options))):
            client.beta.threads.runs.update("run_1", thread_id="thread_1", **options)
