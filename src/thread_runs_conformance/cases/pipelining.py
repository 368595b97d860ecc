"""Two requests in a row: the second does not wait for the response to the first (RFC 9112, 9.3.2)."""

from collections.abc import Callable, Iterator, Sequence

from thread_runs_conformance.answers import rfc
from thread_runs_conformance.cases.base import Case
from thread_runs_conformance.cases.spellings import message_for
from thread_runs_conformance.cases.wrong_bodies import VERY_LARGE, wrong_body
from thread_runs_conformance.operations import Operation
from thread_runs_conformance.outcomes import NotTried
from thread_runs_conformance.raw_http import send_together
from thread_runs_conformance.subject import Subject


def cases(operations: Sequence[Operation]) -> Iterator[Case]:
    """A valid change, and changes that must be rejected, each followed by a read."""
    for operation in operations:
        if operation.is_modify:
            for name, first in _FIRST.items():
                yield Case(
                    "pipelining",
                    f"{operation.id}: a read that does not wait for {name}",
                    _pipeline(operation, name, first),
                )


def _change(subject: Subject, operation: Operation) -> object:
    return subject.state.fresh(operation, subject.sender.target(operation))


def _wrong_value(subject: Subject, operation: Operation) -> object:
    return wrong_body(subject, operation, 7)


def _very_large(subject: Subject, operation: Operation) -> object:
    """A body that most servers do not read completely. The rest must not become the next request."""
    return wrong_body(subject, operation, "x" * VERY_LARGE)


_FIRST = {"a change": _change, "a wrong value": _wrong_value, "a very large body": _very_large}


def _pipeline(
    operation: Operation, name: str, first: Callable[[Subject, Operation], object]
) -> Callable[[Subject], None]:
    def run(subject: Subject) -> None:
        subject.needs_removal(operation)
        target, reader = subject.sender.target(operation), subject.state.reader(operation)
        if not subject.sender.wire.connection.is_direct:
            raise NotTried("it needs a socket to the server, without a proxy")
        if reader is None or subject.state.stored(operation, target) is None:
            raise NotTried("the target could not be read")
        body = first(subject, operation)
        is_valid = operation.accepts(body)
        if is_valid:
            subject.state.make_room(operation, target, body)
        read = message_for(subject, reader.operation, target, None if reader.operation.body is None else reader.body)
        exchanges = send_together(subject.sender.wire, message_for(subject, operation, target, body), read)
        accepted = 200 <= exchanges[0].status < 300
        if accepted and not is_valid:
            subject.rejections.undo(operation, target)
        subject.state.resync(operation, target)
        # A server may close the connection instead; a client sends the second request again then. Other cases report
        # a first response that is wrong.
        if len(exchanges) < 2 or accepted != is_valid or exchanges[1].status == 429:
            return
        following = exchanges[1]
        if not 200 <= following.status < 300:
            came = following.fault.partition(":")[0] or str(following.status)
            sentence = f"A request that is sent before the response to {name} arrives is not answered as usual: {came}."
            place = rfc(9112, "9.3.2", "pipelining")
            subject.findings.add("connection-out-of-step", sentence, place, following, key="")

    return run
