from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest
import trustme

import thread_runs_mock
from thread_runs import Client, _http_library, _retries

from .scripted_server import ScriptedServer


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave out the blocking client on trio: it does not know which event loop it blocks.

    The client does not know the event loop either, so trio adds nothing to the measured coverage.
    """

    kept = []
    for item in items:
        params = item.callspec.params if isinstance(item, pytest.Function) and hasattr(item, "callspec") else {}
        if params.get("anyio_backend") == "trio":
            if params.get("kind") is Client:
                continue
            item.add_marker("unmeasured")
        kept.append(item)
    items[:] = kept


@pytest.fixture(scope="session")
def one_authority(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A file with one certificate authority. Reading the hundred that are usual takes 30 to 45 ms for each client."""
    path = tmp_path_factory.mktemp("authorities") / "one.pem"
    trustme.CA().cert_pem.write_to_path(str(path))
    return str(path)


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, one_authority: str) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", one_authority)
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    monkeypatch.delenv("OPENAI_ORG_ID", raising=False)
    monkeypatch.delenv("OPENAI_PROJECT_ID", raising=False)


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """The waits between tries have a test of their own; the others need not sit them out."""
    monkeypatch.setattr(_retries, "FIRST_WAIT", 0.001)


# `make quick` runs these tests on httpx only, and so does `make test` while it measures the coverage.
@pytest.fixture(params=["httpx", pytest.param("httpx2", marks=[pytest.mark.slow, pytest.mark.unmeasured])])
def library(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The HTTP library that the clients of a test are made with: a test that uses this fixture runs on both."""
    monkeypatch.setattr(_http_library, "DEFAULT", request.param)
    return import_module(request.param)


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    server = ScriptedServer()
    yield server
    server.close()


@pytest.fixture
def mock_server() -> Iterator[str]:
    """The base URL of a mock that knows every run."""
    with thread_runs_mock.serve(create_missing=True) as server:
        yield server.base_url


@pytest.fixture(scope="session")
def run(examples: dict[str, Any]) -> dict[str, Any]:
    """The Run of the documentation page."""
    documented: dict[str, Any] = examples["RunDocumented"]
    return documented
