"""Sends a call, with retries, until it ends in a response or in one typed error.

Requests go through the public interface of the HTTP client, so that auth flows, event hooks, cookies, proxies and
mounts of a caller's client work as its library documents them. Each body is read here, in bounded memory, so that a
failure while reading is retried like any other.
"""

import inspect
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

from ._call import Call
from ._deadlines import DeadlineError, deadline

_MOST_PIECES = 10_000
"""More than the libraries buffer. Streams of other transports may continue although they are closed."""


def send(call: Call) -> Any:
    """Send `call` and return the response, its body received.

    Raises:
        APIStatusError: the status is not a success.
        APITimeoutError: the response did not arrive in time.
        APIConnectionError: no complete response arrived.
        APIResponseValidationError: the body is longer than `max_response_bytes`.
    """
    token = deadline.set(call.ends)
    try:
        while True:
            try:
                return _attempt(call)
            except Exception as failure:
                wait = call.wait_or_raise(failure)
            time.sleep(wait)
    finally:
        deadline.reset(token)


def _attempt(call: Call) -> Any:
    http = call.begin()
    key = call.key() if callable(call.key) else call.key
    response = http.send(call.request(http, key), stream=True, follow_redirects=False)
    stream = response.stream
    try:
        body = call.receive(response)
        if body is not None:
            for chunk in stream:
                if not body.add(chunk):
                    break
                call.left()
    finally:
        stream.close()
    return call.result()


async def send_async(call: Call) -> Any:
    """Send `call` on asyncio or trio and return the response, its body received. Raises what `send` does."""
    while True:
        try:
            if call.ends is None:
                return await _async_attempt(call)
            return await _async_attempt_until(call)
        except Exception as failure:
            wait = call.wait_or_raise(failure)
        # Imported here, because only an asynchronous call that waits needs it.
        from anyio import sleep

        await sleep(wait)


async def _async_attempt_until(call: Call) -> Any:
    from anyio import move_on_after

    with move_on_after(call.left()):
        return await _async_attempt(call)
    raise DeadlineError


async def _async_attempt(call: Call) -> Any:
    http = call.begin()
    key = call.key() if callable(call.key) else call.key
    if inspect.isawaitable(key):
        key = await key
    response = await http.send(call.async_request(http, key), stream=True, follow_redirects=False)
    stream = response.stream
    try:
        body = call.receive(response)
        if body is not None:
            pieces = aiter(stream)
            try:
                async for chunk in pieces:
                    if not body.add(chunk):
                        break
            finally:
                await stream.aclose()
                await _exhaust(pieces)
    finally:
        await stream.aclose()
    return call.result()


async def _exhaust(pieces: AsyncIterator[bytes]) -> None:
    """Let the generators of a closed stream end. Abandoned generators would leave a task, or a warning of trio."""
    # The stream still yields what was received already, and then raises an error for the closed connection.
    with suppress(Exception):
        for _ in range(_MOST_PIECES):
            await anext(pieces)
