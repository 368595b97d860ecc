"""Bodies that the one operation of the spec does not have, but another may: none, text, and forms with files."""

import dataclasses
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from thread_runs import AsyncClient, Client
from thread_runs_client.operations import OPERATIONS

from .calling import KEY, both, close, http_client
from .scripted_server import ScriptedServer

pytestmark = pytest.mark.usefixtures("library")
FORM = {"data": {"a": "b"}, "files": {"f": ("name", b"content")}}


def request_with(body: dict[str, Any]) -> Any:
    operation = next(iter(OPERATIONS.values())) if isinstance(OPERATIONS, dict) else OPERATIONS[0]
    request = operation.request({"thread_id": "t", "run_id": "r"}, lambda response, problems: response.json())
    return dataclasses.replace(request, body=body, headers={}, values={})


async def send(client: Any, request: Any, **options: Any) -> Any:
    answer = client.send(request, options)
    return (answer if isinstance(client, Client) else await answer).parse()


@both
@pytest.mark.parametrize(
    ("body", "extra", "sent", "logged"),
    [
        ({}, None, b"\r\n\r\n", "body 0 bytes"),
        ({}, {"a": ["b"]}, b'{"a":["b"]}', 'body {"a": ["[redacted]"]}'),
        ({"content": b"text"}, None, b"\r\n\r\ntext", "body 4 bytes"),
        (FORM, {"c": "d"}, b"content", "body that is a stream"),
    ],
)
async def test_a_body_is_sent_and_its_values_are_not_logged(
    server: ScriptedServer,
    kind: type[Client | AsyncClient],
    body: dict[str, Any],
    extra: Any,
    sent: bytes,
    logged: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("DEBUG", "thread_runs")
    server.then("200 OK", b"[1]")
    client = kind(KEY, base_url=server.url, strict=False)
    assert await send(client, request_with(body), extra_body=extra) == [1]
    await close(client)
    assert sent in server.requests[0]
    assert logged in "\n".join(record.getMessage() for record in caplog.records)


def test_extra_body_cannot_be_added_to_a_text(server: ScriptedServer) -> None:
    with Client(KEY, base_url=server.url, strict=False) as client, pytest.raises(TypeError, match="extra_body"):
        client.send(request_with({"content": b"text"}), {"extra_body": {"a": 1}})


@both
async def test_a_unix_socket_can_be_used_with_a_deadline(
    library: Any, kind: type[Client | AsyncClient], tmp_path: Path
) -> None:
    def serve() -> None:
        connection, _ = listener.accept()
        with connection:
            connection.recv(65536)
            connection.sendall(b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 3\r\n\r\n[1]")

    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "s"))
        listener.listen()
        thread = threading.Thread(target=serve)
        thread.start()
        name = "HTTPTransport" if kind is Client else "AsyncHTTPTransport"
        own = http_client(library, kind, transport=getattr(library, name)(uds=str(tmp_path / "s")))
        client = kind(KEY, http_client=own, deadline=30, base_url="http://localhost/v1")
        assert await send(client, request_with({})) == [1]
        await close(own)
        thread.join()


def test_the_error_for_a_missing_extra_names_the_package_to_install() -> None:
    program = "import sys; sys.modules['httpx2'] = None; from thread_runs import DefaultHttpx2Client"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, encoding="utf-8")
    assert "pip install 'thread-runs[httpx2]'" in done.stderr
