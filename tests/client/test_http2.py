"""HTTP/2, which a caller's HTTP client can speak: `httpx.Client(http2=True)`."""

import json
import socket
import ssl
import threading
from collections.abc import Callable
from typing import Any

import anyio
import pytest
import trustme
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import DataReceived, RequestReceived, StreamEnded

import thread_runs
from thread_runs import AsyncClient, Client

from .calling import IGNORE_DEPRECATION, KEY, both, call, close, http_client
from .tls_server import Talk, talking, trusting

pytestmark = [IGNORE_DEPRECATION, pytest.mark.usefixtures("library"), pytest.mark.slow]
Answer = Callable[[H2Connection, int, socket.socket, threading.Event], None]


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def context(authority: trustme.CA) -> ssl.SSLContext:
    """That of a server, which speaks nothing but HTTP/2."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_alpn_protocols(["h2"])
    authority.issue_cert("localhost").configure_cert(context)
    return context


@pytest.fixture
def http(library: Any, authority: trustme.CA, kind: type[Client | AsyncClient]) -> Any:
    """A caller's client that speaks HTTP/2."""
    return http_client(library, kind, http2=True, verify=trusting(authority))


def speaking(*answers: Answer, requests: list[dict[bytes, bytes]]) -> Talk:
    """Return what speaks HTTP/2 and gives one of `answers` to each request of a connection, the last one to the rest.

    The headers of each request are appended to `requests`.
    """
    left = list(answers)

    def talk(connection: socket.socket, stopped: threading.Event) -> None:
        protocol = H2Connection(H2Configuration(client_side=False))
        protocol.initiate_connection()
        connection.sendall(protocol.data_to_send())
        while received := connection.recv(65536):
            for event in protocol.receive_data(received):
                if isinstance(event, RequestReceived):
                    requests.append(dict(event.headers))
                elif isinstance(event, DataReceived):
                    protocol.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
                elif isinstance(event, StreamEnded):
                    answer = left.pop(0) if len(left) > 1 else left[0]
                    answer(protocol, event.stream_id, connection, stopped)
            connection.sendall(protocol.data_to_send())

    return talk


def replying(status: int, body: Any) -> Answer:
    def answer(protocol: H2Connection, stream: int, connection: socket.socket, stopped: threading.Event) -> None:
        content = json.dumps(body).encode()
        headers = [(":status", str(status)), ("content-type", "application/json"), ("x-request-id", f"req_{stream}")]
        protocol.send_headers(stream, headers)
        protocol.send_data(stream, content, end_stream=True)

    return answer


def silent(protocol: H2Connection, stream: int, connection: socket.socket, stopped: threading.Event) -> None:
    """Do not answer."""


def hanging_up(protocol: H2Connection, stream: int, connection: socket.socket, stopped: threading.Event) -> None:
    connection.close()


def resetting(protocol: H2Connection, stream: int, connection: socket.socket, stopped: threading.Event) -> None:
    protocol.reset_stream(stream)


def informing_endlessly(
    protocol: H2Connection, stream: int, connection: socket.socket, stopped: threading.Event
) -> None:
    while not stopped.is_set():
        protocol.send_headers(stream, [(":status", "102")])
        connection.sendall(protocol.data_to_send())


def pinging_endlessly(protocol: H2Connection, stream: int, connection: socket.socket, stopped: threading.Event) -> None:
    while not stopped.is_set():
        protocol.ping(b"12345678")
        connection.sendall(protocol.data_to_send())


@both
async def test_a_call_is_answered_and_repeated(
    context: ssl.SSLContext, http: Any, run: dict[str, Any], kind: type[Client | AsyncClient]
) -> None:
    requests: list[dict[bytes, bytes]] = []
    answers = [replying(503, {}), replying(200, run), replying(429, {"error": {"message": "slow down"}})]
    with talking(speaking(*answers, requests=requests), context) as url:
        client: Any = kind(KEY, base_url=url, http_client=http)
        raw = client.beta.threads.runs.with_raw_response.update("run_1", thread_id="thread_1", metadata={"a": "b"})
        raw = raw if kind is Client else await raw
        assert raw.http_response.http_version == "HTTP/2"
        assert raw.parse().to_dict() == run
        assert raw.retries_taken == 1
        with pytest.raises(thread_runs.RateLimitError, match="slow down"):
            await call(client, max_retries=0)
        await close(http)
    assert [one[b"authorization"] for one in requests] == [f"Bearer {KEY}".encode()] * 3
    assert requests[0][b":path"] == b"/v1/threads/thread_1/runs/run_1"
    assert requests[0][b":authority"].startswith(b"localhost:")


@both
@pytest.mark.parametrize("answer", [hanging_up, resetting])
async def test_an_interrupted_call_is_repeated(
    context: ssl.SSLContext, http: Any, run: dict[str, Any], kind: type[Client | AsyncClient], answer: Answer
) -> None:
    requests: list[dict[bytes, bytes]] = []
    with talking(speaking(answer, replying(200, run), requests=requests), context) as url:
        client = kind(KEY, base_url=url, http_client=http)
        assert (await call(client)).to_dict() == run
        await close(http)
    assert len(requests) == 2


@both
@pytest.mark.parametrize("answer", [silent, informing_endlessly, pinging_endlessly])
async def test_the_deadline_holds(
    context: ssl.SSLContext, http: Any, kind: type[Client | AsyncClient], answer: Answer
) -> None:
    with talking(speaking(answer, requests=[]), context) as url:
        client = kind(KEY, base_url=url, http_client=http, deadline=0.3)
        began = anyio.current_time()
        with pytest.raises(thread_runs.APITimeoutError, match=r"the deadline of 0\.3 s passed"):
            await call(client)
        # Far above the deadline, so that a call that hangs fails.
        assert anyio.current_time() - began < 5
        await close(http)


async def test_calls_share_a_connection_and_one_can_be_cancelled(
    library: Any, authority: trustme.CA, context: ssl.SSLContext, run: dict[str, Any]
) -> None:
    requests: list[dict[bytes, bytes]] = []
    http = library.AsyncClient(http2=True, verify=trusting(authority))
    with talking(speaking(silent, replying(200, run), requests=requests), context) as url:
        client = AsyncClient(KEY, base_url=url, http_client=http)
        with anyio.move_on_after(0.2) as scope:
            await call(client)
        assert scope.cancelled_caught
        async with anyio.create_task_group() as group:
            for _ in range(20):
                group.start_soon(call, client)
        await http.aclose()
    assert len(requests) == 21
