"""Servers that conform to openapi.yaml and share no code with the mock: the suite has nothing to say about them."""

import pytest

from tests.conformance.servers.__main__ import KEY, example_runs
from tests.conformance.servers.serving import serve
from tests.conformance.servers.thread_runs import create_app

from .conftest import Suite

RUNS = {"THREAD_ID": "thread_0", "RUN_ID": "run_0", "MORE_RUNS": "thread_1/run_1 thread_0/run_2"}


@pytest.mark.parametrize("mode", ["merge", "replace"])
def test_a_fastapi_server_conforms(suite: Suite, mode: str) -> None:
    with serve(create_app(example_runs(), mode, KEY)) as origin:
        done = suite(BASE_URL=f"{origin}/v1", OPENAI_API_KEY=KEY, DISPOSABLE="1", **RUNS)
    assert done.returncode == 0, done.stdout
