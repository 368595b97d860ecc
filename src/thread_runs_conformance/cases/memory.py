"""Later effects: after a rejection, on a connection with earlier requests, and at the end of the run."""

from collections.abc import Callable, Iterator, Sequence

import httpx

from thread_runs_conformance.answers import BY_HTTP
from thread_runs_conformance.cases.base import Case
from thread_runs_conformance.cases.wrong_bodies import VERY_LARGE, wrong_body
from thread_runs_conformance.operations import Operation
from thread_runs_conformance.outcomes import NotTried
from thread_runs_conformance.subject import Subject
from thread_runs_conformance.targets import Target
from thread_runs_conformance.values.samples import unknown_identifier
from thread_runs_conformance.wire import json_body

IN_A_ROW = 6
"""The number of rejections in a row."""
Step = Callable[[Subject, Operation, Target, httpx.Client], None]


def cases(operations: Sequence[Operation]) -> Iterator[Case]:
    """Cases for every operation that changes a resource."""
    for operation in operations:
        if operation.is_modify:
            for rejection, reject in _REJECTIONS.items():
                for call, follow in _CALLS.items():
                    name = f"{operation.id}: {call} after {rejection}"
                    yield Case("after a rejection", name, _sequence(operation, rejection, reject, follow))
    for operation in {each.path: each for each in operations if each.is_modify or each.is_read}.values():
        yield Case("at the end", f"{operation.path}: everything is still stored", _read_back(operation))


def _sequence(operation: Operation, what: str, reject: Step, follow: Step) -> Callable[[Subject], None]:
    def run(subject: Subject) -> None:
        subject.needs_removal(operation)
        target = subject.sender.target(operation)
        with subject.sender.wire.new_client() as client:
            if subject.state.stored(operation, target) is None:
                raise NotTried("the target could not be read")
            reject(subject, operation, target, client)
            exchange = subject.sender.wire.last
            if exchange.fault or 200 <= exchange.status < 300:
                # Other cases report it.
                subject.rejections.undo(operation, target)
                raise NotTried(f"{what} was not rejected")
            follow(subject, operation, target, client)
            subject.state.read(operation, target, via="raw", client=client)

    return run


def _raw(
    subject: Subject,
    operation: Operation,
    target: Target,
    client: httpx.Client,
    *,
    body: bytes | None,
    headers: dict[str, str] | None = None,
    values: dict[str, str] | None = None,
    method: str | None = None,
    query: str | None = None,
    by_proxy: bool = False,
) -> None:
    """Send a request that must be rejected.

    Args:
        by_proxy: A proxy may reject it, with a body of its own.
    """
    sender = subject.sender
    path = sender.path(operation, values or sender.values(operation, target))
    path += sender.query(operation) if query is None else query
    sent = sender.headers(operation) if headers is None else headers
    exchange = sender.wire.send(method or operation.method, path, sent, body, client)
    # The form of the rejection is checked as in all cases.
    if exchange.status >= 400 and not by_proxy:
        by_http = exchange.status in BY_HTTP and not operation.response(exchange.status)
        subject.checks.check(operation, exchange, undocumented=method is not None or by_http)
    if exchange.status >= 500 and not subject.findings.has("server-error"):
        sentence = f"A request that must be rejected is answered {exchange.status} ({subject.findings.case})."
        place = subject.spec.place(f"{operation.pointer}/responses")
        subject.findings.add("server-error", sentence, place, exchange, key="")


def _not_json(subject: Subject, operation: Operation, target: Target, client: httpx.Client) -> None:
    body = (subject.state.body(operation, subject.sender.target(operation)) or b"{}")[:-1]
    _raw(subject, operation, target, client, body=body)


def _wrong_value(subject: Subject, operation: Operation, target: Target, client: httpx.Client) -> None:
    _raw(subject, operation, target, client, body=json_body(wrong_body(subject, operation, 7)))


def _large(subject: Subject, operation: Operation, target: Target, client: httpx.Client) -> None:
    _raw(subject, operation, target, client, body=json_body(wrong_body(subject, operation, "x" * 100_000)))


def _very_large(subject: Subject, operation: Operation, target: Target, client: httpx.Client) -> None:
    """A body that most servers do not read completely. The rest must not become the next request (RFC 9112, 9.3)."""
    body = wrong_body(subject, operation, "x" * VERY_LARGE)
    _raw(subject, operation, target, client, body=json_body(body), by_proxy=True)


def _unknown(subject: Subject, operation: Operation, target: Target, client: httpx.Client) -> None:
    parameter = next(each for each in operation.parameters_in("path") if each.name == operation.path_names[-1])
    unknown = unknown_identifier(parameter, 3)
    if unknown is None:
        raise NotTried("no unknown identifier could be derived")
    values = {**subject.sender.values(operation, target), parameter.name: unknown}
    smallest = subject.sender.smallest(operation)
    _raw(subject, operation, target, client, body=json_body(smallest), values=values)


def _no_credential(subject: Subject, operation: Operation, target: Target, client: httpx.Client) -> None:
    way = subject.sender.credentials.way(operation)
    if not way:
        raise NotTried("no credential is needed")
    applied = subject.sender.credentials.applied(operation)[0]
    kept = {name: value for name, value in subject.sender.headers(operation).items() if name not in applied}
    headers = {**kept, **subject.sender.credentials.applied(operation, dict.fromkeys(way))[0]}
    _raw(
        subject,
        operation,
        target,
        client,
        body=subject.state.body(operation, subject.sender.target(operation)),
        headers=headers,
    )


def _wrong_credentials(subject: Subject, operation: Operation, target: Target, client: httpx.Client) -> None:
    """Several wrong keys. The right key must still be accepted afterwards; a login with a password may be locked."""
    sender = subject.sender
    way = [scheme for scheme in sender.credentials.way(operation) if scheme.kind in ("bearer", "apiKey")]
    if not way or sender.any_key:
        raise NotTried("no key is needed")
    if not sender.disposable:
        raise NotTried("a live server might lock the key (--disposable)")
    body = subject.state.body(operation, target)
    for index in range(IN_A_ROW):
        prefix = "Bearer " if way[0].kind == "bearer" else ""
        wrong = {way[0]: f"{prefix}conformance-wrong-key-{index}"}
        headers = {**sender.headers(operation, body is not None), **sender.credentials.applied(operation, wrong)[0]}
        query = sender.query(operation, sender.credentials.applied(operation, wrong)[1])
        _raw(subject, operation, target, client, body=body, headers=headers, query=query)
        if sender.wire.last.status == 429:
            raise NotTried("the server limits the rate of wrong keys")


def _wrong_type(subject: Subject, operation: Operation, target: Target, client: httpx.Client) -> None:
    headers = {**subject.sender.headers(operation), "Content-Type": "text/plain"}
    _raw(
        subject,
        operation,
        target,
        client,
        body=subject.state.body(operation, subject.sender.target(operation)),
        headers=headers,
    )


def _no_body(subject: Subject, operation: Operation, target: Target, client: httpx.Client) -> None:
    if not operation.body_required:
        raise NotTried("no body is needed")
    _raw(subject, operation, target, client, body=b"")


def _many(subject: Subject, operation: Operation, target: Target, client: httpx.Client) -> None:
    """Some servers count errors. They must not lock out a client that makes a few without a 429."""
    for _ in range(IN_A_ROW):
        _wrong_value(subject, operation, target, client)


_REJECTIONS: dict[str, Step] = {
    "several wrong values": _many,
    "a body that is not JSON": _not_json,
    "a wrong value": _wrong_value,
    "a large body": _large,
    "a very large body": _very_large,
    "an unknown identifier": _unknown,
    "a missing credential": _no_credential,
    "several wrong credentials": _wrong_credentials,
    "a wrong content type": _wrong_type,
    "an empty body": _no_body,
}


def _read(subject: Subject, operation: Operation, target: Target, client: httpx.Client) -> None:
    subject.state.read(operation, target, via="raw", client=client, after="a rejected request on the same connection")


def _change(subject: Subject, operation: Operation, target: Target, client: httpx.Client) -> None:
    body = subject.state.fresh(operation, target)
    after = "a rejected request on the same connection"
    subject.state.modify(operation, target, body, via="raw", client=client, after=after)


def _nothing(subject: Subject, operation: Operation, target: Target, client: httpx.Client) -> None:
    if not operation.accepts({}) or operation.method == "PUT":
        raise NotTried("the spec does not accept an empty body")
    after = "a rejected request on the same connection"
    subject.state.modify(operation, target, {}, via="raw", client=client, after=after)


def _clear(subject: Subject, operation: Operation, target: Target, client: httpx.Client) -> None:
    if not operation.maps:
        raise NotTried("there are no pairs to remove")
    after = "a rejected request on the same connection"
    for name in operation.maps:
        body = subject.state.with_map(operation, name, subject.state.semantics_of(operation).clearing())
        if operation.accepts(body):
            subject.state.modify(operation, target, body, via="raw", client=client, after=after)


def _another(subject: Subject, operation: Operation, target: Target, client: httpx.Client) -> None:
    others = [each for each in subject.sender.targets(operation) if each is not target]
    if not others:
        raise NotTried("it needs a second target (--target)")
    _read(subject, operation, others[0], client)


_CALLS: dict[str, Step] = {
    "a read": _read,
    "a change": _change,
    "no change": _nothing,
    "a removal": _clear,
    "a read of another target": _another,
}


def _read_back(operation: Operation) -> Callable[[Subject], None]:
    """Write once more to every target, wait, and read all of them on a new connection and on one that was idle."""

    def run(subject: Subject) -> None:
        known = [each for each in subject.state.everything() if each.operation.path == operation.path]
        modify = subject.state.modify_operation(operation)
        if not known:
            raise NotTried("no target could be read")
        if modify is not None and (
            subject.sender.disposable or not modify.maps or subject.state.semantics_of(modify).can_remove
        ):
            for each in known:
                subject.state.modify(modify, each.target, subject.state.fresh(modify, each.target))
        with subject.sender.wire.new_client() as idle, subject.sender.wire.new_client() as client:
            subject.state.read(operation, known[0].target, via="raw", client=idle)
            subject.stopping.wait(subject.pause)
            for each in known:
                subject.state.read(operation, each.target, via="raw", client=client, code="not-durable")
            # A connection that is still open must work after a pause, too.
            subject.state.read(operation, known[0].target, via="raw", client=idle)

    return run
