"""Logging of calls, with the logger `thread_runs`. Nothing is logged unless the application configures it."""

import json
import logging
from typing import TYPE_CHECKING, Any

from ._secrets import REDACTED, Secrets

if TYPE_CHECKING:
    from ._http_library import AnyRequest, AnyResponse

logger = logging.getLogger("thread_runs")


def log_attempt(
    request: "AnyRequest", outcome: str, seconds: float, response: "AnyResponse | None", tries: int, max_tries: int
) -> None:
    """Log an attempt in one line: method, path, status or error, time, request id, which attempt it was."""
    if not logger.isEnabledFor(logging.INFO):
        return
    secrets = Secrets(request)
    # As it was sent: a decoded path could hold a line end.
    path = request.url.raw_path.partition(b"?")[0].decode("ascii")
    request_id = response.headers.get("x-request-id", "-") if response is not None else "-"
    logger.info(
        "%s %s %s %.1f ms %s try %d of %d",
        *(request.method, path, outcome, seconds * 1000),
        *(secrets.redact(request_id), tries, max_tries),
    )
    if logger.isEnabledFor(logging.DEBUG):
        headers = dict(secrets.redact_headers(request.headers))
        logger.debug("request headers %s body %s", headers, _shape(request))
        if response is not None:
            logger.debug("response headers %s", dict(secrets.redact_headers(response.headers)))


def _shape(request: "AnyRequest") -> str:
    """Return a JSON body with every value in it hidden: metadata is the user's own."""
    try:
        content = request.content
    except RuntimeError:
        return "that is a stream"
    try:
        return json.dumps(_hidden(json.loads(content)))
    except (ValueError, RecursionError):
        return f"{len(content)} bytes"


def _hidden(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _hidden(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_hidden(item) for item in value]
    return None if value is None else REDACTED
