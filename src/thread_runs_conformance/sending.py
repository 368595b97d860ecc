"""Sends valid requests, through the generated client or raw, and makes the first checks of each response."""

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import quote

import httpx

from thread_runs_conformance.answers import AnswerChecks
from thread_runs_conformance.client_checks import wrong_request, wrong_result
from thread_runs_conformance.credentials import Credentials
from thread_runs_conformance.exchange import Exchange, mask, same_json, shortened
from thread_runs_conformance.findings import Findings
from thread_runs_conformance.generated_client import ABSENT, NotExpressibleError, generated_client
from thread_runs_conformance.operations import Operation
from thread_runs_conformance.outcomes import NotTried
from thread_runs_conformance.spec import Spec
from thread_runs_conformance.targets import Target
from thread_runs_conformance.values import forms
from thread_runs_conformance.values.samples import NoSampleError, parameter_value, sample, smallest_body
from thread_runs_conformance.wire import Wire, json_body

Via = Literal["sync", "async", "raw"]
MAX_PAUSE = 60
"""The longest `Retry-After` that is obeyed, in seconds."""
_BY_HTTP = ("host", "content-length", "connection", "accept-encoding", "transfer-encoding")


@dataclass(frozen=True)
class Outcome:
    """What became of a valid request.

    Attributes:
        answer: The body of a success that can be trusted to show the resource; otherwise None.
        rejected: The server answered with a 4XX status: nothing may have changed.
    """

    exchange: Exchange
    answer: Any = None
    rejected: bool = False


class Sender:
    """Sends valid requests and checks the form of each response.

    Args:
        targets: The resources that may be changed.
        disposable: The server exists for this run only.
        any_key: The server is meant to accept any credential.
        rounds: How often concurrent callers meet.
        client: The generated package to send valid requests with; None sends all of them raw.
    """

    def __init__(
        self,
        spec: Spec,
        operations: list[Operation],
        wire: Wire,
        findings: Findings,
        checks: AnswerChecks,
        targets: list[Target],
        credentials: Credentials,
        *,
        disposable: bool,
        any_key: bool = False,
        rounds: int = 10,
        client: str | None = None,
    ) -> None:
        self.spec = spec
        self.operations = operations
        self.wire = wire
        self.findings = findings
        self.checks = checks
        self.all_targets = targets
        self.credentials = credentials
        self.disposable = disposable
        self.any_key = any_key
        self.rounds = rounds
        self.notes: list[str] = []
        self.typed = generated_client(client, wire, credentials) if client else None
        self.distrusted: set[str] = set()
        self._vias: Iterator[Via] = itertools.cycle(("sync", "async"))
        self._salts = itertools.count(10_000)

    def note(self, text: str) -> None:
        """Add a note to the report."""
        if text not in self.notes:
            self.notes.append(text)

    def next_via(self) -> Via:
        """The synchronous and the asynchronous client by turns."""
        return next(self._vias)

    def next_salt(self) -> int:
        """A number that no other body of this run is made with."""
        return next(self._salts)

    def targets(self, operation: Operation) -> list[Target]:
        """The targets that have a value for each path parameter of the operation.

        Raises:
            NotTried: There is none.
        """
        names = set(operation.path_names)
        found = [target for target in self.all_targets if names <= target.values.keys()]
        if not found:
            examples = {each.name: each for each in operation.parameters_in("path")}
            if operation.method in ("GET", "HEAD") and all(
                name in examples and examples[name].example is not None for name in names
            ):
                return [Target({name: str(examples[name].example) for name in names})]
            raise NotTried(f"{operation.id}: no --target has {', '.join(sorted(names)) or 'values'}")
        return found

    def target(self, operation: Operation) -> Target:
        """The first target of the operation, which most cases use."""
        return self.targets(operation)[0]

    def path(self, operation: Operation, values: Mapping[str, str]) -> str:
        """The encoded path."""
        path = operation.path
        for name in operation.path_names:
            path = path.replace(f"{{{name}}}", quote(values[name], safe=""))
        return path

    def values(self, operation: Operation, target: Target) -> dict[str, str]:
        """The values for the path parameters."""
        return {name: target.values[name] for name in operation.path_names}

    def headers(self, operation: Operation, body: bool = True) -> dict[str, str]:
        """The headers of a valid request."""
        headers = {parameter.name: str(parameter_value(parameter)) for parameter in operation.required_headers}
        headers.update(self.credentials.applied(operation)[0])
        if body and operation.media_types:
            other = operation.other_media
            headers["Content-Type"] = operation.media_types[0] if other is None else forms.content_type(other)
        return headers

    def other_body(self, operation: Operation) -> bytes | None:
        """A valid body that is not JSON; None for an operation that takes no such body.

        Raises:
            NotTried: None could be derived.
        """
        if operation.other_media is None:
            return None
        try:
            return forms.encoded(operation, self.next_salt())
        except NoSampleError as error:
            raise NotTried(f"{operation.id}: {error}") from None

    def query(
        self, operation: Operation, credentials: Mapping[str, str] | None = None, extra: Mapping[str, str] = {}
    ) -> str:
        """The query of a valid request, with its question mark; empty if it needs none.

        Args:
            credentials: Parameters instead of those of the credentials.
            extra: More parameters.
        """
        pairs = {each.name: str(parameter_value(each)) for each in operation.parameters_in("query") if each.required}
        pairs.update(extra)
        pairs.update(self.credentials.applied(operation)[1] if credentials is None else credentials)
        return f"?{httpx.QueryParams(pairs)}" if pairs else ""

    def examples(self, operation: Operation) -> list[Any]:
        """The bodies of the spec's examples; no body for an operation without one.

        Raises:
            NotTried: There is no example, and no body could be derived.
        """
        if operation.body is None:
            return [ABSENT]
        found = [body for body in operation.body_examples if operation.accepts(body)]
        try:
            return found or [sample(self.spec, operation.body)]
        except NoSampleError as error:
            raise NotTried(f"{operation.id}: {error}") from None

    def smallest(self, operation: Operation) -> Any:
        """The smallest valid body, `ABSENT` for an operation without one."""
        if operation.body is None:
            return ABSENT
        try:
            return smallest_body(operation, self.next_salt())
        except NoSampleError as error:
            raise NotTried(f"{operation.id}: {error}") from None

    def only_if_safe(self, operation: Operation) -> None:
        """Skip the case if a valid call could change a live server in a way that cannot be restored."""
        if not operation.is_safe and not self.disposable:
            raise NotTried(f"{operation.id} could change something of a live server that cannot be restored")

    def send(
        self,
        operation: Operation,
        target: Target,
        body: Any = ABSENT,
        *,
        via: Via = "sync",
        rule: str | None = None,
        client: httpx.Client | None = None,
        conflict_allowed: bool = False,
        absence_allowed: bool = False,
        after: str = "",
    ) -> Outcome:
        """Send a valid request and check the response.

        Args:
            rule: Pointer to the rule that the request tests, for the finding if it is rejected.
            conflict_allowed: A documented 409 is not a finding.
            absence_allowed: A 404 is not a finding.
            after: What was sent before, if this request must succeed in spite of it: "a rejected request".
        """
        exchange, parsed, error = self.dispatch(operation, target, body, via, client)
        if parsed is not ABSENT and (
            wrong := wrong_request(self.wire.base_url, operation, self.values(operation, target), body, exchange)
        ):
            # The response says nothing about the intended request.
            self._report_client(operation, exchange, wrong)
            return Outcome(exchange)
        # The status does not matter: the defect is that the request fails after another one.
        spoiled = bool(after) and 400 <= exchange.status < 500 and exchange.status != 429
        answer = self.checks.check(operation, exchange, undocumented=spoiled)
        if exchange.fault:
            return Outcome(exchange)
        if exchange.status == 429 and operation.response(429):
            self.note(
                "The server limited the rate (429). Requests that it rejected were not judged further: use --rate."
            )
            self.pause(exchange)
            return Outcome(exchange, rejected=True)
        rejected = 400 <= exchange.status < 500
        if not 200 <= exchange.status < 300:
            allowed = (exchange.status == 409 and conflict_allowed) or (exchange.status == 404 and absence_allowed)
            if (
                exchange.status in operation.may_refuse
                and operation.response(exchange.status)
                and not self._accepts_another(operation, target, body)
            ):
                allowed = True
                self.note(
                    f"{operation.id}: valid requests were answered {exchange.status}, which is documented. Whether the "
                    "state of the resource or the content calls for it cannot be told from the spec."
                )
            if (operation.response(exchange.status) or spoiled) and not allowed:
                self._rejected_valid(operation, exchange, rule, after)
            return Outcome(exchange, rejected=rejected)
        if not exchange.is_simulated or not self._is_usable(operation, answer):
            return Outcome(exchange)
        if parsed is not ABSENT and not self.checks.broken and (wrong := wrong_result(parsed, answer, error)):
            self._report_client(operation, exchange, wrong)
        return Outcome(exchange, answer)

    def _accepts_another(self, operation: Operation, target: Target, body: Any) -> bool:
        """Whether a rejected action succeeds with another body. The state was then not the reason."""
        if operation.body is None:
            return False
        try:
            others = [
                each for each in (self.smallest(operation), *self.examples(operation)) if not same_json(each, body)
            ]
        except (NoSampleError, NotTried):
            return False
        return any(200 <= self.dispatch(operation, target, other)[0].status < 300 for other in others[:2])

    def pause(self, exchange: Exchange) -> None:
        """Wait as long as `Retry-After` asks."""
        text = exchange.header("retry-after") or ""
        self.wire.meter.pause(min(int(text) if text.isdecimal() else 1, MAX_PAUSE))

    def _is_usable(self, operation: Operation, answer: Any) -> bool:
        """Whether the response shows the stored values, even if another part of it violates the spec."""
        self.distrusted |= self.checks.broken
        if not self.checks.broken:
            return answer is not None
        return isinstance(answer, dict) and operation.changeable.keys() <= answer.keys() - self.checks.broken

    def dispatch(
        self, operation: Operation, target: Target, body: Any, via: Via = "raw", client: httpx.Client | None = None
    ) -> tuple[Exchange, Any, Exception | None]:
        """Send a valid request without checking the response.

        Returns:
            The exchange; what the generated client made of the response (`ABSENT` if it was not used), or the
            exception that it raised.
        """
        values = self.values(operation, target)
        if via != "raw" and self.typed is not None and operation.other_media is None:
            before = self.wire.meter.count
            try:
                parsed = self.typed.call(operation, values, body, asynchronous=via == "async")
                return self.wire.last, parsed, None
            except (NotExpressibleError, NotTried) as error:
                if isinstance(error, NotTried):
                    raise
            except Exception as error:  # The client's own fault, or the response's: judged by the caller.
                if self.wire.meter.count == before:
                    raise
                return self.wire.last, None, error
        raw = self.other_body(operation) if body is ABSENT else json_body(body)
        path = self.path(operation, values) + self.query(operation)
        headers = self.headers(operation, raw is not None)
        return self.wire.send(operation.method, path, headers, raw, client), ABSENT, None

    def repeat(self, exchange: Exchange) -> Exchange:
        """Send the same request again, byte for byte."""
        sent = [(name, value) for name, value in exchange.request_headers if name.lower() not in _BY_HTTP]
        base = httpx.URL(self.wire.base_url).raw_path.decode().rstrip("/")
        path = exchange.raw_path.removeprefix(base)
        return self.wire.send(exchange.method, path, sent, exchange.request_body or None)

    def _rejected_valid(self, operation: Operation, exchange: Exchange, rule: str | None, after: str) -> None:
        """Report a rejected valid request. It is sent again, to distinguish a rule from an intermittent fault."""
        if after:
            sentence = f"After {after}, a valid request is answered {exchange.status}."
            place = self.spec.place(f"{operation.pointer}/responses")
            self.findings.add("read-after-rejection", sentence, place, exchange, key="")
            return
        again = self.repeat(exchange)
        code = "server-error" if exchange.status >= 500 else "valid-request-rejected"
        if 200 <= again.status < 300:
            sentence = f"A valid request is answered {exchange.status}; the same request succeeds when it is repeated."
            place = self.spec.place(f"{operation.pointer}/responses")
            self.findings.add(f"{code}-intermittent", sentence, place, exchange)
            return
        pointer = rule or operation.body or operation.pointer
        # A server that rejects everything has one defect.
        generic = self.spec.place(operation.body or operation.pointer)
        known = {finding.place.pointer for finding in self.findings if finding.code == code}
        key = None
        if generic.pointer in known:
            key = generic.pointer
        elif rule is None and known:
            key = min(known)
        hint = "; check the identifiers you gave" if exchange.status == 404 else ""
        hint = "; check the credentials" if exchange.status in (401, 403) else hint
        sentence = f"A valid request is rejected with {exchange.status} ({self.findings.case}{hint})."
        self.findings.add(code, sentence, self.spec.place(pointer), exchange, key=key)

    def _report_client(self, operation: Operation, exchange: Exchange, wrong: str) -> None:
        wrong = mask(shortened(wrong, 300), self.credentials.secrets)
        place = self.spec.place(operation.pointer)
        self.findings.add("client", f"The generated client (not the server) {wrong}.", place, exchange)

    def close(self) -> None:
        """Close the generated client's connections."""
        if self.typed is not None:
            self.typed.close()
