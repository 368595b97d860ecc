"""Values made from a schema, for responses that the spec shows no example of."""

from typing import Any

from thread_runs_spec import schemas
from thread_runs_spec.document import Node

_DEPTH = 12
"""Schemas inside one another; optional properties below are left out, so that a recursive schema ends."""
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


def sample(schema: Node, depth: int = 0) -> Any:
    """Return a value for the schema. It may break keywords that cannot be satisfied mechanically, such as `pattern`."""
    found = schemas.keywords(schema)
    for keyword in ("example", "default", "const"):
        if keyword in found:
            return found[keyword]
    for keyword in ("examples", "enum"):
        if isinstance(found.get(keyword), list) and found[keyword]:
            return found[keyword][0]
    resolved = schema.resolve()
    for keyword in ("oneOf", "anyOf"):
        members = resolved.get(keyword)
        if members is not None and members.children() and depth < _DEPTH:
            return _merged(resolved, members.children()[0], depth)
    types = schemas.types(schema) - {"null"}
    properties = schemas.properties(schema)
    if "object" in types or (not types and (properties or "allOf" in found)):
        return _object(schema, properties, depth)
    if "array" in types:
        items = resolved.get("items")
        return [sample(items, depth + 1) for _ in range(found.get("minItems", 0))] if items is not None else []
    if "string" in types:
        text = _FORMATS.get(found.get("format", ""), "string")
        return text.ljust(found.get("minLength", 0), "x")[: found.get("maxLength", len(text) + 1000)]
    if "integer" in types or "number" in types:
        return _number(found)
    if "boolean" in types:
        return False
    return None if "null" in schemas.types(schema) else {}


def _merged(schema: Node, member: Node, depth: int) -> Any:
    """A value of a union's member, with the properties that stand beside the union."""
    value = sample(member, depth + 1)
    properties = schemas.properties(schema)
    return {**_object(schema, properties, depth), **value} if isinstance(value, dict) and properties else value


def _object(schema: Node, properties: dict[str, Node], depth: int) -> Any:
    required = schemas.required(schema)
    members = {
        name: sample(child, depth + 1) for name, child in properties.items() if name in required or depth < _DEPTH // 4
    }
    for part in schemas.conjuncts(schema):
        # A union among the members of `allOf`.
        for keyword in ("oneOf", "anyOf"):
            union = part.get(keyword)
            if union is not None and union.children() and depth < _DEPTH:
                value = sample(union.children()[0], depth + 1)
                members = {**members, **value} if isinstance(value, dict) else members
    return {**members, **{name: None for name in required if name not in members}}


def _number(found: dict[str, Any]) -> Any:
    for keyword, step in (("minimum", 0), ("exclusiveMinimum", 1), ("maximum", 0), ("exclusiveMaximum", -1)):
        limit = found.get(keyword)
        if isinstance(limit, int | float) and not isinstance(limit, bool):
            return limit + step if keyword.endswith("inimum") or limit < 0 else min(0, limit + step)
    return 0
