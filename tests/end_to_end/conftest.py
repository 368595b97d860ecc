from collections.abc import Iterator
from pathlib import Path

import pytest

import thread_runs_mock

from .clone import copy_mypy_cache


@pytest.fixture
def base_url() -> Iterator[str]:
    """A mock server of its own for each test."""
    with thread_runs_mock.serve() as server:
        yield server.base_url


@pytest.fixture(scope="session")
def mypy_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache for mypy in clones, one for each test process."""
    folder = tmp_path_factory.mktemp("mypy_cache")
    copy_mypy_cache(folder)
    return folder
