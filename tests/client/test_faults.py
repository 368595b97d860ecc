"""Every fault of the mock: the call ends in a Run or in one typed error, in time, and leaves nothing behind."""

import gc
import json
import logging
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import anyio
import pytest

import thread_runs
import thread_runs_mock
from thread_runs import AsyncClient, Client
from thread_runs_mock.faults import FAULTS

from .calling import IGNORE_DEPRECATION, KEY, both

pytestmark = [IGNORE_DEPRECATION, pytest.mark.usefixtures("library")]

RUN = None
TIMEOUT = thread_runs.APITimeoutError
CONNECTION = thread_runs.APIConnectionError
VALIDATION = thread_runs.APIResponseValidationError
SERVER = thread_runs.InternalServerError
LIMIT = thread_runs.RateLimitError
STATUS = thread_runs.APIStatusError

OUTCOMES: list[tuple[str, type[thread_runs.APIError] | None, str]] = [
    ("delay; value=0.01", RUN, ""),
    ("delay; value=30", TIMEOUT, "deadline"),
    ("reset-before-headers", CONNECTION, "after 3 tries"),
    ("reset-before-headers; times=2", RUN, ""),
    ("reset-during-headers", CONNECTION, "after 3 tries"),
    ("reset-during-headers; times=2", RUN, ""),
    ("reset-after-headers", CONNECTION, "after 3 tries"),
    ("reset-after-headers; times=2", RUN, ""),
    ("truncated-body", CONNECTION, "200 OK: .* bytes of the body .*after 3 tries"),
    ("truncated-body; times=1", RUN, ""),
    ("wrong-length", VALIDATION, "200 OK"),
    ("wrong-length; value=100000", VALIDATION, "200 OK"),
    ("drip; value=0.0001", RUN, ""),
    ("drip; value=0.1", TIMEOUT, "deadline"),
    ("drip-headers; value=0.1", TIMEOUT, "deadline"),
    ("endless-body", VALIDATION, "longer than"),
    ("gzip-bomb", VALIDATION, "longer than"),
    ("garbage-json", VALIDATION, "Unterminated|Expecting"),
    ("html", VALIDATION, "Expecting value"),
    ("html; value=502", SERVER, "502 .*It did not work"),
    ("wrong-content-type", RUN, ""),
    ("informational", RUN, ""),
    ("informational; value=100", RUN, ""),
    ("informational; value=101", CONNECTION, "after 3 tries"),
    ("redirect", STATUS, "leads to elsewhere.invalid"),
    ("status", SERVER, "520"),
    ("status; value=418", STATUS, "418"),
    ("status; value=299", VALIDATION, "299"),
    ("503-burst; value=2", RUN, ""),
    ("503-burst; value=3", SERVER, "503 .*after 3 tries"),
    ("retry-after-seconds; value=0.01", LIMIT, "after 3 tries"),
    ("retry-after-seconds; value=0.01; times=2", RUN, ""),
    ("retry-after-seconds; value=300", LIMIT, "429"),
    ("retry-after-ms; value=0.01; times=2", RUN, ""),
    ("retry-after-ms; value=300", LIMIT, "429"),
    ("retry-after-date; value=0; times=2", RUN, ""),
    ("retry-after-date; value=300", LIMIT, "429"),
    ("retry-after-garbage; times=2", RUN, ""),
    ("retry-after-missing; times=2", RUN, ""),
]


@pytest.fixture(scope="module")
def mock() -> Iterator[str]:
    with thread_runs_mock.serve(faults="", create_missing=True) as server:
        yield server.base_url


def open_connections(client: Client | AsyncClient) -> list[Any]:
    """Return the connections that are still busy with a request."""
    pool = client._connections.get()._transport._pool
    return [connection for connection in pool.connections if not connection.is_idle() and not connection.is_closed()]


@pytest.mark.slow
@both
@pytest.mark.parametrize(("fault", "error", "text"), OUTCOMES)
async def test_a_fault_ends_in_a_run_or_in_one_typed_error(
    mock: str,
    kind: type[Client | AsyncClient],
    fault: str,
    error: type[thread_runs.APIError] | None,
    text: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG, "thread_runs")
    deadline = 0.4 if error is TIMEOUT else 30
    client = kind(KEY, base_url=mock, deadline=deadline, max_response_bytes=1_000_000)
    # The mock counts by path: each test has its own.
    call: dict[str, Any] = {"run_id": str(uuid4()), "thread_id": "thread_1", "metadata": {"k": "v"}}
    caught = None
    # Far above the deadline: it is there so that a call which hangs fails instead.
    with anyio.fail_after(60):
        try:
            answer: Any = client.beta.threads.runs.update(**call, extra_headers={"Prefer": f"fault={fault}"})
            answer = answer if kind is Client else await answer
        except thread_runs.APIError as problem:
            caught = problem
        assert open_connections(client) == []
        # The connection that is left, if any, serves the next call.
        following: Any = client.beta.threads.runs.update(**{**call, "deadline": 30})
        following = following if kind is Client else await following
    assert following.metadata["k"] == "v"
    if error is None:
        assert caught is None
        assert answer.id == call["run_id"]
    else:
        assert type(caught) is error
        with pytest.raises(error, match=text):
            raise caught
        shown = [str(caught), repr(caught), repr(caught.__cause__), str(caught.body)]
        assert [line for line in shown if KEY in line] == []
    logged = [record.getMessage() for record in caplog.records if record.name == "thread_runs"]
    assert logged
    assert [line for line in logged if KEY in line] == []
    closed = client.close()
    if closed is not None:
        await closed
    # Whatever was left open would warn now, and a warning is an error here.
    caught = None
    gc.collect()


def test_every_fault_is_tested() -> None:
    assert {fault.partition(";")[0] for fault, _, _ in OUTCOMES} == set(FAULTS)


def test_the_key_does_not_follow_a_redirect(library: Any, mock: str, run: dict[str, Any]) -> None:
    elsewhere: list[Any] = []

    def answer(request: Any) -> Any:
        elsewhere.append(request)
        return library.Response(200, json=run)

    transport = library.MockTransport(answer)
    with (
        library.Client(mounts={"all://elsewhere.invalid": transport}, follow_redirects=True) as own,
        Client(KEY, base_url=mock, http_client=own) as client,
        pytest.raises(STATUS, match=r"elsewhere\.invalid"),
    ):
        client.beta.threads.runs.update(
            run["id"], thread_id=run["thread_id"], extra_headers={"Prefer": "fault=redirect"}
        )
    assert elsewhere == []


async def test_a_call_that_is_cancelled_leaves_no_connection(mock: str, run: dict[str, Any]) -> None:
    async with AsyncClient(KEY, base_url=mock) as client:
        for fault in ("delay; value=30", "drip; value=0.1", "drip-headers; value=0.1"):
            with anyio.move_on_after(0.1) as scope:
                await client.beta.threads.runs.update(
                    run["id"], thread_id=run["thread_id"], extra_headers={"Prefer": f"fault={fault}"}
                )
            assert scope.cancelled_caught
            assert open_connections(client) == []


def test_faults_by_chance_end_in_a_run_or_an_error(run: dict[str, Any]) -> None:
    faults = "reset-before-headers=.1,reset-after-headers=.1,503-burst=.1:2,truncated-body=.1,garbage-json=.1"
    outcomes = []
    with thread_runs_mock.serve(faults=faults, fault_seed=7) as server, Client(KEY, base_url=server.base_url) as client:
        for number in range(60):
            try:
                answer = client.beta.threads.runs.update(
                    run["id"], thread_id=run["thread_id"], metadata={"number": str(number)}
                )
                assert json.loads(str(answer))["metadata"]["number"] == str(number)
                outcomes.append("Run")
            except thread_runs.APIError as error:
                outcomes.append(type(error).__name__)
    assert set(outcomes) <= {"Run", "APIConnectionError", "InternalServerError", "APIResponseValidationError"}
    assert outcomes.count("Run") > 30
