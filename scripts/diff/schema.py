"""Walk two schemas in one direction and say what differs.

`$ref` and `allOf` are read as one merged object, `anyOf` and `oneOf` as a set of members beside null.
"""

from functools import cached_property
from typing import Any

from scripts.diff.report import EXAMPLES, TEXT, Report, both, brief, said, with_references
from scripts.diff.rules import Direction
from thread_runs_spec.document import Node, Pointer, canonical

UPPER = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
LOWER = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
FROM_NOUGHT = ("minLength", "minItems", "minProperties")
# Formats of which the generator makes a Python type of its own.
TYPED_FORMATS = {"date-time", "date", "uuid", "binary"}
JUDGED = {
    *("$ref", "allOf", "anyOf", "oneOf", "type", "enum", "const", "format", "pattern", "uniqueItems", "multipleOf"),
    *("properties", "required", "additionalProperties", "propertyNames", "items", "default", "deprecated", "title"),
    *("readOnly", "writeOnly", "discriminator", *UPPER, *LOWER),
}


class Merged:
    """A schema with what it refers to and what `allOf` adds, as one object."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self.parts: list[Node] = []
        self.keywords: dict[str, Node] = {}
        self.properties: dict[str, Node] = {}
        self.required: dict[str, Node] = {}
        self.places: dict[str, list[Node]] = {}
        self.doubled: set[str] = set()
        self._merge(node)

    def _merge(self, node: Node) -> None:
        if any(part.pointer == node.pointer for part in self.parts):
            return
        self.parts.append(node)
        for keyword in node.children() if isinstance(node.value, dict) else []:
            name = keyword.pointer[-1]
            if name == "properties":
                for member in keyword.children():
                    if member.pointer[-1] in self.properties:
                        self.doubled.add(name)
                    self.properties.setdefault(member.pointer[-1], member)
            elif name == "required" and isinstance(keyword.value, list):
                for required in keyword.value:
                    self.required.setdefault(str(required), keyword)
            elif name in JUDGED and name not in ("$ref", "allOf"):
                self.places.setdefault(name, []).append(keyword)
                first = self.keywords.setdefault(name, keyword)
                if canonical(first.value) != canonical(keyword.value):
                    self.doubled.add(name)
        if node.reference is not None:
            self._merge(node.spec.at(node.reference))
        members = node.get("allOf")
        for member in members.children() if members else []:
            self._merge(member)

    @property
    def types(self) -> set[str] | None:
        kind = self.keywords.get("type")
        if kind is None:
            return None
        return {str(one) for one in kind.value} if isinstance(kind.value, list) else {str(kind.value)}

    @property
    def values(self) -> dict[str, Any] | None:
        """The only values allowed, by their canonical text, or None if any is."""
        if "const" in self.keywords:
            return {canonical(self.keywords["const"].value): self.keywords["const"].value}
        if "enum" in self.keywords and isinstance(self.keywords["enum"].value, list):
            return {canonical(value): value for value in self.keywords["enum"].value}
        return None

    @property
    def nullable(self) -> bool | None:
        if self.values is not None:
            return "null" in self.values
        return None if self.types is None else "null" in self.types

    @property
    def is_class(self) -> bool:
        """Whether the generator makes a class of it."""
        return bool(self.properties) or "object" in (self.types or ()) or "enum" in self.keywords

    @cached_property
    def union(self) -> Node | None:
        return self.keywords.get("anyOf") or self.keywords.get("oneOf")

    @cached_property
    def members(self) -> list[Node]:
        """The members of the union beside null; the schema itself if it is none."""
        if self.union is None:
            return [self.node]
        return [member for member in self.union.children() if not _is_null(member)]

    @property
    def admits_null(self) -> bool:
        if self.union is None:
            return bool(self.nullable)
        return len(self.members) < len(self.union.children())


def _is_null(node: Node) -> bool:
    return isinstance(node.value, dict) and node.value.get("type") in ("null", ["null"])


class SchemaDiff:
    """Compares schemas that travel in `direction`, once for each place that the report names."""

    def __init__(self, report: Report, direction: Direction) -> None:
        self.report = report
        self.direction = direction
        self.seen: set[tuple[Pointer, Pointer]] = set()

    def tell(self, name: str, words: str, old: Node | None, new: Node | None) -> None:
        self.report.add(name, words, old, new, self.direction)

    def compare(self, old: Node, new: Node, null_told: bool = False) -> None:
        if (old.pointer, new.pointer) in self.seen:
            return
        self.seen.add((old.pointer, new.pointer))
        if not isinstance(old.value, dict) or not isinstance(new.value, dict):
            self.report.rest(old, new, set())
            return
        before, after = Merged(old), Merged(new)
        if before.union is None and after.union is None:
            self.references(before, after)
        else:
            self.unions(before, after)
        if bool(before.union) == bool(after.union):
            self.keywords(before, after, null_told)
            self.properties(before, after)
        if not self.report.same_target(old.reference, new.reference):
            return
        for part in before.parts:
            target = self.report.renamed.get(part.pointer, part.pointer)
            twin = next((other for other in after.parts if other.pointer == target), None)
            judged = JUDGED
            if part is old:
                twin = new
                # A schema that now stands in a union leaves its words to the property that holds the union.
                judged = JUDGED if _is_member(old) == _is_member(new) else JUDGED | TEXT | EXAMPLES
            if twin is not None and isinstance(part.value, dict):
                self.report.rest(part, twin, judged)

    def references(self, before: Merged, after: Merged) -> None:
        old, new = before.node, after.node
        if not self.report.same_target(old.reference, new.reference):
            name = "class-replaced" if before.is_class or after.is_class else "same-meaning"
            self.report.add(name, f"{_name(old)} is now {_name(new)}", old, new)
            return
        if _regrouped(before, after, self.report):
            parts = [
                next((part for part in merged.parts if isinstance(part.value, dict) and "allOf" in part.value), None)
                for merged in (before, after)
            ]
            old, new = (part or _twin(merged, parts) for part, merged in zip(parts, (before, after), strict=True))
            self.report.add("same-meaning", "allOf is put together otherwise; the merged object is compared", old, new)

    def keywords(self, before: Merged, after: Merged, null_told: bool) -> None:
        for name in sorted(before.doubled | after.doubled):
            if name != "properties":
                self.doubled(name, before, after)
        if not null_told and before.union is None:
            self.nulls(before, after)
        self.types(before, after)
        self.values(before, after)
        if not _regrouped(before, after, self.report):
            self.repeated(before, after)
        for name in sorted(JUDGED - {"$ref", "allOf", "anyOf", "oneOf", "properties", "required", "discriminator"}):
            old, new = before.keywords.get(name), after.keywords.get(name)
            if name in ("type", "enum", "const") or (old is None and new is None):
                continue
            if old is not None and new is not None and canonical(old.value) == canonical(new.value):
                if name in ("items", "propertyNames", "additionalProperties"):
                    self.compare(old, new)
                continue
            told = self.report.told
            self.keyword(name, old, new, before, after)
            if self.report.told == told and name not in ("items", "propertyNames", "additionalProperties"):
                self.tell("same-meaning", said(name, old, new), old, new)

    def doubled(self, name: str, before: Merged, after: Merged) -> None:
        """A keyword that several members of allOf give differently is not merged: any change goes to a person."""
        old, new = (
            [
                canonical(part.value[name])
                for part in merged.parts
                if isinstance(part.value, dict) and name in part.value
            ]
            for merged in (before, after)
        )
        if old != new:
            words = f"review by hand: {name} stands several times in allOf"
            self.tell("unclassified", words, before.keywords.get(name), after.keywords.get(name))

    def repeated(self, before: Merged, after: Merged) -> None:
        """Tell of a keyword that one member of allOf more or less gives, and all alike."""
        for name in before.places.keys() & after.places.keys() - before.doubled - after.doubled:
            was, now = before.places[name], after.places[name]
            if len(was) != len(now) and canonical(was[0].value) == canonical(now[0].value):
                gone = [node for node in was if all(other.pointer != node.pointer for other in now)]
                come = [node for node in now if all(other.pointer != node.pointer for other in was)]
                for old, new in [(node, None) for node in gone] + [(None, node) for node in come]:
                    self.tell("same-meaning", f"{said(name, old, new)}, as another member of allOf says", old, new)

    def nulls(self, before: Merged, after: Merged) -> None:
        if before.nullable is None or after.nullable is None or before.nullable == after.nullable:
            return
        old, new = (merged.keywords.get("type") or merged.node for merged in (before, after))
        if after.nullable:
            self.tell("null-added", '"null" is allowed now', old, new)
        else:
            self.tell("null-removed", '"null" is not allowed any more', old, new)

    def types(self, before: Merged, after: Merged) -> None:
        old, new = before.keywords.get("type"), after.keywords.get("type")
        if (old is None and new is None) or (old and new and canonical(old.value) == canonical(new.value)):
            return
        had, has = ((merged.types or set()) - {"null"} for merged in (before, after))
        told = self.report.told
        closed = before.values is not None and after.values is not None
        if had != has and not closed:
            wider = after.types is None or (before.types is not None and _covers(has, had))
            narrower = before.types is None or (after.types is not None and _covers(had, has))
            name = "type-widened" if wider else "type-narrowed" if narrower else "type-changed"
            self.tell(name, said("type", old, new), old, new)
        if self.report.told == told and before.nullable == after.nullable:
            self.tell("same-meaning", said("type", old, new), old, new)

    def values(self, before: Merged, after: Merged) -> None:
        old = before.keywords.get("const") or before.keywords.get("enum")
        new = after.keywords.get("const") or after.keywords.get("enum")
        if before.values is None or after.values is None:
            if before.values is not None:
                self.tell("enum-removed", f"any value instead of {brief(list(before.values.values()))}", old, new)
            elif after.values is not None:
                self.tell("enum-added", f"only {brief(list(after.values.values()))}", old, new)
            return
        assert old is not None
        assert new is not None
        gone = [before.values[key] for key in before.values if key not in after.values and key != "null"]
        come = [after.values[key] for key in after.values if key not in before.values and key != "null"]
        if gone and come:
            words = f"values {', '.join(map(brief, gone))} replaced by {', '.join(map(brief, come))}"
            self.tell("enum-value-replaced", words, old, new)
        elif gone:
            self.tell("enum-value-removed", f"values removed: {', '.join(map(brief, gone))}", old, new)
        elif come:
            self.tell("enum-value-added", f"values added: {', '.join(map(brief, come))}", old, new)
        if old.pointer[-1] != new.pointer[-1]:
            words = f"{old.pointer[-1]} is now {new.pointer[-1]}"
            self.report.add("enum-form", words, old, new)
        elif (
            not gone and not come and canonical(old.value) != canonical(new.value) and before.nullable == after.nullable
        ):
            self.tell("same-meaning", "enum in another order", old, new)

    def keyword(self, name: str, old: Node | None, new: Node | None, before: Merged, after: Merged) -> None:
        """Judge one keyword whose text differs. Saying nothing means that the meaning is the same."""
        had, has = (node.value if node is not None else None for node in (old, new))
        if name in UPPER or name in LOWER:
            self.limit(name, old, new)
        elif name == "multipleOf":
            self.multiple(old, new)
        elif name == "uniqueItems":
            if bool(had) != bool(has):
                self.tell("limit-tightened" if has else "limit-loosened", said(name, old, new), old, new)
        elif name == "pattern":
            rule = "limit-tightened" if old is None else "limit-loosened" if new is None else "pattern-changed"
            self.tell(rule, said(name, old, new), old, new)
        elif name == "format":
            if {had, has} & TYPED_FORMATS:
                self.tell("typed-format", said(name, old, new), old, new)
            else:
                self.report.add("format", said(name, old, new), old, new)
        elif name == "additionalProperties":
            self.additional(old, new)
        elif name == "propertyNames" and (old is None or new is None):
            self.tell("limit-tightened" if old is None else "limit-loosened", said(name, old, new), old, new)
        elif name in ("items", "propertyNames"):
            self.subschema(name, old, new)
        elif name == "default":
            if self.direction is Direction.RESPONSE:
                self.tell("default", said(name, old, new), old, new)
            else:
                rule = "default-added" if old is None else "default-removed" if new is None else "default-changed"
                self.tell(rule, said(name, old, new), old, new)
        elif name == "title":
            made = before.is_class or after.is_class
            self.report.add("title" if made else "text", said(name, old, new), old, new)
        elif bool(had) != bool(has):
            self.flag(name, bool(has), old, new)

    def flag(self, name: str, has: bool, old: Node | None, new: Node | None) -> None:
        rule = {
            "deprecated": ("deprecation-withdrawn", "deprecated"),
            "readOnly": ("read-only-lifted", "read-only"),
            "writeOnly": ("write-only-lifted", "write-only"),
        }[name][has]
        self.tell(rule, said(name, old, new), old, new)

    def limit(self, name: str, old: Node | None, new: Node | None) -> None:
        least = 0 if name in FROM_NOUGHT else None
        had, has = (node.value if node is not None else least for node in (old, new))
        if not all(
            limit is None or (isinstance(limit, int | float) and not isinstance(limit, bool)) for limit in (had, has)
        ):
            self.tell("unclassified", f"review by hand: {said(name, old, new)}", old, new)
        elif had != has:
            raised = had is not None and has is not None and has > had
            tighter = has is not None and (had is None or raised == (name in LOWER))
            verb = "raised" if raised else "lowered"
            words = f"{name} {verb} from {had} to {has}" if old and new else said(name, old, new)
            self.tell("limit-tightened" if tighter else "limit-loosened", words, old, new)

    def multiple(self, old: Node | None, new: Node | None) -> None:
        if old is None or new is None:
            self.tell("limit-tightened" if old is None else "limit-loosened", said("multipleOf", old, new), old, new)
        else:
            finer = isinstance(new.value, int | float) and new.value > 0 and old.value % new.value == 0
            self.tell("limit-loosened" if finer else "limit-tightened", said("multipleOf", old, new), old, new)

    def additional(self, old: Node | None, new: Node | None) -> None:
        had, has = (_openness(node) for node in (old, new))
        if had == has == "typed":
            assert old is not None
            assert new is not None
            self.compare(old, new)
            return
        rule = {
            ("open", "typed"): "map-typed",
            ("typed", "open"): "map-untyped",
            ("open", "closed"): "object-closed",
            ("typed", "closed"): "object-closed",
        }.get((had, has), "object-opened" if had != has else "same-meaning")
        self.tell(rule, said("additionalProperties", old, new), old, new)

    def subschema(self, name: str, old: Node | None, new: Node | None) -> None:
        if old is None or new is None:
            self.tell("schema-added" if old is None else "schema-removed", said(name, old, new), old, new)
        else:
            self.compare(old, new)

    def hidden(self, schema: Node) -> bool:
        """Whether a property does not travel in this direction."""
        keyword = "readOnly" if self.direction is Direction.REQUEST else "writeOnly"
        flag = Merged(schema).keywords.get(keyword)
        return flag is not None and flag.value is True

    def properties(self, before: Merged, after: Merged) -> None:
        gone = [name for name in before.properties if name not in after.properties]
        come = [name for name in after.properties if name not in before.properties]
        closed = _openness(after.keywords.get("additionalProperties")) == "closed"
        renamed = self.renamed(gone, come, before, after)
        told = self.report.told
        for name, new_name in renamed.items():
            words = f"property {name} renamed to {new_name}"
            self.tell("property-renamed", words, before.properties[name], after.properties[new_name])
        for name in gone:
            if name not in renamed:
                old = before.properties[name]
                rule = self.rule_if_seen(old, "property-removed-closed" if closed else "property-removed")
                self.tell(rule, f"property {name} removed", old, None)
        for name in come:
            if name not in renamed.values():
                new = after.properties[name]
                need = name in after.required
                rule = self.rule_if_seen(new, "property-added-required" if need else "property-added")
                self.tell(rule, f"{'required' if need else 'optional'} property {name} added", None, new)
        same = self.report.same_target(before.node.reference, after.node.reference)
        for part in before.parts if same else []:
            for twin in after.parts:
                if twin.pointer == self.report.renamed.get(part.pointer, part.pointer):
                    self.report.container("properties", *both(part, twin, "properties"), told)
        self.required(before, after, {*gone, *come})
        lists = [[part.get("required") for part in merged.parts] for merged in (before, after)]
        texts = [[canonical(one.value) for one in found if one] for found in lists]
        if texts[0] != texts[1]:
            nodes = [next(filter(None, found), None) for found in lists]
            if self.report.told == told and not _regrouped(before, after, self.report):
                self.tell("same-meaning", said("required", *nodes), *nodes)
            self.report.claims.update(node.pointer for found in lists for node in found if node)
        for name, old in before.properties.items():
            if name in after.properties:
                self.compare(old, after.properties[name])

    def rule_if_seen(self, schema: Node, rule: str) -> str:
        if not self.hidden(schema):
            return rule
        return "read-only-property" if self.direction is Direction.REQUEST else "write-only-property"

    def renamed(self, gone: list[str], come: list[str], before: Merged, after: Merged) -> dict[str, str]:
        """Pair a property that is gone with the only one that has come with an equal schema of more than a type."""

        def equal(name: str, other: str) -> bool:
            old, new = before.properties[name].value, after.properties[other].value
            same = canonical(with_references(old, self.report.renamed)) == canonical(new)
            clear = isinstance(old, dict) and (len(old) > 1 or "$ref" in old)
            return same and clear and (name in before.required) == (other in after.required)

        pairs = [(name, other) for name in gone for other in come if equal(name, other)]
        olds, news = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
        return {name: other for name, other in pairs if olds.count(name) == 1 and news.count(other) == 1}

    def required(self, before: Merged, after: Merged, elsewhere: set[str]) -> None:
        for name in sorted((before.required.keys() ^ after.required.keys()) - elsewhere):
            rule = "property-required" if name in after.required else "property-optional"
            if name in after.properties:
                rule = self.rule_if_seen(after.properties[name], rule)
            state = "required" if name in after.required else "optional"
            old = before.required.get(name)
            new = after.required.get(name) or next(iter(after.required.values()), None)
            self.tell(rule, f"property {name} becomes {state}", old, new)

    def unions(self, before: Merged, after: Merged) -> None:
        old, new = before.union or before.node, after.union or after.node
        told = self.report.told
        if before.union and after.union and old.pointer[-1] != new.pointer[-1]:
            self.tell("unclassified", f"review by hand: {old.pointer[-1]} is now {new.pointer[-1]}", old, new)
        if before.admits_null != after.admits_null:
            words = '"null" is allowed now' if after.admits_null else '"null" is not allowed any more'
            self.tell("null-added" if after.admits_null else "null-removed", words, old, new)
        pairs = self.pair(before.members, after.members)
        for member in before.members:
            if all(member is not pair[0] for pair in pairs):
                self.tell("union-member-removed", f"union member removed: {_name(member)}", member, None)
        for member in after.members:
            if all(member is not pair[1] for pair in pairs):
                self.tell("union-member-added", f"union member added: {_name(member)}", None, member)
        self.discriminator(before.keywords.get("discriminator"), after.keywords.get("discriminator"))
        order = [after.members.index(pair[1]) for pair in pairs]
        if self.report.told == told and (order != sorted(order) or before.union is None or after.union is None):
            self.tell("same-meaning", "union written otherwise", old, new)
        for one, other in pairs:
            self.compare_member(one, other)

    def compare_member(self, old: Node, new: Node) -> None:
        before, after = Merged(old), Merged(new)
        if before.union is None and after.union is None:
            self.compare(old, new, null_told=True)
        else:
            self.compare(old, new)

    def pair(self, old: list[Node], new: list[Node]) -> list[tuple[Node, Node]]:
        """Pair members by what they refer to, then by equality, then by the constant that tells them apart, then by
        type."""
        pairs: list[tuple[Node, Node]] = []
        for sign in (self.target, self.text, self.tag, self.kind):
            for one in old:
                mark = sign(one, True)
                free = [
                    other
                    for other in new
                    if all(other is not pair[1] for pair in pairs) and mark is not None and sign(other, False) == mark
                ]
                if len(free) == 1 and all(one is not pair[0] for pair in pairs):
                    pairs.append((one, free[0]))
        return sorted(pairs, key=lambda pair: old.index(pair[0]))

    def target(self, node: Node, is_old: bool) -> object:
        target = node.reference
        return self.report.renamed.get(target, target) if is_old and target is not None else target

    def text(self, node: Node, is_old: bool) -> object:
        return canonical(with_references(node.value, self.report.renamed) if is_old else node.value)

    def tag(self, node: Node, is_old: bool) -> object:
        tags = {
            name: sorted(values)
            for name, schema in Merged(node).properties.items()
            if (values := Merged(schema).values) and len(values) == 1
        }
        return canonical(tags) if tags else None

    def kind(self, node: Node, is_old: bool) -> object:
        merged = Merged(node)
        types = (merged.types or set()) - {"null"}
        # Two objects, or two references to classes, are different members unless something above paired them.
        return sorted(types) if types and not merged.is_class else None

    def discriminator(self, old: Node | None, new: Node | None) -> None:
        if old is None and new is None:
            return
        if old is None or new is None:
            self.report.add("discriminator", said("discriminator", old, new), old, new)
        elif canonical(with_references(old.value, self.report.renamed)) != canonical(new.value):
            self.report.add("discriminator-changed", said("discriminator", old, new), old, new)


def _is_member(node: Node) -> bool:
    return node.pointer[-2:-1] in (("anyOf",), ("oneOf",))


def _regrouped(before: Merged, after: Merged, report: Report) -> bool:
    """Whether allOf makes one object of other parts than before."""
    if not any("allOf" in part.value for part in (*before.parts, *after.parts) if isinstance(part.value, dict)):
        return False
    parts = [report.renamed.get(part.pointer, part.pointer) for part in before.parts[1:]]
    return parts != [part.pointer for part in after.parts[1:]]


def _twin(merged: Merged, parts: list[Node | None]) -> Node:
    """Return the part of `merged` that stands where the other side has its allOf."""
    pointers = [part.pointer for part in parts if part is not None]
    return next((part for part in merged.parts if part.pointer in pointers), merged.node)


def _openness(node: Node | None) -> str:
    if node is None or node.value is True or node.value == {}:
        return "open"
    return "closed" if node.value is False else "typed"


def _covers(wide: set[str], narrow: set[str]) -> bool:
    return narrow <= wide or ("number" in wide and narrow - {"integer"} <= wide)


def _name(node: Node) -> str:
    target = node.reference
    return target[-1] if target else brief(node.value)
