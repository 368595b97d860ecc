"""What is logged of a call: nothing unless the application asks the logger `thread_runs` for it."""

import json
import logging
from typing import Any

import httpx

from ._errors import redact

logger = logging.getLogger("thread_runs")

_SECRET_HEADERS = frozenset(
    {"authorization", "proxy-authorization", "cookie", "set-cookie", "api-key", "x-api-key", "x-goog-api-key"}
)
_REDACTED = "[redacted]"


def log_try(
    request: httpx.Request, outcome: str, seconds: float, response: httpx.Response | None, tries: int, max_tries: int
) -> None:
    """Log a try in one line: method, path, status or error, time, request id, which try it was."""
    if not logger.isEnabledFor(logging.INFO):
        return
    # As it was sent: a decoded path could hold a line end.
    path = request.url.raw_path.partition(b"?")[0].decode("ascii")
    request_id = response.headers.get("x-request-id", "-") if response is not None else "-"
    logger.info(
        "%s %s %s %.1f ms %s try %d of %d",
        *(request.method, path, outcome, seconds * 1000),
        *(redact(request_id, request), tries, max_tries),
    )
    if logger.isEnabledFor(logging.DEBUG):
        logger.debug("request headers %s body %s", _headers(request.headers, request), _shape(request.content))
        if response is not None:
            logger.debug("response headers %s", _headers(response.headers, request))


def _headers(headers: httpx.Headers, request: httpx.Request) -> dict[str, str]:
    return {
        name: _REDACTED if name in _SECRET_HEADERS else redact(value, request) for name, value in headers.multi_items()
    }


def _shape(content: bytes) -> str:
    """Return a JSON body with every value in it hidden: metadata is the user's own."""
    try:
        return json.dumps(_hidden(json.loads(content)))
    except (ValueError, RecursionError):
        return f"{len(content)} bytes"


def _hidden(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _hidden(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_hidden(item) for item in value]
    return None if value is None else _REDACTED
