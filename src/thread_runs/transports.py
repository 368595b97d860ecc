"""httpx transports beneath the generated code: whatever goes wrong becomes one typed error here.

They read each body whole, so that a failure while reading is met here and not in the code above.
"""

from collections.abc import AsyncIterable, Iterable
from typing import cast

import httpx

from .errors import APIConnectionError, APITimeoutError, describe, redact, status_error

# They describe the body as it was sent; it is handed on decoded.
ENCODING_HEADERS = ("content-encoding", "content-length", "transfer-encoding")


class ErrorTransport(httpx.BaseTransport):
    """Sends through another transport; every exchange that does not end in a success status is an `APIError`."""

    def __init__(self, transport: httpx.BaseTransport) -> None:
        self._transport = transport

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send `request` and return the response, its body received.

        Raises:
            APIStatusError: the status is not a success.
            APITimeoutError: the answer did not come in time.
            APIConnectionError: no complete answer came.
        """
        response: httpx.Response | None = None
        body = bytearray()
        try:
            response = self._transport.handle_request(request)
            try:
                for chunk in cast("Iterable[bytes]", response.stream):
                    body += chunk
            finally:
                response.close()
            return result(response, request, bytes(body))
        except httpx.HTTPError as error:
            raise connection_error(error, request, response, bytes(body)) from error

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()


class AsyncErrorTransport(httpx.AsyncBaseTransport):
    """`ErrorTransport` for asyncio and trio."""

    def __init__(self, transport: httpx.AsyncBaseTransport) -> None:
        self._transport = transport

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send `request` and return the response, its body received. Raises what `ErrorTransport` does."""
        response: httpx.Response | None = None
        body = bytearray()
        try:
            response = await self._transport.handle_async_request(request)
            try:
                async for chunk in cast("AsyncIterable[bytes]", response.stream):
                    body += chunk
            finally:
                await response.aclose()
            return result(response, request, bytes(body))
        except httpx.HTTPError as error:
            raise connection_error(error, request, response, bytes(body)) from error

    async def aclose(self) -> None:
        """Close the connections."""
        await self._transport.aclose()


def result(response: httpx.Response, request: httpx.Request, body: bytes) -> httpx.Response:
    """Return `response` with the `body` that was received, decoded.

    Raises APIStatusError if its status is not a success, httpx.DecodingError if its body cannot be decoded.
    """
    headers = response.headers.multi_items()
    if "content-encoding" in response.headers:
        body = httpx.Response(200, headers=response.headers, content=body, request=request).content
        headers = [(name, value) for name, value in headers if name not in ENCODING_HEADERS]
    received = httpx.Response(
        response.status_code,
        headers=headers,
        stream=httpx.ByteStream(body),
        request=request,
        extensions=response.extensions,
    )
    if received.is_success:
        return received
    received.read()
    raise status_error(received)


def connection_error(
    error: httpx.HTTPError, request: httpx.Request, response: httpx.Response | None, body: bytes
) -> APIConnectionError:
    """Return the typed form of `error`, with what is known of the answer that broke off."""
    kind, what = APIConnectionError, "the connection failed"
    if isinstance(error, httpx.TimeoutException):
        kind, what = APITimeoutError, "the answer did not come in time"
    message = f"{what}: {str(error) or type(error).__name__}"
    if response is not None:
        message = describe(response, f"{message}, after {len(body)} bytes of the body")
    return kind(redact(message, request), request=request, body=body.decode(errors="replace") or None)
