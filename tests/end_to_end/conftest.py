from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

import thread_runs_mock

SPEC = Path(__file__).parents[2] / "openapi.yaml"


@pytest.fixture(scope="session")
def examples() -> dict[str, Any]:
    """The values of the named examples of the contract."""
    named = yaml.safe_load(SPEC.read_text("utf-8"))["components"]["examples"]
    return {name: example["value"] for name, example in named.items()}


@pytest.fixture
def base_url() -> Iterator[str]:
    """A mock server of its own for each test."""
    with thread_runs_mock.serve() as server:
        yield server.base_url
