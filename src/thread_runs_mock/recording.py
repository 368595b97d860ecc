"""The last requests, for tests that assert on them and for the status page."""

import datetime
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from thread_runs_mock import strict_json
from thread_runs_mock.secrets import Secrets

CAPACITY = 1000
"""The number of requests that are kept."""
MAX_BODY = 64 * 1024
"""The most bytes of a body that are kept. No body that the packaged spec accepts is larger."""


@dataclass(frozen=True, repr=False)
class RecordedRequest:
    """A request and its response, without keys, cookies and tokens.

    Attributes:
        method: `POST`.
        path: The path as it was sent.
        query: The query as it was sent, except for the values of keys and tokens.
        operation: The `operationId`, or None if the request was for no operation.
        headers: Header values by lower-case name; repeated ones joined.
        body: The bytes of the body that were read; empty if it was rejected unread, or is larger than 64 KiB.
        status: The status that was sent; 0 if a fault sent none.
        request_id: The `x-request-id` that was sent.
        time: When the request arrived, in Unix seconds, by the mock's clock.
        milliseconds: How long it took.
        fault: The name of the fault that it met, or None.
        response_body: The body that was sent; empty if a fault sent it in another form, or if it is larger than 64 KiB.
    """

    method: str
    path: str
    query: str
    operation: str | None
    headers: Mapping[str, str]
    body: bytes
    status: int
    request_id: str
    time: float
    milliseconds: float
    fault: str | None = None
    response_body: bytes = b""

    @property
    def json(self) -> Any:
        """The body, parsed; None if it is not JSON."""
        try:
            return strict_json.decode(self.body)
        except strict_json.NotJsonError:
            return None

    def as_object(self) -> dict[str, Any]:
        """Return the JSON value for `/_mock/requests`."""
        return {
            "time": datetime.datetime.fromtimestamp(self.time, datetime.UTC).isoformat(timespec="milliseconds"),
            "method": self.method,
            "path": self.path,
            "query": self.query,
            "operation": self.operation,
            "headers": self.headers,
            "body": self.body.decode("utf-8", "backslashreplace"),
            "status": self.status,
            "response": self.response_body.decode("utf-8", "backslashreplace"),
            "request_id": self.request_id,
            "milliseconds": round(self.milliseconds, 3),
            "fault": self.fault,
        }

    def __repr__(self) -> str:
        return f"<{self.method} {self.path} {self.status} {self.request_id}>"


Entry: TypeAlias = tuple[
    str, bytes, bytes, str | None, Mapping[bytes, bytes], bytes, int, bytes, float, float, str | None, bytes
]
"""The fields of a recorded request, in the order in which the server passes them."""


class Recorder:
    """Keeps the last requests.

    It keeps them as tuples of what the server has anyway: one is recorded for each request, and few are ever read.
    """

    def __init__(self, secrets: Secrets) -> None:
        self._secrets = secrets
        self._entries: deque[Entry] = deque(maxlen=CAPACITY)

    def keep(self, entry: Entry) -> None:
        """Add a request. If there are too many, the oldest is dropped."""
        self._entries.append(entry)

    def requests(self) -> list[RecordedRequest]:
        """Return the requests, oldest first."""
        return [_read(entry, self._secrets) for entry in self._entries.copy()]

    def clear(self) -> None:
        """Remove all requests."""
        self._entries.clear()


def _read(entry: Entry, secrets: Secrets) -> RecordedRequest:
    method, path, query, operation, headers, body, status, identifier, time, milliseconds, fault, response = entry
    return RecordedRequest(
        method=method,
        path=text_of(path),
        query=text_of(secrets.masked_query(query)),
        operation=operation,
        headers={name.decode("latin-1"): value.decode("latin-1") for name, value in headers.items()},
        body=body,
        status=status,
        request_id=identifier.decode(),
        time=time,
        milliseconds=milliseconds,
        fault=fault,
        response_body=response if len(response) <= MAX_BODY else b"",
    )


def text_of(raw: bytes) -> str:
    """Return a path or a query as text for messages and logs."""
    return raw.decode("ascii", "backslashreplace")
