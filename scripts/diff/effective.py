"""What a schema demands once `$ref` and `allOf` are followed: the tightest bounds, the common types, all properties."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, reduce
from typing import Any, TypeGuard

from thread_runs_spec.document import Node, Pointer, Spec, canonical

TYPES = ("null", "boolean", "integer", "number", "string", "array", "object")
UNIONS = ("anyOf", "oneOf")
# Patterns that every string matches.
TRIVIAL_PATTERNS = {"", "^", "$", ".*", "^.*", ".*$", "^.*$", r"[\s\S]*", r"^[\s\S]*$"}
# More combinations of the members of several unions than these are not written out.
MAX_COMBINATIONS = 64


def is_30(spec: Spec) -> bool:
    """Whether schemas are written in the dialect of OpenAPI 3.0: `nullable`, boolean exclusive bounds, bare `$ref`."""
    return str(spec.root.get("openapi")).startswith("3.0")


@dataclass(frozen=True)
class Bound:
    """A limit of a number: `value` itself is allowed unless the bound is exclusive."""

    value: Fraction
    exclusive: bool
    node: Node

    def __str__(self) -> str:
        return f"{'exclusive ' if self.exclusive else ''}{plain_number(self.value)}"


def plain_number(value: Fraction) -> int | float:
    return int(value) if value.denominator == 1 else float(value)


class Schema:
    """The conjunction of `nodes`, with all that they refer to and that `allOf` adds to them.

    Attributes:
        parts: Every schema that takes part, those of `nodes` included.
        keywords: Where each keyword stands; several places where several parts have it.
        titles: The titles that name a class: of a schema itself or of what its `$ref` leads to.
        combined: Unions of which the members are too many to be combined with those of another.
    """

    def __init__(
        self, nodes: Sequence[Node], chosen: frozenset[Pointer] = frozenset(), restriction: str | None = None
    ) -> None:
        """`chosen`: the unions of which a member is among `nodes`. `restriction`: the only type to look at."""
        self.nodes = tuple(nodes)
        self.chosen = chosen
        self.restriction = restriction
        self.parts: list[Node] = []
        self.keywords: dict[str, list[Node]] = {}
        self.titles: list[Node] = []
        self.combined: list[Node] = []
        self._seen: set[Pointer] = set()
        for node in nodes:
            self._add(node, own=True)

    def _add(self, node: Node, own: bool) -> None:
        if node.pointer in self._seen:
            return
        self._seen.add(node.pointer)
        self.parts.append(node)
        if not isinstance(node.value, dict):
            return
        target = node.reference
        if target is not None and is_30(node.spec):
            self._add(node.spec.at(target), own)
            return
        for keyword in node.children():
            name = keyword.pointer[-1]
            if name == "title" and own:
                self.titles.append(keyword)
            if name in UNIONS and keyword.pointer in self.chosen:
                continue
            self.keywords.setdefault(name, []).append(keyword)
        if target is not None:
            self._add(node.spec.at(target), own)
        all_of = node.get("allOf")
        for member in all_of.children() if all_of else []:
            self._add(member, own=False)

    def first(self, *names: str) -> Node | None:
        """Return the first place of the first of these keywords that is there."""
        return next((self.keywords[name][0] for name in names if name in self.keywords), None)

    def values_of(self, name: str) -> list[Any]:
        return [node.value for node in self.keywords.get(name, [])]

    @property
    def allows_nothing(self) -> bool:
        return any(part.value is False for part in self.parts)

    @property
    def allows_anything(self) -> bool:
        """Whether the schema limits nothing, because it is `true`, empty or only describes."""
        return not self.allows_nothing and not (self.keywords.keys() - ANNOTATIONS)

    # Types and values

    @cached_property
    def declared_types(self) -> frozenset[str] | None:
        """The types that `type` allows, with `integer` for every `number`; None for any."""
        found: frozenset[str] | None = None
        for part in self.parts:
            kind = part.value.get("type") if isinstance(part.value, dict) else None
            if kind is None or (part.reference is not None and is_30(part.spec)):
                continue
            here = {str(one) for one in kind} if isinstance(kind, list) else {str(kind)}
            if "number" in here:
                here.add("integer")
            if is_30(part.spec) and part.value.get("nullable") is True:
                here.add("null")
            found = frozenset(here) if found is None else found & here
        if self.restriction is not None:
            only = {"number": {"number", "integer"}}.get(self.restriction, {self.restriction})
            found = frozenset(only) if found is None else found & only
        return found

    def restricted(self, kind: str) -> "Schema":
        """Return the alternative of this schema that has only one of its types."""
        return Schema(self.nodes, self.chosen, kind)

    @cached_property
    def types(self) -> frozenset[str] | None:
        """The types that are possible: those that `type` allows and that the listed values have."""
        declared = self.declared_types
        if self.values is None:
            return declared
        found = frozenset(name for value in self.values.values() for name in _types_of(value))
        return found if declared is None else found & declared

    @cached_property
    def values(self) -> dict[str, Any] | None:
        """The only values allowed, by their canonical text, or None if the schema lists none."""
        found: dict[str, Any] | None = None
        for name in ("const", "enum"):
            for node in self.keywords.get(name, []):
                listed = [node.value] if name == "const" else node.value
                here = {canonical(value): value for value in (listed if isinstance(listed, list) else [])}
                found = here if found is None else {text: value for text, value in found.items() if text in here}
        if found is not None and self._nullable_of_30:
            # OpenAPI 3.0.3: an enum has to name null itself. Most documents forget it, and mean it.
            found = {**found, "null": None}
        return found

    @property
    def _nullable_of_30(self) -> bool:
        return any(is_30(node.spec) and node.value is True for node in self.keywords.get("nullable", []))

    @property
    def nullable(self) -> bool | None:
        """Whether null is allowed; None if any type is."""
        if self.values is not None:
            return "null" in self.values
        return None if self.declared_types is None else "null" in self.declared_types

    def may_be(self, *types: str) -> bool:
        return self.types is None or bool(self.types & set(types))

    # Limits

    def bound(self, name: str) -> Bound | None:
        """Return the tightest `minimum` or `maximum` of all parts, exclusive ones included."""
        is_lower, exclusive_name = name == "minimum", f"exclusive{name.capitalize()}"
        found: list[Bound] = []
        for part in self.parts:
            value = part.value if isinstance(part.value, dict) else {}
            limit, exclusive = value.get(name), value.get(exclusive_name)
            if _is_number(limit):
                found.append(Bound(Fraction(limit), exclusive is True, _below(part, name)))
            if _is_number(exclusive):
                found.append(Bound(Fraction(exclusive), True, _below(part, exclusive_name)))
        if self.types is not None and self.types <= {"integer", "null"}:
            found = [_whole(bound, is_lower) for bound in found]
        return max(found, key=lambda bound: _tightness(bound, is_lower), default=None)

    def size(self, name: str) -> tuple[int | float | None, Node | None]:
        """Return the tightest limit with this name, such as `maxLength`, and its place."""
        nodes = [node for node in self.keywords.get(name, []) if _is_number(node.value)]
        if not nodes:
            return None, None
        choose = max if name.startswith("min") else min
        node = choose(nodes, key=lambda one: one.value)
        return node.value, node

    @cached_property
    def step(self) -> Fraction | None:
        """The number of which every value has to be a multiple."""
        steps = [Fraction(value) for value in self.values_of("multipleOf") if _is_number(value) and value > 0]
        return reduce(_least_common_multiple, steps) if steps else None

    @cached_property
    def patterns(self) -> frozenset[str]:
        return frozenset(str(value) for value in self.values_of("pattern")) - TRIVIAL_PATTERNS

    # Objects

    @cached_property
    def properties(self) -> dict[str, list[Node]]:
        """The schemas of each property; several where several parts describe it."""
        return self.named("properties")

    def named(self, keyword: str) -> dict[str, list[Node]]:
        """Return the schemas in a keyword that holds schemas by name, such as `patternProperties`."""
        found: dict[str, list[Node]] = {}
        for holder in self.keywords.get(keyword, []):
            for member in holder.children():
                found.setdefault(member.pointer[-1], []).append(member)
        return found

    @cached_property
    def required(self) -> dict[str, Node]:
        """Each required property, with the list that names it first."""
        found: dict[str, Node] = {}
        for node in self.keywords.get("required", []):
            for name in node.value if isinstance(node.value, list) else []:
                found.setdefault(str(name), node)
        return found

    @cached_property
    def openness(self) -> str:
        """What `additionalProperties` allows: "open", "typed" or "closed"."""
        values = self.values_of("additionalProperties")
        if any(value is False for value in values):
            return "closed"
        return "typed" if any(value not in (True, {}) for value in values) else "open"

    @property
    def is_closed(self) -> bool:
        return self.openness == "closed" or any(value is False for value in self.values_of("unevaluatedProperties"))

    # Classes and unions

    @property
    def is_class(self) -> bool:
        """Whether the generator makes a class of it."""
        return bool(self.properties) or "object" in (self.declared_types or ()) or "enum" in self.keywords

    @cached_property
    def target(self) -> Pointer | None:
        """The component that names the schema: what `$ref` leads to, also as the only member of an `allOf`."""
        return next(filter(None, (_target(node) for node in reversed(self.nodes))), None)

    @cached_property
    def unions(self) -> list[Node]:
        return [node for name in UNIONS for node in self.keywords.get(name, []) if isinstance(node.value, list)]

    def alternatives(self) -> "list[Schema]":
        """Return what a value may be: the members of the unions, nested ones flattened; the schema itself if it has
        none. A member that is the union again adds nothing and is left out."""
        if not self.unions:
            return [self]
        union, *others = self.unions
        sizes = [len(one.value) for one in self.unions]
        if others and math.prod(sizes) > MAX_COMBINATIONS:
            # Left as they are: the comparison of keywords reports any change of them.
            self.combined = [*self.combined, *others]
        found: list[Schema] = []
        for member in union.children():
            if member.resolve().pointer not in self._seen:
                chosen = self.chosen | {one.pointer for one in (union, *self.combined)}
                alternative = Schema([*self.nodes, member], chosen)
                alternative.combined = self.combined
                found += alternative.alternatives()
        return found or [Schema(self.nodes, self.chosen | {union.pointer})]

    @property
    def member(self) -> Node:
        """The node of the schema in messages: the member, if it is one of a union."""
        return self.nodes[-1]


ANNOTATIONS = frozenset(
    {
        *("title", "description", "example", "examples", "default", "deprecated", "readOnly", "writeOnly", "xml"),
        *("externalDocs", "$comment", "format", "discriminator", "$defs", "$id", "$schema", "$anchor"),
    }
)
"""Keywords that do not limit values."""


def _target(node: Node) -> Pointer | None:
    if node.reference is not None:
        return node.reference
    all_of = node.get("allOf")
    members = all_of.children() if all_of else []
    names_itself = isinstance(node.value, dict) and node.value.keys() & {"properties", "title", "enum"}
    return members[0].reference if len(members) == 1 and not names_itself else None


def _below(node: Node, key: str) -> Node:
    found = node.get(key)
    assert found is not None
    return found


def _types_of(value: Any) -> list[str]:
    if isinstance(value, float) and value.is_integer():
        return ["integer"]
    names = {type(None): "null", bool: "boolean", int: "integer", float: "number", str: "string", list: "array"}
    return [names.get(type(value), "object")]


def _is_number(value: Any) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _whole(bound: Bound, is_lower: bool) -> Bound:
    """Return the inclusive bound that means the same for integers."""
    if is_lower:
        value = math.floor(bound.value) + 1 if bound.exclusive else math.ceil(bound.value)
    else:
        value = math.ceil(bound.value) - 1 if bound.exclusive else math.floor(bound.value)
    return Bound(Fraction(value), False, bound.node)


def _tightness(bound: Bound, is_lower: bool) -> tuple[Fraction, bool]:
    return (bound.value if is_lower else -bound.value), bound.exclusive


def tighter(one: Bound | None, other: Bound | None, name: str) -> bool:
    """Return whether `one` allows less than `other`."""
    if one is None or other is None:
        return other is None and one is not None
    return _tightness(one, name == "minimum") > _tightness(other, name == "minimum")


def _least_common_multiple(one: Fraction, other: Fraction) -> Fraction:
    return Fraction(math.lcm(one.numerator, other.numerator), math.gcd(one.denominator, other.denominator))
