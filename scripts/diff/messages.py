"""Compare what an operation is sent and what it answers: parameters, bodies, responses and their headers."""

from scripts.diff.changes import Report, both, describe, differ, members, unjudged, unjudged_key
from scripts.diff.described import SERIALISATION, DescribedValue, relocated
from scripts.diff.operations import Operation
from scripts.diff.parameters import ParameterDiff
from scripts.diff.rules import Direction
from scripts.diff.walk import Context
from thread_runs_spec.document import Node

_HEADER = {"required", "schema", "content", "deprecated", "allowEmptyValue", "$ref", *SERIALISATION}


class MessageDiff:
    """Compares two operations that are the same one.

    Args:
        sent: The direction of the operation's request. For a webhook or a callback, which the server calls, it is that
            of a response.
    """

    def __init__(self, report: Report, context: Context, sent: Direction = Direction.REQUEST) -> None:
        self.report = report
        self.context = context
        self.sent = sent
        self.answered = sent.opposite

    def compare(self, one: Operation, other: Operation) -> None:
        ParameterDiff(self.report, self.context, self.sent).compare(one, other)
        self._body(*both(one.node, other.node, "requestBody"))
        self._responses(one.node, other.node)

    def _body(self, old: Node | None, new: Node | None) -> None:
        report = self.report
        if old is None or new is None:
            if new is not None:
                need = bool(new.resolve().value.get("required"))
                rule = "body-added-required" if need else "body-added"
                report.add(rule, "request body added", None, new, self.sent)
            elif old is not None:
                report.add("body-removed", "request body removed", old, None, self.sent)
            return
        where, report.where = report.where, f"{report.where} request body"
        relocated(report, old, new, self.context, "request body")
        one, other = old.resolve(), new.resolve()
        report.take(unjudged(one, other, {"required", "content"}))
        before, after = both(one, other, "required")
        had, has = (bool(node and node.value) for node in (before, after))
        if had != has:
            rule = "body-required" if has else "body-optional"
            report.add(rule, describe("required", before, after), before, after, self.sent)
        else:
            report.same_meaning(before, after, "required")
        values = DescribedValue(report, self.context, self.sent)
        values.content(*both(one, other, "content"), "media-type-added", "media-type-removed")
        report.where = where

    def _responses(self, old: Node, new: Node) -> None:
        before, after, count = *map(members, both(old, new, "responses")), self.report.count
        for status in sorted(before.keys() | after.keys()):
            one, other = before.get(status), after.get(status)
            if status.startswith("x-"):
                if differ(one, other):
                    self.report.take([unjudged_key(status, one, other)])
                continue
            if one is not None and other is not None:
                self._response(status, one, other)
                continue
            kind = "success" if status[0] in "123" else "error"
            stand_in = _covering(before if one is None else after, status)
            if one is None and other is not None:
                rule = "response-specified" if stand_in else f"{kind}-added"
                self.report.add(rule, f"response {status} added", None, other, self.answered)
            else:
                rule = "response-generalised" if stand_in else f"{kind}-removed"
                self.report.add(rule, f"response {status} removed", one, None, self.answered)
            if stand_in is not None:
                self._response(status, one or stand_in, other or stand_in, same_status=False)
        self.report.container("responses", *both(old, new, "responses"), count)

    def _response(self, status: str, old: Node, new: Node, same_status: bool = True) -> None:
        report = self.report
        where, report.where = report.where, f"{report.where} response {status}"
        one, other = old.resolve(), new.resolve()
        if same_status:
            relocated(report, old, new, self.context, f"response {status}")
            report.take(unjudged(one, other, {"headers", "content", "links"}))
            self._links(*both(one, other, "links"))
        self._headers(*both(one, other, "headers"))
        self._content(*both(one, other, "content"))
        report.where = where

    def _content(self, old: Node | None, new: Node | None) -> None:
        if bool(members(old)) != bool(members(new)):
            words = "body added" if members(new) else "body removed"
            self.report.add(words.replace(" ", "-"), words, old, new, self.answered)
        else:
            values = DescribedValue(self.report, self.context, self.answered)
            values.content(old, new, "media-type-added", "media-type-removed")

    def _links(self, old: Node | None, new: Node | None) -> None:
        before, after, count = members(old), members(new), self.report.count
        for name in sorted(before.keys() | after.keys()):
            if differ(before.get(name), after.get(name)):
                nodes = before.get(name), after.get(name)
                self.report.add("link", describe(f"link {name}", *nodes), *nodes)
        self.report.container("links", old, new, count)

    def _headers(self, old: Node | None, new: Node | None) -> None:
        before = {name.lower(): node for name, node in members(old).items()}
        after = {name.lower(): node for name, node in members(new).items()}
        count = self.report.count
        for name in sorted(before.keys() | after.keys()):
            one, other = before.get(name), after.get(name)
            if one is not None and other is not None:
                self._header(name, one, other)
                continue
            use = one or other
            assert use is not None
            state = "added" if one is None else "removed"
            need = "-required" if use.resolve().value.get("required") else ""
            self.report.add(f"header-{state}{need}", f"response header {name} {state}", one, other, self.answered)
        self.report.container("headers", old, new, count)

    def _header(self, name: str, one: Node, other: Node) -> None:
        report, tell = self.report, self.report.add
        where, report.where = report.where, f"{report.where} header {other.pointer[-1]}"
        if one.pointer[-1] != other.pointer[-1]:
            words = f"header {one.pointer[-1]} respelt {other.pointer[-1]}"
            tell("header-respelt", words, one, other, Direction.RESPONSE)
        relocated(report, one, other, self.context, f"header {name}")
        header, twin = one.resolve(), other.resolve()
        report.take(unjudged(header, twin, _HEADER))
        required, now = both(header, twin, "required")
        if bool(required and required.value) != bool(now and now.value):
            rule = "header-required" if now and now.value else "header-optional"
            tell(rule, describe(f"header {name}: required", required, now), required, now, self.answered)
        else:
            report.same_meaning(required, now, "required")
        report.same_meaning(*both(header, twin, "allowEmptyValue"), "allowEmptyValue")
        DescribedValue(report, self.context, self.answered).value(header, twin, "header", "header")
        report.deprecated(header, twin, self.answered)
        report.where = where


def _covering(responses: dict[str, Node], status: str) -> Node | None:
    """Return the response of the range or the default that covers `status`."""
    wider = [f"{status[0]}XX", "default"] if status.isdecimal() else ["default"]
    return next((responses[key] for key in wider if key in responses and key != status), None)
