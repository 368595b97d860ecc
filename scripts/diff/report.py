"""Collect the differences between two specs: each told once, with every place where it is felt."""

from dataclasses import dataclass, field
from typing import Any

from scripts.diff.rules import Direction, Rule, rule
from thread_runs_spec.document import Node, Pointer, Spec, canonical

TEXT = {"description", "summary", "title", "externalDocs", "$comment", "contact", "license", "termsOfService"}
EXAMPLES = {"example", "examples"}
# What OpenAPI 3.1 and JSON Schema 2020-12 define: a change of one that no walk judges must not pass as unknown.
STANDARD_TEXT = """
    $anchor $defs $dynamicAnchor $dynamicRef $id $ref $schema $vocabulary additionalProperties allOf allowEmptyValue
    allowReserved anyOf bearerFormat callbacks components const contains content contentEncoding contentMediaType
    contentSchema default delete dependentRequired dependentSchemas deprecated discriminator else encoding enum
    exclusiveMaximum exclusiveMinimum explode flows format get head headers if in info items jsonSchemaDialect links
    maxContains maxItems maxLength maxProperties maximum minContains minItems minLength minProperties minimum multipleOf
    name not nullable oneOf openIdConnectUrl openapi operationId options parameters patch paths pattern
    patternProperties post prefixItems properties propertyNames put readOnly requestBody required responses schema
    scheme security servers style tags then trace type unevaluatedItems unevaluatedProperties uniqueItems url variables
    version webhooks writeOnly xml
"""
STANDARD = set(STANDARD_TEXT.split())


@dataclass
class Change:
    """One difference: its rule, what it is in words, its nodes in the old and the new spec, who feels it."""

    rule: Rule
    direction: Direction
    words: str
    old: Node | None
    new: Node | None
    used_in: list[str] = field(default_factory=list)

    @property
    def place(self) -> Node:
        node = self.new or self.old
        assert node is not None
        return node


def brief(value: Any) -> str:
    """Write a value short enough to stand in a sentence."""
    text = value if isinstance(value, str) else canonical(value)
    text = " ".join(text.split())
    return text if len(text) <= 60 else f"{text[:57]}..."


def said(key: str, old: Node | None, new: Node | None) -> str:
    """Say how the value under `key` has changed."""
    if old is None and new is not None:
        return f"{key} added: {brief(new.value)}"
    if new is None and old is not None:
        return f"{key} removed: {brief(old.value)}"
    assert old is not None
    assert new is not None
    return f"{key} changed from {brief(old.value)} to {brief(new.value)}"


def both(old: Node, new: Node, key: str) -> tuple[Node | None, Node | None]:
    return old.get(key), new.get(key)


def named(node: Node | None) -> dict[str, Node]:
    """Return the members of a map by their names."""
    return {member.pointer[-1]: member for member in (node.children() if node is not None else [])}


class Report:
    """The differences found so far; `where` is the part of an operation that is being walked."""

    def __init__(self, renamed: dict[Pointer, Pointer]) -> None:
        self.renamed = renamed
        self.where = ""
        self.told = 0
        self.changes: dict[tuple[Any, ...], Change] = {}
        self.claims: set[Pointer] = set()

    def add(
        self, name: str, words: str, old: Node | None, new: Node | None, direction: Direction = Direction.ANY
    ) -> None:
        """Tell a difference. It answers for everything at and below its nodes, and for the list that holds them."""
        self.told += 1
        for node in filter(None, (old, new)):
            self.claims.add(node.pointer)
            if node.pointer and isinstance(node.spec.at(node.pointer[:-1]).value, list):
                self.claims.add(node.pointer[:-1])
        key = (name, direction, old and old.pointer, new and new.pointer, words)
        change = self.changes.setdefault(key, Change(rule(name, direction), direction, words, old, new))
        if self.where and self.where not in change.used_in:
            change.used_in.append(self.where)

    def claimed(self, pointer: Pointer) -> bool:
        return any(pointer[:length] in self.claims for length in range(1, len(pointer) + 1))

    def same_target(self, old: Pointer | None, new: Pointer | None) -> bool:
        """Whether two references name the same component, as far as it has not been renamed."""
        return old == new or (old is not None and old in self.renamed and self.renamed[old] == new)

    def relocated(self, old: Node, new: Node, what: str) -> None:
        """Tell that an object stands in another component than before, or no longer in one."""
        if not self.same_target(old.reference, new.reference):
            self.add("same-meaning", f"{what} is kept in another place", old, new)

    def deprecated(self, old: Node, new: Node, direction: Direction = Direction.ANY) -> None:
        before, after = both(old, new, "deprecated")
        had, has = (bool(node and node.value) for node in (before, after))
        if had != has:
            rule = "deprecated" if has else "deprecation-withdrawn"
            self.add(rule, said("deprecated", before, after), before, after, direction)
        else:
            self.same_meaning(before, after, "deprecated")

    def same_meaning(self, old: Node | None, new: Node | None, what: str) -> None:
        """Tell that a keyword is written otherwise and means the same."""
        texts = [None if node is None else canonical(node.value) for node in (old, new)]
        if texts[0] != texts[1]:
            self.add("same-meaning", said(what, old, new), old, new)

    def container(self, key: str, old: Node | None, new: Node | None, told: int) -> None:
        """Answer for a map that came or went whole, its members told since `told`; an empty one means nothing."""
        node = old or new
        if (old is None) == (new is None) or node is None:
            return
        if self.told == told:
            self.add("same-meaning", said(key, old, new), old, new)
        self.claims.add(node.pointer)

    def rest(self, old: Node, new: Node, judged: set[str]) -> None:
        """Tell what differs between two objects outside the keys that a walk has `judged`."""
        if not isinstance(old.value, dict) or not isinstance(new.value, dict):
            if canonical(old.value) != canonical(new.value):
                self.add("unclassified", said("value", old, new), old, new)
            return
        for key in sorted((old.value.keys() | new.value.keys()) - judged):
            before, after = old.get(key), new.get(key)
            if before is None or after is None or canonical(before.value) != canonical(after.value):
                self.unjudged(key, before, after)

    def unjudged(self, key: str, old: Node | None, new: Node | None) -> None:
        if key in TEXT:
            self.add("text", f"{key} {'reworded' if old and new else 'added' if new else 'removed'}", old, new)
        elif key in EXAMPLES:
            self.add("example", said(key, old, new), old, new)
        elif key.startswith("x-"):
            self.add("extension", said(f"extension {key}", old, new), old, new)
        elif key in STANDARD:
            self.add("unclassified", f"review by hand: {said(key, old, new)}", old, new)
        else:
            self.add("unknown-keyword", said(f"unknown keyword {key}", old, new), old, new)


def raw_differences(old: Node, new: Node) -> list[Pointer]:
    """Return where two values differ, as deep as both still have the same shape."""
    if isinstance(old.value, dict) and isinstance(new.value, dict):
        found: list[Pointer] = []
        for key in sorted(old.value.keys() | new.value.keys()):
            before, after = old.get(key), new.get(key)
            if before is not None and after is not None:
                found += raw_differences(before, after)
            else:
                found.append((*old.pointer, key))
        return found
    if isinstance(old.value, list) and isinstance(new.value, list) and len(old.value) == len(new.value):
        pairs = zip(old.children(), new.children(), strict=True)
        return [pointer for before, after in pairs for pointer in raw_differences(before, after)]
    return [] if canonical(old.value) == canonical(new.value) else [new.pointer]


def with_references(value: Any, renamed: dict[Pointer, Pointer]) -> Any:
    """Return a copy of `value` in which references follow the renamed components."""
    if isinstance(value, list):
        return [with_references(item, renamed) for item in value]
    if isinstance(value, dict):
        copy = {key: with_references(item, renamed) for key, item in value.items()}
        target = value.get("$ref")
        if isinstance(target, str) and target.startswith("#/"):
            pointer = tuple(target[2:].split("/"))
            copy["$ref"] = "#/" + "/".join(renamed.get(pointer, pointer))
        return copy
    return value


def renamed_components(old: Spec, new: Spec) -> dict[Pointer, Pointer]:
    """Return which components were renamed: one is gone, one has come, and they and no others are equal."""
    renamed: dict[Pointer, Pointer] = {}
    before, after = _components(old), _components(new)
    while True:
        gone = [pointer for pointer in before if pointer not in after and pointer not in renamed]
        come = [pointer for pointer in after if pointer not in before and pointer not in renamed.values()]
        found: dict[Pointer, Pointer] = {}
        for pointer in gone:
            equal = [
                other
                for other in come
                if other[1] == pointer[1]
                and canonical(with_references(before[pointer], {**renamed, pointer: other})) == canonical(after[other])
            ]
            if len(equal) == 1 and equal[0] not in found.values():
                found[pointer] = equal[0]
            elif equal:
                found = {key: value for key, value in found.items() if value not in equal}
        if not found:
            return renamed
        renamed |= found


def _components(spec: Spec) -> dict[Pointer, Any]:
    return {
        ("components", section, name): value
        for section, members in spec.root.get("components", {}).items()
        if isinstance(members, dict)
        for name, value in members.items()
    }
