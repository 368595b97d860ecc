"""The last requests, for tests that assert on them and for the status page."""

import datetime
import re
from collections import deque
from typing import Any

from thread_runs_mock import strict_json

CAPACITY = 1000
"""Requests that are kept."""
MAX_BODY = 64 * 1024
"""Bytes of a body that are kept; no body that the packaged contract accepts is larger."""

SECRETS = (b"authorization", b"proxy-authorization", b"cookie", b"api-key", b"x-api-key")
"""Headers that are not kept."""
_SECRET_NAME = re.compile(rb"key|token|secret|password", re.IGNORECASE)


class RecordedRequest:
    """A request and how it was answered. Keys, cookies and tokens are not in it.

    Attributes:
        method: `POST`.
        operation: The `operationId`, or None if the request was for no operation.
        body: The bytes that were read of the body; empty if it was refused before that, or above 64 KiB.
        status: The status that was answered.
        raw_headers: Header values by lower-case name, as bytes.
        time: When it came, in Unix seconds.
        milliseconds: How long it took; 0 until it was answered.
    """

    __slots__ = (
        "_id",
        "_path",
        "_query",
        "body",
        "method",
        "milliseconds",
        "operation",
        "raw_headers",
        "status",
        "time",
    )

    def __init__(self, method: str, path: bytes, query: bytes, request_id: bytes, time: float) -> None:
        self.method = method
        self._path = path
        self._query = query
        self.raw_headers: dict[bytes, bytes] = {}
        self._id = request_id
        self.time = time
        self.body = b""
        self.operation: str | None = None
        self.status = 0
        self.milliseconds = 0.0

    @property
    def request_id(self) -> str:
        """The `x-request-id` that was answered."""
        return self._id.decode()

    @property
    def path(self) -> str:
        """The path as it was sent."""
        return text_of(self._path)

    @property
    def query(self) -> str:
        """The query as it was sent, but for the values of keys and tokens."""
        return text_of(_masked(self._query))

    @property
    def headers(self) -> dict[str, str]:
        """Header values by lower-case name; repeated ones joined."""
        return {name.decode("latin-1"): value.decode("latin-1") for name, value in self.raw_headers.items()}

    @property
    def json(self) -> Any:
        """The body, parsed; None if it is no JSON."""
        try:
            return strict_json.decode(self.body)
        except strict_json.NotJsonError:
            return None

    def as_object(self) -> dict[str, Any]:
        """What `/_mock/requests` shows of it."""
        return {
            "time": datetime.datetime.fromtimestamp(self.time, datetime.UTC).isoformat(timespec="milliseconds"),
            "method": self.method,
            "path": self.path,
            "query": self.query,
            "operation": self.operation,
            "headers": self.headers,
            "body": self.body.decode("utf-8", "backslashreplace"),
            "status": self.status,
            "request_id": self.request_id,
            "milliseconds": round(self.milliseconds, 3),
        }

    def __repr__(self) -> str:
        return f"<{self.method} {self.path} {self.status} {self.request_id}>"


class Recorder:
    """Keeps the last requests."""

    def __init__(self) -> None:
        self._requests: deque[RecordedRequest] = deque(maxlen=CAPACITY)
        self._sent: dict[bytes, bytes] = {}
        self._kept: dict[bytes, bytes] = {}

    def keep(self, request: RecordedRequest, headers: dict[bytes, bytes]) -> None:
        """Add a request with its headers; of too many requests the oldest goes."""
        # Clients repeat their headers. Held once, all that is kept fits into a processor's cache.
        if headers != self._sent:
            self._sent = headers
            self._kept = {name: value for name, value in headers.items() if name not in SECRETS}
        request.raw_headers = self._kept
        if len(request.body) > MAX_BODY:
            request.body = b""
        self._requests.append(request)

    def requests(self) -> list[RecordedRequest]:
        """The requests, oldest first."""
        return list(self._requests.copy())

    def clear(self) -> None:
        """Forget them."""
        self._requests.clear()


def _masked(query: bytes) -> bytes:
    pairs = [pair.partition(b"=") for pair in query.split(b"&")]
    return b"&".join(
        name + equals + (b"***" if value and _SECRET_NAME.search(name) else value) for name, equals, value in pairs
    )


def text_of(raw: bytes) -> str:
    """A path or a query as it was sent, fit for messages and logs."""
    return raw.decode("ascii", "backslashreplace")
