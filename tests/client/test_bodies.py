"""Response bodies are bounded, before and after decompression."""

import gzip
import json
import zlib
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any

import pytest

import thread_runs
from thread_runs import AsyncClient, Client
from thread_runs._response_body import Body

from .calling import IGNORE_DEPRECATION, both, update
from .scripted_server import ScriptedServer

pytestmark = [IGNORE_DEPRECATION, pytest.mark.usefixtures("library")]
VALIDATION = thread_runs.APIResponseValidationError


def raw_deflate(data: bytes) -> bytes:
    compressor = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return compressor.compress(data) + compressor.flush()


CODINGS: list[tuple[str, Any]] = [
    ("gzip", gzip.compress),
    ("x-gzip", gzip.compress),
    ("deflate", zlib.compress),
    ("deflate", raw_deflate),
    ("gzip, deflate", lambda data: zlib.compress(gzip.compress(data))),
    ("GZIP", gzip.compress),
    ("identity", bytes),
    ("utf-8", bytes),
]


@pytest.mark.parametrize(("coding", "compress"), CODINGS)
async def test_a_content_coding_is_decoded(
    server: ScriptedServer, run: dict[str, Any], coding: str, compress: Any
) -> None:
    server.then("200 OK", compress(json.dumps(run).encode()), f"content-encoding: {coding}")
    for kind in (Client, AsyncClient):
        assert (await update(kind, server.url)).to_dict() == run


@both
@pytest.mark.parametrize("coding", [None, "gzip", "gzip, gzip"])
@pytest.mark.parametrize(("status", "error"), [("200 OK", VALIDATION), ("500 Oops", thread_runs.InternalServerError)])
async def test_a_body_that_is_too_long_is_not_read_further(
    server: ScriptedServer, kind: type[Client | AsyncClient], coding: str | None, status: str, error: type[Exception]
) -> None:
    body = b" " * 3_000_000
    for _ in (coding or "").split():
        body = gzip.compress(body)
    server.then(status, body, *([f"content-encoding: {coding}"] if coding else []))
    with pytest.raises(thread_runs.APIResponseError) as caught:
        await update(kind, server.url, max_response_bytes=2_000_000, max_retries=0)
    assert type(caught.value) is error
    assert "500" in str(caught.value) or "longer than 2000000 bytes" in str(caught.value)
    assert len(caught.value.response.content) <= 64 * 1024
    assert caught.value.request_id == "req_1"


async def test_a_transport_whose_closed_stream_continues_is_abandoned(library: Any) -> None:
    async def endless() -> AsyncGenerator[bytes, None]:
        while True:
            yield b"0" * 1000

    class Stream(library.AsyncByteStream):  # type: ignore[misc]
        def __aiter__(self) -> AsyncIterator[bytes]:
            return pieces

    class Transport(library.AsyncBaseTransport):  # type: ignore[misc]
        async def handle_async_request(self, request: Any) -> Any:
            return library.Response(200, stream=Stream())

    pieces = endless()
    with pytest.raises(VALIDATION, match="longer than"):
        await update(AsyncClient, "http://example.invalid", transport=Transport(), max_response_bytes=5000)
    await pieces.aclose()


def test_a_bomb_takes_no_more_memory_than_the_limit() -> None:
    bomb = gzip.compress(gzip.compress(b"0" * 50_000_000))
    body = Body("gzip, gzip", 1_000_000)
    assert not body.add(bomb)
    assert body.too_long
    assert len(body.finish()) <= 64 * 1024


def test_the_limit_itself_is_allowed() -> None:
    for coding, compress in CODINGS:
        body = Body(coding, 1000)
        sent = compress(b"1" * 1000)
        # byte by byte: how the body was cut into pieces makes no difference
        assert all(body.add(sent[index : index + 1]) for index in range(len(sent)))
        assert body.finish() == b"1" * 1000


@both
@pytest.mark.parametrize(
    ("body", "coding"),
    [(b"{}", "gzip"), (b"{}", "deflate"), (gzip.compress(b"{}")[:-9], "gzip")],
    ids=["not gzip", "not deflate", "broken off"],
)
async def test_a_body_that_cannot_be_decompressed_is_a_connection_error(
    server: ScriptedServer, kind: type[Client | AsyncClient], body: bytes, coding: str
) -> None:
    server.then("200 OK", body, f"content-encoding: {coding}")
    with pytest.raises(thread_runs.APIConnectionError, match=r"200 OK: .*compress.*req_1"):
        await update(kind, server.url)
    assert len(server.requests) == 1


@both
async def test_an_empty_body_is_not_compressed(server: ScriptedServer, kind: type[Client | AsyncClient]) -> None:
    server.then("404 Not Found", b"", "content-encoding: gzip")
    with pytest.raises(thread_runs.NotFoundError, match="the body is empty"):
        await update(kind, server.url)
