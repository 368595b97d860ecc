"""A change that was made is not reported as an error, whatever the server leaves out of the Run."""

import json
import subprocess
import sys
import warnings
from typing import Any

import pytest

import thread_runs
from thread_runs import AsyncClient, Client, NonConformingResponseWarning

from .calling import IGNORE_DEPRECATION, KEY, both, update
from .scripted_server import ScriptedServer

pytestmark = [IGNORE_DEPRECATION, pytest.mark.usefixtures("library")]
WARNS = pytest.mark.filterwarnings("ignore::thread_runs.NonConformingResponseWarning")
VALIDATION = thread_runs.APIResponseValidationError


@both
@WARNS
async def test_each_missing_field_is_unset_and_the_rest_is_kept(
    server: ScriptedServer, run: dict[str, Any], kind: type[Client | AsyncClient]
) -> None:
    for name in run:
        lacking = {key: value for key, value in run.items() if key != name}
        server.then("200 OK", lacking)
        assert (await update(kind, server.url)).to_dict() == lacking


@both
async def test_one_warning_names_what_differs_at_the_callers_line(
    server: ScriptedServer, run: dict[str, Any], kind: type[Client | AsyncClient]
) -> None:
    server.then("200 OK", {key: value for key, value in run.items() if key != "usage"} | {"created_at": "now"})
    with pytest.warns(NonConformingResponseWarning, match=r"127\.0\.0\.1.*created_at should be.*usage") as caught:
        answer = await update(kind, server.url)
    places = [warning.filename for warning in caught if warning.category is NonConformingResponseWarning]
    assert [place.endswith("calling.py") for place in places] == [True]
    assert answer.usage is thread_runs.UNSET
    assert answer.created_at == "now"


def test_a_client_and_its_copies_warn_once_for_each_set_of_fields(server: ScriptedServer, run: dict[str, Any]) -> None:
    def lacking(*names: str) -> dict[str, Any]:
        return {key: value for key, value in run.items() if key not in names}

    client = Client(KEY, base_url=server.url)
    for body in (lacking("usage"), lacking("usage"), lacking("usage", "tools"), lacking("usage"), run):
        server.then("200 OK", body)
    with client, warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", NonConformingResponseWarning)
        for _ in range(5):
            client.with_options(timeout=9).beta.threads.runs.update("run_1", thread_id="thread_1")
    assert [warning.category for warning in caught].count(NonConformingResponseWarning) == 2


@pytest.mark.parametrize("status", ["201 Created", "202 Accepted", "206 Partial Content", "299 Own"])
async def test_every_success_status_with_a_run_returns_it(
    server: ScriptedServer, run: dict[str, Any], status: str
) -> None:
    server.then(status, run)
    assert (await update(Client, server.url)).to_dict() == run


NO_RUNS: list[bytes] = [b"[]", b'"run"', b"null", b"<html>", b"", b'{"error": {"message": "No."}}', b"{}"]


@both
@pytest.mark.parametrize("responses", ["tolerant", "strict"])
@pytest.mark.parametrize("body", NO_RUNS)
async def test_what_is_not_a_run_is_an_error(
    server: ScriptedServer, kind: type[Client | AsyncClient], body: bytes, responses: Any
) -> None:
    server.then("200 OK", body)
    with pytest.raises(VALIDATION):
        await update(kind, server.url, responses=responses)


@both
async def test_strict_responses_raise_for_what_differs(
    server: ScriptedServer, run: dict[str, Any], kind: type[Client | AsyncClient]
) -> None:
    server.then("200 OK", run)
    assert (await update(kind, server.url, responses="strict")).to_dict() == run
    server.then("200 OK", {key: value for key, value in run.items() if key not in ("usage", "tools")})
    with pytest.raises(VALIDATION, match=r"200 OK: .*tools is missing; usage is missing"):
        await update(kind, server.url, responses="strict")


def test_a_long_list_of_differences_is_cut(server: ScriptedServer, run: dict[str, Any]) -> None:
    server.then("200 OK", {"object": "thread.run", "id": "run_1"})
    with Client(KEY, base_url=server.url) as client, pytest.warns(NonConformingResponseWarning, match=r"and \d+ more"):
        client.beta.threads.runs.update("run_1", thread_id="thread_1")


def test_the_same_difference_in_many_places_is_named_once(server: ScriptedServer, run: dict[str, Any]) -> None:
    for kind in ("a", "b"):
        metadata = {f"{kind}{index}": index for index in range(50)}
        server.then("200 OK", {**run, "tools": [{"type": "function"}] * 50, "metadata": metadata})
    with Client(KEY, base_url=server.url) as client, warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", NonConformingResponseWarning)
        for _ in range(2):
            client.beta.threads.runs.update("run_1", thread_id="thread_1")
    messages = [str(one.message) for one in caught if one.category is NonConformingResponseWarning]
    differences = "tools[].function is missing; metadata.* should be a string, but is an integer."
    assert [message.partition("spec: ")[2] for message in messages] == [differences]


def test_the_option_is_checked() -> None:
    with pytest.raises(ValueError, match="responses must be"):
        Client(KEY, responses="lax")  # type: ignore[arg-type]


def test_what_was_parsed_can_be_written(server: ScriptedServer, run: dict[str, Any]) -> None:
    # Python 3.11 parses about 1000 levels, and no recursive function could write them.
    body = json.dumps(run)[:-1] + ', "deep": ' + "[" * 600 + "]" * 600 + "}"
    server.then("200 OK", body.encode())
    with Client(KEY, base_url=server.url) as client:
        answer = client.beta.threads.runs.update("run_1", thread_id="thread_1")
    assert str(answer.to_dict()["deep"]).count("[") == 600


def test_models_and_unset_are_imported_from_one_place() -> None:
    program = "from thread_runs.types import *; print(Run.__name__, FunctionTool.__name__, UNSET, Unset, UnknownObject)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, encoding="utf-8", check=True)
    assert done.stdout.startswith("Run FunctionTool ")
