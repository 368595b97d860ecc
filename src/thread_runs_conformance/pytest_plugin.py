"""A pytest plugin that runs each case as a test.

Configuration, in pytest's configuration file:

    conformance = "--base-url https://api.example.com/v1 --target thread_id=thread_1,run_id=run_1"

And a test, in any test file:

    def test_conformance(conformance_case):
        conformance_case()

For a server that the tests start themselves, define a fixture `conformance_server` that returns a dictionary of fields
of `thread_runs_conformance.options.Options`, with `app` for an ASGI application.
"""

from __future__ import annotations

import os
import shlex
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from thread_runs_conformance.engine import Engine
    from thread_runs_conformance.findings import Finding
    from thread_runs_conformance.options import Options

_OPTIONS: pytest.StashKey[Options] = pytest.StashKey()
_START: pytest.StashKey[list[Finding]] = pytest.StashKey()
"""Findings from before the first case. The first test reports them."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addini(
        "conformance", "options of thread-runs-conformance, for tests that use `conformance_case`", default=""
    )


def _options(config: pytest.Config) -> Options:
    # Imported here and not above, because pytest loads this module in every run.
    from thread_runs_conformance.command_line import read_options
    from thread_runs_conformance.options import OptionsError

    if _OPTIONS not in config.stash:
        try:
            config.stash[_OPTIONS] = read_options(shlex.split(config.getini("conformance")), os.environ)
        except OptionsError as error:
            raise pytest.UsageError(f"conformance: {error}") from None
    return config.stash[_OPTIONS]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "conformance_case" in metafunc.fixturenames:
        from thread_runs_conformance.cases.selection import cases_of

        cases = cases_of(_options(metafunc.config))
        metafunc.parametrize("conformance_case", cases, ids=[_readable(case.id) for case in cases], indirect=True)


def _readable(text: str) -> str:
    return text.encode("ascii", "backslashreplace").decode().replace("::", ":")


@pytest.fixture(scope="session")
def conformance_server() -> dict[str, Any]:
    """Fields of `Options` that replace those of the configuration, and `app`. Override this fixture."""
    return {}


@pytest.fixture(scope="session")
def conformance_engine(request: pytest.FixtureRequest, conformance_server: dict[str, Any]) -> Iterator[Engine]:
    """The engine that all cases of a session share. It restores the server at the end."""
    from dataclasses import replace

    from thread_runs_conformance.judging import engine_for
    from thread_runs_conformance.targets import Target

    given = dict(conformance_server)
    app = given.pop("app", None)
    if "targets" in given:
        targets = given["targets"]
        given["targets"] = tuple(Target.parse(each) if isinstance(each, str) else each for each in targets)
    engine = engine_for(replace(_options(request.config), **given), app)
    request.config.stash[_START] = [*engine.start().findings]
    yield engine
    report = engine.finish()
    if report.not_restored or report.cut_off:
        raise AssertionError("; ".join([*report.not_restored, *report.cut_off]))


@pytest.fixture
def conformance_case(request: pytest.FixtureRequest, conformance_engine: Engine) -> Callable[[], None]:
    """A function that runs one case. It fails the test for new findings, and skips it if the case cannot be tried."""

    def run() -> None:
        result = conformance_engine.run_case(request.param)
        found = [*request.config.stash[_START], *result.findings]
        request.config.stash[_START] = []
        if result.state == "skipped" and not found:
            pytest.skip(result.reason)
        if result.state == "error":
            raise RuntimeError(f"the suite itself failed: {result.reason}")
        if found:
            pytest.fail("\n\n".join(finding.text() for finding in found), pytrace=False)

    return run
