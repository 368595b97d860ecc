"""Valid requests to the server under test, through the generated client or raw, and the first look at each answer."""

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import quote

import httpx
import pytest

from thread_runs_conformance.bodies import sample
from thread_runs_conformance.checks import AnswerChecks
from thread_runs_conformance.exchange import Exchange, mask, same_json, shortened
from thread_runs_conformance.findings import Findings
from thread_runs_conformance.semantics import Semantics
from thread_runs_conformance.spec import Contract, Operation
from thread_runs_conformance.typed import ABSENT, NotExpressibleError, TypedClient
from thread_runs_conformance.wire import Wire, json_body

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
class Account:
    """What has to be said of a session beside its findings."""

    notes: list[str] = field(default_factory=list)

    def note(self, text: str) -> None:
        if text not in self.notes:
            self.notes.append(text)


class Caller:
    """Sends what a test asks for and checks the form of the answer.

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
        self._distrusted: set[str] = set()
        self._vias: Iterator[Via] = itertools.cycle(("sync", "async"))
        modifying = [operation for operation in contract.operations if operation.is_modify]
        self.modify_operation = next(iter(modifying), None)
        self._mutable = {name for operation in modifying for name in (*operation.maps, *operation.scalars)}

    def next_via(self) -> Via:
        """The synchronous and the asynchronous client in turn."""
        return next(self._vias)

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
        elif body is not ABSENT and not same_json(body, exchange.sent):
            wrong = "sends another body than it was given"
        elif not hasattr(parsed, "to_dict"):
            wrong = f"makes {type(parsed).__name__} of the answer"
        elif not same_json(parsed.to_dict(), answer):
            wrong = "loses or changes something of the answer: the parsed model serialises to other JSON"
        if wrong:
            wrong = mask(shortened(wrong, 300), [self.key])
            self.findings.add("client", f"The generated client (not the server) {wrong}.", place, exchange)


_BY_HTTP = ("host", "content-length", "connection", "accept-encoding", "transfer-encoding")
