"""The generated client that sends valid requests is judged as well: it is named, and the server is not accused."""

from pathlib import Path
from typing import Any

import pytest
import yaml

import thread_runs_mock
from scripts.repository import SPEC
from tests.conformance.judging import judged
from tests.conformance.wrong_servers.runs import KEY, runs
from thread_runs_conformance.report import WRITERS
from thread_runs_conformance.result import Report

CLIENT = """
import httpx


class Client:
    def __init__(self, base_url, timeout, headers, httpx_args):
        given = {"base_url": base_url, "timeout": timeout, "headers": headers}
        self._sync = lambda: httpx.Client(**given, **httpx_args)
        self._async = lambda: httpx.AsyncClient(**given, **httpx_args)

    def get_httpx_client(self):
        if callable(self._sync):
            self._sync = self._sync()
        return self._sync

    def get_async_httpx_client(self):
        if callable(self._async):
            self._async = self._async()
        return self._async


class AuthenticatedClient(Client):
    def __init__(self, token, headers, **options):
        super().__init__(headers={**headers, "Authorization": f"Bearer {token}"}, **options)
"""
FUNCTION = """
import json
from types import SimpleNamespace
from urllib.parse import quote


class Body:
    def __init__(self, value):
        self.value = value

    @classmethod
    def from_dict(cls, value):
        return cls(dict(value))

    def to_dict(self):
        return self.value


def _request(thread_id, run_id, beta, body):
    path = f"threads/{quote(thread_id, safe='')}/runs/{quote(run_id, safe='')}"
    return {"method": "POST", "url": path, "json": body.to_dict(), "headers": {"OpenAI-Beta": beta}}


def _parsed(response):
    return SimpleNamespace(parsed=response.json() if response.is_success else None)


def sync_detailed(thread_id: str, run_id: str, *, client, body: Body, open_ai_beta: str):
    return _parsed(client.get_httpx_client().request(**_request(thread_id, run_id, open_ai_beta, body)))


async def asyncio_detailed(thread_id: str, run_id: str, *, client, body: Body, open_ai_beta: str):
    return _parsed(await client.get_async_httpx_client().request(**_request(thread_id, run_id, open_ai_beta, body)))
"""


@pytest.fixture
def judged_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Judges the mock with a client in the form of openapi-python-client, in which a text is replaced."""
    numbers = iter(range(9))

    def judge(before: str = "", after: str = "", module: str = "modify_run") -> Report:
        assert before in FUNCTION
        name = f"client_{tmp_path.name}_{next(numbers)}"
        files = {
            "__init__.py": CLIENT,
            "api/__init__.py": "",
            "api/runs/__init__.py": "",
            f"api/runs/{module}.py": FUNCTION.replace(before, after),
        }
        for path, text in files.items():
            (tmp_path / name / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name / path).write_text(text, "utf-8")
        monkeypatch.syspath_prepend(str(tmp_path))
        return judged(thread_runs_mock.create_app(runs=runs(), api_key=KEY), "examples", client=name)

    return judge


def test_a_right_client_has_no_finding(judged_with: Any) -> None:
    report = judged_with()
    assert (report.findings, report.errors, report.exit_status) == ([], [], 0), WRITERS["text"](report)


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("response.json() if", "response.json()['nothing'] if", "raises KeyError on a response that conforms"),
        ("response.json() if", "{**response.json(), 'id': 'x'} if", "the parsed model serializes to different JSON"),
        ("response.json() if", "[response.json()] if", "the parsed model serializes to different JSON"),
        ('"json": body.to_dict()', '"json": {**body.to_dict(), "metadata": {"a": "b"}}', "sends a different body from"),
        ('"json": body.to_dict()', '"content": b"{"', "sends a body that is not JSON"),
        ("quote(run_id, safe='')", "'run_Wrong_2'", "sends POST /v1/threads/thread_Wrong_a/runs/run_Wrong_2 for POST"),
    ],
)
def test_a_wrong_client_is_detected_and_the_server_is_not_blamed(
    judged_with: Any, before: str, after: str, words: str
) -> None:
    report = judged_with(before, after)
    assert [finding.code for finding in report.findings] == ["client"], WRITERS["text"](report)
    assert report.findings[0].sentence.startswith("The generated client (not the server) ")
    assert words in report.findings[0].sentence
    assert KEY not in WRITERS["text"](report)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("run_id: str", "run_id: int"),
        ("run_id: str", "run_id: list"),
        ("body: Body", "body: dict"),
        ("return cls(dict(value))", "return cls({})"),
        ("return cls(dict(value))", "return cls(value['metadata'])"),
    ],
)
def test_what_a_client_cannot_express_is_sent_raw(judged_with: Any, before: str, after: str) -> None:
    report = judged_with(before, after)
    assert (report.findings, report.errors, report.exit_status) == ([], [], 0), WRITERS["text"](report)


def test_an_operation_that_a_client_does_not_have_is_sent_raw(judged_with: Any) -> None:
    report = judged_with(module="cancel_run")
    assert (report.findings, report.errors, report.exit_status) == ([], [], 0), WRITERS["text"](report)


def test_an_operation_that_our_own_client_does_not_have_is_sent_raw(tmp_path: Path) -> None:
    document = yaml.safe_load(SPEC.read_text("utf-8"))
    item = document["paths"]["/threads/{thread_id}/runs/{run_id}"]
    shared = {name: item["post"][name] for name in ("security", "parameters", "responses")}
    item["get"] = {"operationId": "retrieveRun", **shared}
    spec = tmp_path / "more.yaml"
    spec.write_text(yaml.safe_dump(document, sort_keys=False, allow_unicode=True), "utf-8")
    application = thread_runs_mock.create_app(spec, runs(), api_key=KEY)
    report = judged(application, "targets", spec=spec, client="thread_runs_client")
    assert (report.findings, report.errors, report.exit_status) == ([], [], 0), WRITERS["text"](report)
    assert report.reached["retrieveRun"]["200"] > 0


def test_a_client_that_raises_before_it_sends_is_an_error_of_the_run(judged_with: Any) -> None:
    report = judged_with("    path = f", "    raise ZeroDivisionError\n    path = f")
    assert report.exit_status == 2
    assert "ZeroDivisionError" in report.errors[0]
