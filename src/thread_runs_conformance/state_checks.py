"""Compares the resource in a response with its known state, and reports each difference."""

from collections.abc import Callable
from typing import Any

from thread_runs_conformance.answers import rfc
from thread_runs_conformance.exchange import Exchange, same_json, shown
from thread_runs_conformance.known_resource import Known, changes_by_itself
from thread_runs_conformance.operations import Operation
from thread_runs_conformance.semantics import Semantics, damage, normalization_sentence, pairs_of
from thread_runs_conformance.sending import Sender
from thread_runs_conformance.targets import Target
from thread_runs_conformance.values.comparing import kept_property, same_value


class StateChecks:
    """Checks of the resource in a response.

    Args:
        sender: Gives access to the spec, the values of targets, and the findings.
        semantics_of: Returns what was learned about a modify operation.
        changeable: Returns the properties that an operation on the same path may change.
    """

    def __init__(
        self,
        sender: Sender,
        semantics_of: Callable[[Operation], Semantics],
        changeable: Callable[[Operation], set[str]],
    ) -> None:
        self._sender = sender
        self._spec = sender.spec
        self._findings = sender.findings
        self._semantics_of = semantics_of
        self._changeable = changeable
        self._kept: dict[tuple[str, str], Any] = {}
        self._forms: frozenset[str] | None = None

    def check_change(
        self, operation: Operation, known: Known, before: Any, body: Any, answer: Any, exchange: Exchange
    ) -> None:
        """Compare the response of a change with what was stored and what was sent."""
        self.check_identity(operation, known.target, answer, exchange)
        self.check_rest(operation, known, answer, exchange, before)
        spec = self._spec
        place = spec.place(f"{operation.pointer}/description")
        for name in operation.scalars:
            if name in body:
                if operation.keeps(name, body[name]) and not same_value(
                    spec, operation.changeable[name], body[name], answer.get(name), before.get(name)
                ):
                    sentence = (
                        f"The response does not show the change: `{name}` was sent as {shown(body[name])} and is "
                        f"{shown(answer.get(name))}."
                    )
                    self._findings.add("change-not-shown", sentence, place, exchange, key="")
            elif operation.method != "PUT" and not same_json(before.get(name), answer.get(name)):
                sentence = (
                    f"A request without `{name}` changes it: {shown(before.get(name))} became "
                    f"{shown(answer.get(name))}."
                )
                self._findings.add("unchanged-field-changed", sentence, place, exchange, key="")
        for name in operation.maps:
            self._check_map(operation, name, before, body, answer, exchange)
        if operation.method == "PUT":
            self._check_replaced(operation, known, before, body, answer, exchange)

    def _check_replaced(
        self, operation: Operation, known: Known, before: Any, body: Any, answer: Any, exchange: Exchange
    ) -> None:
        """A PUT replaces the resource: properties that an earlier PUT sent and this one omits must be removed.

        One kept value may be the server's default, two different values cannot be. If the body requires no property,
        the spec describes partial updates, and either behaviour is accepted.
        """
        if not operation.body_requires_properties or not isinstance(known.replaced_with, dict):
            return
        for name, pointer in operation.changeable.items():
            earlier = known.replaced_with.get(name)
            # Another caller may have changed it in between.
            if earlier is None or not same_json(earlier, before.get(name)):
                continue
            kept = kept_property(self._spec, pointer, name, earlier, body, answer, maps=operation.maps)
            if kept is None:
                continue
            before_that = self._kept.setdefault((operation.id, kept[0]), kept[1])
            if not same_json(before_that, kept[1]):
                sentence = (
                    f"A PUT without `{kept[0]}` keeps the value of an earlier PUT; a PUT replaces the whole resource."
                )
                self._findings.add("put-keeps-property", sentence, rfc(9110, "9.3.4", "PUT"), exchange, key="")
                return

    def _check_map(
        self, operation: Operation, name: str, before: Any, body: Any, answer: Any, exchange: Exchange
    ) -> None:
        findings, place = self._findings, self._spec.place
        stored, got = pairs_of(before.get(name)), pairs_of(answer.get(name))
        if name not in body:
            if got != stored and operation.method != "PUT":
                sentence = f"A request without `{name}` changes it: {shown(stored)} became {shown(got)}."
                where = place(f"{operation.pointer}/description")
                findings.add("unchanged-field-changed", sentence, where, exchange, key="")
            return
        sent = body[name]
        semantics = self._semantics_of(operation)
        expected = semantics.expected(stored, sent)
        if got in expected:
            return
        other = None
        if sent is not None and semantics.merge is not None:
            other = Semantics(merge=not semantics.merge).expected(stored, sent)[0]
        if sent is None and semantics.null_clears is not None:
            other = Semantics(null_clears=not semantics.null_clears).expected(stored, sent)[0]
            if got == other:
                sentence = "The server contradicts itself: null removes all pairs in one call and not in another."
                where = place(f"{operation.pointer}/description")
                findings.add("inconsistent-update", sentence, where, exchange, key="null")
                return
        self._report_damage(damage(stored, sent, expected[0], got, other), operation.maps[name], exchange)

    def _report_damage(self, found: Any, pointer: str, exchange: Exchange) -> None:
        sentence, supersede = found.sentence, False
        if found.forms:
            before = self._forms
            self._forms = found.forms if before is None else (before & found.forms or found.forms)
            supersede = before is not None and self._forms != before
            sentence = normalization_sentence(found, self._forms & found.forms)
        place = self._spec.place(pointer)
        self._findings.add(found.code, sentence, place, exchange, key=found.key, supersede=supersede)

    def check_identity(self, operation: Operation, target: Target, answer: Any, exchange: Exchange) -> None:
        for name, value in self._sender.values(operation, target).items():
            field_name = name if name in answer else "id" if name == operation.path_names[-1] else None
            if field_name not in answer or field_name in self._sender.distrusted:
                continue
            given = answer[field_name]
            if str(given) != value and str(given).casefold() != (value.casefold() if _is_uuid(value) else value):
                self._findings.add(
                    "wrong-resource",
                    f"The response is not the resource that the path names: `{field_name}` is {shown(given)}, not "
                    f"{shown(value)}.",
                    self._spec.place(f"{operation.resource}/properties/{field_name}"),
                    exchange,
                    key="",
                )

    def check_rest(
        self, operation: Operation, known: Known, answer: Any, exchange: Exchange, before: Any = None
    ) -> None:
        """Check that only properties changed that may be modified or that the request contains."""
        before = known.now if before is None else before
        sent = exchange.sent
        # The identifiers of the resource are checked by `check_identity`.
        named = {*self._changeable(operation), *operation.path_names, *(sent if isinstance(sent, dict) else ())}
        for name in sorted(before.keys() | answer.keys()):
            if name in named or (name in before and name in answer and same_json(before[name], answer[name])):
                continue
            if name in self._sender.distrusted or changes_by_itself(name):
                continue
            is_state = "enum" in self._spec.schema(operation.resource_properties.get(name, ""))[1]
            hint = " A resource in progress changes by itself: use a target that has ended." if is_state else ""
            self._findings.add(
                "other-field-changed",
                f"`{name}` changes although no request changes it: {shown(before.get(name, '(absent)'))} became "
                f"{shown(answer.get(name, '(absent)'))}.{hint}",
                self._spec.place(f"{operation.resource}/properties/{name}"),
                exchange,
            )


def _is_uuid(text: str) -> bool:
    return len(text) == 36 and text.count("-") == 4
