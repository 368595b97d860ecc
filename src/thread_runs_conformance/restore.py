"""After the cases: restore every resource, and read it to verify that."""

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from thread_runs_conformance.exchange import same_json, shown
from thread_runs_conformance.known_resource import Known
from thread_runs_conformance.operations import Operation
from thread_runs_conformance.semantics import pairs_of
from thread_runs_conformance.subject import Subject
from thread_runs_conformance.values.comparing import same_property


class Journal:
    """The original state of the resources, on disk: the next run restores the resources of a killed one."""

    def __init__(self, path: Path | None, base_url: str) -> None:
        self._path = path
        self._base_url = base_url

    @staticmethod
    def name(known: Known) -> str:
        """The name of a resource in the journal."""
        return f"{known.operation.path} {known.target}"

    def load(self) -> dict[str, Any]:
        """The resources that an earlier run on the same server did not restore."""
        if self._path is None:
            return {}
        try:
            kept = json.loads(self._path.read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return kept["resources"] if isinstance(kept, dict) and kept.get("base_url") == self._base_url else {}

    def save(self, resources: dict[str, Any]) -> None:
        """Write the state of the resources."""
        if self._path is None:
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._path.write_text(json.dumps({"base_url": self._base_url, "resources": resources}, indent=2), "utf-8")

    def clear(self) -> None:
        """Remove the journal, because everything is restored."""
        if self._path is not None:
            self._path.unlink(missing_ok=True)


def restore(subject: Subject, journal: Journal) -> list[str]:
    """Restore the original state of the resources, and read each one to verify it.

    Returns:
        One sentence for each property that could not be restored.
    """
    left: list[str] = []
    with subject.sender.wire.meter.without_budget():
        for known in subject.state.everything():
            left.extend(_Restorer(subject, known).restore())
    if not left:
        journal.clear()
    return left


class _Restorer:
    def __init__(self, subject: Subject, known: Known) -> None:
        self._subject = subject
        self._known = known
        self._operation = subject.state.modify_operation(known.operation)

    def restore(self) -> Iterator[str]:
        operation, original = self._operation, self._known.original
        if operation is None:
            return
        current = self._stored()
        for attempt in range(3):
            wrong = [name for name in operation.changeable if not self._same(operation, name, current)]
            if not wrong:
                return
            for body in self._bodies(operation, wrong, original, attempt):
                with contextlib.suppress(Exception):
                    self._subject.sender.dispatch(operation, self._known.target, body)
            current = self._stored()
        for name in operation.changeable:
            if not self._same(operation, name, current):
                now = "it cannot be read" if current is None else f"it is now {shown(current.get(name))}"
                was = f"`{name}` could not be restored: it was {shown(original.get(name))}, and {now}."
                if self._known.target.is_prepared:
                    self._subject.sender.note(f"{self._known.target}, which --prepare created: {was}")
                else:
                    yield f"{self._known.target}: {was}"

    def _bodies(self, operation: Operation, wrong: list[str], original: Any, attempt: int) -> Iterator[Any]:
        """The bodies to send, those without leftovers first; null and {} even if they were not seen to remove pairs."""
        whole = {name: original[name] for name in operation.changeable if name in original}
        needed = {name: value for name, value in whole.items() if name in self._required(operation)}
        for name in wrong:
            if name not in operation.maps:
                continue
            tried_first: list[list[Any]] = [[], [None], [{}]]
            first = tried_first[attempt]
            for value in [*first, pairs_of(original.get(name)) if first else original.get(name)]:
                body = {**needed, name: value}
                if operation.accepts(body):
                    yield body
        rest = {name: original[name] for name in wrong if name not in operation.maps and name in original}
        for body in ({**needed, **rest}, {**whole}):
            if rest and operation.accepts(body):
                yield body

    def _required(self, operation: Operation) -> frozenset[str]:
        if operation.method == "PUT":
            return frozenset(operation.changeable)
        return operation.spec.required(operation.body) if operation.body else frozenset()

    def _same(self, operation: Operation, name: str, current: Any) -> bool:
        original = self._known.original
        if current is None:
            return False
        if name in operation.maps:
            return pairs_of(current.get(name)) == pairs_of(original.get(name))
        return same_json(current.get(name), original.get(name)) or same_property(
            operation.spec, operation, name, original, current
        )

    def _stored(self) -> Any:
        """The resource as it is now, whatever else is wrong with the response; None if it cannot be read."""
        reader = self._subject.state.reader(self._known.operation)
        if reader is None:
            return None
        with contextlib.suppress(Exception):
            exchange, _, _ = self._subject.sender.dispatch(reader.operation, self._known.target, reader.body)
            answer = exchange.json() if 200 <= exchange.status < 300 else None
            return answer if isinstance(answer, dict) else None
        return None
