"""Requests that violate the spec: each must be rejected in the documented form, and must change nothing."""

import sys
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from thread_runs_conformance.answers import BY_HTTP, AnswerChecks
from thread_runs_conformance.exchange import Exchange, NotJsonError, strict_json
from thread_runs_conformance.known_state import KnownState
from thread_runs_conformance.operations import Operation
from thread_runs_conformance.outcomes import NotTried
from thread_runs_conformance.semantics import pairs_of
from thread_runs_conformance.sending import Sender
from thread_runs_conformance.targets import Target

FEW = 4
"""The most pairs in a body that does not test the number of pairs."""


@dataclass
class Rejections:
    """Sends requests that must be rejected, and reads the resource afterwards.

    Attributes:
        accepted: The keys of rejections that a server failed to make, for cases that build on each other.
    """

    sender: Sender
    state: KnownState
    checks: AnswerChecks
    accepted: set[str] = field(default_factory=set)

    def expect(
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
        by_proxy: bool = False,
        make_room: bool = True,
        key: str | None = None,
        group: str | None = None,
    ) -> Exchange:
        """Send a request that violates the spec.

        Args:
            allowed: Statuses that fit. If the spec documents some of them, only those are accepted.
            rule: Pointer to the rule that the request violates.
            says: The description of the request in the finding: "A value of 513 characters".
            path: The encoded path and query, if it is not that of the target.
            undocumented: See `AnswerChecks.check`.
            by_proxy: A proxy in front of the server may answer this request, in its own form. A response in the form
                of the API is checked like any other.
            make_room: Store or remove pairs so that they neither cause the rejection nor hide what it changes.
            key: What distinguishes this defect from others, if it is not the rule.
            group: The same for the status of a rejection.
        """
        if path is None:
            path = self.sender.path(operation, self.sender.values(operation, target)) + self.sender.query(operation)
        headers = self.sender.headers(operation) if headers is None else headers
        if self.state.known(operation, target) is None:
            self.state.read(operation, target)
        if make_room and body is not None and operation.is_modify:
            self._prepare(operation, target, body)
        exchange = self.sender.wire.send(method or operation.method, path, headers, body)
        if by_proxy and 400 <= exchange.status < 500 and not self.checks.has_error_form(operation, exchange):
            return exchange
        if not exchange.is_simulated:
            return exchange
        # A request that is wrongly accepted has one defect, whatever the form of the response.
        if not 200 <= exchange.status < 300:
            self.checks.check(
                operation, exchange, undocumented=undocumented or self._fits_anyway(operation, exchange.status, allowed)
            )
        if exchange.fault:
            return exchange
        findings, place = self.sender.findings, self.sender.spec.place(rule)
        if 200 <= exchange.status < 300:
            sentence = f"{says} is accepted; it must be rejected."
            findings.add("invalid-request-accepted", sentence, place, exchange, key=key)
            self.undo(operation, target)
            return exchange
        wanted = [status for status in allowed if undocumented or operation.response(status)] or [
            int(status) for status in operation.statuses if status.isdecimal() and status.startswith("4")
        ]
        if exchange.status >= 500:
            sentence = f"{says} is answered {exchange.status}; it must be rejected with a 4XX status."
            findings.add("server-error", sentence, place, exchange, key=group or key)
        elif exchange.status == 429:
            self.sender.note(
                "The server limited the rate (429). Requests that it rejected were not judged further: use --rate."
            )
            self.sender.pause(exchange)
        elif wanted and exchange.status not in wanted and (undocumented or operation.response(exchange.status)):
            sentence = f"{says} is rejected with {exchange.status} instead of {' or '.join(map(str, wanted))}."
            findings.add("wrong-status", sentence, place, exchange, key=group or key)
        self.state.check_unchanged(operation, target, says, exchange)
        return exchange

    def _fits_anyway(self, operation: Operation, status: int, allowed: Collection[int]) -> bool:
        """Whether a rejection need not be documented: HTTP prescribes it, or the spec documents none that would fit."""
        if not 400 <= status < 500 or operation.response(status):
            return False
        return (status in allowed and status in BY_HTTP) or not any(map(operation.response, allowed))

    def _prepare(self, operation: Operation, target: Target, body: bytes) -> None:
        """Make room for the pairs of a body, and store some pairs if there are none.

        The fault of the request must be the only reason for a rejection, even if a server corrects the fault and adds
        the pairs to the stored ones. A server that rejects the request but removes the stored pairs shows only if
        there are some.
        """
        semantics = self.state.semantics_of(operation)
        try:
            sent = strict_json(body)
        except NotJsonError:
            sent = None
        for name, schema in operation.maps.items():
            known = self.state.known(operation, target)
            if known is None or not semantics.can_remove:
                return
            pairs, stored = sent.get(name) if isinstance(sent, dict) else None, pairs_of(known.now.get(name))
            added = pairs if isinstance(pairs, dict) else {}
            most = operation.spec.schema(schema)[1].get("maxProperties") or sys.maxsize
            # A body that cannot be read may have as many pairs as those of other cases.
            free = most - len(added) - (0 if pairs is not None else FEW)
            if stored and semantics.merge is not False and len(stored.keys() - added.keys()) > free:
                self.state.clear(operation, target, name)
                stored = {}
            if not stored and free >= FEW:
                self.state.modify(operation, target, self.state.fresh(operation, target), via="raw")

    def undo(self, operation: Operation, target: Target) -> None:
        """Remove a value that was wrongly accepted, so that it is not reported for every later response."""
        modify, known = self.state.modify_operation(operation), self.state.known(operation, target)
        if modify is None or known is None or not operation.is_modify:
            self._check_exists(operation, target)
            return
        semantics = self.state.semantics_of(modify)
        for name in modify.maps:
            values = [semantics.clearing()] if semantics.can_remove else []
            for value in [*values, pairs_of(known.now.get(name))]:
                body = self.state.with_map(modify, name, value)
                if modify.accepts(body):
                    try:
                        self.sender.dispatch(modify, target, body)
                    except NotTried:
                        return
        self._check_exists(operation, target)

    def _check_exists(self, operation: Operation, target: Target) -> None:
        """Read the resource. If it no longer exists, no other case uses it: the suite itself may have caused that."""
        if self.state.reader(operation) is None:
            return
        if self.state.resync(operation, target) is None and self.sender.wire.last.status in (404, 410):
            self.sender.note(f"{target} does not exist any more: a request that had to be rejected deleted it.")
            self.state.lose(operation, target)
