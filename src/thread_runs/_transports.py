"""httpx transports beneath the generated code: a call is tried until it ends in a response or in one typed error.

They read each body whole, so that a failure while reading is met here and repeated like one before it.
"""

import time
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import NamedTuple, cast

import httpx

from ._call import Call
from ._deadlines import deadline
from ._errors import APIError
from ._response_body import MAX_RESPONSE_BYTES
from ._retries import MAX_RETRIES

_MOST_PIECES = 10_000
"""More than httpx holds back; streams of other transports may go on although they are closed."""


class Settings(NamedTuple):
    """What holds for every call through a transport, unless `request.extensions` say otherwise.

    Attributes:
        max_retries: how often a failed try is repeated.
        deadline: seconds that a call may take, retries included; None for no limit.
        max_response_bytes: how long a body may be, decoded.
    """

    max_retries: int = MAX_RETRIES
    deadline: float | None = None
    max_response_bytes: int = MAX_RESPONSE_BYTES


class Transport(httpx.BaseTransport):
    """Sends through another transport; repeats what may have more luck; all that fails is one `APIError`.

    Args:
        transport: what sends.
        settings: the limits of a call.
        owned: whether `close` closes the other transport too.
    """

    def __init__(self, transport: httpx.BaseTransport, settings: Settings, *, owned: bool = True) -> None:
        self._transport = transport
        self._settings = settings
        self._owned = owned

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send `request` and return the response, its body received.

        Raises:
            APIStatusError: the status is not a success.
            APITimeoutError: the answer did not come in time.
            APIConnectionError: no complete answer came.
            APIResponseValidationError: the body is longer than is read.
        """
        call = Call(request, *self._settings)
        token = deadline.set(call.ends)
        try:
            while True:
                try:
                    call.begin()
                    return self._try(call)
                except (httpx.HTTPError, OSError, APIError) as failure:
                    wait = call.wait_or_raise(failure)
                time.sleep(wait)
        finally:
            deadline.reset(token)

    def _try(self, call: Call) -> httpx.Response:
        response = self._transport.handle_request(call.request)
        body = call.receive(response)
        stream = cast("httpx.SyncByteStream", response.stream)
        try:
            for chunk in stream:
                if not body.add(chunk):
                    break
                call.left()
        finally:
            stream.close()
        return call.result()

    def close(self) -> None:
        """Close the connections."""
        if self._owned:
            self._transport.close()


class AsyncTransport(httpx.AsyncBaseTransport):
    """`Transport` for asyncio and trio."""

    def __init__(self, transport: httpx.AsyncBaseTransport, settings: Settings, *, owned: bool = True) -> None:
        self._transport = transport
        self._settings = settings
        self._owned = owned

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send `request` and return the response, its body received. Raises what `Transport` does."""
        call = Call(request, *self._settings)
        if isinstance(request.stream, httpx.ByteStream):
            request.stream = _Content(request.content)
        while True:
            try:
                call.begin()
                if call.ends is None:
                    return await self._try(call)
                return await self._try_until(call)
            except (httpx.HTTPError, OSError, APIError) as failure:
                wait = call.wait_or_raise(failure)
            # Here and not above: only what waits needs it, and a blocking client never does.
            from anyio import sleep

            await sleep(wait)

    async def _try_until(self, call: Call) -> httpx.Response:
        from anyio import move_on_after

        with move_on_after(call.left()):
            return await self._try(call)
        raise httpx.TimeoutException("no time is left", request=call.request)

    async def _try(self, call: Call) -> httpx.Response:
        response = await self._transport.handle_async_request(call.request)
        body = call.receive(response)
        stream = cast("httpx.AsyncByteStream", response.stream)
        pieces = aiter(stream)
        try:
            async for chunk in pieces:
                if not body.add(chunk):
                    break
        finally:
            await stream.aclose()
            await _run_out(pieces)
        return call.result()

    async def aclose(self) -> None:
        """Close the connections."""
        if self._owned:
            await self._transport.aclose()


class _Content(httpx.AsyncByteStream):
    """The body of a request, from no generator: one that a failed write drops half-way is a warning of trio."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._left = [content]

    def __aiter__(self) -> AsyncIterator[bytes]:
        self._left = [self._content]
        return self

    async def __anext__(self) -> bytes:
        if not self._left:
            raise StopAsyncIteration
        return self._left.pop()


async def _run_out(pieces: AsyncIterator[bytes]) -> None:
    """Let the generators of a closed stream end: dropped half-way they would leave a task, or a warning of trio."""
    # What has been received already still comes, then the closed connection is an error.
    with suppress(Exception):
        for _ in range(_MOST_PIECES):
            await anext(pieces)
