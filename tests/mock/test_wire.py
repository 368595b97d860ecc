"""Requests that a well-behaved client does not send, and what the server writes to the connection."""

import asyncio
import json
import re
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

import thread_runs_mock

from .conftest import DOCUMENTED, HEADERS


@pytest.fixture(scope="module")
def url() -> Iterator[httpx.URL]:
    with thread_runs_mock.serve() as server:
        yield httpx.URL(server.base_url)


@pytest.fixture
def exchange(url: httpx.URL) -> Callable[[bytes], bytes]:
    """Sends bytes, closes the sending side, and returns all that is received."""

    def exchanged(data: bytes) -> bytes:
        assert url.port
        with socket.create_connection((url.host, url.port), timeout=10) as connection:
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
            return b"".join(iter(lambda: connection.recv(65536), b""))

    return exchanged


@pytest.mark.parametrize(
    "data",
    [
        b"garbage\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET / HTTP/9.9\r\n\r\n",
        b"POST /\xff HTTP/1.1\r\nHost: a\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n",
    ],
)
def test_data_that_is_not_http_is_rejected_with_the_error_envelope(
    exchange: Callable[[bytes], bytes], data: bytes
) -> None:
    head, _, body = exchange(data).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 Bad Request\r\ncontent-type: application/json\r\n")
    assert b"\r\nx-request-id: req_" in head
    assert json.loads(body)["error"]["message"] == "We could not parse your HTTP request."


def test_a_request_for_an_upgrade_is_treated_like_any_other(exchange: Callable[[bytes], bytes]) -> None:
    answer = exchange(
        b"GET /v1/x HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        b"Sec-WebSocket-Key: a\r\nSec-WebSocket-Version: 13\r\n\r\n"
    )
    assert answer.startswith(b"HTTP/1.1 404 ")


def test_headers_are_joined_when_repeated(url: httpx.URL) -> None:
    headers = [*HEADERS.items(), ("OpenAI-Beta", "assistants=v2")]
    response = httpx.post(
        f"{url}{DOCUMENTED[1:]}" if str(url).endswith("/") else f"{url}{DOCUMENTED}", json={}, headers=headers
    )
    assert response.status_code == 400
    assert "'assistants=v2, assistants=v2'" in response.json()["error"]["message"]


def test_the_server_survives_clients_that_disconnect(url: httpx.URL) -> None:
    head = "".join(f"{name}: {value}\r\n" for name, value in HEADERS.items())
    request = (
        f"POST {url.path}{DOCUMENTED} HTTP/1.1\r\nHost: a\r\n{head}"
        "Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{"
    )
    assert url.port
    for _ in range(3):
        with socket.create_connection((url.host, url.port)) as connection:
            connection.sendall(request.encode())
    response = httpx.post(f"{url}{DOCUMENTED}", json={}, headers=HEADERS)
    assert response.status_code == 200


async def call(scope: Any, *messages: Any) -> list[Any]:
    """Make one ASGI exchange, as any server would."""
    sent: list[Any] = []
    pending = list(messages)

    async def receive() -> Any:
        return pending.pop(0)

    async def send(message: Any) -> None:
        sent.append(message)

    await thread_runs_mock.create_app()(scope, receive, send)
    return sent


def test_any_asgi_server_can_run_it() -> None:
    lifespan = [{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}]
    assert asyncio.run(call({"type": "lifespan"}, *lifespan)) == [
        {"type": "lifespan.startup.complete"},
        {"type": "lifespan.shutdown.complete"},
    ]
    assert asyncio.run(call({"type": "websocket"})) == [{"type": "websocket.close"}]


def test_a_disconnect_gets_no_response() -> None:
    headers = [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]
    headers += [(b"content-type", b"application/json"), (b"transfer-encoding", b"chunked")]
    scope = {
        "type": "http",
        "method": "POST",
        "raw_path": f"/v1{DOCUMENTED}".encode(),
        "query_string": b"",
        "headers": headers,
    }
    assert asyncio.run(call(scope, {"type": "http.request", "more_body": True}, {"type": "http.disconnect"})) == []


def test_importing_the_package_loads_no_server() -> None:
    code = "import sys, thread_runs_mock; print({'uvicorn', 'yaml', 'jsonschema_rs'} & sys.modules.keys())"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True)
    assert result.stdout == "set()\n"


def test_a_response_is_the_same_however_it_is_requested(exchange: Callable[[bytes], bytes], url: httpx.URL) -> None:
    head = "".join(f"{name}: {value}\r\n" for name, value in HEADERS.items())
    head += "Content-Type: application/json\r\nContent-Length: 2\r\n"

    def response(*extra: str) -> bytes:
        lines = "".join(f"{line}\r\n" for line in extra)
        received = exchange(f"POST {url.path}{DOCUMENTED} HTTP/1.1\r\nHost: a\r\n{head}{lines}\r\n{{}}".encode())
        assert received.count(b"\r\ndate: ") == 1
        return re.sub(rb"(req_|date: )[^\r]*", rb"\1", received)

    usual = response()
    assert response("Expect: 100-continue") == b"HTTP/1.1 100 Continue\r\n\r\n" + usual
    assert response("Connection: close").replace(b"connection: close\r\n", b"") == usual


WITHOUT_CONTENT = """
openapi: 3.1.0
info: {title: Things, version: '1'}
x-thing: &thing {type: object, properties: {id: {type: string}}}
paths:
  /things/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get:
      responses: {'200': {description: one, content: {application/json: {schema: *thing, example: {id: x}}}}}
    put:
      requestBody: {content: {application/json: {schema: {type: object}}}}
      responses: {'204': {description: changed, content: {application/json: {example: {id: x}}}}}
    delete:
      responses: {'204': {description: gone, content: {application/json: {example: {a: 1}}}}}
"""


def test_a_status_without_content_has_none_though_the_spec_documents_it(tmp_path: Path) -> None:
    spec = tmp_path / "things.yaml"
    spec.write_text(WITHOUT_CONTENT, "utf-8")
    with thread_runs_mock.serve(spec) as server, httpx.Client(base_url=server.base_url) as client:
        for method, status in (("PUT", 204), ("GET", 200), ("DELETE", 204), ("GET", 404)):
            response = client.request(method, "/things/x", json={} if method == "PUT" else None)
            assert response.status_code == status
            if status == 204:
                assert response.content == b""
                assert not {"content-length", "content-type"} & response.headers.keys()
