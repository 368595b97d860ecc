"""Several callers at once: some order of their calls must explain what all of them saw."""

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from thread_runs_conformance.cases.base import Case
from thread_runs_conformance.exchange import shown
from thread_runs_conformance.linearizability import Call, explains
from thread_runs_conformance.operations import Operation
from thread_runs_conformance.outcomes import NotTried
from thread_runs_conformance.semantics import pairs_of
from thread_runs_conformance.subject import Subject
from thread_runs_conformance.targets import Target

Write = Callable[[httpx.Client], list[Call]]


def cases(operations: Sequence[Operation]) -> Iterator[Case]:
    """Cases for every operation that changes a map."""
    for operation in operations:
        if operation.is_modify and operation.maps:
            for callers in (2, 3):
                name = f"{operation.id}: {callers} callers"
                yield Case("concurrency", name, _together(operation, callers))


def _together(operation: Operation, callers: int) -> Callable[[Subject], None]:
    def run(subject: Subject) -> None:
        subject.needs_removal(operation)
        target = subject.sender.target(operation)
        if subject.state.semantics_of(operation).merge is None or subject.state.stored(operation, target) is None:
            raise NotTried("whether pairs are merged or replaced could not be learned")
        for _ in range(subject.sender.rounds):
            for name in operation.maps:
                _round(subject, operation, target, name, callers)

    return run


def _round(subject: Subject, operation: Operation, target: Target, name: str, callers: int) -> None:
    state = subject.state
    if state.semantics_of(operation).can_remove:
        state.clear(operation, target, name)
    stored = state.stored(operation, target)
    first = pairs_of((stored or {}).get(name))
    most = subject.spec.schema(operation.maps[name])[1].get("maxProperties", 1000)
    if len({*first, *(f"caller{number}_{index}" for number in range(callers) for index in range(3))}) > most:
        raise NotTried("the stored pairs leave no room, and this server has no way to remove them")
    writers = [_Caller(subject, operation, target, name, number) for number in range(callers)]
    calls = [call for caller in _at_once(subject, writers) for call in caller]
    last = state.resync(operation, target)
    if last is None:
        return
    final = pairs_of(last.get(name))
    merge = bool(state.semantics_of(operation).merge)
    for call in calls:
        _check_own(subject, operation, call)
    if explains(first, calls, final, merge=merge):
        return
    lost = [key for call in calls if call.succeeded for key in call.sent or {} if key not in final] if merge else []
    place = subject.spec.place(f"{operation.pointer}/description")
    if lost and len(lost) < sum(len(call.sent or {}) for call in calls):
        sentence = f"With {callers} callers at once, a successful change is lost: {shown(lost[0])} is missing."
        subject.findings.add("lost-update", sentence, place, subject.sender.wire.last, key="")
    elif not lost:
        sentence = (
            f"No order of the calls of {callers} callers explains what they saw and what is stored in the end: "
            f"{shown(final)}."
        )
        subject.findings.add("not-linearizable", sentence, place, subject.sender.wire.last, key="")


def _check_own(subject: Subject, operation: Operation, call: Call) -> None:
    """The response to a change shows that change, whatever others do."""
    if call.succeeded and call.sent and call.seen is not None:
        wrong = [key for key, value in call.sent.items() if call.seen.get(key) != value]
        if wrong:
            sentence = (
                f"With several callers at once, a response does not show what its own request sent: {shown(wrong[0])}."
            )
            place = subject.spec.place(f"{operation.pointer}/description")
            subject.findings.add("change-not-shown", sentence, place, call.exchange, key="concurrency")


@dataclass
class _Caller:
    """One of several callers: changes a few pairs and reads in between."""

    subject: Subject
    operation: Operation
    target: Target
    name: str
    number: int

    def __call__(self, client: httpx.Client) -> list[Call]:
        state, calls = self.subject.state, []
        reader = state.reader(self.operation)
        for index in range(3):
            mark = self.subject.sender.next_salt()
            pairs = {f"caller{self.number}_{index}": f"value {mark}"}
            if not state.semantics_of(self.operation).merge:
                pairs = {f"caller{self.number}_{index}_{part}": f"value {mark}" for part in range(3)}
            calls.append(self._call(self.operation, state.with_map(self.operation, self.name, pairs), pairs, client))
        if reader is not None:
            calls.append(self._call(reader.operation, reader.body, None, client))
        return calls

    def _call(self, operation: Operation, body: Any, pairs: dict[str, str] | None, client: httpx.Client) -> Call:
        sender = self.subject.sender
        outcome = sender.send(operation, self.target, body, via="raw", client=client, conflict_allowed=True)
        exchange = outcome.exchange
        seen = None if outcome.answer is None else pairs_of(outcome.answer.get(self.name))
        return Call(
            begin=exchange.started,
            end=exchange.started + exchange.seconds,
            sent=pairs,
            seen=seen,
            succeeded=outcome.answer is not None,
            rejected=outcome.rejected,
            exchange=exchange,
        )


def _at_once(subject: Subject, callers: Sequence[Write]) -> list[list[Call]]:
    barrier = threading.Barrier(len(callers))
    done: list[list[Call]] = [[] for _ in callers]
    stopped: list[BaseException] = []

    def run(index: int) -> None:
        with subject.sender.wire.new_client() as client:
            barrier.wait()
            try:
                done[index] = callers[index](client)
            except BaseException as error:  # Also the end of the budget: raised again below.
                stopped.append(error)

    threads = [threading.Thread(target=run, args=(index,)) for index, _ in enumerate(callers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if stopped:
        raise stopped[0]
    return done
