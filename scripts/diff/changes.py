"""The differences between two specs: each reported once, with every place where it takes effect."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from scripts.diff.rules import Direction, Rule, Verdict, milder, rule
from thread_runs_spec.document import Node, Pointer, Spec, canonical

TEXT = {"description", "summary", "title", "externalDocs", "$comment", "contact", "license", "termsOfService"}
EXAMPLES = {"example", "examples"}
# What OpenAPI 3.0 and 3.1 and JSON Schema 2020-12 define. A change of one of these that no rule judges must not pass
# as an unknown keyword.
_STANDARD_TEXT = """
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
STANDARD = frozenset(_STANDARD_TEXT.split())


@dataclass(frozen=True)
class Change:
    """One difference.

    Attributes:
        rule: The rule that judges it.
        words: What has changed.
        old, new: Where it stands in the old and in the new spec; at least one is there.
        used_in: The parts of operations in which it takes effect, such as "POST /runs request body".
        accepted: Why the change was accepted, although it may break callers.
    """

    rule: Rule
    direction: Direction
    words: str
    old: Node | None
    new: Node | None
    used_in: tuple[str, ...] = ()
    accepted: str | None = None

    @property
    def callers(self) -> Verdict:
        """The verdict for callers; an accepted break counts as an addition does."""
        return milder(self.rule.callers, Verdict.NON_BREAKING) if self.accepted else self.rule.callers

    @property
    def softened(self) -> str | None:
        """Why a removal does not count as a break, if it does not."""
        return self.accepted or (self.words if self.rule.name == "removed-after-sunset" else None)

    @property
    def place(self) -> Node:
        """The node in the new spec, or the one in the old spec if it was removed."""
        node = self.new or self.old
        assert node is not None
        return node


def change(name: str, words: str, old: Node | None, new: Node | None, direction: Direction = Direction.ANY) -> Change:
    """Return a change that the rule `name` judges."""
    return Change(rule(name, direction), direction, words, old, new)


def brief(value: Any) -> str:
    """Write a value short enough to stand in a sentence."""
    text = value if isinstance(value, str) else canonical(value)
    text = " ".join(text.split())
    return text if len(text) <= 60 else f"{text[:57]}..."


def describe(key: str, old: Node | None, new: Node | None) -> str:
    """Describe how the value under `key` has changed."""
    if old is None and new is not None:
        return f"{key} added: {brief(new.value)}"
    if new is None and old is not None:
        return f"{key} removed: {brief(old.value)}"
    assert old is not None
    assert new is not None
    return f"{key} changed from {brief(old.value)} to {brief(new.value)}"


def both(old: Node, new: Node, key: str) -> tuple[Node | None, Node | None]:
    return old.get(key), new.get(key)


def members(node: Node | None) -> dict[str, Node]:
    """Return the members of a map by their names."""
    return {member.pointer[-1]: member for member in (node.children() if node is not None else [])}


def differ(old: Node | None, new: Node | None) -> bool:
    texts = [None if node is None else canonical(node.value) for node in (old, new)]
    return texts[0] != texts[1]


def unjudged(old: Node, new: Node, judged: Iterable[str]) -> Iterator[Change]:
    """Yield what differs between two objects outside the keys that are `judged` elsewhere."""
    if not isinstance(old.value, dict) or not isinstance(new.value, dict):
        if differ(old, new):
            yield change("unclassified", describe("value", old, new), old, new)
        return
    for key in sorted((old.value.keys() | new.value.keys()) - set(judged)):
        before, after = both(old, new, key)
        if differ(before, after):
            yield unjudged_key(key, before, after)


def unjudged_key(key: str, old: Node | None, new: Node | None) -> Change:
    if key in TEXT:
        return change("text", f"{key} {'reworded' if old and new else 'added' if new else 'removed'}", old, new)
    if key in EXAMPLES:
        return change("example", describe(key, old, new), old, new)
    if key.startswith("x-"):
        return change("extension", describe(f"extension {key}", old, new), old, new)
    if key in STANDARD:
        return change("unclassified", f"review by hand: {describe(key, old, new)}", old, new)
    return change("unknown-keyword", describe(f"unknown keyword {key}", old, new), old, new)


@dataclass
class Report:
    """The differences found so far.

    Attributes:
        where: The part of an operation that is being compared.
        claims: The places that the differences account for.
    """

    where: str = ""
    claims: set[tuple[int, Pointer]] = field(default_factory=set)
    count: int = 0
    _lists: set[Pointer] = field(default_factory=set)
    # The uses are the keys of a dictionary: they keep their order.
    _found: dict[tuple[Any, ...], tuple[Change, dict[str, None]]] = field(default_factory=dict)
    # By the identity of the change, which is the same for all operations that share a schema.
    _taken: dict[int, tuple[Change, dict[str, None]]] = field(default_factory=dict)

    def add(
        self, name: str, words: str, old: Node | None, new: Node | None, direction: Direction = Direction.ANY
    ) -> None:
        self.take([change(name, words, old, new, direction)])

    def take(self, changes: Iterable[Change]) -> None:
        """Take changes. Each accounts for everything at and below its nodes, and for the lists that hold them."""
        for one in changes:
            self.count += 1
            if id(one) in self._taken:
                self._note_use(self._taken[id(one)][1])
                continue
            for node in filter(None, (one.old, one.new)):
                self.claim(node)
                if node.pointer and isinstance(node.spec.at(node.pointer[:-1]).value, list):
                    self._lists.add(node.pointer[:-1])
            key = (one.rule.name, one.direction, one.old and one.old.pointer, one.new and one.new.pointer, one.words)
            uses = self._found.setdefault(key, (one, {}))[1]
            self._taken[id(one)] = one, uses
            self._note_use(uses)

    def _note_use(self, uses: dict[str, None]) -> None:
        if self.where:
            uses[self.where] = None

    def claim(self, node: Node) -> None:
        self.claims.add((id(node.spec), node.pointer))

    def is_claimed(self, spec: Spec, pointer: Pointer) -> bool:
        above = [pointer[:length] for length in range(1, len(pointer) + 1)]
        return any((id(spec), one) in self.claims or one in self._lists for one in above)

    def changes(self) -> list[Change]:
        return [replace(one, used_in=tuple(uses)) for one, uses in self._found.values()]

    def deprecated(self, old: Node, new: Node, direction: Direction = Direction.ANY) -> None:
        before, after = both(old, new, "deprecated")
        had, has = (bool(node and node.value) for node in (before, after))
        if had != has:
            name = "deprecated" if has else "deprecation-withdrawn"
            self.add(name, describe("deprecated", before, after), before, after, direction)
        else:
            self.same_meaning(before, after, "deprecated")

    def same_meaning(self, old: Node | None, new: Node | None, what: str) -> None:
        """Report a keyword that is written differently and means the same."""
        if differ(old, new):
            self.add("same-meaning", describe(what, old, new), old, new)

    def container(self, key: str, old: Node | None, new: Node | None, count: int) -> None:
        """Account for a map that was added or removed whole, its members reported since `count` was the count."""
        node = old or new
        if (old is None) == (new is None) or node is None:
            return
        if self.count == count:
            self.add("same-meaning", describe(key, old, new), old, new)
        self.claim(node)
