"""Both clients against the same server: each row of docs/vendor-sdk-comparison.md that names this file."""

import pickle
from collections.abc import Iterator
from typing import Any

import openai
import pytest

import thread_runs
import thread_runs_mock
from thread_runs import Client

KEY = "sk-secret-4711"
RUN: dict[str, Any] = {"run_id": "run_1", "thread_id": "thread_1", "metadata": {"k": "v"}}
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with thread_runs_mock.serve(faults="", create_missing=True) as server:
        yield server.base_url


@pytest.fixture(scope="module")
def vendor(url: str) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(api_key=KEY, base_url=url, max_retries=0, timeout=30) as client:
        yield client


@pytest.fixture(scope="module")
def ours(url: str) -> Iterator[Client]:
    with Client(KEY, base_url=url, max_retries=0, timeout=30) as client:
        yield client


def outcome(client: Any, fault: str | None = None, **changes: Any) -> Any:
    """Return the result of the call, or its error."""
    headers = {"Prefer": f"fault={fault}"} if fault else {}
    try:
        return client.beta.threads.runs.update(**{**RUN, **changes}, extra_headers=headers)
    except Exception as error:
        return error


@pytest.mark.parametrize("fault", ["garbage-json", "gzip-bomb; value=2", "wrong-length"])
def test_a_broken_200_is_a_json_error_in_the_sdk_and_a_typed_error_in_ours(
    vendor: openai.OpenAI, ours: Client, fault: str
) -> None:
    theirs = outcome(vendor, fault)
    assert isinstance(theirs, ValueError)
    assert not isinstance(theirs, openai.OpenAIError)
    assert type(outcome(ours, fault)) is thread_runs.APIResponseValidationError


def test_a_gateway_page_is_a_str_in_the_sdk(vendor: openai.OpenAI, ours: Client) -> None:
    assert isinstance(outcome(vendor, "html"), str)
    assert type(outcome(ours, "html")) is thread_runs.APIResponseValidationError


def test_an_error_with_a_success_status_is_an_empty_run_in_the_sdk(vendor: openai.OpenAI, ours: Client) -> None:
    assert outcome(vendor, "status; value=299").id is None
    assert type(outcome(ours, "status; value=299")) is thread_runs.APIResponseValidationError


def test_the_sdk_follows_redirects(vendor: openai.OpenAI, ours: Client) -> None:
    theirs = outcome(vendor, "redirect")
    assert isinstance(theirs, openai.APIConnectionError), "it went to a host that does not exist"
    assert isinstance(outcome(ours, "redirect"), thread_runs.APIStatusError)
    assert "leads to elsewhere.invalid" in str(outcome(ours, "redirect"))


def test_ours_reports_all_problems_before_sending(vendor: openai.OpenAI, ours: Client) -> None:
    metadata = {"a": "v" * 513, "b" * 65: "v", "c": 1}
    assert isinstance(outcome(vendor, metadata=metadata), openai.BadRequestError)
    error = outcome(ours, metadata=metadata)
    assert isinstance(error, thread_runs.InvalidRequestError)
    assert len(error.problems) == 3


def test_errors_of_the_sdk_cannot_be_unpickled_and_contain_the_key(vendor: openai.OpenAI, ours: Client) -> None:
    theirs, error = pickle.dumps(outcome(vendor, "status")), outcome(ours, "status")
    assert KEY.encode() in theirs
    with pytest.raises(TypeError):
        pickle.loads(theirs)
    assert KEY.encode() not in pickle.dumps(error)
    assert str(pickle.loads(pickle.dumps(error))) == str(error)


def test_a_timeout_limits_each_read_and_our_deadline_the_whole_call(url: str) -> None:
    # 800 bytes with 2 ms between them take longer than a second, and no read takes 0.5.
    with openai.OpenAI(api_key=KEY, base_url=url, max_retries=0, timeout=0.5) as vendor:
        assert outcome(vendor, "drip; value=0.002").id == "run_1"
    with Client(KEY, base_url=url, deadline=0.5) as ours:
        assert isinstance(outcome(ours, "drip; value=0.002"), thread_runs.APITimeoutError)


def test_only_our_error_tells_the_number_of_attempts(url: str) -> None:
    with openai.OpenAI(api_key=KEY, base_url=url, max_retries=1) as vendor:
        assert "tries" not in str(outcome(vendor, "retry-after-ms; value=0.001"))
    with Client(KEY, base_url=url, max_retries=1) as ours:
        error = outcome(ours, "retry-after-ms; value=0.001")
        assert "(after 2 tries)" in str(error)
        assert (error.tries, error.retry_after) == (2, 0.001)


def test_what_both_clients_do(vendor: openai.OpenAI, ours: Client) -> None:
    for client in (vendor, ours):
        assert outcome(client).metadata["k"] == "v"
        assert outcome(client, "wrong-content-type").id == "run_1"
        assert outcome(client, "informational").id == "run_1"
        for fault, name in [("truncated-body", "APIConnectionError"), ("status; value=520", "InternalServerError")]:
            assert type(outcome(client, fault)).__name__ == name
        error = outcome(client, "retry-after-seconds; value=300")
        assert (type(error).__name__, error.request_id[:4]) == ("RateLimitError", "req_")
        raw = client.beta.threads.runs.with_raw_response.update(**RUN)
        assert (raw.status_code, raw.retries_taken, raw.parse().id) == (200, 0, "run_1")
