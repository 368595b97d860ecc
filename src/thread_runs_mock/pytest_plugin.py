"""The pytest fixture `thread_runs_mock`. Installing the package is enough for pytest to find it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from thread_runs_mock import RunningServer


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "thread_runs_mock(**options): options of `serve` for the mock")


@pytest.fixture(name="thread_runs_mock")
def fixture(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunningServer]:
    """A mock of its own for each test, with the runs of the spec's examples.

    While the test runs, `OPENAI_BASE_URL` and `OPENAI_API_KEY` point clients to it. Pass options of `serve` with
    `@pytest.mark.thread_runs_mock(create_missing=True)`.
    """
    # Imported here and not above, because pytest loads this module in every run and not every run needs the server.
    from thread_runs_mock import serve

    marker = request.node.get_closest_marker("thread_runs_mock")
    options = marker.kwargs if marker else {}
    with serve(**options) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.base_url)
        monkeypatch.setenv("OPENAI_API_KEY", options.get("api_key") or "sk-mock")
        yield server
