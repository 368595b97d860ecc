"""Rewrite schemas in the form for which openapi-python-client generates good classes.

The meaning stays the same, except where a comment says so. The generator renames a class with a `title`,
duplicates a component or an enum that contains null, and makes unions of empty classes of unions of constraints.
"""

from typing import Any

from openapi_python_client import strings

from thread_runs_spec.document import Spec

Schema = dict[str, Any]
NULL: Schema = {"type": "null"}
PREFIX = "#/components/schemas/"
_DROPPED = frozenset({"title", "discriminator", "xml", "externalDocs", "nullable", "example", "examples"})
_ANNOTATIONS = frozenset({"description", "default", "deprecated", "readOnly"})
_OBJECT = frozenset({"$ref", "properties", "required", "additionalProperties", "allOf"})
"""Keywords of a schema that the generator can merge with others in an `allOf`."""
_KINDS = frozenset({"type", "enum", "const", "anyOf", "oneOf", "items", *_OBJECT})
"""Keywords that define the kind of a value and do not only limit it."""
_MAPS = frozenset({"properties", "patternProperties", "$defs"})
_NAMES = "x-enum-varnames"
_DATA = frozenset({"enum", "const", "default", "required"})


class Normaliser:
    """Rewrites schemas of one document."""

    def __init__(self, spec: Spec) -> None:
        self._spec = spec
        components = spec.root.get("components", {}).get("schemas", {})
        self._nullable = {name for name, schema in components.items() if self._is_nullable(schema)}

    def components(self) -> dict[str, Schema]:
        """Return all component schemas. Null is removed from them and added where they are used."""
        found = {}
        for name, schema in self._spec.root.get("components", {}).get("schemas", {}).items():
            written = self.schema(schema)
            found[name] = _without_null(written) if name in self._nullable else written
        return found

    def schema(self, schema: Any, inlined: tuple[str, ...] = ()) -> Schema:
        """Return `schema` in the form that the generator handles well."""
        if not isinstance(schema, dict):
            return {}
        if isinstance(schema.get("$ref"), str):
            return self._reference(schema, inlined)
        found = {
            key: {name: self.schema(item, inlined) for name, item in value.items()}
            if key in _MAPS and isinstance(value, dict)
            else value
            if key in _DATA
            else [self.schema(item, inlined) for item in value]
            if isinstance(value, list) and key in ("allOf", "anyOf", "oneOf", "prefixItems")
            else self.schema(value, inlined)
            if isinstance(value, dict) and not key.startswith("x-")
            else value
            for key, value in schema.items()
            if key not in _DROPPED
        }
        nullable = schema.get("nullable") is True and not self._spec.is_31
        return _simplified(found, nullable)

    def _reference(self, schema: Schema, inlined: tuple[str, ...]) -> Schema:
        reference = schema["$ref"]
        name = reference.removeprefix(PREFIX)
        if not reference.startswith(PREFIX) or "/" in name:
            # The generator only follows references to components.
            if reference in inlined:
                return {}
            target = self._spec.at(_pointer(reference)).value
            return self.schema(target, (*inlined, reference))
        plain = {"$ref": reference}
        described = {"description": schema["description"]} if self._spec.is_31 and "description" in schema else {}
        return {**described, "anyOf": [plain, NULL]} if name in self._nullable else plain

    def _is_nullable(self, schema: Any) -> bool:
        if not isinstance(schema, dict) or "$ref" in schema:
            return False
        types = schema.get("type")
        members = [*schema.get("anyOf", []), *schema.get("oneOf", [])]
        return (
            (schema.get("nullable") is True and not self._spec.is_31)
            or (isinstance(types, list) and "null" in types and len(types) > 1)
            or (None in schema.get("enum", []) and len(schema["enum"]) > 1)
            or (len(members) > 1 and any(member == NULL for member in members))
        )


def _pointer(reference: str) -> tuple[str, ...]:
    from urllib.parse import unquote

    return tuple(
        unquote(part).replace("~1", "/").replace("~0", "~") for part in reference.removeprefix("#/").split("/")
    )


def _without_null(schema: Schema) -> Schema:
    """Return the part of a nullable schema that is not null."""
    members = [member for member in schema.get("anyOf", []) if member != NULL]
    rest = {key: value for key, value in schema.items() if key not in ("anyOf", "default")}
    if len(members) == 1:
        return {**members[0], **rest}
    return {**rest, "anyOf": members}


def _simplified(schema: Schema, nullable: bool) -> Schema:
    """Return a schema, whose parts are in good form already, in good form."""
    types = schema.get("type")
    if isinstance(types, list):
        nullable = nullable or "null" in types
        others = [name for name in types if name != "null"]
        schema = {**schema, "type": others[0] if len(others) == 1 else others}
        if not others:
            return NULL
    enum = schema.get("enum")
    if isinstance(enum, list):
        nullable = nullable or None in enum
        schema = _enum(schema, [value for value in enum if value is not None])
    if "allOf" in schema:
        schema = _conjunction(schema)
    if "properties" in schema or schema.get("type") == "object":
        schema = _object(schema)
    if "oneOf" in schema and "anyOf" in schema:
        schema = {**schema, "anyOf": [*schema["anyOf"], *schema["oneOf"]]}
        del schema["oneOf"]
    for union in ("anyOf", "oneOf"):
        members = schema.get(union)
        if members is not None and NULL in members:
            nullable = True
            schema = {**schema, union: [member for member in members if member != NULL]}
    if not nullable:
        return schema
    annotations = {key: value for key, value in schema.items() if key in _ANNOTATIONS}
    rest: Schema = {key: value for key, value in schema.items() if key not in annotations}
    for union in ("anyOf", "oneOf"):
        if set(rest) == {union}:
            return {**annotations, "anyOf": [*rest[union], NULL]}
    if set(rest) == {"allOf"} and len(rest["allOf"]) == 1:
        rest = rest["allOf"][0]
    return {**annotations, "anyOf": [rest, NULL]} if rest else annotations


def _enum(schema: Schema, values: list[Any]) -> Schema:
    """Keep the values if they are all strings or all integers: there are no classes for others."""
    kinds = {type(value) for value in values}
    if kinds == {str} or kinds == {int}:
        # Without its type a string enum of YAML could be read as something else.
        names = {} if kinds == {int} else _member_names(values, schema.get(_NAMES))
        return {**schema, **names, "enum": values, "type": "string" if kinds == {str} else "integer"}
    return {key: value for key, value in schema.items() if key != "enum"}


def _member_names(values: list[str], given: Any) -> Schema:
    """Name the members of an enum where two would have the same name, such as those of `asc` and `ASC`."""
    chosen = given if isinstance(given, list) and len(given) == len(values) else None
    found: list[str] = []
    collides = False
    for index, value in enumerate(values):
        plain = str(chosen[index]) if chosen else value if value[:1].isalpha() else f"value_{index}"
        name = strings.snake_case(plain).upper()
        collides = collides or name in found
        found.append(f"{name}_{index}" if name in found else name)
    return {_NAMES: found} if collides else {}


def _conjunction(schema: Schema) -> Schema:
    """Return an `allOf` without the members that do not describe a value on their own.

    Next to a reference or an object these are annotations. Otherwise they may also be limits, such as
    `maxLength`. The generator makes an object of every `allOf` with several members.
    """
    members = [member for member in schema["allOf"] if not member.keys() <= _ANNOTATIONS]
    kinds = [member for member in members if not _KINDS.isdisjoint(member)]
    annotations = {key: value for member in schema["allOf"] for key, value in member.items() if key in _ANNOTATIONS}
    rest = {key: value for key, value in schema.items() if key != "allOf"}
    are_objects = any(member.get("type") == "object" or not _OBJECT.isdisjoint(member) for member in kinds)
    if len(kinds) <= 1 and not are_objects and _KINDS.isdisjoint(rest):
        limits = {key: value for member in members for key, value in member.items()}
        return {**limits, **annotations, **rest}
    if len(members) == len(schema["allOf"]):
        return schema
    return {**annotations, **rest, **({"allOf": members} if members else {})}


def _object(schema: Schema) -> Schema:
    """Drop the unions of an object that only say which of its properties go together: no class says that."""
    for union in ("anyOf", "oneOf"):
        members = schema.get(union)
        if members and all(not ({"$ref", "type", "properties", "allOf", "anyOf", "oneOf"} & set(m)) for m in members):
            schema = {key: value for key, value in schema.items() if key != union}
    return schema
