"""A model of the resources and their known state. Every response is compared with it."""

import copy
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import httpx

from thread_runs_conformance.exchange import Exchange, shown
from thread_runs_conformance.generated_client import ABSENT
from thread_runs_conformance.known_resource import Known
from thread_runs_conformance.operations import Operation
from thread_runs_conformance.outcomes import NotTried
from thread_runs_conformance.semantics import Semantics, pairs_of
from thread_runs_conformance.sending import Sender, Via
from thread_runs_conformance.state_checks import StateChecks
from thread_runs_conformance.targets import Target
from thread_runs_conformance.values.comparing import same_property
from thread_runs_conformance.values.samples import NoSampleError, change
from thread_runs_conformance.wire import json_body

Key = tuple[str, tuple[tuple[str, str], ...]]


@dataclass
class _Reader:
    operation: Operation
    body: Any


@dataclass
class KnownState:
    """Reads and changes resources through a `Sender`, and compares the responses with the known state.

    Attributes:
        semantics: What was learned of each modify operation, by its id.
    """

    sender: Sender
    semantics: dict[str, Semantics] = field(default_factory=dict)
    _known: dict[Key, Known] = field(default_factory=dict)

    @cached_property
    def checks(self) -> StateChecks:
        """The checks that compare responses with the known state."""
        return StateChecks(self.sender, self.semantics_of, self.changeable)

    def semantics_of(self, operation: Operation) -> Semantics:
        """What was learned of a modify operation."""
        return self.semantics.setdefault(operation.id, Semantics())

    def modify_operation(self, operation: Operation) -> Operation | None:
        """The modify operation on the resource that the operation's path names."""
        same = [each for each in self.sender.operations if each.is_modify and each.path == operation.path]
        return operation if operation in same else next(iter(same), None)

    def reader(self, operation: Operation) -> _Reader | None:
        """How to read the resource that an operation's path names: with GET, or else with a modify of `{}`."""
        same = [each for each in self.sender.operations if each.path == operation.path]
        for each in same:
            if each.is_read:
                return _Reader(each, ABSENT)
        for each in same:
            if each.is_modify and each.method != "PUT" and each.accepts({}):
                return _Reader(each, {})
        return None

    def changeable(self, operation: Operation) -> set[str]:
        """The properties that some operation on the same path may change."""
        same = [each for each in self.sender.operations if each.path == operation.path and each.is_modify]
        return {name for each in same for name in each.changeable}

    def known(self, operation: Operation, target: Target) -> Known | None:
        """What is known of a resource; None if it could not be read."""
        return self._known.get(_key(operation, target))

    def everything(self) -> list[Known]:
        """All resources that were read."""
        return list(self._known.values())

    def stored(self, operation: Operation, target: Target) -> Any:
        """The known state of the resource; None if it could not be read."""
        known = self.known(operation, target)
        return None if known is None else known.now

    def lose(self, operation: Operation, target: Target) -> None:
        """Forget a resource that no longer exists: no other case uses it, and it is not restored."""
        values = self.sender.values(operation, target)
        for key, known in list(self._known.items()):
            if values.items() <= known.target.values.items() and values.keys() <= set(known.operation.path_names):
                del self._known[key]
        self.sender.all_targets = [
            each for each in self.sender.all_targets if not values.items() <= each.values.items()
        ]

    def has_room(self, operation: Operation, target: Target, body: Any) -> bool:
        """Whether the pairs of a body fit in addition to the stored ones, or the stored ones can be removed."""
        semantics = self.semantics_of(operation)
        if semantics.can_remove or semantics.merge is False or not isinstance(body, dict):
            return True
        for name, schema in operation.maps.items():
            most = self.sender.spec.schema(schema)[1].get("maxProperties")
            stored, sent = pairs_of((self.stored(operation, target) or {}).get(name)), body.get(name)
            if most is not None and isinstance(sent, dict) and len({**stored, **sent}) > most:
                return False
        return True

    def body(self, operation: Operation, target: Target) -> bytes | None:
        """The bytes of a valid change; None for an operation without a body. See `fresh`.

        Raises:
            NotTried: No body could be derived.
        """
        if operation.body is None:
            return self.sender.other_body(operation)
        return json_body(self.fresh(operation, target))

    def fresh(self, operation: Operation, target: Target) -> Any:
        """A valid change with values that no other request sends.

        If pairs cannot be removed and there is no room for more, stored keys get new values.

        Raises:
            NotTried: No body could be derived.
        """
        try:
            body = change(operation, self.sender.next_salt())
        except NoSampleError as error:
            raise NotTried(f"{operation.id}: {error}") from None
        semantics = self.semantics_of(operation)
        if semantics.can_remove or semantics.merge is False or not isinstance(body, dict):
            return body
        for name, schema in operation.maps.items():
            stored = pairs_of((self.stored(operation, target) or {}).get(name))
            sent = body.get(name)
            if isinstance(sent, dict) and stored and not self.sender.spec.is_valid(schema, {**stored, **sent}):
                body[name] = dict(zip(stored, sent.values(), strict=False))
        return body

    def read(
        self,
        operation: Operation,
        target: Target,
        via: Via = "sync",
        client: httpx.Client | None = None,
        *,
        by: Operation | None = None,
        after: str = "",
        code: str = "",
    ) -> Any:
        """Read the resource that an operation's path names and compare it with its known state.

        Args:
            by: The operation to read with instead of the usual one.
            after: What was sent before, if the read must succeed in spite of it.
            code: The rule for a difference, if it is not `stale-read` or `changed-without-request`.
        """
        reader = self.reader(operation) if by is None else _Reader(by, {} if by.is_modify else ABSENT)
        if reader is None:
            return None
        outcome = self.sender.send(reader.operation, target, reader.body, via=via, client=client, after=after)
        if outcome.answer is None:
            return None
        return self._compare(reader.operation, target, outcome.answer, outcome.exchange, code)

    def _compare(self, operation: Operation, target: Target, answer: Any, exchange: Exchange, code: str) -> Any:
        self.checks.check_identity(operation, target, answer, exchange)
        known = self.known(operation, target)
        if known is None:
            self._known[_key(operation, target)] = Known(operation, target, copy.deepcopy(answer), answer)
            return answer
        if known.uncertain:
            known.now, known.uncertain = answer, False
            return answer
        self.checks.check_rest(operation, known, answer, exchange)
        place = self.sender.spec.place(f"{operation.pointer}/description")
        for name in sorted(self.changeable(operation)):
            if same_property(self.sender.spec, operation, name, known.now, answer):
                continue
            rule, words = "stale-read", "A read does not show what the last change returned."
            if not known.touched_last:
                rule, words = "changed-without-request", "A resource changed although no request changed it."
            if code == "not-durable":
                rule, words = code, "At the end of the run, a resource does not hold what was stored last."
            detail = f" `{name}` was {shown(known.now.get(name))}, now it is {shown(answer.get(name))}."
            self.sender.findings.add(rule, words + detail, place, exchange, key="")
        known.now = answer
        return answer

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
        after: str = "",
    ) -> Any:
        """Change the resource; the response must show the change and nothing else.

        If the pairs do not fit in addition to the stored ones, the stored ones are removed first.

        Returns:
            The resource after the change; None if the request did not succeed.

        Raises:
            NotTried: A merge would exceed the limit, and nothing can be removed.
        """
        known = self.known(operation, target)
        if known is None:
            if self.read(operation, target) is None:
                return None
            known = self._known[_key(operation, target)]
        if make_room:
            self.make_room(operation, target, body)
        before = known.now
        outcome = self.sender.send(operation, target, body, via=via, rule=rule, client=client, after=after)
        if outcome.answer is None:
            if outcome.rejected:
                self.check_unchanged(operation, target, "A valid request", outcome.exchange)
            else:
                self.resync(operation, target)
            return None
        if not known.uncertain:
            self.checks.check_change(operation, known, before, body, outcome.answer, outcome.exchange)
        known.now, known.uncertain = outcome.answer, False
        known.replaced_with = body if operation.method == "PUT" else None
        known.changes += 1
        for other in self._known.values():
            other.touched_last = other is known
        return outcome.answer

    def make_room(self, operation: Operation, target: Target, body: Any) -> None:
        """Remove the stored pairs if the new ones would not fit in addition to them.

        Raises:
            NotTried: They cannot be removed, or the request that removes them was rejected.
        """
        semantics = self.semantics_of(operation)
        for name, schema in operation.maps.items():
            sent = body.get(name) if isinstance(body, dict) else None
            stored = pairs_of((self.stored(operation, target) or {}).get(name))
            spec = self.sender.spec
            if not isinstance(sent, dict) or not spec.is_valid(schema, sent) or semantics.merge is False:
                continue
            if not semantics.can_remove and not self.sender.disposable and not sent.keys() <= stored.keys():
                raise NotTried(semantics.why_none_are_added)
            if not spec.is_valid(schema, {**stored, **sent}):
                if not semantics.can_remove:
                    raise NotTried("the stored pairs leave no room, and this server has no way to remove them")
                if self.clear(operation, target, name) is None:
                    raise NotTried("the stored pairs leave no room, and the request that removes them was rejected")

    def clear(self, operation: Operation, target: Target, name: str) -> Any:
        """Remove all pairs of a map."""
        return self.modify(operation, target, self.with_map(operation, name, self.semantics_of(operation).clearing()))

    def with_map(self, operation: Operation, name: str, value: Any) -> Any:
        """The smallest valid body with a value for a map."""
        smallest = self.sender.smallest(operation)
        return {**(smallest if isinstance(smallest, dict) else {}), name: value}

    def check_unchanged(self, operation: Operation, target: Target, says: str, rejected: Exchange) -> None:
        """Read the resource after a rejected request: the read must succeed and show that nothing was stored."""
        known = self.known(operation, target)
        reader = self.reader(operation)
        if known is None or reader is None:
            return
        before = known.now
        outcome = self.sender.send(
            reader.operation, target, reader.body, via="raw", after=f"a rejected request ({says[:1].lower()}{says[1:]})"
        )
        after = outcome.answer
        if after is None or known.uncertain:
            known.now, known.uncertain = after or known.now, after is None
            return
        self.checks.check_identity(reader.operation, target, after, outcome.exchange)
        for name in sorted(self.changeable(operation)):
            if not same_property(self.sender.spec, operation, name, before, after):
                self.sender.findings.add(
                    "rejected-request-stored",
                    f"{says} is rejected and yet changes the resource: `{name}` was {shown(before.get(name))} and is "
                    f"now {shown(after.get(name))}.",
                    self.sender.spec.place(f"{operation.pointer}/description"),
                    rejected,
                    key="",
                )
        self.checks.check_rest(reader.operation, known, after, outcome.exchange)
        known.now = after

    def note_action(self, exchange: Exchange) -> None:
        """After an action, mark every resource that its path names, and all below it, as uncertain."""
        for operation in self.sender.operations:
            if not operation.is_action or operation.method != exchange.method:
                continue
            base = httpx.URL(self.sender.wire.base_url).raw_path.decode().rstrip("/")
            values = operation.path_values(exchange.raw_path.partition("?")[0].removeprefix(base))
            if values is None:
                continue
            for known in self._known.values():
                if all(values.get(name, value) == value for name, value in known.target.values.items()):
                    known.uncertain = True

    def resync(self, operation: Operation, target: Target) -> Any:
        """Read the resource and take the response as its state, because it may have changed in unknown ways.

        The response is checked like any other.
        """
        reader = self.reader(operation)
        if reader is None:
            return None
        outcome = self.sender.send(reader.operation, target, reader.body, via="raw", absence_allowed=True)
        known = self.known(operation, target)
        if outcome.answer is None:
            if known is not None:
                known.uncertain = True
            return None
        if known is not None:
            known.now, known.uncertain = outcome.answer, False
        return outcome.answer


def _key(operation: Operation, target: Target) -> Key:
    names = operation.path_names
    return operation.path, tuple((name, target.values[name]) for name in names)
