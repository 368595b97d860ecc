"""The same request, spelled differently: it must have the same effect and the same response."""

import itertools
from collections.abc import Callable, Iterator, Sequence
from urllib.parse import urlsplit

from thread_runs_conformance.answers import rfc
from thread_runs_conformance.cases.base import Case
from thread_runs_conformance.cases.wrong_bodies import wrong_body
from thread_runs_conformance.exchange import Exchange
from thread_runs_conformance.operations import Operation
from thread_runs_conformance.outcomes import NotTried
from thread_runs_conformance.raw_http import Message, send
from thread_runs_conformance.semantics import pairs_of
from thread_runs_conformance.subject import Subject
from thread_runs_conformance.targets import Target
from thread_runs_conformance.values.spellings import SPELLINGS, Spelling
from thread_runs_conformance.wire import json_body

LARGE_HEADER = 1000
"""Characters of a header value that a server may call too large."""


def allowed_rejections(message: Message) -> set[int]:
    """The statuses with which the standards allow a server to reject a message because of its spelling."""
    reasons = {
        411: message.chunks is not None,  # RFC 9112, 6.3: a length may be required.
        501: message.chunks is not None,
        417: message.expect,  # RFC 9110, 10.1.1
        431: any(len(value) > LARGE_HEADER for _, value in message.headers),  # RFC 6585, 5
        505: message.version != "HTTP/1.1",  # RFC 9110, 15.6.6
    }
    return {status for status, applies in reasons.items() if applies}


def cases(operations: Sequence[Operation]) -> Iterator[Case]:
    """Every spelling by itself, and pairs of spellings of different aspects."""
    for operation in operations:
        if operation.is_modify:
            for spelling in SPELLINGS:
                name = f"{operation.id}: {spelling.aspect}: {spelling.name}"
                yield Case("spellings", name, _try(operation, spelling))
            for one, other in itertools.combinations(SPELLINGS, 2):
                if one.aspect != other.aspect:
                    name = f"{operation.id}: {one.name}, {other.name}"
                    yield Case("combined spellings", name, _try(operation, one, other), pool="spellings in pairs")
            for spelling in SPELLINGS:
                if spelling.name in _OF_REJECTIONS:
                    name = f"{operation.id}: {spelling.name}"
                    yield Case("spelled rejections", name, _reject(operation, spelling))
        elif operation.is_read:
            for spelling in SPELLINGS:
                if spelling.aspect not in ("JSON", "framing", "media type"):
                    name = f"{operation.id}: {spelling.aspect}: {spelling.name}"
                    yield Case("spellings", name, _try(operation, spelling))


def _try(operation: Operation, *spellings: Spelling) -> Callable[[Subject], None]:
    def run(subject: Subject) -> None:
        target = subject.sender.target(operation)
        known = subject.state.known(operation, target)
        if known is None:
            raise NotTried("the target could not be read")
        if operation.is_modify:
            subject.needs_removal(operation)
        direct = subject.sender.wire.connection.is_direct
        if any(spelling.raw for spelling in spellings) and not direct:
            raise NotTried("it needs a socket to the server, without a proxy")
        body = None
        if operation.is_modify:
            body = _with_other_alphabets(subject, operation, target, subject.state.fresh(operation, target))
            subject.state.make_room(operation, target, body)
        message: Message | None = message_for(subject, operation, target, body)
        for spelling in spellings:
            message = spelling.spell(message) if message is not None else None
        if message is None:
            raise NotTried("it does not apply to this request")
        exchange, following = _send(subject, operation, target, message, direct)
        words = " and ".join(spelling.name for spelling in spellings)
        if following is not None:
            _judge_following(subject, operation, spellings, following)
        if exchange.left_open:
            sentence = f"The connection stays open after the response to a request that asks to close it: {words}."
            subject.findings.add("connection-left-open", sentence, rfc(9112, "9.6", "tear-down"), exchange, key="")
        if exchange.status in allowed_rejections(message):
            note = f"A request ({words}) is rejected with {exchange.status}, which the standards allow."
            subject.sender.note(note)
            subject.state.check_unchanged(operation, target, f"A request ({words})", exchange)
            return
        _judge(subject, operation, target, spellings, body, exchange)

    return run


_OF_REJECTIONS = (
    "header names in upper case",
    "any media type is accepted",
    "Accept with a range",
    "no Accept",
    "no content coding is accepted",
    "only identity is accepted",
    "no Accept-Encoding",
    "another language is preferred",
    "another charset is preferred",
    "a browser sends it",
    "in many chunks",
    "in two packets, split between headers and body",
)
"""Spellings under which an error has the same form as without them: JSON is accepted, and nothing else is preferred."""


def _reject(operation: Operation, spelling: Spelling) -> Callable[[Subject], None]:
    """A request that must be rejected, spelled differently: the error must still have the documented form."""

    def run(subject: Subject) -> None:
        target = subject.sender.target(operation)
        direct = subject.sender.wire.connection.is_direct
        if spelling.raw and not direct:
            raise NotTried("it needs a socket to the server, without a proxy")
        message = spelling.spell(message_for(subject, operation, target, wrong_body(subject, operation, 7)))
        if message is None:
            raise NotTried("it does not apply to this request")
        before = subject.findings.sightings
        exchange, following = _send(subject, operation, target, message, direct)
        if following is not None:
            _judge_following(subject, operation, [spelling], following)
        says = f"A request with a wrong value ({spelling.name})"
        if 200 <= exchange.status < 300:
            subject.rejections.undo(operation, target)
            return  # Other cases report accepted requests, for every spelling.
        subject.checks.check(operation, exchange)
        if exchange.status >= 500:
            sentence = f"{says} is answered {exchange.status}; it must be rejected with a 4XX status."
            place = rfc(spelling.rfc, spelling.section)
            subject.findings.add("server-error", sentence, place, exchange, key="spelled rejections")
        if subject.findings.sightings == before:
            subject.state.check_unchanged(operation, target, says, exchange)

    return run


def _with_other_alphabets(subject: Subject, operation: Operation, target: Target, body: object) -> object:
    """A body with a pair that needs escaping."""
    if isinstance(body, dict) and (subject.sender.disposable or subject.state.semantics_of(operation).can_remove):
        for name in operation.maps:
            changed = {**body, name: {**(body.get(name) or {}), "k/é漢😀": 'v/"\\\tß\u2028𝄞'}}
            stored = pairs_of((subject.state.stored(operation, target) or {}).get(name))
            room = subject.state.semantics_of(operation).can_remove or subject.spec.is_valid(
                operation.maps[name], {**stored, **changed[name]}
            )
            if operation.accepts(changed) and room:
                return changed
    return body


def message_for(subject: Subject, operation: Operation, target: Target, body: object) -> Message:
    """A request in its usual spelling; a body of None sends none."""
    sender = subject.sender
    base = urlsplit(sender.wire.base_url)
    path = base.path.rstrip("/") + sender.path(operation, sender.values(operation, target)) + sender.query(operation)
    headers = {
        "Host": base.netloc.rpartition("@")[2],
        "Accept": "application/json",
        **sender.headers(operation, body is not None),
    }
    return Message(
        operation.method, path, tuple(headers.items()), b"" if body is None else json_body(body), base.scheme
    )


def _send(
    subject: Subject, operation: Operation, target: Target, message: Message, direct: bool
) -> tuple[Exchange, Exchange | None]:
    """Send the message, and then a read on the same connection."""
    wire = subject.sender.wire
    if direct:
        reader = subject.state.reader(operation)
        body = None if reader is None or reader.operation.body is None else reader.body
        following = [] if reader is None else [message_for(subject, reader.operation, target, body)]
        exchanges = send(wire, message, *following)
        return exchanges[0], exchanges[1] if len(exchanges) > 1 else None
    # By segments: those of the base path may be spelled differently too.
    base = urlsplit(wire.base_url).path.rstrip("/").count("/")
    path = "/" + "/".join(message.target.split("/")[base + 1 :])
    headers = [pair for pair in message.headers if pair[0].lower() != "host"]
    return wire.send(message.method, path, headers, message.body or None), None


def _judge_following(
    subject: Subject, operation: Operation, spellings: Sequence[Spelling], following: Exchange
) -> None:
    """Check the read after a request on its connection: the server must have read that request to its end."""
    if 200 <= following.status < 300 or following.status == 429:
        return
    words = " and ".join(spelling.name for spelling in spellings)
    came = following.fault.partition(":")[0] or str(following.status)
    sentence = f"After a request ({words}), the next one on the same connection is not answered as usual: {came}."
    place = rfc(9112, "9.3", "persistence")
    subject.findings.add("connection-out-of-step", sentence, place, following, key="")


def _judge(
    subject: Subject,
    operation: Operation,
    target: Target,
    spellings: Sequence[Spelling],
    body: object,
    exchange: Exchange,
) -> None:
    sender, state = subject.sender, subject.state
    known = state.known(operation, target)
    assert known is not None
    words = " and ".join(spelling.name for spelling in spellings)
    if exchange.status == 429:
        sender.pause(exchange)
        return
    place, key = rfc(spellings[-1].rfc, spellings[-1].section), spellings[-1].aspect
    if len(spellings) > 1 and subject.findings.has("spelling-rejected", "spelling-changes-meaning"):
        state.resync(operation, target)
        return  # One of the two spellings alone causes the defect.
    if exchange.fault or not 200 <= exchange.status < 300:
        state.resync(operation, target)
        if _is_wrong_anyway(subject, operation, target, body):
            return
        came = exchange.fault.partition(":")[0] or str(exchange.status)
        sentence = f"A valid request is not accepted ({came}) if it is spelled differently: {words}."
        subject.findings.add("spelling-rejected", sentence, place, exchange, key=key)
        return
    with subject.findings.probe() as found:
        answer = subject.checks.check(operation, exchange)
        if isinstance(body, dict) and isinstance(answer, dict):
            state.checks.check_change(operation, known, known.now, body, answer, exchange)
            known.now = answer
            known.replaced_with = body if operation.method == "PUT" else None
            known.changes += 1
        state.read(operation, target, via="raw")
    # A known intermittent defect may occur here by chance.
    new = [defect for defect in found if not subject.findings.has_defect(*defect)]
    if new and not _is_wrong_anyway(subject, operation, target, body):
        sentence = f"A valid request has another effect if it is spelled differently: {words}."
        subject.findings.add("spelling-changes-meaning", sentence, place, exchange, key=key)


def _is_wrong_anyway(subject: Subject, operation: Operation, target: Target, body: object) -> bool:
    """Whether the same request in its usual spelling fails, too. If so, that is reported."""
    before = subject.findings.sightings
    if operation.is_modify:
        subject.state.modify(operation, target, body, via="raw")
    subject.state.read(operation, target, via="raw")
    return subject.findings.sightings > before
