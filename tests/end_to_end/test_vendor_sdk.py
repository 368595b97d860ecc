"""The vendor's SDK as a client of the mock receives the same as our client."""

import json
from collections.abc import Iterator
from typing import Any

import openai
import pytest

import thread_runs_mock
from thread_runs import AsyncClient, Client

RUN = {"thread_id": "thread_abc123", "run_id": "run_abc123", "metadata": {"user_id": "user_abc123"}}
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture
def vendor(base_url: str) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(api_key="sk-test", base_url=base_url, max_retries=0) as client:
        yield client


def ours(base_url: str, **arguments: Any) -> dict[str, Any]:
    # The server checks the limits, so that its responses can be compared.
    with Client("sk-test", base_url=base_url, strict=False) as client:
        return client.beta.threads.runs.update(**arguments).to_dict()


def test_the_same_run(vendor: openai.OpenAI, base_url: str, examples: dict[str, Any]) -> None:
    run = vendor.beta.threads.runs.update(**RUN)  # type: ignore[arg-type]
    assert json.loads(run.to_json(exclude_unset=True)) == ours(base_url, **RUN) == examples["RunDocumented"]


def test_the_same_run_raw(vendor: openai.OpenAI, base_url: str) -> None:
    raw = vendor.beta.threads.runs.with_raw_response.update(**RUN)  # type: ignore[arg-type]
    assert json.loads(raw.text) == ours(base_url, **RUN)
    assert raw.request_id


async def test_the_same_run_async(base_url: str, examples: dict[str, Any]) -> None:
    async with openai.AsyncOpenAI(api_key="sk-test", base_url=base_url, max_retries=0) as vendor:
        theirs = await vendor.beta.threads.runs.update(**RUN)  # type: ignore[arg-type]
    async with AsyncClient("sk-test", base_url=base_url) as client:
        run = await client.beta.threads.runs.update(**RUN)  # type: ignore[arg-type]
    assert json.loads(theirs.to_json(exclude_unset=True)) == run.to_dict() == examples["RunDocumented"]


def strict(base_url: str) -> openai.OpenAI:
    return openai.OpenAI(api_key="sk-test", base_url=base_url, max_retries=0, _strict_response_validation=True)


def test_a_run_created_on_first_use_passes_strict_validation() -> None:
    arguments: Any = {"thread_id": "thread_new", "run_id": "run_new", "metadata": {"a": "1"}}
    with thread_runs_mock.serve(create_missing=True) as server, strict(server.base_url) as vendor:
        run = vendor.beta.threads.runs.update(**arguments)
        assert json.loads(run.to_json(exclude_unset=True)) == ours(server.base_url, **arguments)
    assert (run.id, run.thread_id, run.metadata) == ("run_new", "thread_new", {"a": "1"})


def test_strict_validation_rejects_the_documented_run_because_of_its_instructions(base_url: str) -> None:
    with strict(base_url) as vendor, pytest.raises(openai.APIResponseValidationError) as caught:
        vendor.beta.threads.runs.update(**RUN)  # type: ignore[arg-type]
    assert "instructions" in str(caught.value.__cause__)


def test_the_same_error(vendor: openai.OpenAI, base_url: str) -> None:
    arguments: Any = {"thread_id": "thread_abc123", "run_id": "run_abc123", "metadata": {"k": "v" * 513}}
    with pytest.raises(openai.BadRequestError) as theirs:
        vendor.beta.threads.runs.update(**arguments)
    with pytest.raises(Exception, match="string too long") as own:
        ours(base_url, **arguments)
    assert type(own.value).__name__ == type(theirs.value).__name__
    for name in ("status_code", "type", "param", "code", "body"):
        assert getattr(own.value, name) == getattr(theirs.value, name)
