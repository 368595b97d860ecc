"""Record requests with their responses to a file, and give the recorded responses again.

The file has one JSON object in each line, so that it can be read, cut and attached to a bug report. Keys, cookies and
tokens are masked in it.
"""

import base64
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from thread_runs_mock import errors, strict_json
from thread_runs_mock.messages import (
    CONNECTION,
    MAX_BODY,
    ASGIApplication,
    ErrorResponder,
    Message,
    Receive,
    Send,
    header_values,
)
from thread_runs_mock.recording import text_of
from thread_runs_mock.secrets import Secrets
from thread_runs_mock.state import log


class ExchangesError(ValueError):
    """A recording that cannot be written or read. The message is one line that names the file."""


class Record:
    """Serves an application, and appends each request with its response to a file.

    Raises:
        ExchangesError: The file cannot be written.
    """

    def __init__(self, application: ASGIApplication, path: str | Path, secrets: Secrets) -> None:
        self._application = application
        self._secrets = secrets
        try:
            self._file = Path(path).open("ab", buffering=0)  # noqa: SIM115 (open as long as the server)
        except OSError as error:
            raise ExchangesError(f"{path}: {error.strerror}") from None

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        received, sent = _Received(), list[Message]()

        async def receiving() -> Message:
            message = await receive()
            received.add(message)
            return message

        async def sending(message: Message) -> None:
            sent.append(message)
            if message["type"] == "http.response.body" and not message.get("more_body", False):
                # Written before it is sent, so that a client that has the response finds it in the file.
                self._write(scope, received, sent)
            await send(message)

        await self._application(scope, receiving, sending)
        if scope["type"] == "http" and not sent:
            self._write(scope, received, sent)

    def _write(self, scope: Message, received: "_Received", sent: list[Message]) -> None:
        request = {
            "method": scope["method"],
            "path": text_of(scope["raw_path"]),
            "query": text_of(self._secrets.masked_query(scope.get("query_string", b""))),
            "headers": self._secrets.masked_headers(header_values(scope["headers"])),
            # A rejected request may not have been read. Then any body matches.
            **(_body(bytes(received.body)) if received.is_complete else {"body": None}),
        }
        response = None
        if sent:
            content = b"".join(message.get("body", b"") for message in sent)
            response = {
                "status": sent[0]["status"],
                "headers": self._secrets.masked_headers(header_values(list(sent[0]["headers"]))),
                **_body(content),
            }
        try:
            self._file.write(strict_json.encode({"request": request, "response": response}) + b"\n")
        except OSError as error:
            log.error("the recording failed: %s", error.strerror)


class _Received:
    """The body of a request, as far as the application read it."""

    def __init__(self) -> None:
        self.body = bytearray()
        self.is_complete = False

    def add(self, message: Message) -> None:
        self.body += message.get("body", b"")
        self.is_complete = self.is_complete or (
            message["type"] == "http.request" and not message.get("more_body", False)
        )


class Replay:
    """Gives the responses of a recording: to each request the next one recorded for its method, path, query and body.

    Args:
        error_response: Returns the response for a request that was not recorded.

    Raises:
        ExchangesError: The file cannot be read.
    """

    def __init__(self, path: str | Path, secrets: Secrets, error_response: ErrorResponder) -> None:
        self._secrets = secrets
        self._error_response = error_response
        self._exchanges: list[Any] = []
        try:
            lines = Path(path).read_bytes().splitlines()
        except OSError as error:
            raise ExchangesError(f"{path}: {error.strerror}") from None
        for number, line in enumerate(lines, 1):
            try:
                exchange = strict_json.decode(line)
                _fits(exchange["request"], _recorded(exchange["request"]), b"")
                if exchange["response"] is not None:
                    _response(exchange["response"])
            except (strict_json.NotJsonError, LookupError, TypeError, AttributeError, ValueError):
                raise ExchangesError(f"{path}: line {number}: not a recorded exchange") from None
            self._exchanges.append(exchange)

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        body, more = b"", True
        while more and len(body) <= MAX_BODY:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        query = text_of(self._secrets.masked_query(scope.get("query_string", b"")))
        wanted = scope["method"], text_of(scope["raw_path"]), query
        found = next((each for each in self._exchanges if _fits(each["request"], wanted, body)), None)
        if found is None:
            refused = self._error_response(errors.not_recorded(scope["method"], wanted[1]))
            headers = {name.decode(): value.decode() for name, value in refused.headers}
            await _send(send, refused.status, headers, refused.body)
            return
        self._exchanges.remove(found)
        if found["response"] is None:
            # A fault ended the connection.
            scope["extensions"][CONNECTION].abort()
            await receive()
            return
        await _send(send, *_response(found["response"]))


def _body(body: bytes) -> dict[str, str]:
    try:
        return {"body": body.decode()}
    except UnicodeDecodeError:
        return {"body_base64": base64.b64encode(body).decode()}


def _read_body(part: Any) -> bytes | None:
    if "body_base64" in part:
        return base64.b64decode(part["body_base64"])
    text = part["body"]
    return None if text is None else str(text).encode()


def _recorded(request: Any) -> tuple[str, str, str]:
    return request["method"], request["path"], request["query"]


def _fits(request: Any, wanted: tuple[str, str, str], body: bytes) -> bool:
    return _recorded(request) == wanted and _read_body(request) in (None, body)


def _response(response: Any) -> tuple[int, dict[str, str], bytes]:
    return int(response["status"]), dict(response["headers"]), _read_body(response) or b""


async def _send(send: Send, status: int, headers: Mapping[str, str], body: bytes) -> None:
    pairs = [
        (name.encode("latin-1"), value.encode("latin-1"))
        for name, value in headers.items()
        if name.lower() not in ("content-length", "transfer-encoding")
    ]
    if status != 204:
        pairs.append((b"content-length", b"%d" % len(body)))
    await send({"type": "http.response.start", "status": status, "headers": pairs})
    await send({"type": "http.response.body", "body": body})
