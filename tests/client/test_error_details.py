"""The details of errors, from the error bodies of different APIs."""

import json
from typing import Any

import pytest

import thread_runs
from tests.raw_server import RawServer

from .calling import IGNORE_DEPRECATION

pytestmark = IGNORE_DEPRECATION

# Body, then message, type, param and code.
BODIES: dict[str, tuple[Any, str, str | None, str | None, str | None]] = {
    # RFC 9457, figures 1 and 2.
    "problem": (
        {
            "type": "https://example.com/probs/out-of-credit",
            "title": "You do not have enough credit.",
            "detail": "Your current balance is 30, but that costs 50.",
            "instance": "/account/12345/msgs/abc",
        },
        "Your current balance is 30, but that costs 50.",
        "https://example.com/probs/out-of-credit",
        None,
        None,
    ),
    "problem with members of its own": (
        {
            "type": "https://example.net/validation-error",
            "title": "Your request is not valid.",
            "errors": [{"detail": "must be a positive integer", "pointer": "#/age"}],
        },
        "Your request is not valid.",
        "https://example.net/validation-error",
        None,
        None,
    ),
    "number as code": ({"code": 404, "message": "No pet."}, "No pet.", None, None, "404"),
    "boolean as code": ({"code": True, "message": "No pet."}, "No pet.", None, None, None),
    "FastAPI": (
        {"detail": [{"loc": ["body", "tags", 0], "msg": "Field required", "type": "missing"}]},
        "body.tags.0: Field required",
        "missing",
        "body.tags.0",
        None,
    ),
    # JSON:API 1.1.
    "JSON:API": (
        {"errors": [{"status": "422", "code": "E1", "title": "Invalid", "detail": "Too short."}, {"detail": "Other"}]},
        "Too short.",
        None,
        None,
        "E1",
    ),
    # RFC 6749, section 5.2.
    "OAuth": (
        {"error": "invalid_grant", "error_description": "It expired."},
        "It expired.",
        None,
        None,
        "invalid_grant",
    ),
    "Google": (
        {"error": {"code": 403, "message": "No access.", "status": "PERMISSION_DENIED", "details": [{"reason": "x"}]}},
        "No access.",
        None,
        None,
        "403",
    ),
    "Spring": (
        {"timestamp": "2026-01-01", "status": 404, "error": "Not Found", "message": "", "path": "/a"},
        "Not Found",
        None,
        None,
        None,
    ),
    "texts": ({"errors": ["Name is missing.", "b"]}, "Name is missing.", None, None, None),
    "a list": ([{"errorCode": "X", "message": "No session."}], "No session.", None, None, "X"),
    "a text": ("Not\nhere", "Not here", None, None, None),
    "nested": ({"errors": {"details": {"reason": "Stopped."}}}, "Stopped.", None, None, None),
    "nothing known": ({"errors": [], "ok": False}, '{"errors": [], "ok": false}', None, None, None),
    "deep": (
        {"error": {"error": {"error": {"error": {"error": {"message": "m"}}}}}},
        '{"error": {"error": {"error": {"error": {"error": {"message": "m"}}}}}}',
        None,
        None,
        None,
    ),
}


@pytest.mark.parametrize("name", BODIES)
def test_an_error_has_the_details_of_its_body(raw_server: RawServer, name: str) -> None:
    body, *expected = BODIES[name]
    raw_server.answer("400 Bad Request", json.dumps(body).encode())
    client = thread_runs.Client("sk-test", base_url=raw_server.url, max_retries=0)
    with client, pytest.raises(thread_runs.BadRequestError) as caught:
        client.beta.threads.runs.update("run_1", thread_id="thread_1")
    error = caught.value
    assert [error.message, error.type, error.param, error.code] == expected
