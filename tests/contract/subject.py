"""The server under test, and what is known of its runs: every call is checked against the contract and this model."""

import copy
import itertools
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import quote

import httpx
import pytest

from tests.contract.bodies import sample
from tests.contract.checks import AnswerChecks
from tests.contract.contract import Contract, Operation
from tests.contract.exchange import Exchange, mask, same_json, shortened
from tests.contract.findings import Findings
from tests.contract.semantics import Semantics, damage, pairs_of
from tests.contract.typed import ABSENT, NotExpressibleError, TypedClient
from tests.contract.wire import Wire, json_body

Via = Literal["sync", "async", "raw"]
MAX_PAUSE = 60
"""Seconds that a Retry-After is obeyed for."""


@dataclass(frozen=True)
class Target:
    """A run that may be touched: the values of the path parameters that name it."""

    values: Mapping[str, str]

    @property
    def key(self) -> tuple[tuple[str, str], ...]:
        return tuple(sorted(self.values.items()))

    def __str__(self) -> str:
        return "/".join(self.values.values())


@dataclass
class _Known:
    original: dict[str, Any]
    now: dict[str, Any]
    touched_last: bool = True


@dataclass
class Exercised:
    """One named case of the suite and how it went, for the report."""

    operation: str
    case: str
    place: str
    outcome: str


@dataclass
class Account:
    """What the suite did and could not do."""

    exercised: list[Exercised] = field(default_factory=list)
    not_reached: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def note(self, text: str) -> None:
        if text not in self.notes:
            self.notes.append(text)


class Subject:
    """Sends what a test asks for and judges the answer.

    Args:
        targets: The runs that may be touched; no other is ever sent anything but requests to be refused.
        key: The API key.
        strict: Also send what could not be put back, because the server is there for this session only.
        any_key: The server is meant to take any key.
        rounds: How often two writers meet.
    """

    def __init__(
        self,
        contract: Contract,
        wire: Wire,
        findings: Findings,
        targets: list[Target],
        key: str,
        *,
        strict: bool,
        any_key: bool = False,
        rounds: int = 10,
    ) -> None:
        self.contract = contract
        self.wire = wire
        self.findings = findings
        self.targets = targets
        self.key = key
        self.strict = strict
        self.any_key = any_key
        self.rounds = rounds
        self.semantics = Semantics()
        self.account = Account()
        self.checks = AnswerChecks(contract, findings)
        self.typed = TypedClient(wire, key)
        self._known: dict[tuple[Any, ...], _Known] = {}
        self._distrusted: set[str] = set()
        self._vias: Iterator[Via] = itertools.cycle(("sync", "async"))
        modifying = (operation for operation in contract.operations if operation.is_modify)
        self.modify_operation = next(modifying, None)
        reading = [*contract.operations]
        self._reader = next(
            (
                operation
                for operation in reading
                if operation.is_modify and operation.body and contract.is_valid(operation.body, {})
            ),
            next((operation for operation in reading if operation.is_read), None),
        )

    def next_via(self) -> Via:
        """The synchronous and the asynchronous client in turn."""
        return next(self._vias)

    # What is sent -------------------------------------------------------------------------------------------------

    def path(self, operation: Operation, values: Mapping[str, str]) -> str:
        path = operation.path
        for name in operation.path_names:
            path = path.replace(f"{{{name}}}", quote(values[name], safe=""))
        return path

    def values(self, operation: Operation, target: Target) -> dict[str, str]:
        """Values for the path; parameters that name no part of the target take their example.

        Skips the test if there is none.
        """
        examples = {p.name: p.example for p in operation.parameters_in("path")}
        values = {name: target.values.get(name, examples.get(name)) for name in operation.path_names}
        if missing := [name for name, value in values.items() if value is None]:
            pytest.skip(f"{operation.id}: no value for {missing[0]}")
        return {name: str(value) for name, value in values.items()}

    def headers(self, operation: Operation, body: bool = True) -> dict[str, str]:
        """The headers of a valid request."""
        headers = {p.name: str(p.example) for p in operation.parameters_in("header") if p.required}
        if operation.bearer:
            headers["Authorization"] = f"Bearer {self.key}"
        if body and operation.media_types:
            headers["Content-Type"] = operation.media_types[0]
        return headers

    def query(self, operation: Operation) -> str:
        pairs = {p.name: p.example for p in operation.parameters_in("query") if p.required}
        return f"?{httpx.QueryParams(pairs)}" if pairs else ""

    def examples(self, operation: Operation) -> list[Any]:
        """The bodies of the contract's examples; no body for an operation without one."""
        if operation.body is None:
            return [ABSENT]
        request = self.contract.resolved(f"{operation.pointer}/requestBody")
        found = []
        for media in self.contract.node(request)["content"].values():
            for example in media.get("examples", {}).values():
                node = self.contract.node(example["$ref"].removeprefix("#")) if "$ref" in example else example
                found.append(node.get("value"))
            if "example" in media:
                found.append(media["example"])
        return found or [sample(self.contract, operation.body)]

    def only_if_safe(self, operation: Operation) -> None:
        """Skip the test if a valid call could do to a live run what cannot be put back."""
        if not operation.is_safe and not self.strict:
            pytest.skip(f"{operation.id} could change more of a live run than can be put back")

    def needs_removal(self) -> None:
        """Skip the test if it would fill a live run with pairs that cannot be removed."""
        if not self.strict and not self.semantics.can_remove:
            pytest.skip("it would add pairs that this server has no way to remove")

    # Calls that must succeed --------------------------------------------------------------------------------------

    def call(
        self,
        operation: Operation,
        target: Target,
        body: Any = ABSENT,
        *,
        via: Via = "sync",
        rule: str | None = None,
        client: httpx.Client | None = None,
        conflict_allowed: bool = False,
    ) -> Any:
        """Send a valid request and check the answer; returns its body, None if it was not a success.

        Args:
            rule: Pointer to what makes the request worth sending, for the finding if it is refused.
        """
        exchange, parsed, error = self._send(operation, target, body, via, client)
        answer = self.checks.check(operation, exchange)
        if exchange.fault:
            return None
        if exchange.status == 429 and operation.response(429):
            self.account.note("The server limited the rate (429): what it refused so was not judged. Use RATE=.")
            retry_after = exchange.header("retry-after") or ""
            self.wire.meter.pause(min(int(retry_after) if retry_after.isdecimal() else 1, MAX_PAUSE))
            return None
        if exchange.status == 409 and conflict_allowed and operation.response(409):
            return None
        if exchange.status >= 300 or exchange.status < 200:
            if operation.response(exchange.status):
                self._refused_valid(operation, exchange, rule)
            return None
        if not self._is_usable(answer):
            return None
        if via != "raw" and not self.checks.broken:
            self._check_client(operation, target, body, exchange, answer, parsed, error)
        return answer

    def _is_usable(self, answer: Any) -> bool:
        """Whether what is stored can be told from the answer, even if something else in it breaks the contract."""
        self._distrusted |= self.checks.broken
        if not self.checks.broken:
            return answer is not None
        return isinstance(answer, dict) and self._mutable <= answer.keys() - self.checks.broken

    def _send(
        self, operation: Operation, target: Target, body: Any, via: Via, client: httpx.Client | None
    ) -> tuple[Exchange, Any, Exception | None]:
        values = self.values(operation, target)
        if via != "raw":
            before = self.wire.meter.count
            try:
                parsed = self.typed.call(operation, values, body, asynchronous=via == "async")
                return self.wire.last, parsed, None
            except NotExpressibleError:
                pass
            except Exception as error:  # The client's own fault, or the answer's: judged below.
                if self.wire.meter.count == before:
                    raise
                return self.wire.last, None, error
        raw = None if body is ABSENT else json_body(body)
        path = self.path(operation, values) + self.query(operation)
        headers = self.headers(operation, raw is not None)
        return self.wire.send(operation.method, path, headers, raw, client), ABSENT, None

    def _refused_valid(self, operation: Operation, exchange: Exchange, rule: str | None) -> None:
        """A valid request was refused. Sent once more, to tell a rule from a fault that comes and goes."""
        sent = {name: value for name, value in exchange.request_headers if name.lower() not in _BY_HTTP}
        base = httpx.URL(self.wire.base_url).raw_path.decode().rstrip("/")
        path = httpx.URL(exchange.url).raw_path.decode().removeprefix(base)
        again = self.wire.send(exchange.method, path, sent, exchange.request_body or None)
        kind = "server-error" if exchange.status >= 500 else "valid-request-refused"
        if 200 <= again.status < 300:
            self.findings.add(
                f"{kind}-now-and-then",
                f"A valid request is answered {exchange.status}; the same request succeeds when it is sent again.",
                self.contract.place(f"{operation.pointer}/responses"),
                exchange,
            )
            return
        pointer = rule or operation.body or operation.pointer
        # One server that refuses everything has one defect.
        generic = self.contract.place(operation.body or operation.pointer)
        known = {finding.place.pointer for finding in self.findings if finding.rule == kind}
        key = None
        if generic.pointer in known:
            key = generic.pointer
        elif rule is None and known:
            key = min(known)
        extra = "; check the identifiers you gave" if exchange.status == 404 else ""
        extra = "; check the key" if exchange.status in (401, 403) else extra
        self.findings.add(
            kind,
            f"A valid request is refused with {exchange.status} ({self.findings.case}{extra}).",
            self.contract.place(pointer),
            exchange,
            key=key,
        )

    def _check_client(
        self,
        operation: Operation,
        target: Target,
        body: Any,
        exchange: Exchange,
        answer: Any,
        parsed: Any,
        error: Exception | None,
    ) -> None:
        """The generated client against the same contract: what it put on the wire, what it made of the answer."""
        if parsed is ABSENT:
            return
        place = self.contract.place(operation.pointer)
        wanted = httpx.URL(self.wire.base_url).path.rstrip("/") + operation.path
        for name, value in self.values(operation, target).items():
            wanted = wanted.replace(f"{{{name}}}", value)
        wrong = ""
        if error is not None:
            wrong = f"raises {type(error).__name__} on an answer that keeps the contract: {error}"
        elif exchange.method != operation.method or exchange.path != wanted:
            wrong = f"sends {exchange.method} {exchange.path} for {operation.method} {wanted}"
        elif body is not ABSENT and not same_json(body, _json_or_none(exchange.request_body)):
            wrong = "sends another body than it was given"
        elif not hasattr(parsed, "to_dict"):
            wrong = f"makes {type(parsed).__name__} of the answer"
        elif not same_json(parsed.to_dict(), answer):
            wrong = "loses or changes something of the answer: the parsed model serialises to other JSON"
        if wrong:
            wrong = mask(shortened(wrong, 300), [self.key])
            self.findings.add("client", f"The generated client (not the server) {wrong}.", place, exchange)

    # Calls that change and read -----------------------------------------------------------------------------------

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

    def forget(self, target: Target) -> None:
        """The run may have changed in ways that are not known: what it is now counts."""
        self.resync(target)

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
        """Nothing but what may be modified changes."""
        before = known.now if before is None else before
        for name in sorted(before.keys() | answer.keys()):
            if name in self._mutable or (name in before and name in answer and same_json(before[name], answer[name])):
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

    @property
    def _mutable(self) -> set[str]:
        modifying = (operation for operation in self.contract.operations if operation.is_modify)
        return {name for operation in modifying for name in (*operation.maps, *operation.scalars)}

    def resync(self, target: Target) -> Any:
        """Read without judging what is stored; the answer itself is still checked."""
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

    def adopt(self, target: Target, answer: Any) -> None:
        """Take this for what is stored, and for what has to be restored if nothing is known yet."""
        if target.key in self._known:
            self._known[target.key].now = answer
        else:
            self._known[target.key] = _Known(copy.deepcopy(answer), answer)

    def set_original(self, target: Target, original: Any) -> None:
        self._known[target.key].original = original

    # Calls that must be refused -----------------------------------------------------------------------------------

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


_BY_HTTP = ("host", "content-length", "connection", "accept-encoding", "transfer-encoding")


def _same_property(name: str, one: Any, other: Any) -> bool:
    """Equality of a property; no map and an empty one are the same."""
    return same_json(one.get(name) or None, other.get(name) or None)


def _json_or_none(body: bytes) -> Any:
    return Exchange("", "", [], b"", body=body).json() if body else None


def _shown(value: Any) -> str:
    return shortened(ascii(value), 120)
