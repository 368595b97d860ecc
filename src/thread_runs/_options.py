"""The options of one call: their check, and what they change in a request."""

from typing import Any

import httpx

from thread_runs_client.requests import Request
from thread_runs_client.sending import CallOptions
from thread_runs_client.types import UNSET

from ._call import DEADLINE_EXTENSION, MAX_RETRIES_EXTENSION

Timeout = float | httpx.Timeout | None


def checked_options(options: CallOptions) -> None:
    """Raise TypeError for an option that is not known, ValueError for a number that is out of range."""
    for name in options:
        if name not in CallOptions.__annotations__:
            raise TypeError(f"unexpected keyword argument '{name}'")
    max_retries, deadline = options.get("max_retries"), options.get("deadline")
    if isinstance(max_retries, int) and max_retries < 0:
        raise ValueError(f"max_retries must be at least 0, got {max_retries}")
    if isinstance(deadline, int | float) and deadline <= 0:
        raise ValueError(f"deadline must be above 0 seconds, got {deadline}")


def request_arguments(request: Request[Any], options: CallOptions) -> dict[str, Any]:
    """Return the arguments of an httpx request, without its URL."""
    arguments: dict[str, Any] = {"method": request.operation.method, "headers": request.headers, **request.body}
    if request.query:
        arguments["params"] = request.query
    if not options:
        return arguments
    if extra := options.get("extra_headers"):
        headers = httpx.Headers(request.headers)
        headers.update(extra)
        arguments["headers"] = headers
    if extra_query := options.get("extra_query"):
        arguments["params"] = [*request.query, *extra_query.items()]
    if extra_body := options.get("extra_body"):
        arguments["json"] = {**request.body.get("json", {}), **extra_body}
    timeout = options.get("timeout", UNSET)
    if timeout is not UNSET:
        arguments["timeout"] = timeout
    extensions = {
        MAX_RETRIES_EXTENSION: options.get("max_retries", UNSET),
        DEADLINE_EXTENSION: options.get("deadline", UNSET),
    }
    arguments["extensions"] = {name: value for name, value in extensions.items() if value is not UNSET}
    return arguments
