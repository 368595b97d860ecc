from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from scripts.repository import SPEC
from tests.raw_server import RawServer


@pytest.fixture(scope="session")
def spec() -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load(SPEC.read_text("utf-8"))
    return document


@pytest.fixture(scope="session")
def examples(spec: dict[str, Any]) -> dict[str, Any]:
    """The values of the named examples of the contract."""
    return {name: example["value"] for name, example in spec["components"]["examples"].items()}


@pytest.fixture
def raw_server() -> Iterator[RawServer]:
    server = RawServer()
    yield server
    server.close()
