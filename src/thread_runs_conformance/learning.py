"""Before the tests: read the runs and learn what the contract leaves open. After them: put everything back."""

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from thread_runs_conformance.calls import Target
from thread_runs_conformance.semantics import pairs_of
from thread_runs_conformance.subject import Subject


class Journal:
    """What the runs were before they were touched, on disk: a run that was killed is put back by the next one."""

    def __init__(self, path: Path, base_url: str) -> None:
        self._path = path
        self._base_url = base_url

    def load(self) -> dict[str, Any]:
        try:
            kept = json.loads(self._path.read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return kept["runs"] if kept.get("base_url") == self._base_url else {}

    def save(self, runs: dict[str, Any]) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._path.write_text(json.dumps({"base_url": self._base_url, "runs": runs}, indent=2), "utf-8")

    def clear(self) -> None:
        self._path.unlink(missing_ok=True)


def learn(subject: Subject, journal: Journal) -> None:
    """Read every run, keep what they were, and learn how pairs are changed with as little as possible."""
    subject.findings.case = "reading the runs"
    unfinished = journal.load()
    kept = {}
    for target in subject.targets:
        subject.read(target)
        original = subject.original(target)
        if original is None:
            continue
        if str(target) in unfinished:
            subject.set_original(target, unfinished[str(target)])
            subject.account.note(f"{target} is put back to what it was before an earlier session that was cut off.")
        kept[str(target)] = subject.original(target)
    journal.save(kept)
    operation, target = subject.modify_operation, subject.targets[0]
    if operation is None or not operation.maps or subject.stored(target) is None:
        return
    name = next(iter(operation.maps))
    subject.findings.case = "learning how pairs are changed"
    if pairs_of(subject.stored(target).get(name)):
        _learn_null(subject, target, name)
    if subject.semantics.null_clears is False and pairs_of(subject.stored(target).get(name)):
        # What is added could not be removed. No pairs, merged into those that are there, change nothing.
        _learn_merge(subject, target, name, {})
        stored = pairs_of(subject.stored(target).get(name))
        if stored:
            key = min(stored)
            subject.modify(operation, target, {name: {key: f"{stored[key][:-1]}~"}}, make_room=False)
    else:
        _learn_merge(subject, target, name, {"contract_1": "1"}, {"contract_2": "2"})
    if subject.semantics.null_clears is None:
        _learn_null(subject, target, name)


def _learn_null(subject: Subject, target: Target, name: str) -> None:
    operation = subject.modify_operation
    assert operation is not None
    if operation.body is None or not subject.contract.is_valid(operation.body, {name: None}):
        return
    before = pairs_of(subject.stored(target).get(name))
    answer = subject.modify(operation, target, {name: None})
    if answer is not None and before:
        after = pairs_of(answer.get(name))
        if after in ({}, before):
            subject.semantics.null_clears = not after


def _learn_merge(subject: Subject, target: Target, name: str, *changes: dict[str, str]) -> None:
    operation = subject.modify_operation
    assert operation is not None
    for change in changes:
        before = pairs_of(subject.stored(target).get(name))
        answer = subject.modify(operation, target, {name: change}, make_room=False)
        if answer is None or not before.keys() - change.keys():
            continue
        after = pairs_of(answer.get(name))
        if after == {**before, **change}:
            subject.semantics.merge = True
        elif after == change:
            subject.semantics.merge = False
        return


def restore(subject: Subject, journal: Journal) -> list[str]:
    """Put the runs back to what they were; returns, in words, what could not be."""
    left: list[str] = []
    with subject.wire.meter.without_budget():
        for target in subject.targets:
            left.extend(_restore_run(subject, target))
    if not left:
        journal.clear()
    return left


def _restore_run(subject: Subject, target: Target) -> Iterator[str]:
    operation, original = subject.modify_operation, subject.original(target)
    if operation is None or original is None:
        return
    current = _stored(subject, target)
    for name in operation.maps:
        wanted = original.get(name)
        # First what leaves nothing behind; null and {} are tried even if they were not seen to remove pairs.
        for attempt in ([wanted], [None, wanted], [{}, wanted]):
            if _same(current, name, wanted):
                break
            for value in attempt:
                _send(subject, target, {name: value})
            current = _stored(subject, target)
        if not _same(current, name, wanted):
            now = "cannot be read" if current is None else f"is now {current.get(name)!r}"
            yield f"{target}: `{name}` could not be put back: it was {wanted!r} and {now}."
    for name in operation.scalars:
        if current is None or current.get(name) != original.get(name):
            _send(subject, target, {name: original.get(name)})


def _same(current: Any, name: str, wanted: Any) -> bool:
    return current is not None and pairs_of(current.get(name)) == pairs_of(wanted)


def _send(subject: Subject, target: Target, body: Any) -> Any:
    operation = subject.modify_operation
    assert operation is not None
    with contextlib.suppress(Exception):
        return subject.call(operation, target, body, via="raw")
    return None


def _stored(subject: Subject, target: Target) -> Any:
    with contextlib.suppress(Exception):
        return subject.resync(target)
    return None
