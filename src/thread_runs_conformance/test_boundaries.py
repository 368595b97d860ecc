"""Valid requests at every limit of the contract, and texts that are easily damaged, through the generated client."""

import pytest

from thread_runs_conformance.bodies import NamedBody
from thread_runs_conformance.spec import Operation
from thread_runs_conformance.subject import Subject
from thread_runs_conformance.texts import LOOKALIKES, TEXTS


def test_limit(subject: Subject, operation: Operation, boundary: NamedBody) -> None:
    target = subject.targets[0]
    if operation.is_modify:
        subject.modify(operation, target, boundary.body, via=subject.next_via(), rule=boundary.rule)
        subject.read(target, via=subject.next_via())
    else:
        subject.call(operation, target, boundary.body, via=subject.next_via(), rule=boundary.rule)


@pytest.mark.parametrize("name", TEXTS)
def test_text(subject: Subject, modify: Operation, name: str) -> None:
    """As a key, as a value, and as both."""
    text = TEXTS[name]
    for prop, schema in modify.maps.items():
        pairs = {"k": text, text: "v", f"{text}{text}": text}
        fitting = {key: value for key, value in pairs.items() if subject.contract.is_valid(schema, {key: value})}
        subject.modify(modify, subject.targets[0], {prop: fitting}, via=subject.next_via())
    subject.read(subject.targets[0], via=subject.next_via())


@pytest.mark.parametrize("name", LOOKALIKES)
def test_keys_that_look_alike(subject: Subject, modify: Operation, name: str) -> None:
    one, other = LOOKALIKES[name]
    for prop in modify.maps:
        subject.modify(modify, subject.targets[0], {prop: {one: "one", other: "other"}}, via=subject.next_via())
        subject.modify(modify, subject.targets[0], {prop: {other: "again"}}, via=subject.next_via())
    subject.read(subject.targets[0], via=subject.next_via())


def test_content_type_with_a_charset(subject: Subject, modify: Operation) -> None:
    """`application/json; charset=utf-8` is `application/json`."""
    target = subject.targets[0]
    headers = {**subject.headers(modify), "Content-Type": f"{modify.media_types[0]}; charset=utf-8"}
    path = subject.path(modify, subject.values(modify, target))
    exchange = subject.wire.send(modify.method, path, headers, b"{}")
    subject.checks.check(modify, exchange)
    if exchange.status and not 200 <= exchange.status < 300:
        subject.findings.add(
            "valid-request-refused",
            f"A valid request with the content type `{headers['Content-Type']}` is refused with {exchange.status}.",
            subject.contract.place(f"{modify.pointer}/requestBody/content"),
            exchange,
        )
