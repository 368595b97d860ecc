from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

import thread_runs_mock
from tests import debian

HEADERS = {"Authorization": "Bearer sk-test-1234", "OpenAI-Beta": "assistants=v2"}
DOCUMENTED = "/threads/thread_abc123/runs/run_abc123"


@pytest.fixture(scope="session")
def document() -> Any:
    """The contract, read by the tests themselves."""
    return yaml.safe_load(Path(thread_runs_mock.__file__).with_name("openapi.yaml").read_text())


@pytest.fixture(scope="session")
def documented_run(document: Any) -> Any:
    return document["components"]["examples"]["RunDocumented"]["value"]


@pytest.fixture
def start() -> Iterator[Callable[..., httpx.Client]]:
    """Serves the mock with the options given, and returns a client of it."""
    from contextlib import ExitStack

    with ExitStack() as stack:

        def started(**options: Any) -> httpx.Client:
            server = stack.enter_context(thread_runs_mock.serve(**options))
            return stack.enter_context(httpx.Client(base_url=server.base_url, headers=HEADERS))

        yield started


@pytest.fixture
def client(start: Callable[..., httpx.Client]) -> httpx.Client:
    return start()


@pytest.fixture
def write_spec(tmp_path: Path, document: Any) -> Callable[[Callable[[Any], None]], Path]:
    """Writes a copy of the contract with a change made to it."""
    import copy

    def write(change: Callable[[Any], None]) -> Path:
        changed = copy.deepcopy(document)
        change(changed)
        path = tmp_path / "changed.yaml"
        path.write_text(yaml.safe_dump(changed, sort_keys=False, allow_unicode=True))
        return path

    return write


@pytest.fixture(scope="session")
def chromium() -> str:
    return debian.program("chromium", "chromium")
