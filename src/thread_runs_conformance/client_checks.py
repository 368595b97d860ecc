"""Checks of a generated client: whether it sends the intended request, and reads the response without loss."""

from collections.abc import Mapping
from typing import Any

import httpx

from thread_runs_conformance.exchange import Exchange, NotJsonError, same_json
from thread_runs_conformance.generated_client import ABSENT
from thread_runs_conformance.operations import Operation


def wrong_request(base_url: str, operation: Operation, values: Mapping[str, str], body: Any, exchange: Exchange) -> str:
    """How the client's request differs from the intended one; empty if it does not.

    Args:
        values: The path parameters.
    """
    wanted = httpx.URL(base_url).path.rstrip("/") + operation.path
    for name, value in values.items():
        wanted = wanted.replace(f"{{{name}}}", value)
    if exchange.method != operation.method or exchange.path != wanted:
        return f"sends {exchange.method} {exchange.path} for {operation.method} {wanted}"
    try:
        same = body is ABSENT or same_json(body, exchange.sent)
    except NotJsonError as error:
        return f"sends a body that is not JSON: {error}"
    return "" if same else "sends a different body from the one it was given"


def _serialized(parsed: Any) -> Any:
    """The result of a generated client, converted back to JSON."""
    if isinstance(parsed, list):
        return [_serialized(item) for item in parsed]
    return parsed.to_dict() if hasattr(parsed, "to_dict") else parsed


def wrong_result(parsed: Any, answer: Any, error: Exception | None) -> str:
    """What is wrong with the client's result of a response that conforms; empty if nothing is."""
    if error is not None:
        return f"raises {type(error).__name__} on a response that conforms to the spec: {error}"
    if not same_json(_serialized(parsed), answer):
        return "loses or changes a part of the response: the parsed model serializes to different JSON"
    return ""
