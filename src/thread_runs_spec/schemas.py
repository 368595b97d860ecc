"""Mechanical reading of schemas, through `$ref`, `allOf` and unions, in OpenAPI 3.0 and 3.1."""

import copy
from collections.abc import Iterator
from typing import Any

from thread_runs_spec.document import Node, Pointer, Spec
from thread_runs_spec.structure import Kind

ANNOTATIONS = frozenset(
    {"title", "description", "example", "examples", "default", "deprecated", "readOnly", "writeOnly"}
    | {"externalDocs", "xml", "$comment"}
)
"""Keywords that do not restrict values."""


def keywords(schema: Node) -> dict[str, Any]:
    """Return the keywords of a schema, references followed. `true` and `false` have none.

    In OpenAPI 3.1 keywords may stand beside `$ref`; they take the place of those that it leads to.
    """
    found: dict[str, Any] = {}
    for node in _chain(schema):
        if isinstance(node.value, dict):
            found = {**node.value, **found}
    found.pop("$ref", None)
    return found


def _chain(schema: Node) -> Iterator[Node]:
    """Yield the schema and the targets of its references. In OpenAPI 3.0, keywords next to a `$ref` are ignored."""
    node = schema
    seen = set()
    while node.reference is not None and node.pointer not in seen:
        seen.add(node.pointer)
        if schema.spec.is_31:
            yield node
        node = schema.spec.at(node.reference)
    yield node


def types(schema: Node) -> frozenset[str]:
    """Return the JSON types that `type` names, as one or as a list, with `nullable` of OpenAPI 3.0; empty for any."""
    found = keywords(schema)
    named = found.get("type", [])
    listed = [named] if isinstance(named, str) else named
    if not isinstance(listed, list) or not all(isinstance(name, str) for name in listed):
        raise schema.error("`type` is neither a string nor an array of strings")
    nullable = ["null"] if listed and found.get("nullable") is True and not schema.spec.is_31 else []
    return frozenset([*listed, *nullable])


def is_nullable(schema: Node) -> bool:
    """Return whether the schema names null as a possible value: in `type`, `const`, `enum`, or a member of a union."""
    for node in alternatives(schema):
        found = keywords(node)
        if "null" in types(node) or ("const" in found and found["const"] is None) or None in found.get("enum", []):
            return True
    return False


def alternatives(schema: Node) -> list[Node]:
    """Return the schema, references followed, and every member of its `anyOf` and `oneOf`, at any depth, each once."""
    return _closure(schema, ("anyOf", "oneOf"))


def conjuncts(schema: Node) -> list[Node]:
    """Return the schema, references followed, and every member of its `allOf`, at any depth, each once."""
    return _closure(schema, ("allOf",))


def _closure(schema: Node, fields: tuple[str, ...]) -> list[Node]:
    found: dict[tuple[str, ...], Node] = {}
    stack = [schema]
    while stack:
        links = list(_chain(stack.pop()))
        node = links[-1]
        if node.pointer in found:
            continue
        found[node.pointer] = node
        members = [
            member for link in links for name in fields if (list_ := link.get(name)) for member in list_.children()
        ]
        stack.extend(reversed(members))
    return list(found.values())


def properties(schema: Node) -> dict[str, Node]:
    """Return the schemas of the properties that the schema or a member of its `allOf` names; the first of each name."""
    found: dict[str, Node] = {}
    for node in conjuncts(schema):
        named = node.get("properties")
        for child in named.children() if named else []:
            found.setdefault(child.key, child)
    return found


def required(schema: Node) -> frozenset[str]:
    """Return the names of all properties that the schema or a member of its `allOf` requires."""
    return frozenset(name for node in conjuncts(schema) for name in keywords(node).get("required", []))


def json_schema(spec: Spec, value: Any) -> Any:
    """Return a schema of the document as JSON Schema 2020-12, whatever the version of OpenAPI.

    `nullable`, and `exclusiveMinimum` and `exclusiveMaximum` as booleans (OpenAPI 3.0), become their equivalents, and
    what stands beside `$ref` is left out. A schema of OpenAPI 3.1 is returned as it is.
    """
    return value if spec.is_31 else _upgraded(value)


def json_schema_document(spec: Spec) -> Any:
    """Return the whole document with all of its schemas as `json_schema` returns them, at the same pointers."""
    if spec.is_31:
        return spec.root
    root = copy.deepcopy(spec.root)
    inside: set[Pointer] = set()
    for node, kind in spec.walk():
        if kind is not Kind.SCHEMA:
            continue
        if node.pointer[:-1] not in inside and node.pointer[:-2] not in inside:
            parent = root
            for part in node.pointer[:-1]:
                parent = parent[int(part)] if isinstance(parent, list) else parent[part]
            parent[node.key] = _upgraded(node.value)
        inside.add(node.pointer)
    return root


_DATA = frozenset({"example", "examples", "default", "enum", "const"})
_MAPS = frozenset({"properties", "patternProperties"})


def _upgraded(value: Any) -> Any:
    if isinstance(value, list):
        return [_upgraded(item) for item in value]
    if not isinstance(value, dict):
        return value
    if isinstance(value.get("$ref"), str):
        return {"$ref": value["$ref"]}
    found = {
        name: item
        if name in _DATA
        else {key: _upgraded(inner) for key, inner in item.items()}
        if name in _MAPS and isinstance(item, dict)
        else _upgraded(item)
        for name, item in value.items()
    }
    for bound in ("Minimum", "Maximum"):
        if isinstance(exclusive := found.get(f"exclusive{bound}"), bool):
            del found[f"exclusive{bound}"]
            if exclusive and bound.lower() in found:
                found[f"exclusive{bound}"] = found.pop(bound.lower())
    if found.pop("nullable", False) is True and isinstance(found.get("type"), str):
        found["type"] = [found["type"], "null"]
        if isinstance(found.get("enum"), list) and None not in found["enum"]:
            # OpenAPI 3.0.3: an enum must list null itself. Most documents omit it, although they mean it.
            found["enum"] = [*found["enum"], None]
    return found
