"""A total deadline for a call, whatever the server does meanwhile."""

import itertools
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

import thread_runs
from thread_runs import AsyncClient, Client

from .calling import IGNORE_DEPRECATION, both, update
from .scripted_server import ScriptedServer

pytestmark = [IGNORE_DEPRECATION, pytest.mark.usefixtures("library")]
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 1000000\r\n\r\n"


@contextmanager
def dripping(head: bytes) -> Iterator[str]:
    """A server that sends `head` at once, and then a byte now and then until it is left."""
    stopped = threading.Event()

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                connection.recv(65536)
                try:
                    connection.sendall(head)
                    while not stopped.wait(0.02):
                        connection.sendall(b"x")
                except OSError:
                    pass

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
        finally:
            stopped.set()
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()


@both
@pytest.mark.parametrize("head", [b"", b"HTTP/1.1 200 OK\r\nx-a: ", HEAD], ids=["status line", "headers", "body"])
async def test_a_slow_drip_ends_with_the_deadline(kind: type[Client | AsyncClient], head: bytes) -> None:
    with dripping(head) as url, pytest.raises(thread_runs.APITimeoutError, match=r"the deadline of 0\.15 s passed"):
        await update(kind, url, deadline=0.15)


@both
async def test_a_silent_server_ends_with_the_deadline(server: ScriptedServer, kind: type[Client | AsyncClient]) -> None:
    server.reply = None
    with pytest.raises(thread_runs.APITimeoutError, match=r"the deadline of 0\.1 s passed$") as caught:
        await update(kind, server.url, {"deadline": 0.1})
    assert caught.value.tries == 1


@both
async def test_a_retry_that_could_not_begin_in_time_is_not_waited_for(
    server: ScriptedServer, kind: type[Client | AsyncClient]
) -> None:
    server.then("429 Too Many Requests", b"", "retry-after: 60")
    with pytest.raises(thread_runs.RateLimitError) as caught:
        await update(kind, server.url, deadline=20)
    assert (caught.value.retry_after, caught.value.tries) == (60, 1)


@both
async def test_a_call_in_time_is_not_touched(
    server: ScriptedServer, run: dict[str, Any], kind: type[Client | AsyncClient]
) -> None:
    server.then("503 Busy")
    server.then("200 OK", run)
    assert (await update(kind, server.url, deadline=60)).to_dict() == run
    assert (await update(kind, server.url, {"deadline": None}, deadline=1e-9)).to_dict() == run


@both
async def test_a_deadline_in_the_past_sends_nothing(server: ScriptedServer, kind: type[Client | AsyncClient]) -> None:
    with pytest.raises(thread_runs.APITimeoutError, match="deadline"):
        await update(kind, server.url, deadline=1e-9)
    assert server.requests == []


def test_a_transport_of_ones_own_is_held_to_it_between_the_pieces_of_a_body(library: Any) -> None:
    class Endless(library.SyncByteStream):  # type: ignore[misc]
        def __iter__(self) -> Iterator[bytes]:
            return itertools.repeat(b"")

    class Transport(library.BaseTransport):  # type: ignore[misc]
        def handle_request(self, request: Any) -> Any:
            return library.Response(200, stream=Endless())

    client = Client("k", base_url="http://example.invalid", transport=Transport(), deadline=0.05)
    with client, pytest.raises(thread_runs.APITimeoutError, match="deadline"):
        client.beta.threads.runs.update("run_1", thread_id="thread_1")
