"""The hand-written client: the documented call, its arguments, and the one error that everything else ends in."""

import gzip
import inspect
import json
import re
import warnings
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import unquote

import pytest

import thread_runs
from tests.raw_server import RawServer
from thread_runs import AsyncClient, Client, ThreadRunsError
from thread_runs_client.facts import SERVER_URL

from .calling import IGNORE_DEPRECATION

KEY = "sk-secret-4711"
pytestmark = [IGNORE_DEPRECATION, pytest.mark.usefixtures("library")]


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)


@pytest.fixture
async def async_client(raw_server: RawServer) -> AsyncIterator[AsyncClient]:
    async with AsyncClient(KEY, base_url=raw_server.url, max_retries=0) as client:
        yield client


def call(server: RawServer, **arguments: Any) -> thread_runs.Run:
    # What is repeated, tests/client/test_retries.py shows.
    with Client(KEY, base_url=server.url, max_retries=0) as client:
        return client.beta.threads.runs.update(**{"run_id": "run_1", "thread_id": "thread_1", **arguments})


def run_bytes(examples: dict[str, Any]) -> bytes:
    return json.dumps(examples["RunDocumented"]).encode()


def test_the_documented_call(raw_server: RawServer, examples: dict[str, Any]) -> None:
    raw_server.answer("200 OK", run_bytes(examples))
    run = call(raw_server, metadata={"user_id": "user_abc123"})
    assert run.to_dict() == examples["RunDocumented"]
    assert run.metadata is not None
    assert run.metadata["user_id"] == "user_abc123"
    head, _, body = raw_server.requests[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /v1/threads/thread_1/runs/run_1 HTTP/1.1\r\n")
    assert f"Authorization: Bearer {KEY}".encode() in head.splitlines()
    assert b"OpenAI-Beta: assistants=v2" in head.splitlines()
    assert json.loads(body) == {"metadata": {"user_id": "user_abc123"}}


async def test_the_documented_call_async(
    raw_server: RawServer, async_client: AsyncClient, examples: dict[str, Any]
) -> None:
    raw_server.answer("200 OK", run_bytes(examples))
    run = await async_client.beta.threads.runs.update(
        "run_1", thread_id="thread_1", metadata={"user_id": "user_abc123"}
    )
    assert run.to_dict() == examples["RunDocumented"]


@pytest.mark.parametrize(
    ("arguments", "body"), [({}, {}), ({"metadata": None}, {"metadata": None}), ({"metadata": {}}, {"metadata": {}})]
)
def test_no_metadata_and_none_are_different_requests(
    raw_server: RawServer, examples: dict[str, Any], arguments: dict[str, Any], body: dict[str, Any]
) -> None:
    raw_server.answer("200 OK", run_bytes(examples))
    call(raw_server, **arguments)
    assert json.loads(raw_server.requests[0].partition(b"\r\n\r\n")[2]) == body


ANSWERS = [
    ("400 Bad Request", thread_runs.BadRequestError),
    ("401 Unauthorized", thread_runs.AuthenticationError),
    ("403 Forbidden", thread_runs.PermissionDeniedError),
    ("404 Not Found", thread_runs.NotFoundError),
    ("409 Conflict", thread_runs.ConflictError),
    ("418 I'm a Teapot", thread_runs.APIStatusError),
    ("422 Unprocessable Entity", thread_runs.UnprocessableEntityError),
    ("429 Too Many Requests", thread_runs.RateLimitError),
    ("500 Internal Server Error", thread_runs.InternalServerError),
    ("520 Unknown", thread_runs.InternalServerError),
    ("599 Whatever", thread_runs.InternalServerError),
]


@pytest.mark.parametrize(("status", "error_type"), ANSWERS)
def test_a_status_is_one_typed_error(
    raw_server: RawServer, status: str, error_type: type[thread_runs.APIStatusError]
) -> None:
    envelope = {
        "message": "What went wrong.",
        "type": "invalid_request_error",
        "param": "metadata.k",
        "code": "some_code",
    }
    raw_server.answer(status, json.dumps({"error": envelope}).encode())
    with pytest.raises(thread_runs.APIStatusError) as caught:
        call(raw_server)
    error = caught.value
    assert type(error) is error_type
    assert error.status_code == int(status[:3])
    assert (error.message, error.type, error.param, error.code) == tuple(envelope.values())
    assert error.body == envelope
    assert error.request_id == "req_1"
    assert error.request.url.path == "/v1/threads/thread_1/runs/run_1"
    assert error.response.json() == {"error": envelope}
    assert status[:3] in str(error)
    assert "What went wrong." in str(error)
    assert "req_1" in str(error)


VALIDATION = thread_runs.APIResponseValidationError
BODIES: list[tuple[str, bytes, type[thread_runs.APIError], str, Any]] = [
    ("404 Not Found", b'{"error": {"message": "No."}}', thread_runs.NotFoundError, "No.", {"message": "No."}),
    ("404 Not Found", b'{"detail": "no"}', thread_runs.NotFoundError, ": no (", {"detail": "no"}),
    ("404 Not Found", b'{"error": "no"}', thread_runs.NotFoundError, ": no (", "no"),
    ("404 Not Found", b"", thread_runs.NotFoundError, "the body is empty", None),
    ("502 Bad Gateway", b"<p>\n<b>Bad</b>", thread_runs.InternalServerError, "<p> <b>Bad</b>", "<p>\n<b>Bad</b>"),
    ("500 Oops", b"\xff\xfe", thread_runs.InternalServerError, "500", "\ufffd\ufffd"),
    ("200 OK", b"", VALIDATION, "Expecting value", None),
    ("200 OK", b'{"id": "run_1", "o', VALIDATION, "Unterminated string", '{"id": "run_1", "o'),
    ("200 OK", b"<html>", VALIDATION, "Expecting value", "<html>"),
    ("200 OK", b"[]", VALIDATION, "expected an object, got an array", []),
    ("200 OK", b'{"id": "1"}', VALIDATION, "the object is not recognisably a Run", {"id": "1"}),
    ("200 OK", b"[" * 100_000, VALIDATION, "recursion", "[" * 100_000),
    ("204 No Content", b"", VALIDATION, "Expecting value", None),
    ("299 Own", b"{}", VALIDATION, "the object is not recognisably a Run", {}),
    ("302 Found", b"", thread_runs.APIStatusError, "the body is empty", None),
]


@pytest.mark.parametrize(("status", "content", "error_type", "text", "body"), BODIES)
def test_an_unusual_response_is_one_typed_error(
    raw_server: RawServer, status: str, content: bytes, error_type: type[thread_runs.APIError], text: str, body: Any
) -> None:
    raw_server.answer(status, content)
    with pytest.raises(thread_runs.APIError) as caught:
        call(raw_server)
    assert type(caught.value) is error_type
    assert text in str(caught.value)
    assert status[:3] in str(caught.value)
    assert "req_1" in str(caught.value)
    assert caught.value.body == body


def test_an_incomplete_body_is_a_connection_error_with_the_received_part(raw_server: RawServer) -> None:
    raw_server.reply = b'HTTP/1.1 200 OK\r\nx-request-id: req_1\r\ncontent-length: 500\r\n\r\n{"id": "run_1"'
    with pytest.raises(thread_runs.APIConnectionError, match=r"200 OK: .*14 bytes.*req_1") as caught:
        call(raw_server)
    assert caught.value.body == '{"id": "run_1"'


async def test_an_incomplete_body_async(raw_server: RawServer, async_client: AsyncClient) -> None:
    raw_server.reply = b'HTTP/1.1 200 OK\r\nx-request-id: req_1\r\ncontent-length: 500\r\n\r\n{"id": "run_1"'
    with pytest.raises(thread_runs.APIConnectionError, match=r"200 OK: .*14 bytes.*req_1"):
        await async_client.beta.threads.runs.update("run_1", thread_id="thread_1")


async def test_a_status_is_one_typed_error_async(raw_server: RawServer, async_client: AsyncClient) -> None:
    raw_server.answer("404 Not Found", b'{"error": {"message": "No run."}}')
    with pytest.raises(thread_runs.NotFoundError, match="No run"):
        await async_client.beta.threads.runs.update("run_1", thread_id="thread_1")


def test_a_compressed_body_is_read(raw_server: RawServer, examples: dict[str, Any]) -> None:
    raw_server.answer("200 OK", gzip.compress(run_bytes(examples)), "content-encoding: gzip")
    assert call(raw_server).to_dict() == examples["RunDocumented"]


def test_a_body_that_is_not_compressed_as_it_says_is_a_connection_error(raw_server: RawServer) -> None:
    raw_server.answer("200 OK", b"{}", "content-encoding: gzip")
    with pytest.raises(thread_runs.APIConnectionError):
        call(raw_server)


def test_no_server_is_a_connection_error() -> None:
    with (
        pytest.raises(thread_runs.APIConnectionError, match="connection failed"),
        Client(KEY, base_url="http://127.0.0.1:9/v1", max_retries=0) as client,
    ):
        client.beta.threads.runs.update("run_1", thread_id="thread_1")


def test_a_silent_server_is_a_timeout(raw_server: RawServer) -> None:
    raw_server.reply = None
    with (
        Client(KEY, base_url=raw_server.url, timeout=0.05, max_retries=0) as client,
        pytest.raises(thread_runs.APITimeoutError),
    ):
        client.beta.threads.runs.update("run_1", thread_id="thread_1")


@pytest.mark.parametrize("bad", ["", ".", "..", None, 7, b"run_1"])
@pytest.mark.parametrize("name", ["run_id", "thread_id"])
def test_an_id_that_would_change_the_path_is_rejected_before_sending(
    raw_server: RawServer, name: str, bad: Any
) -> None:
    with pytest.raises(ValueError, match=name):
        call(raw_server, **{name: bad})
    assert raw_server.requests == []


@pytest.mark.parametrize("run_id", ["a/b", "a?b", "a#b", "a%2Fb", "ä 漢", "...", "a\\b"])
def test_an_id_is_sent_as_one_segment(raw_server: RawServer, examples: dict[str, Any], run_id: str) -> None:
    raw_server.answer("200 OK", run_bytes(examples))
    call(raw_server, run_id=run_id)
    path = raw_server.requests[0].split()[1].decode()
    assert [unquote(segment) for segment in path.split("/")[1:]] == ["v1", "threads", "thread_1", "runs", run_id]


def test_the_key_and_the_address_come_from_the_environment(
    raw_server: RawServer, examples: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-environment")
    monkeypatch.setenv("OPENAI_BASE_URL", raw_server.url)
    raw_server.answer("200 OK", run_bytes(examples))
    with Client() as client:
        client.beta.threads.runs.update("run_1", thread_id="thread_1")
        client.api_key = "sk-another"
        client.beta.threads.runs.update("run_1", thread_id="thread_1")
        assert client.api_key == "sk-another"
    assert b"Bearer sk-environment\r\n" in raw_server.requests[0]
    assert b"Bearer sk-another\r\n" in raw_server.requests[1]


def test_the_default_address_is_the_first_server_of_the_spec(spec: dict[str, Any]) -> None:
    server = spec["servers"][0]
    assert server["url"].format(**{k: v["default"] for k, v in server["variables"].items()}) == SERVER_URL
    assert SERVER_URL in repr(Client(KEY))


def test_a_missing_key_is_reported_at_construction() -> None:
    with pytest.raises(ThreadRunsError, match="OPENAI_API_KEY"):
        Client()


@pytest.mark.parametrize("key", ["sk-secret\n", "sk secret", "sk-sécret"])
def test_a_key_that_does_not_fit_in_a_header_is_rejected_and_not_quoted(key: str) -> None:
    with pytest.raises(ThreadRunsError, match="character") as caught:
        AsyncClient(key)
    assert "cret" not in str(caught.value)


@pytest.mark.parametrize("url", ["localhost:4010", "ftp://host/v1", "http://", "/v1", "http://host:x"])
def test_an_invalid_address_is_rejected(url: str) -> None:
    with pytest.raises(ValueError, match="base_url"):
        Client(KEY, base_url=url)


def test_one_deprecation_warning_per_call_at_the_callers_line(raw_server: RawServer, examples: dict[str, Any]) -> None:
    raw_server.answer("200 OK", run_bytes(examples))
    with Client(KEY, base_url=raw_server.url) as client, warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for _ in range(2):
            client.beta.threads.runs.update("run_1", thread_id="thread_1")
    assert [(w.category, w.filename) for w in caught] == [(DeprecationWarning, __file__)] * 2


async def test_one_deprecation_warning_per_async_call_at_the_callers_line(
    raw_server: RawServer, async_client: AsyncClient, examples: dict[str, Any]
) -> None:
    raw_server.answer("200 OK", run_bytes(examples))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        await async_client.beta.threads.runs.update("run_1", thread_id="thread_1")
    assert [(w.category, w.filename) for w in caught] == [(DeprecationWarning, __file__)]


@pytest.mark.parametrize("status", ["200 OK", "401 Unauthorized", "502 Bad Gateway", "HTTP garbage"])
def test_nothing_shows_the_key(raw_server: RawServer, caplog: pytest.LogCaptureFixture, status: str) -> None:
    caplog.set_level("DEBUG")
    raw_server.answer(status, f"<html>you sent {KEY}</html>".encode())
    client = Client(KEY, base_url=raw_server.url, max_retries=0)
    with client, pytest.raises(thread_runs.APIError) as caught:
        client.beta.threads.runs.update("run_1", thread_id="thread_1")
    shown = [repr(client), str(client), repr(caught.value), str(caught.value), caught.value.message]
    shown += [repr(caught.value.__cause__), repr(caught.value.request.headers)]
    # What httpx and its transport log of the response is what the server sent, not what the client has.
    shown += [record.getMessage() for record in caplog.records if record.name.startswith(("thread_runs", "httpx"))]
    assert [text for text in shown if KEY in text] == []


def test_proxies_of_the_environment_are_used(
    raw_server: RawServer, examples: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", raw_server.url.removesuffix("/v1"))
    raw_server.answer("200 OK", run_bytes(examples))
    with Client(KEY, base_url="http://example.invalid/v1") as client:
        client.beta.threads.runs.update("run_1", thread_id="thread_1")
    assert raw_server.requests[0].startswith(b"POST http://example.invalid/v1/threads/thread_1/runs/run_1 ")


@pytest.mark.parametrize("client_type", [Client, AsyncClient])
def test_the_method_has_every_parameter_of_the_operation(
    spec: dict[str, Any], client_type: type[Client | AsyncClient]
) -> None:
    (path,) = [path for path, item in spec["paths"].items() if item.get("post", {}).get("operationId") == "modifyRun"]
    operation = spec["paths"][path]["post"]
    schema = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
    wanted = re.findall(r"{(\w+)}", path) + list(spec["components"]["schemas"][schema]["properties"])
    method = client_type(KEY).beta.threads.runs.update
    missing = [name for name in wanted if name not in inspect.signature(method).parameters]
    assert missing == [], f"runs.update lacks the parameters {missing} of {operation['operationId']}"
    assert operation["deprecated"] is hasattr(method, "__deprecated__")
