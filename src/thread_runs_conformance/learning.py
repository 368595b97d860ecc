"""Before the cases: read the resources, and learn what the spec leaves open with as few changes as possible."""

from typing import Any

from thread_runs_conformance.known_state import KnownState
from thread_runs_conformance.operations import Operation
from thread_runs_conformance.outcomes import NotTried, RunStopped
from thread_runs_conformance.restore import Journal
from thread_runs_conformance.semantics import pairs_of
from thread_runs_conformance.subject import Subject
from thread_runs_conformance.targets import Target


def learn(subject: Subject, journal: Journal) -> None:
    """Read every target, write its state to the journal, and learn how maps are changed."""
    read_all(subject, journal)
    for operation in subject.modifying:
        name = next(iter(operation.maps), None)
        target = None if name is None else _best_target(subject, operation, name)
        if name is not None and target is not None:
            subject.findings.case = "learning how pairs are changed"
            _Learner(subject.state, operation, target, name).learn()


def _best_target(subject: Subject, operation: Operation, name: str) -> Target | None:
    """The target to learn from: one that has pairs. Some servers cannot remove a pair that was added to one without."""
    try:
        targets = subject.sender.targets(operation)
    except NotTried:
        return None
    stored = {target.key: subject.state.stored(operation, target) for target in targets}
    readable = [target for target in targets if stored[target.key] is not None]
    for target in readable:
        if pairs_of(stored[target.key].get(name)):
            return target
    for target in readable:
        if subject.sender.disposable or target.is_prepared:
            return target
    if readable:
        subject.sender.note(
            f"No target has pairs in `{name}`. Some servers cannot remove pairs, so none were added, and whatever adds "
            "pairs was not tried. Give a target that has at least one pair, or create one with --prepare."
        )
    return None


def read_all(subject: Subject, journal: Journal) -> None:
    """Read every target and write its state to the journal, before anything is changed."""
    subject.findings.case = "reading the resources"
    unfinished = journal.load()
    for operation in _one_for_each_path(subject):
        try:
            targets = subject.sender.targets(operation)
        except NotTried:
            continue
        for target in targets:
            try:
                subject.state.read(operation, target)
            except RunStopped:
                raise
            except NotTried as reason:
                subject.sender.note(str(reason))
    _fix_what_cannot_be_restored(subject)
    kept = {}
    for known in subject.state.everything():
        name = Journal.name(known)
        if name in unfinished:
            known.original = unfinished[name]
            subject.sender.note(f"{known.target} is restored to what it was before an earlier run that was cut off.")
        kept[name] = known.original
    journal.save(kept)


def _fix_what_cannot_be_restored(subject: Subject) -> None:
    """Pass to the guard the properties whose values the spec does not allow to be sent."""
    for known in subject.state.everything():
        operation = subject.state.modify_operation(known.operation)
        if operation is None:
            continue
        needed = operation.spec.required(operation.body) if operation.body else frozenset()
        base = {name: known.original[name] for name in needed if name in known.original}
        for name in operation.changeable:
            value = known.original.get(name)
            if name in operation.maps:
                value = value or {}
            if not operation.accepts({**base, name: value}):
                subject.sender.wire.guard.fixed.add((operation.path, str(known.target), name))
                if not subject.sender.disposable:
                    subject.sender.note(f"`{name}` of {known.target} is not changed: its value could not be restored.")


def _one_for_each_path(subject: Subject) -> list[Operation]:
    return list({each.path: each for each in subject.operations if each.is_modify or each.is_read}.values())


class _Learner:
    """Learns how one operation changes one map."""

    def __init__(self, state: KnownState, operation: Operation, target: Target, name: str) -> None:
        self._state = state
        self._operation = operation
        self._target = target
        self._name = name
        self._semantics = state.semantics_of(operation)

    def learn(self) -> None:
        if self._pairs():
            self._learn_null()
        if self._semantics.null_clears is not True and self._pairs():
            # Added pairs might not be removable. If no pairs are merged into the stored ones, nothing changes.
            self._learn_merge({})
            stored = self._pairs()
            if stored:
                key = min(stored)
                self._modify({key: f"{stored[key][:-1]}~"})
        else:
            self._learn_merge({"conformance_1": "1"}, {"conformance_2": "2"})
        if self._semantics.null_clears is None:
            self._learn_null()

    def _pairs(self) -> dict[str, str]:
        return pairs_of((self._state.stored(self._operation, self._target) or {}).get(self._name))

    def _modify(self, value: Any) -> Any:
        body = self._state.with_map(self._operation, self._name, value)
        if not self._operation.accepts(body):
            return None
        return self._state.modify(self._operation, self._target, body, make_room=False)

    def _learn_null(self) -> None:
        before = self._pairs()
        answer = self._modify(None)
        if answer is not None and before:
            after = pairs_of(answer.get(self._name))
            if after in ({}, before):
                self._semantics.null_clears = not after

    def _learn_merge(self, *changes: dict[str, str]) -> None:
        for change in changes:
            before = self._pairs()
            answer = self._modify(change)
            if answer is None or not before.keys() - change.keys():
                continue
            after = pairs_of(answer.get(self._name))
            if after == {**before, **change}:
                self._semantics.merge = True
            elif after == change:
                self._semantics.merge = False
            return
