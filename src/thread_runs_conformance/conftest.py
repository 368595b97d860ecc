"""Fixtures of the suite. It is run by `make contract`, which says what server to test."""

from typing import cast

import pytest
import schemathesis

from thread_runs_conformance.bodies import boundaries, violations
from thread_runs_conformance.explore import Explorer
from thread_runs_conformance.session import Session
from thread_runs_conformance.subject import Subject


def _session(config: pytest.Config) -> Session:
    session = config.pluginmanager.get_plugin("contract")
    if session is None:
        raise pytest.UsageError("the contract suite is run by `make contract`")
    return cast(Session, session)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Every operation of the contract, and every case that follows from its schemas."""
    contract = _session(metafunc.config).contract
    names = metafunc.fixturenames
    for fixture, cases in (("boundary", boundaries), ("violation", violations)):
        if fixture in names:
            pairs = [(operation, each) for operation in contract.operations for each in cases(contract, operation)]
            ids = [f"{operation.id}: {each.name}" for operation, each in pairs]
            metafunc.parametrize(("operation", fixture), pairs, ids=ids)
            return
    if "header" in names:
        headers = [
            (operation, parameter)
            for operation in contract.operations
            for parameter in operation.parameters_in("header")
            if parameter.required
        ]
        ids = [f"{operation.id}: {parameter.name}" for operation, parameter in headers]
        metafunc.parametrize(("operation", "header"), headers, ids=ids)
    elif "operation" in names:
        metafunc.parametrize("operation", contract.operations, ids=str)
    elif "modify" in names:
        metafunc.parametrize("modify", [each for each in contract.operations if each.is_modify], ids=str)


@pytest.fixture
def subject(request: pytest.FixtureRequest) -> Subject:
    return _session(request.config).subject


@pytest.fixture
def explorer(request: pytest.FixtureRequest) -> Explorer:
    return _session(request.config).explorer


@pytest.fixture
def schema(request: pytest.FixtureRequest) -> schemathesis.BaseSchema:
    return _session(request.config).schema
