"""Valid requests that schemathesis generates, the spec's examples, and every target, through the generated client."""

import copy
import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from thread_runs_conformance.cases.base import Case
from thread_runs_conformance.generated_client import ABSENT
from thread_runs_conformance.operations import Operation
from thread_runs_conformance.sending import Via
from thread_runs_conformance.subject import Subject
from thread_runs_conformance.values.samples import parameter_value

VIAS: tuple[Via, ...] = ("sync", "async")
Run = Callable[[Subject], None]


def cases(operations: Sequence[Operation]) -> Iterator[Case]:
    """Cases for every operation."""
    for operation in operations:
        if operation.is_create or operation.is_delete:
            continue
        for via in VIAS:
            yield Case("generated", f"{operation.id}: {via}", _generated(operation, via))
            yield Case("examples", f"{operation.id}: {via}", _examples(operation, via))
        if operation.is_modify or operation.is_read:
            yield Case("targets", operation.id, _every_target(operation))


def _generated(operation: Operation, via: Via) -> Run:
    def run(subject: Subject) -> None:
        from schemathesis import GenerationMode

        from thread_runs_conformance.schemathesis_checks import validate

        subject.sender.only_if_safe(operation)
        all_targets = subject.sender.targets(operation)
        targets = itertools.cycle(all_targets)
        generated = subject.explorer.schema[operation.path][operation.method]
        strategy = generated.as_strategy(
            generation_mode=GenerationMode.POSITIVE,
            path_parameters=subject.sender.values(operation, all_targets[0]),
            headers={each.name: str(parameter_value(each)) for each in operation.required_headers},
        )

        def examine(case: Any) -> None:
            body: Any = ABSENT if operation.body is None else copy.deepcopy(case.body)
            # For schemathesis a body may be absent where the spec does not require it.
            if operation.body is not None and not operation.accepts(body):
                return
            _send(subject, operation, next(targets), body, via)
            validate(subject, operation, case)

        # Requests without a body have little to generate.
        count = subject.explorer.profile.positive if operation.body is not None else 5
        subject.explorer.each(strategy, count, examine)

    return run


def _send(subject: Subject, operation: Operation, target: Any, body: Any, via: Via) -> None:
    if operation.is_modify:
        subject.state.modify(operation, target, body, via=via)
    elif operation.is_read:
        subject.state.read(operation, target, via=via, by=operation)
    else:
        subject.sender.send(operation, target, body, via=via)
        subject.state.resync(operation, target)


def _every_target(operation: Operation) -> Run:
    """Read every target, so that every kind of resource is checked."""

    def run(subject: Subject) -> None:
        for target in subject.sender.targets(operation):
            for via in VIAS:
                subject.state.read(operation, target, via=via)

    return run


def _examples(operation: Operation, via: Via) -> Run:
    def run(subject: Subject) -> None:
        subject.sender.only_if_safe(operation)
        for body in subject.sender.examples(operation):
            _send(subject, operation, subject.sender.target(operation), body, via)

    return run
