"""The server under test and what is known of its runs: a model that every answer is held against."""

import copy
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from thread_runs_conformance.calls import Caller, Target, Via
from thread_runs_conformance.exchange import Exchange, same_json, shortened
from thread_runs_conformance.semantics import Semantics, damage, pairs_of
from thread_runs_conformance.spec import Operation
from thread_runs_conformance.typed import ABSENT


@dataclass
class _Known:
    original: dict[str, Any]
    now: dict[str, Any]
    touched_last: bool = True


class Subject(Caller):
    """Reads and changes runs, and judges what comes of it. Takes what `Caller` takes."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._known: dict[tuple[Any, ...], _Known] = {}
        reading = self.contract.operations
        self._reader = next(
            (
                operation
                for operation in reading
                if operation.is_modify and operation.body and self.contract.is_valid(operation.body, {})
            ),
            next((operation for operation in reading if operation.is_read), None),
        )

    def read(self, target: Target, via: Via = "sync", client: httpx.Client | None = None) -> Any:
        """Read the run and hold it against what is known of it."""
        if self._reader is None:
            return None
        body: Any = {} if self._reader.is_modify else ABSENT
        answer = self.call(self._reader, target, body, via=via, client=client)
        exchange = self.wire.last
        if answer is None:
            return None
        known = self._known.get(target.key)
        if known is None:
            self._known[target.key] = _Known(copy.deepcopy(answer), answer)
            self._check_identity(self._reader, target, answer, exchange)
            return answer
        self._check_rest(self._reader, target, known, answer, exchange)
        for name in self._mutable:
            if not _same_property(name, answer, known.now):
                rule, words = ("stale-read", "A read does not show what the last change answered.")
                if not known.touched_last:
                    rule, words = ("changed-by-others", "A run changed although no request changed it.")
                detail = f" `{name}` was {_shown(known.now.get(name))}, now it is {_shown(answer.get(name))}."
                self.findings.add(
                    rule, words + detail, self.contract.place(f"{self._reader.pointer}/description"), exchange
                )
        known.now = answer
        return answer

    def read_by(self, operation: Operation, target: Target, via: Via) -> Any:
        """Read the run by another operation than `read` uses."""
        if target.key not in self._known:
            self.read(target)
        reader, self._reader = self._reader, operation
        try:
            return self.read(target, via=via)
        finally:
            self._reader = reader

    def modify(
        self,
        operation: Operation,
        target: Target,
        body: Any,
        *,
        via: Via = "sync",
        rule: str | None = None,
        client: httpx.Client | None = None,
        make_room: bool = True,
    ) -> Any:
        """Change the run; the answer must show the change and nothing else.

        Pairs that would not fit beside the stored ones are sent after those are removed. Where a merge would
        exceed the limit and nothing can be removed, the test is skipped.
        """
        known = self._known.get(target.key)
        if known is None:
            if self.read(target) is None:
                return None
            known = self._known[target.key]
        if make_room:
            self.make_room(operation, target, body)
        known = self._known[target.key]
        answer = self.call(operation, target, body, via=via, rule=rule, client=client)
        if answer is None:
            # Whether it was carried out is not known: what is stored now counts.
            self.resync(target)
            return None
        exchange = self.wire.last
        before, known.now = known.now, answer
        for other in self._known.values():
            other.touched_last = other is known
        self._check_identity(operation, target, answer, exchange)
        self._check_rest(operation, target, known, answer, exchange, before)
        for name in operation.scalars:
            wanted = body.get(name, before.get(name))
            if not same_json(wanted, answer.get(name)):
                self.findings.add(
                    "change-not-shown",
                    f"The answer does not show the change: `{name}` was sent as {_shown(wanted)} and is "
                    f"{_shown(answer.get(name))}.",
                    self.contract.place(f"{operation.pointer}/description"),
                    exchange,
                )
        for name in operation.maps:
            self._check_map(operation, name, before, body, answer, exchange)
        return answer

    def make_room(self, operation: Operation, target: Target, body: Any) -> None:
        """Remove the stored pairs if the new ones would not fit beside them."""
        for name, schema in operation.maps.items():
            sent = body.get(name) if isinstance(body, dict) else None
            stored = pairs_of(self._known[target.key].now.get(name)) if target.key in self._known else {}
            if not isinstance(sent, dict) or not self.contract.is_valid(schema, sent) or self.semantics.merge is False:
                continue
            if not self.semantics.can_remove and not self.strict and not sent.keys() <= stored.keys():
                pytest.skip("it would add pairs that this server has no way to remove")
            if not self.contract.is_valid(schema, {**stored, **sent}):
                if not self.semantics.can_remove:
                    pytest.skip("the stored pairs leave no room, and this server has no way to remove them")
                self.modify(operation, target, {name: self.semantics.clearing()})

    def _check_map(
        self, operation: Operation, name: str, before: Any, body: Any, answer: Any, exchange: Exchange
    ) -> None:
        stored, got = pairs_of(before.get(name)), pairs_of(answer.get(name))
        if name not in body:
            if got != stored:
                self.findings.add(
                    "no-op-changes",
                    f"A request without `{name}` changes it: {_shown(stored)} became {_shown(got)}.",
                    self.contract.place(f"{operation.pointer}/description"),
                    exchange,
                )
            return
        sent = body[name]
        expected = self.semantics.expected(stored, sent)
        if got in expected:
            return
        other = None
        if sent is not None and self.semantics.merge is not None:
            other = Semantics(merge=not self.semantics.merge).expected(stored, sent)[0]
        if sent is None and self.semantics.null_clears is not None:
            other = Semantics(null_clears=not self.semantics.null_clears).expected(stored, sent)[0]
            if got == other:
                self.findings.add(
                    "contradiction",
                    "The server contradicts itself: null removes all pairs in one call and changes nothing in another.",
                    self.contract.place(f"{operation.pointer}/description"),
                    exchange,
                    key="null",
                )
                return
        kind, words = damage(stored, sent, expected[0], got, other)
        self.findings.add(kind, words, self.contract.place(operation.maps[name]), exchange)

    def _check_identity(self, operation: Operation, target: Target, answer: Any, exchange: Exchange) -> None:
        for name, value in self.values(operation, target).items():
            field_name = name if name in answer else "id" if name == operation.path_names[-1] else None
            if field_name in answer and answer[field_name] != value and field_name not in self._distrusted:
                self.findings.add(
                    "wrong-resource",
                    f"The answer is another resource than the path names: `{field_name}` is "
                    f"{_shown(answer[field_name])}, not {_shown(value)}.",
                    self.contract.place(f"{operation.resource}/properties/{field_name}"),
                    exchange,
                )

    def _check_rest(
        self, operation: Operation, target: Target, known: _Known, answer: Any, exchange: Exchange, before: Any = None
    ) -> None:
        """Nothing but what may be modified changes, and what the request itself named."""
        before = known.now if before is None else before
        sent = exchange.sent
        named = self._mutable.union(sent if isinstance(sent, dict) else ())
        for name in sorted(before.keys() | answer.keys()):
            if name in named or (name in before and name in answer and same_json(before[name], answer[name])):
                continue
            if name in self._distrusted:
                continue  # It is wrong already, and has its finding.
            hint = (
                " A run that is still in progress changes by itself: give one that has ended."
                if name == "status"
                else ""
            )
            self.findings.add(
                "another-field-changes",
                f"`{name}` changes although no request changes it: {_shown(before.get(name, '(absent)'))} became "
                f"{_shown(answer.get(name, '(absent)'))}.{hint}",
                self.contract.place(f"{operation.resource}/properties/{name}"),
                exchange,
            )

    def resync(self, target: Target) -> Any:
        """The run may have changed in ways that are not known: what it is now counts. The answer is still checked."""
        if self._reader is None:
            return None
        body: Any = {} if self._reader.is_modify else ABSENT
        exchange, _, _ = self._send(self._reader, target, body, "raw", None)
        answer: Any = self.checks.check(self._reader, exchange) if exchange.status == 200 else None
        if not self._is_usable(answer):
            return None
        if target.key in self._known:
            self._known[target.key].now = answer
        return answer

    def stored(self, target: Target) -> Any:
        """The run as it is known to be stored; None if it could not be read."""
        known = self._known.get(target.key)
        return None if known is None else known.now

    def original(self, target: Target) -> Any:
        known = self._known.get(target.key)
        return None if known is None else known.original

    def set_original(self, target: Target, original: Any) -> None:
        self._known[target.key].original = original

    def refused(
        self,
        operation: Operation,
        target: Target,
        *,
        allowed: Collection[int],
        rule: str,
        says: str,
        method: str | None = None,
        path: str | None = None,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        undocumented: bool = False,
        key: str | None = None,
        group: str | None = None,
    ) -> Exchange:
        """Send a request that breaks the contract: it must be refused in the documented form and change nothing.

        Args:
            allowed: Statuses that fit the fault, of which the documented ones count.
            rule: Pointer to the rule that the request breaks.
            says: What the request is, for the finding: "A value of 513 characters".
            path: The encoded path, if it is not that of the target.
            undocumented: See `AnswerChecks.check`.
            key: What tells this defect from others, if it is not the rule.
            group: The same for the status of a refusal.
        """
        if target.key not in self._known:
            self.read(target)
        if path is None:
            path = self.path(operation, self.values(operation, target)) + self.query(operation)
        headers = self.headers(operation) if headers is None else headers
        exchange = self.wire.send(method or operation.method, path, headers, body)
        if not 200 <= exchange.status < 300:  # What is accepted wrongly has one defect, whatever its form.
            self.checks.check(operation, exchange, undocumented=undocumented)
        place = self.contract.place(rule)
        wanted = [status for status in allowed if undocumented or operation.response(status)] or [
            int(status) for status in operation.statuses if status.isdecimal() and status.startswith("4")
        ]
        if exchange.fault:
            return exchange
        if 200 <= exchange.status < 300:
            self.findings.add(
                "invalid-request-accepted", f"{says} is accepted; it must be refused.", place, exchange, key=key
            )
            self._undo(operation, target)
            return exchange
        known_status = undocumented or operation.response(exchange.status)
        if exchange.status >= 500:
            sentence = f"{says} is answered {exchange.status}; it must be refused as the caller's fault."
            self.findings.add("server-error", sentence, place, exchange, key=group or key)
        elif exchange.status not in wanted and exchange.status != 429 and known_status:
            sentence = f"{says} is refused with {exchange.status} instead of {' or '.join(map(str, wanted))}."
            self.findings.add("wrong-status", sentence, place, exchange, key=group or key)
        self._check_unchanged(operation, target, says, exchange)
        return exchange

    def _undo(self, operation: Operation, target: Target) -> None:
        """Take away what was accepted wrongly, so that it is not found again in every answer after it."""
        modify, known = self.modify_operation, self._known.get(target.key)
        if modify is not None and known is not None and operation.is_modify:
            for name in modify.maps:
                values = [self.semantics.clearing()] if self.semantics.can_remove else []
                for value in [*values, pairs_of(known.now.get(name))]:
                    self._send(modify, target, {name: value}, "raw", None)
        self.resync(target)

    def _check_unchanged(self, operation: Operation, target: Target, says: str, refused: Exchange) -> None:
        known = self._known.get(target.key)
        before = None if known is None else known.now
        after = self.resync(target)
        if before is None or after is None:
            return
        for name in self._mutable:
            if not _same_property(name, before, after):
                self.findings.add(
                    "refused-call-writes",
                    f"{says} is refused and yet changes the run: `{name}` was {_shown(before.get(name))} and is now "
                    f"{_shown(after.get(name))}.",
                    self.contract.place(f"{operation.pointer}/description"),
                    refused,
                    key="",
                )
        for name in sorted(set(before) - self._mutable):
            if name not in self._distrusted and not same_json(before[name], after.get(name)):
                self.findings.add(
                    "another-field-changes",
                    f"`{name}` changes although no request changes it.",
                    self.contract.place(f"{operation.resource}/properties/{name}"),
                    refused,
                )


def _same_property(name: str, one: Any, other: Any) -> bool:
    """Equality of a property; no map and an empty one are the same."""
    return same_json(one.get(name) or None, other.get(name) or None)


def _shown(value: Any) -> str:
    return shortened(ascii(value), 120)
