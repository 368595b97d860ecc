"""A proxy that is reached over TLS, before a server that is reached over TLS: one connection inside another."""

import gc
import json
import select
import socket
import ssl
from typing import Any

import anyio
import pytest
import trustme

import thread_runs
from thread_runs import AsyncClient, Client

from .calling import IGNORE_DEPRECATION, both, close, http_client, update
from .tls_server import Talk, endlessly, once, server_context, silently, talking, trusting

pytestmark = [IGNORE_DEPRECATION, pytest.mark.usefixtures("library"), pytest.mark.slow]


def tunnel(piece: int | None = None) -> Talk:
    """Return what serves CONNECT. What the server says is passed on at once, or in pieces of that many bytes."""

    def talk(connection: socket.socket, stopped: Any) -> None:
        assert isinstance(connection, ssl.SSLSocket)
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += connection.recv(65536)
        port = int(head.split()[1].rpartition(b":")[2])
        with socket.create_connection(("127.0.0.1", port)) as server:
            connection.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
            while not stopped.is_set():
                ready = [connection] if connection.pending() else select.select([connection, server], [], [], 0.05)[0]
                if connection in ready:
                    said = connection.recv(65536)
                    server.sendall(said)
                if server in ready:
                    said = server.recv(65536 if piece is None else piece)
                    connection.sendall(said)
                    if piece is not None:
                        stopped.wait(0.01)
                if ready and not said:
                    return

    return talk


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def other_authority() -> trustme.CA:
    """That of the proxy."""
    return trustme.CA()


@pytest.fixture(params=["own", "borrowed"])
def through(request: pytest.FixtureRequest, library: Any, authority: trustme.CA, other_authority: trustme.CA) -> Any:
    """A function that calls `url` through the proxy at `proxy_url`, with a client made here or a caller's."""

    async def call(kind: type[Client | AsyncClient], proxy_url: str, url: str, **options: Any) -> Any:
        proxy = library.Proxy(proxy_url.removesuffix("/v1"), ssl_context=trusting(other_authority))
        connects: dict[str, Any] = {"proxy": proxy, "verify": trusting(authority)}
        if request.param == "own":
            return await update(kind, url, **connects, **options)
        http = http_client(library, kind, **connects)
        try:
            return await update(kind, url, http_client=http, **options)
        finally:
            await close(http)

    return call


def reply(run: dict[str, Any]) -> bytes:
    body = json.dumps(run).encode()
    return b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(body) + body


@both
@pytest.mark.parametrize("deadline", [None, 60])
async def test_a_call_through_a_proxy_with_tls(
    authority: trustme.CA, other_authority: trustme.CA, through: Any, run: dict[str, Any], kind: Any, deadline: Any
) -> None:
    with (
        talking(once(reply(run)), server_context(authority)) as url,
        talking(tunnel(), server_context(other_authority)) as proxy,
    ):
        assert (await through(kind, proxy, url, deadline=deadline)).to_dict() == run


def closing(reply: bytes, politely: bool) -> Talk:
    """Return what answers and closes the connection, with or without saying so."""

    def talk(connection: socket.socket, stopped: Any) -> None:
        once(reply)(connection, stopped)
        if politely:
            assert isinstance(connection, ssl.SSLSocket)
            connection.unwrap()

    return talk


@both
@pytest.mark.parametrize("politely", [True, False])
async def test_a_body_that_ends_with_the_connection(
    authority: trustme.CA, other_authority: trustme.CA, through: Any, run: dict[str, Any], kind: Any, politely: bool
) -> None:
    answer = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n" + json.dumps(run).encode()
    with (
        talking(closing(answer, politely), server_context(authority)) as url,
        talking(tunnel(), server_context(other_authority)) as proxy,
    ):
        assert (await through(kind, proxy, url, deadline=60)).to_dict() == run


@both
@pytest.mark.parametrize(
    ("talk", "piece"),
    [
        (silently, None),
        (endlessly(b"HTTP/1.1 102 Processing\r\n\r\n" * 50), None),
        (silently, 1),
        (endlessly(b"x" * 16_000, b"HTTP/1.1 200 OK\r\ncontent-length: 1000000000\r\n\r\n"), 100),
    ],
    ids=["silent", "without pause", "handshake in bytes", "body in pieces"],
)
async def test_the_deadline_holds_through_a_proxy_with_tls(
    authority: trustme.CA, other_authority: trustme.CA, through: Any, kind: Any, talk: Talk, piece: int | None
) -> None:
    with (
        talking(talk, server_context(authority)) as url,
        talking(tunnel(piece), server_context(other_authority)) as proxy,
    ):
        began = anyio.current_time()
        with pytest.raises(thread_runs.APITimeoutError, match=r"the deadline of 0\.3 s passed"):
            await through(kind, proxy, url, deadline=0.3)
        # Far above the deadline, so that a call that hangs fails.
        assert anyio.current_time() - began < 5
    # An open socket warns when it is collected, and a warning is an error here.
    gc.collect()


@both
@pytest.mark.parametrize("deadline", [None, 60])
async def test_a_rejected_certificate_behind_a_proxy_is_named_and_tried_once(
    other_authority: trustme.CA, through: Any, kind: Any, deadline: Any
) -> None:
    with (
        talking(silently, server_context(trustme.CA())) as url,
        talking(tunnel(), server_context(other_authority)) as proxy,
        pytest.raises(
            thread_runs.APIConnectionError, match="certificate of localhost was rejected: unable to"
        ) as caught,
    ):
        await through(kind, proxy, url, deadline=deadline)
    assert caught.value.tries == 1
    gc.collect()
