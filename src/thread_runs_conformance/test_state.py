"""What a server remembers: a model-based machine over all runs, the limit across calls, and two writers at once."""

import itertools
import threading
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from thread_runs_conformance.bodies import REFUSED_CHANGE
from thread_runs_conformance.calls import Target, Via
from thread_runs_conformance.explore import Explorer
from thread_runs_conformance.semantics import pairs_of
from thread_runs_conformance.spec import Operation
from thread_runs_conformance.subject import Subject
from thread_runs_conformance.test_negative import BODY
from thread_runs_conformance.texts import TEXTS
from thread_runs_conformance.wire import json_body

KEYS = st.one_of(
    st.sampled_from(
        ["a", "b", "c", "A", " a", "a ", "__proto__", "constructor", "caf\u00e9", "cafe\u0301", "a.b", "1", ""]
    ),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
)
VALUES = st.one_of(
    st.sampled_from([*TEXTS.values()]),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=30),
    st.just(""),
)
VIAS = st.sampled_from(["sync", "async", "raw"])


def _machine(subject: Subject, modify: Operation) -> type[RuleBasedStateMachine]:
    names = [*modify.maps]
    targets = st.sampled_from(subject.targets)
    counter = itertools.count()

    class Interleaved(RuleBasedStateMachine):
        """Changes, no-ops, reads and refused calls over several runs, in any order."""

        @rule(target_run=targets, pairs=st.dictionaries(KEYS, VALUES, max_size=5), via=VIAS)
        def modify(self, target_run: Target, pairs: dict[str, str], via: Via) -> None:
            for name in names:
                # A value of its own for each change shows which change it came from.
                subject.modify(modify, target_run, {name: {**pairs, "step": str(next(counter))}}, via=via)

        @rule(target_run=targets, other=targets, via=VIAS)
        def modify_and_read_another(self, target_run: Target, other: Target, via: Via) -> None:
            for name in names:
                subject.modify(modify, target_run, {name: {"step": str(next(counter))}}, via="sync")
            subject.read(other, via=via)

        @rule(target_run=targets, via=VIAS)
        def remove(self, target_run: Target, via: Via) -> None:
            for name in names:
                subject.modify(modify, target_run, {name: None}, via=via)

        @rule(target_run=targets, via=VIAS)
        def send_no_pairs(self, target_run: Target, via: Via) -> None:
            for name in names:
                subject.modify(modify, target_run, {name: {}}, via=via)

        @rule(target_run=targets, via=VIAS)
        def read(self, target_run: Target, via: Via) -> None:
            subject.read(target_run, via=via)

        @rule(target_run=targets, bad=st.sampled_from([7, None, ["x"], {"x": "y"}, True]))
        def be_refused(self, target_run: Target, bad: Any) -> None:
            for name in names:
                subject.refused(
                    modify,
                    target_run,
                    allowed=BODY,
                    rule=subject.contract.violations(modify.body or "", {name: {"k": bad}})[0].pointer,
                    says="A value that is not a string",
                    body=json_body({name: {**REFUSED_CHANGE, "k": bad}}),
                )

        def teardown(self) -> None:
            for known in subject.targets:
                subject.read(known)

    return Interleaved


def test_interleaved(subject: Subject, modify: Operation, explorer: Explorer) -> None:
    subject.needs_removal()
    explorer.machine(_machine(subject, modify))


def test_limit_across_calls(subject: Subject, modify: Operation) -> None:
    """Where pairs are merged, the limit holds for what is stored, not only for what is sent."""
    subject.needs_removal()
    target = subject.targets[0]
    for name, schema in modify.maps.items():
        most = subject.contract.schema(schema)[1].get("maxProperties")
        if most is None or not subject.semantics.merge:
            pytest.skip("it needs a limit on pairs, and a server that merges them")
        subject.modify(modify, target, {name: subject.semantics.clearing()})
        half = most // 2
        subject.modify(modify, target, {name: {f"a{index}": "1" for index in range(half)}})
        subject.modify(modify, target, {name: {f"b{index}": "2" for index in range(most - half)}})
        if len(pairs_of((subject.stored(target) or {}).get(name))) != most:
            return  # A finding already.
        subject.modify(modify, target, {name: {"a0": "an old key is no new pair"}})
        subject.refused(
            modify,
            target,
            allowed=(*BODY, 409),
            rule=f"{schema}/maxProperties",
            says=f"A pair beyond the {most} that are stored",
            body=json_body({name: {"one_more": "x"}}),
            key="across calls",
        )


def test_connections(subject: Subject, modify: Operation) -> None:
    """A change made on one connection is seen on all others."""
    subject.needs_removal()
    target = subject.targets[0]
    for index in range(4):
        with subject.wire.new_client() as writer, subject.wire.new_client() as reader:
            for name in modify.maps:
                subject.modify(modify, target, {name: {"connection": str(index)}}, via="raw", client=writer)
            subject.read(target, via="raw", client=reader)


def test_many_changes(subject: Subject, modify: Operation) -> None:
    """Every change counts, however many there were before."""
    subject.needs_removal()
    for index in range(subject.rounds * 3):
        for name in modify.maps:
            subject.modify(modify, subject.targets[0], {name: {"count": str(index)}})
    subject.read(subject.targets[0], via="async")


def test_two_writers(subject: Subject, modify: Operation) -> None:
    """Two writers at once: where pairs are merged none is lost; where they are replaced one set stays, whole."""
    subject.needs_removal()
    target = subject.targets[0]
    for name in modify.maps:
        for round_ in range(subject.rounds):
            subject.modify(modify, target, {name: subject.semantics.clearing()})
            if subject.semantics.merge is None or subject.stored(target) is None:
                pytest.skip("whether pairs are merged or replaced could not be learned")
            sets = [{f"{writer}{index}": f"{writer}{round_}" for index in range(3)} for writer in ("left", "right")]
            done = _at_once(subject, [_writer(subject, modify, target, name, pairs) for pairs in sets])
            _judge_writers(subject, modify, target, name, sets, done)


def _writer(
    subject: Subject, operation: Operation, target: Target, name: str, pairs: dict[str, str]
) -> Callable[[httpx.Client], bool]:
    """Writes the pairs: one by one if they are merged, else together; tells whether all were accepted."""
    bodies = [{key: value} for key, value in pairs.items()] if subject.semantics.merge else [pairs] * 3

    def write(client: httpx.Client) -> bool:
        answers = [
            subject.call(operation, target, {name: body}, via="raw", client=client, conflict_allowed=True)
            for body in bodies
        ]
        return all(answer is not None for answer in answers)

    return write


def _at_once(subject: Subject, writers: list[Callable[[httpx.Client], bool]]) -> list[bool]:
    barrier = threading.Barrier(len(writers))
    done = [False] * len(writers)
    stopped: list[BaseException] = []

    def run(index: int) -> None:
        with subject.wire.new_client() as client:
            barrier.wait()
            try:
                done[index] = writers[index](client)
            except BaseException as error:  # Also the end of the budget: raised again below.
                stopped.append(error)

    threads = [threading.Thread(target=run, args=(index,)) for index, _ in enumerate(writers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if stopped:
        raise stopped[0]
    return done


def _judge_writers(
    subject: Subject, operation: Operation, target: Target, name: str, sets: list[dict[str, str]], done: list[bool]
) -> None:
    answer = subject.resync(target)
    if answer is None or not all(done):
        return
    got = pairs_of(answer.get(name))
    place = subject.contract.place(f"{operation.pointer}/description")
    if subject.semantics.merge:
        lost = [key for pairs in sets for key, value in pairs.items() if got.get(key) != value]
        # A server that keeps nothing at all has another defect.
        if 0 < len(lost) < sum(map(len, sets)):
            subject.findings.add(
                "lost-update",
                f"Of two writers at once, one loses what it wrote: {len(lost)} of 6 pairs are gone, though every "
                "request succeeded.",
                place,
                subject.wire.last,
            )
    elif got not in sets:
        subject.findings.add(
            "mixed-update",
            f"Two writers at once replaced all pairs; what is stored is neither's set: {got!r}.",
            place,
            subject.wire.last,
        )
