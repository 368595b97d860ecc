"""Valid requests that schemathesis generates, through the generated client; every run, read both ways."""

import copy
import itertools
from typing import Any

import pytest
import schemathesis
from schemathesis import GenerationMode

from thread_runs_conformance.calls import Via
from thread_runs_conformance.explore import Explorer
from thread_runs_conformance.schemathesis_checks import validate
from thread_runs_conformance.spec import Operation
from thread_runs_conformance.subject import Subject
from thread_runs_conformance.typed import ABSENT


@pytest.mark.parametrize("via", ["sync", "async"])
def test_generated(
    subject: Subject, operation: Operation, explorer: Explorer, schema: schemathesis.BaseSchema, via: Via
) -> None:
    subject.only_if_safe(operation)
    targets = itertools.cycle(subject.targets)
    generated = schema[operation.path][operation.method]
    strategy = generated.as_strategy(
        generation_mode=GenerationMode.POSITIVE,
        path_parameters=subject.values(operation, subject.targets[0]),
        headers={p.name: p.example for p in operation.parameters_in("header") if p.required},
    )

    def examine(case: Any) -> None:
        target = next(targets)
        body: Any = ABSENT if operation.body is None else copy.deepcopy(case.body)
        if operation.is_modify:
            subject.modify(operation, target, body, via=via)
        elif operation.is_read:
            subject.read_by(operation, target, via=via)
        else:
            subject.call(operation, target, body, via=via)
            subject.resync(target)
        validate(subject, operation, case)

    explorer.each(strategy, explorer.profile.positive, examine)


def test_every_run(subject: Subject) -> None:
    """Every run that may be touched is read, so that every kind of run is seen."""
    for target in subject.targets:
        subject.read(target, via="sync")
        subject.read(target, via="async")


@pytest.mark.parametrize("via", ["sync", "async"])
def test_examples(subject: Subject, operation: Operation, via: Via) -> None:
    """The examples of the contract."""
    subject.only_if_safe(operation)
    for body in subject.examples(operation):
        if operation.is_modify:
            subject.modify(operation, subject.targets[0], body, via=via)
        else:
            subject.call(operation, subject.targets[0], body, via=via)
            subject.resync(subject.targets[0])
