"""Stored state: a model-based machine over all targets, the limit across calls, several connections, repeats."""

import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from thread_runs_conformance.cases.base import Case
from thread_runs_conformance.cases.rejections import BODY
from thread_runs_conformance.operations import Operation
from thread_runs_conformance.outcomes import NotTried
from thread_runs_conformance.semantics import pairs_of
from thread_runs_conformance.sending import Via
from thread_runs_conformance.subject import Subject
from thread_runs_conformance.targets import Target
from thread_runs_conformance.values.samples import NoSampleError, pairs, sample
from thread_runs_conformance.values.texts import TEXTS
from thread_runs_conformance.wire import json_body

_KEYS = ["a", "b", "c", "A", " a", "a ", "__proto__", "constructor", "caf\u00e9", "cafe\u0301", "a.b", "1", ""]
Run = Callable[[Subject], None]


def cases(operations: Sequence[Operation]) -> Iterator[Case]:
    """Cases for every operation that changes a resource."""
    for operation in operations:
        if not operation.is_modify:
            continue
        if operation.maps:
            yield Case("state", f"{operation.id}: interleaved calls", _interleaved(operation))
            yield Case("state", f"{operation.id}: the limit across calls", _limit_across_calls(operation))
        yield Case("state", f"{operation.id}: several connections", _connections(operation))
        yield Case("state", f"{operation.id}: many changes", _many_changes(operation))
        yield Case("state", f"{operation.id}: one property at a time", _one_property(operation))
        if operation.method == "PUT":
            yield Case("state", f"{operation.id}: what is left out", _less_and_less(operation))


def _interleaved(operation: Operation) -> Run:
    def run(subject: Subject) -> None:
        subject.needs_removal(operation)
        subject.explorer.machine(_machine(subject, operation))

    return run


def _machine(subject: Subject, operation: Operation) -> Any:
    from hypothesis import strategies as st
    from hypothesis.stateful import RuleBasedStateMachine, rule

    sender, state = subject.sender, subject.state
    names = [*operation.maps]
    targets = st.sampled_from(sender.targets(operation))
    counter = itertools.count()
    text = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
    keys = st.one_of(st.sampled_from(_KEYS), text.map(lambda key: key[:12]))
    values = st.one_of(st.sampled_from([*TEXTS.values()]), text, st.just(""))
    vias = st.sampled_from(["sync", "async", "raw"])

    def send(target: Target, name: str, value: Any, via: Via) -> None:
        body = state.with_map(operation, name, value)
        if operation.accepts(body):
            state.modify(operation, target, body, via=via)

    class Interleaved(RuleBasedStateMachine):
        """Changes, no-ops, reads and rejected calls over several targets, in any order."""

        @rule(target_run=targets, chosen=st.dictionaries(keys, values, max_size=5), via=vias)
        def modify(self, target_run: Target, chosen: dict[str, str], via: Via) -> None:
            for name in names:
                # Each change has its own value, which shows where a value comes from.
                send(target_run, name, {**chosen, "step": str(next(counter))}, via)

        @rule(target_run=targets, other=targets, via=vias)
        def modify_and_read_another(self, target_run: Target, other: Target, via: Via) -> None:
            for name in names:
                send(target_run, name, {"step": str(next(counter))}, "sync")
            state.read(operation, other, via=via)

        @rule(target_run=targets, via=vias)
        def remove(self, target_run: Target, via: Via) -> None:
            for name in names:
                send(target_run, name, None, via)

        @rule(target_run=targets, via=vias)
        def send_no_pairs(self, target_run: Target, via: Via) -> None:
            for name in names:
                send(target_run, name, {}, via)

        @rule(target_run=targets, via=vias)
        def read(self, target_run: Target, via: Via) -> None:
            state.read(operation, target_run, via=via)

        @rule(target_run=targets, bad=st.sampled_from([7, None, ["x"], {"x": "y"}, True]), last=st.booleans())
        def be_rejected(self, target_run: Target, bad: Any, last: bool) -> None:
            for name in names:
                good = pairs(subject.spec, operation.maps[name], sender.next_salt(), 2)
                body = state.with_map(operation, name, {**good, "k": bad} if last else {"k": bad, **good})
                found = subject.spec.violations(operation.body or "", body)
                if found:
                    subject.rejections.expect(
                        operation,
                        target_run,
                        allowed=BODY,
                        rule=found[0].pointer,
                        says="A value of another type",
                        body=json_body(body),
                    )

        def teardown(self) -> None:
            for known in state.everything():
                if known.operation.path == operation.path:
                    state.read(operation, known.target)

    return Interleaved


def _limit_across_calls(operation: Operation) -> Run:
    """If pairs are merged, the limit applies to the stored pairs, not only to the sent ones."""

    def run(subject: Subject) -> None:
        subject.needs_removal(operation)
        state, target = subject.state, subject.sender.target(operation)
        for name, schema in operation.maps.items():
            most = subject.spec.schema(schema)[1].get("maxProperties")
            semantics = state.semantics_of(operation)
            if most is None or not semantics.merge or not semantics.can_remove:
                raise NotTried("it needs a limit on pairs, and a server that merges and removes them")

            def send(value: dict[str, str], name: str = name) -> None:
                state.modify(operation, target, state.with_map(operation, name, value), make_room=False)

            state.clear(operation, target, name)
            half = most // 2
            send({f"a{index}": f"first {index}" for index in range(half)})
            send({f"b{index}": f"second {index}" for index in range(most - half)})
            if len(pairs_of((state.stored(operation, target) or {}).get(name))) != most:
                return  # A finding already.
            send({"a0": "an old key is no new pair"})
            for extra in ({"one_more": "x"}, {"a1": "old", "one_more": "new"}):
                subject.rejections.expect(
                    operation,
                    target,
                    allowed=(*BODY, 409),
                    rule=f"{schema}/maxProperties",
                    says=f"A pair beyond the {most} that are stored",
                    body=json_body(state.with_map(operation, name, extra)),
                    make_room=False,
                    key="across calls",
                )

    return run


def _connections(operation: Operation) -> Run:
    """A change that was made on one connection is seen on all others."""

    def run(subject: Subject) -> None:
        subject.needs_removal(operation)
        target = subject.sender.target(operation)
        for _ in range(4):
            with subject.sender.wire.new_client() as writer, subject.sender.wire.new_client() as reader:
                body = subject.state.fresh(operation, target)
                subject.state.modify(operation, target, body, via="raw", client=writer)
                subject.state.read(operation, target, via="raw", client=reader)

    return run


def _many_changes(operation: Operation) -> Run:
    """Every change must take effect, after any number of earlier ones, and so must the same change again."""

    def run(subject: Subject) -> None:
        subject.needs_removal(operation)
        target = subject.sender.target(operation)
        for index in range(subject.sender.rounds * 3):
            body = subject.state.fresh(operation, target)
            subject.state.modify(operation, target, body)
            if index % 3 == 0:
                subject.state.modify(operation, target, body, via="raw")
        subject.state.read(operation, target, via="async")

    return run


def _one_property(operation: Operation) -> Run:
    """Change each property alone; the others must not change."""

    def run(subject: Subject) -> None:
        subject.needs_removal(operation)
        target = subject.sender.target(operation)
        smallest = subject.sender.smallest(operation)
        for name in operation.changeable:
            whole = subject.state.fresh(operation, target)
            body = {
                **(smallest if isinstance(smallest, dict) else {}),
                **({name: whole[name]} if name in whole else {}),
            }
            if operation.accepts(body):
                subject.state.modify(operation, target, body, via=subject.sender.next_via())
                subject.state.read(operation, target)

    return run


def _less_and_less(operation: Operation) -> Run:
    """Send all properties, then less of nested objects, all again, and only the required ones; all of that twice."""

    def everything(subject: Subject, turn: int) -> Any:
        # In the second round all values differ, also those with few possible values.
        salt = subject.sender.next_salt() * 2 + turn
        try:
            return sample(subject.spec, operation.body or "", salt, full=True)
        except NoSampleError as error:
            raise NotTried(f"{operation.id}: {error}") from None

    def run(subject: Subject) -> None:
        subject.needs_removal(operation)
        target, sender = subject.sender.target(operation), subject.sender
        for turn in range(2):
            for less in (subject.state.fresh(operation, target), sender.smallest(operation)):
                subject.state.modify(operation, target, everything(subject, turn), via=sender.next_via())
                subject.state.modify(operation, target, less, via=sender.next_via())
        subject.state.read(operation, target, via=sender.next_via())

    return run
