"""A total deadline for a call, whatever the server does meanwhile."""

import gc
import itertools
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import anyio
import pytest
import trustme

import thread_runs
from thread_runs import AsyncClient, Client

from .calling import IGNORE_DEPRECATION, both, close, http_client, update
from .scripted_server import ScriptedServer
from .tls_server import endlessly, server_context, silently, talking, trusting

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
async def test_there_is_no_wait_for_a_retry_that_could_not_begin_in_time(
    server: ScriptedServer, kind: type[Client | AsyncClient]
) -> None:
    server.then("429 Too Many Requests", b"", "retry-after: 60")
    with pytest.raises(thread_runs.RateLimitError) as caught:
        await update(kind, server.url, deadline=20)
    assert (caught.value.retry_after, caught.value.tries) == (60, 1)


@both
async def test_a_call_within_the_deadline_is_not_affected(
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


def test_with_a_custom_transport_the_deadline_is_checked_between_the_pieces_of_a_body(library: Any) -> None:
    class Endless(library.SyncByteStream):  # type: ignore[misc]
        def __iter__(self) -> Iterator[bytes]:
            return itertools.repeat(b"")

    class Transport(library.BaseTransport):  # type: ignore[misc]
        def handle_request(self, request: Any) -> Any:
            return library.Response(200, stream=Endless())

    client = Client("k", base_url="http://example.invalid", transport=Transport(), deadline=0.05)
    with client, pytest.raises(thread_runs.APITimeoutError, match="deadline"):
        client.beta.threads.runs.update("run_1", thread_id="thread_1")


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


ENDLESS = {
    "102 responses": endlessly(b"HTTP/1.1 102 Processing\r\n\r\n" * 50),
    "headers": endlessly(b"x-a: b\r\n", b"HTTP/1.1 200 OK\r\n"),
    "bytes that are no HTTP": endlessly(b" ", b"HTTP/1.1 200 "),
    "empty chunk extensions": endlessly(b"1;a=b\r\nx\r\n", b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"),
}


@pytest.mark.slow
@pytest.mark.unmeasured
@both
@pytest.mark.parametrize("tls", [False, True], ids=["plain", "TLS"])
@pytest.mark.parametrize("name", ENDLESS)
@pytest.mark.parametrize("borrowed", [False, True], ids=["own", "borrowed"])
async def test_the_deadline_holds_for_a_server_that_sends_without_pause(
    library: Any, authority: trustme.CA, kind: type[Client | AsyncClient], tls: bool, name: str, borrowed: bool
) -> None:
    options: dict[str, Any] = {"verify": trusting(authority)} if tls else {}
    own = http_client(library, kind, **options) if borrowed else None
    if own is not None:
        options = {"http_client": own}
    with talking(ENDLESS[name], server_context(authority) if tls else None) as url:
        began = anyio.current_time()
        with pytest.raises(thread_runs.APIConnectionError) as caught:
            await update(kind, url, deadline=0.1, max_response_bytes=2**40, **options)
        # The libraries reject some of it at once. Far above the deadline, so that a call that hangs fails.
        assert anyio.current_time() - began < 20
        if isinstance(caught.value, thread_runs.APITimeoutError):
            assert str(caught.value).partition(" s passed")[0].endswith("the deadline of 0.1")
    if own is not None:
        await close(own)


@both
async def test_102_responses_without_pause_end_in_a_timeout(kind: type[Client | AsyncClient]) -> None:
    with talking(ENDLESS["102 responses"]) as url, pytest.raises(thread_runs.APITimeoutError, match="deadline"):
        await update(kind, url, deadline=0.15)


@both
async def test_a_deadline_during_a_handshake_leaves_no_socket_open(kind: type[Client | AsyncClient]) -> None:
    # An open socket warns when it is collected, and a warning is an error here.
    with talking(silently) as url:
        for _ in range(3):
            with pytest.raises(thread_runs.APITimeoutError, match="deadline"):
                await update(kind, url.replace("http:", "https:"), deadline=0.1)
            gc.collect()


async def test_a_call_cancelled_during_a_handshake_leaves_no_socket_open() -> None:
    with talking(silently) as url:
        async with AsyncClient("k", base_url=url.replace("http:", "https:")) as client:
            with anyio.move_on_after(0.1) as scope:
                await client.beta.threads.runs.update("run_1", thread_id="thread_1")
            assert scope.cancelled_caught
        gc.collect()


async def test_a_deadline_holds_while_the_key_is_fetched(server: ScriptedServer) -> None:
    async def hang() -> str:
        await anyio.sleep(60)
        return "k"

    async with AsyncClient(hang, base_url=server.url, deadline=0.1) as client:
        with pytest.raises(thread_runs.APITimeoutError, match="deadline"):
            await client.beta.threads.runs.update("run_1", thread_id="thread_1")
