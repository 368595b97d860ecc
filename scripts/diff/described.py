"""Compare what parameters, headers and media types share: a schema or content, and how the value is written."""

from collections.abc import Iterator

from scripts.diff.changes import Change, Report, both, change, describe, differ, members, unjudged
from scripts.diff.rules import Direction
from scripts.diff.schema import SchemaWalk
from scripts.diff.walk import Context
from thread_runs_spec.document import Node

_STYLES = {"path": "simple", "header": "simple", "query": "form", "cookie": "form"}
SERIALISATION = ("style", "explode", "allowReserved")


def relocated(report: Report, old: Node, new: Node, context: Context, what: str) -> None:
    """Report that an object is in a different component than before, or no longer in one."""
    if not context.renames.same_target(old.reference, new.reference):
        report.add("same-meaning", f"{what} is kept in another place", old, new)
    elif old.reference is not None:
        report.take(unjudged(old, new, {"$ref"}))


class DescribedValue:
    """Compares values that are sent in `direction`."""

    def __init__(self, report: Report, context: Context, direction: Direction) -> None:
        self.report = report
        self.context = context
        self.direction = direction

    def tell(self, rule: str, words: str, old: Node | None, new: Node | None) -> None:
        self.report.add(rule, words, old, new, self.direction)

    def schema(self, old: Node, new: Node, media_type: str = "") -> None:
        """Compare the schemas of two parameters, headers or media types."""
        before, after = both(old, new, "schema")
        if before is not None and after is not None:
            walk = SchemaWalk(self.context, self.direction, is_xml="xml" in media_type)
            self.report.take(walk.changes([before], [after]))
        elif before or after:
            rule = "schema-added" if after else "schema-removed"
            self.tell(rule, describe("schema", before, after), before, after)

    def value(self, old: Node, new: Node, was_in: str, is_in: str) -> None:
        """Compare a parameter or header: how it is written, and its schema or content."""
        self._serialisation(old, new, was_in, is_in)
        before, after = both(old, new, "content")
        if before is None and after is None:
            self.schema(old, new)
        elif before is None or after is None:
            words = f"{'content' if after else 'schema'} instead of {'schema' if after else 'content'}"
            pair = (before or old.get("schema") or old), (after or new.get("schema") or new)
            self.tell("serialisation", words, *pair)
        else:
            self.content(before, after, "serialisation", "serialisation")

    def _serialisation(self, old: Node, new: Node, was_in: str, is_in: str) -> None:
        styles = [node.value.get("style", _STYLES.get(place)) for node, place in ((old, was_in), (new, is_in))]
        explodes = [node.value.get("explode", style == "form") for node, style in ((old, styles[0]), (new, styles[1]))]
        reserved = [node.value.get("allowReserved", False) for node in (old, new)]
        for key, (had, has) in zip(SERIALISATION, (styles, explodes, reserved), strict=True):
            before, after = both(old, new, key)
            if had != has and (before or after):
                self.tell("serialisation", describe(key, before, after), before, after)
            else:
                self.report.same_meaning(before, after, key)

    def content(self, old: Node | None, new: Node | None, added: str, removed: str) -> None:
        """Compare media types; `added` and `removed` are the rules for one that only one side has."""
        before, after, count = members(old), members(new), self.report.count
        for name in sorted(before.keys() | after.keys()):
            one, other = before.get(name), after.get(name)
            if one is not None and other is not None:
                self.report.take(unjudged(one, other, {"schema", "encoding"}))
                self.report.take(self._encoding(*both(one, other, "encoding")))
                self.schema(one, other, name)
            else:
                state = "added" if other else "removed"
                self.tell(added if other else removed, f"media type {name} {state}", one, other)
        self.report.container("content", old, new, count)

    def _encoding(self, old: Node | None, new: Node | None) -> Iterator[Change]:
        """Yield changes of how the parts of a form are written."""
        before, after = members(old), members(new)
        for name in sorted(before.keys() | after.keys()):
            one, other = before.get(name), after.get(name)
            if differ(one, other):
                yield change("serialisation", describe(f"encoding of {name}", one, other), one, other, self.direction)
