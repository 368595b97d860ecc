"""Whatever happens in a call is an APIError, and no error shows a key."""

import asyncio
import copy
import json
import pickle
from typing import Any

import pytest

import thread_runs
from thread_runs import AsyncClient, Client

from .calling import IGNORE_DEPRECATION, KEY, both, call, close, update
from .scripted_server import ScriptedServer

pytestmark = [IGNORE_DEPRECATION, pytest.mark.usefixtures("library")]
CHARSETS = ["idna", "hex", "base64", "rot13", "utf-16", "undefined", "punycode", "utf-7", "latin-1", "no-such", "\xff"]


@both
@pytest.mark.parametrize("charset", CHARSETS)
async def test_a_page_with_an_odd_charset_is_the_error_of_its_status(
    server: ScriptedServer, kind: type[Client | AsyncClient], charset: str
) -> None:
    page = b"<html>busy \xff\x00</html>"
    content_type = f"content-type: text/html; charset={charset}"
    head = f"HTTP/1.1 502 Bad Gateway\r\nconnection: close\r\ncontent-length: {len(page)}\r\n{content_type}\r\n\r\n"
    server.replies = [head.encode("latin-1") + page]
    with pytest.raises(thread_runs.InternalServerError, match="502 Bad Gateway") as caught:
        await update(kind, server.url, max_retries=0)
    assert isinstance(caught.value.response.text, str)
    assert isinstance(caught.value.body, str)
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


@both
async def test_a_run_with_an_odd_charset_is_read(
    server: ScriptedServer, run: dict[str, Any], kind: type[Client | AsyncClient]
) -> None:
    server.then("200 OK", run, "content-type: application/json; charset=hex")
    client: Any = kind(KEY, base_url=server.url)
    answer = client.beta.threads.runs.with_raw_response.update("run_1", thread_id="thread_1")
    raw = answer if kind is Client else await answer
    assert raw.parse().to_dict() == json.loads(raw.text) == run
    await close(client)


@both
@pytest.mark.parametrize("failure", [RuntimeError("broken pipe dream"), KeyError("x"), ValueError("y"), TypeError("z")])
async def test_whatever_a_transport_raises_is_a_connection_error(
    library: Any, kind: type[Client | AsyncClient], failure: Exception
) -> None:
    def fail(request: Any) -> Any:
        attempts.append(request)
        raise failure

    attempts: list[Any] = []
    with pytest.raises(thread_runs.APIConnectionError, match=type(failure).__name__) as caught:
        await update(kind, "http://example.invalid", transport=library.MockTransport(fail))
    assert caught.value.__cause__ is failure
    assert len(attempts) == caught.value.tries == 1


@both
@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:99999/v1", f"http://{'a' * 64}.invalid/v1", "http://no-such-host.invalid/v1"]
)
async def test_an_address_that_cannot_be_reached_is_a_connection_error(
    kind: type[Client | AsyncClient], url: str
) -> None:
    with pytest.raises(thread_runs.APIConnectionError) as caught:
        await update(kind, url, max_retries=0)
    assert caught.value.request.url.path == "/v1/threads/thread_1/runs/run_1"
    assert "ExceptionGroup" not in str(caught.value)


@both
async def test_an_identifier_that_makes_the_address_too_long_is_a_value_error(
    server: ScriptedServer, kind: type[Client | AsyncClient]
) -> None:
    with pytest.raises(ValueError, match="address of the request"):
        await update(kind, server.url, {"run_id": "r" * 70_000})


@both
async def test_a_call_after_close_is_a_connection_error(
    server: ScriptedServer, run: dict[str, Any], kind: type[Client | AsyncClient]
) -> None:
    server.then("200 OK", run)
    client: Any = kind(KEY, base_url=server.url)
    for _ in range(2):
        await call(client)
    await close(client)
    with pytest.raises(thread_runs.APIConnectionError, match="the client has been closed") as caught:
        await call(client)
    assert caught.value.request.method == "POST"


def test_a_call_from_a_second_event_loop_is_an_api_error(mock_server: str) -> None:
    client = AsyncClient(KEY, base_url=mock_server, max_retries=0)
    first, second = asyncio.new_event_loop(), asyncio.new_event_loop()
    assert first.run_until_complete(call(client)).id == "run_1"
    with pytest.raises(thread_runs.APIConnectionError, match="could not be sent: RuntimeError"):
        second.run_until_complete(call(client))
    first.run_until_complete(client.close())
    first.close()
    second.close()


# Its last part is what a replacement that knows no escapes would leave. No port, date or length contains it.
ECHO = "sk-proj/abc+def=Zq7Kx9Wv"
ECHO_PART = "Zq7Kx9Wv"


@both
async def test_a_key_that_the_server_echoes_is_in_no_part_of_an_error(
    server: ScriptedServer, kind: type[Client | AsyncClient]
) -> None:
    for body in (
        {"error": {"message": f"Bad key {ECHO}.", "param": ECHO, "code": ECHO, "seen": [{ECHO: [ECHO]}]}},
        [ECHO, [1, None, [ECHO]]],
        ECHO,
        f"<html>{ECHO}</html>",
    ):
        encodings = [json.dumps(body).encode(), json.dumps(body).replace("/", "\\/").encode()]
        for content in [body.encode()] if isinstance(body, str) and body.startswith("<") else encodings:
            server.then("401 Unauthorized", content, f"x-echo: Bearer {ECHO}")
            server.replies[0] = (server.replies[0] or b"").replace(b"req_1", f"req-{ECHO}".encode())
            client = kind(ECHO, base_url=server.url)
            with pytest.raises(thread_runs.AuthenticationError) as caught:
                await call(client)
            server.requests.clear()
            server.replies.clear()
            await close(client)
            error = caught.value
            data = pickle.dumps(error)
            restored = pickle.loads(data)
            parts = [error.message, error.body, error.param, error.code, error.request_id, error.args, error.type]
            shown = [str(error), repr(error), *map(repr, parts), str(restored), restored.response.text]
            shown.append(repr(restored.response.headers.multi_items()))
            assert [text for text in shown if ECHO in text or ECHO_PART in text] == []
            assert ECHO_PART.encode() not in data
            assert "[redacted]" in str(error.body)


@both
async def test_a_partial_body_shows_no_key(server: ScriptedServer, kind: type[Client | AsyncClient]) -> None:
    server.replies = [f"HTTP/1.1 200 OK\r\ncontent-length: 500\r\nx-request-id: {KEY}\r\n\r\n{KEY}".encode()]
    with pytest.raises(thread_runs.APIConnectionError) as caught:
        await update(kind, server.url, max_retries=0)
    assert caught.value.body == "[redacted]"
    assert KEY not in str(caught.value)


SECRET = "Vn3Rt8Hy"
SECRET_HEADERS = {
    "api-key": f"az-{SECRET}",
    "X-Auth-Token": f"tk-{SECRET}",
    "Cookie": f"s={SECRET}",
    "x-goog-api-key": f"gk-{SECRET}",
}


@both
async def test_a_pickle_has_no_header_with_a_secret(server: ScriptedServer, kind: type[Client | AsyncClient]) -> None:
    server.then("400 Bad Request", f"az-{SECRET} tk-{SECRET}".encode(), f"set-cookie: t={SECRET}", "x-other: kept")
    with pytest.raises(thread_runs.BadRequestError) as caught:
        await update(kind, server.url, default_headers={**SECRET_HEADERS, "x-mine": "kept"})
    data = pickle.dumps(caught.value)
    assert SECRET.encode() not in data
    restored = pickle.loads(data)
    assert restored.request.headers["x-mine"] == restored.response.headers["x-other"] == "kept"
    assert copy.copy(caught.value).message == caught.value.message
    assert caught.value.request.headers["api-key"] == f"az-{SECRET}"


@both
async def test_a_short_key_is_replaced_only_as_a_whole_word(
    server: ScriptedServer, kind: type[Client | AsyncClient]
) -> None:
    server.then("400 Bad Request", {"error": {"message": "The key any is one of too many."}})
    client: Any = kind("any", base_url=server.url)
    with pytest.raises(thread_runs.BadRequestError, match=r"The key \[redacted\] is one of too many\."):
        await call(client)
    await close(client)


def test_an_error_without_a_key_shows_the_body_as_it_came(server: ScriptedServer) -> None:
    server.then("400 Bad Request", {"error": {"message": "No.", "other": 1}})
    with Client(None, base_url=server.url) as client, pytest.raises(thread_runs.BadRequestError) as caught:
        client.beta.threads.runs.update("run_1", thread_id="thread_1")
    assert caught.value.body == {"message": "No.", "other": 1}
    assert pickle.loads(pickle.dumps(caught.value)).body == caught.value.body


def test_the_key_is_removed_from_a_deeply_nested_body(server: ScriptedServer) -> None:
    server.then("400 Bad Request", b'{"a":' * 600 + json.dumps(KEY).encode() + b"}" * 600)
    with Client(KEY, base_url=server.url) as client, pytest.raises(thread_runs.BadRequestError) as caught:
        client.beta.threads.runs.update("run_1", thread_id="thread_1")
    value = caught.value.body
    while isinstance(value, dict):
        value = value["a"]
    assert value == "[redacted]"
