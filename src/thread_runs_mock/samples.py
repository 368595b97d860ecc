"""Values made from a schema, for responses without an example in the spec."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from thread_runs_spec import schemas
from thread_runs_spec.document import Node

_OPTIONAL = 3
"""Schemas inside one another, below which optional properties are left out, so that a recursive schema ends."""
_DEEPEST = 40
"""The depth at which even required properties end: a schema that requires itself has no value."""
_FORMATS = {
    "date-time": "2024-01-01T00:00:00Z",
    "date": "2024-01-01",
    "time": "00:00:00Z",
    "email": "user@example.com",
    "uri": "https://example.com/",
    "url": "https://example.com/",
    "uuid": "00000000-0000-4000-8000-000000000000",
    "ipv4": "127.0.0.1",
    "ipv6": "::1",
    "hostname": "example.com",
}


def samples(schema: Node) -> Iterator[Any]:
    """Yield values for a schema, the best first: with its examples and defaults, without them, with nothing optional.

    A value may break keywords that cannot be satisfied mechanically, such as `pattern`; and what a schema calls its
    example may not conform to it.
    """
    for uses_examples, optional in ((True, _OPTIONAL), (False, _OPTIONAL), (False, -1)):
        yield _Sampler(uses_examples, optional).value(schema)


@dataclass(frozen=True)
class _Sampler:
    """One way to make values. `optional` is the depth down to which optional properties are given."""

    uses_examples: bool
    optional: int

    def value(self, schema: Node, depth: int = 0) -> Any:
        found = schemas.keywords(schema)
        if depth > _DEEPEST:
            return None
        for keyword in ("example", "default", "const") if self.uses_examples else ("const",):
            if keyword in found:
                return found[keyword]
        for keyword in ("examples", "enum") if self.uses_examples else ("enum",):
            if isinstance(found.get(keyword), list) and found[keyword]:
                return found[keyword][0]
        resolved = schema.resolve()
        members = _members(resolved)
        if members:
            return self._union(resolved, members[0], depth)
        types = schemas.types(schema) - {"null"}
        properties = schemas.properties(schema)
        if "object" in types or (not types and (properties or "allOf" in found)):
            return self._object(schema, properties, depth)
        if "array" in types:
            items = resolved.get("items")
            return [] if items is None else [self.value(items, depth + 1) for _ in range(found.get("minItems", 0))]
        if "string" in types:
            text = _FORMATS.get(found.get("format", ""), "string")
            return text.ljust(found.get("minLength", 0), "x")[: found.get("maxLength")]
        if "integer" in types or "number" in types:
            return _number(found)
        if "boolean" in types:
            return False
        return None if "null" in schemas.types(schema) else {}

    def _union(self, schema: Node, member: Node, depth: int) -> Any:
        """A value of a union's member, with the properties in the same schema as the union."""
        value = self.value(member, depth + 1)
        properties = schemas.properties(schema)
        return {**self._object(schema, properties, depth), **value} if isinstance(value, dict) and properties else value

    def _object(self, schema: Node, properties: dict[str, Node], depth: int) -> Any:
        required = schemas.required(schema)
        named = {name: child for name, child in properties.items() if name in required or depth <= self.optional}
        made = {name: self.value(child, depth + 1) for name, child in named.items()}
        for part in schemas.conjuncts(schema)[1:]:
            # A union among the members of `allOf`.
            for member in _members(part)[:1]:
                value = self.value(member, depth + 1)
                made |= value if isinstance(value, dict) else {}
        return {**made, **{name: None for name in required if name not in made}}


def _members(schema: Node) -> list[Node]:
    unions = [union for keyword in ("oneOf", "anyOf") if (union := schema.get(keyword)) is not None]
    return [member for union in unions for member in union.children()]


def _number(found: dict[str, Any]) -> Any:
    """The number next to zero within the limits."""
    for keyword, step in (("minimum", 0), ("exclusiveMinimum", 1)):
        if isinstance(limit := found.get(keyword), int | float) and not isinstance(limit, bool) and limit + step > 0:
            return limit + step
    for keyword, step in (("maximum", 0), ("exclusiveMaximum", -1)):
        if isinstance(limit := found.get(keyword), int | float) and not isinstance(limit, bool) and limit + step < 0:
            return limit + step
    return 0
