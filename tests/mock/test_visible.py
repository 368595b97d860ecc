"""What the mock shows of itself."""

import json
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

import thread_runs_mock
from thread_runs_mock.reference import page
from thread_runs_spec import PACKAGED

from .conftest import DOCUMENTED, HEADERS


@pytest.fixture
def root(client: httpx.Client) -> str:
    """The URL of the server itself, above the base path of the spec."""
    return str(client.base_url.copy_with(path="/")).rstrip("/")


def test_requests_can_be_asserted_on() -> None:
    with thread_runs_mock.serve() as server, httpx.Client(base_url=server.base_url, headers=HEADERS) as client:
        sent = client.post(f"{DOCUMENTED}?a=b&api_key=sk-1&x", json={"metadata": {"k": "ü"}})
        client.post("/none", headers={"Cookie": "sk-2", "X-Trace": "1"})
        client.post(DOCUMENTED, content="{", headers={"content-type": "application/json"})
        good, unknown, bad = server.requests
    assert (good.method, good.path, good.query) == ("POST", f"/v1{DOCUMENTED}", "a=b&api_key=***&x")
    assert (good.operation, good.json, good.body) == ("modifyRun", {"metadata": {"k": "ü"}}, sent.request.content)
    assert (good.status, good.request_id) == (200, sent.headers["x-request-id"])
    assert good.headers["openai-beta"] == "assistants=v2"
    assert good.milliseconds > 0
    assert repr(good) == f"<POST /v1{DOCUMENTED} 200 {good.request_id}>"
    assert (unknown.operation, unknown.status, unknown.headers["x-trace"]) == (None, 404, "1")
    assert (bad.status, bad.body, bad.json) == (400, b"{", None)
    assert "sk-" not in str([request.as_object() for request in (good, unknown, bad)])


def test_the_last_1000_requests_are_kept() -> None:
    with thread_runs_mock.serve() as server, httpx.Client(base_url=server.base_url) as client:
        url = client.base_url
        assert url.port
        with socket.create_connection((url.host, url.port), timeout=60) as connection:
            for first in range(0, 1_010, 101):
                numbers = range(first, first + 101)
                connection.sendall(b"".join(b"GET /%d HTTP/1.1\r\nHost: a\r\n\r\n" % number for number in numbers))
                received = b""
                while received.count(b"HTTP/1.1 404 ") < 101:
                    received += connection.recv(1 << 20)
        assert [request.path for request in server.requests] == [f"/{number}" for number in range(10, 1_010)]
        server.clear()
        assert server.requests == []


def test_large_bodies_are_not_kept() -> None:
    with thread_runs_mock.serve() as server, httpx.Client(base_url=server.base_url, headers=HEADERS) as client:
        client.post(DOCUMENTED, content=b" " * 70_000 + b"{}", headers={"content-type": "application/json"})
        assert [(request.status, request.body) for request in server.requests] == [(200, b"")]


def test_requests_page(client: httpx.Client, root: str) -> None:
    sent = client.post(DOCUMENTED, json={"metadata": {}})
    identifier, response_body = sent.headers["x-request-id"], sent.text
    response = client.get(f"{root}/_mock/requests")
    [request] = response.json()
    assert request.pop("time").endswith("+00:00")
    assert request.pop("milliseconds") > 0
    assert request.pop("headers").keys() >= {"host", "openai-beta", "content-type"}
    assert request == {
        "method": "POST",
        "path": f"/v1{DOCUMENTED}",
        "query": "",
        "operation": "modifyRun",
        "body": '{"metadata":{}}',
        "status": 200,
        "response": response_body,
        "request_id": identifier,
        "fault": None,
    }
    assert client.delete(f"{root}/_mock/requests").status_code == 204
    assert client.get(f"{root}/_mock/requests").json() == []


def test_runs_are_exported_as_they_are_imported(
    client: httpx.Client, root: str, start: Callable[..., httpx.Client], tmp_path: Path
) -> None:
    changed = client.post(DOCUMENTED, json={"metadata": {"k": "v"}}).json()
    exported = client.get(f"{root}/_mock/runs")
    assert exported.headers["content-type"] == "application/jsonl"
    runs = [json.loads(line) for line in exported.text.splitlines()]
    assert changed in runs
    path = tmp_path / "runs.jsonl"
    path.write_bytes(exported.content)
    assert start(runs=path).post(DOCUMENTED, json={}).json() == changed


def test_health(client: httpx.Client, root: str, document: Any) -> None:
    health = {"status": "ok", "version": document["info"]["version"], "store": "memory"}
    response = client.get(f"{root}/_mock/health")
    assert response.json() == health
    assert response.headers["x-request-id"].startswith("req_")
    head = client.head(f"{root}/_mock/health")
    assert (head.status_code, head.content) == (200, b"")
    assert client.post(f"{root}/_mock/health").status_code == 404


def test_the_spec_is_served_as_it_was_written(client: httpx.Client, root: str) -> None:
    response = client.get(f"{root}/openapi.yaml")
    assert response.content == PACKAGED.read_bytes()
    assert response.headers["content-type"] == "application/yaml"


def test_docs_is_the_reference_page_with_this_server(client: httpx.Client, root: str, document: Any) -> None:
    response = client.get(f"{root}/docs")
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert "/threads/{thread_id}/runs/{run_id}" in response.text
    assert '"servers": [{"url": "/v1"}]' in response.text
    servers = json.dumps(document["servers"])
    assert f'"servers": {servers}' in page(document)
