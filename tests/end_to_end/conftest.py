from collections.abc import Iterator

import pytest

import thread_runs_mock


@pytest.fixture
def base_url() -> Iterator[str]:
    """A mock server of its own for each test."""
    with thread_runs_mock.serve() as server:
        yield server.base_url
