"""Give the objects and enums inside other schemas a component of their own.

openapi-python-client makes classes of them where they stand, but makes some of them twice, and then neither.
"""

from typing import Any

from openapi_python_client.strings import pascal_case

from scripts.generator.normalise import NULL, PREFIX, Schema

_UNIONS = ("anyOf", "oneOf", "allOf")


class Hoister:
    """Moves schemas out of others. `taken` are the names of the components that there are."""

    def __init__(self, taken: set[str]) -> None:
        self._classes = {pascal_case(name).lower() for name in taken}

    def hoist(self, schema: Schema, name: str) -> tuple[Schema, dict[str, Schema]]:
        """Return the component `name` with references for what was inside it, and the new components."""
        found: dict[str, Schema] = {}
        return self._inside(schema, name, found), found

    def hoist_all(self, schema: Schema, name: str) -> tuple[Schema, dict[str, Schema]]:
        """Return a schema with references for the parts that have a class, and the new components."""
        found: dict[str, Schema] = {}
        return self._moved(schema, name, found), found

    def _inside(self, schema: Schema, name: str, found: dict[str, Schema]) -> Schema:
        changed = dict(schema)
        for key, value in schema.items():
            if key == "properties" and isinstance(value, dict):
                changed[key] = {
                    inner: self._moved(item, f"{name}{pascal_case(inner)}", found) for inner, item in value.items()
                }
            elif key in ("items", "additionalProperties") and isinstance(value, dict):
                suffix = "Item" if key == "items" else "Value"
                changed[key] = self._moved(value, f"{name}{suffix}", found)
            elif key in _UNIONS and isinstance(value, list):
                changed[key] = self._members(value, name, key, found)
        return changed

    def _members(self, members: list[Any], name: str, union: str, found: dict[str, Schema]) -> list[Any]:
        if union == "allOf":
            # These are parts of one class.
            return [self._inside(one, name, found) if isinstance(one, dict) else one for one in members]
        several = len([one for one in members if one != NULL]) > 1
        return [self._moved(one, f"{name}{_kind(one, index) if several else ''}", found)
                for index, one in enumerate(members)]  # fmt: skip

    def _moved(self, schema: Any, name: str, found: dict[str, Schema]) -> Any:
        if not isinstance(schema, dict):
            return schema
        if not _has_class(schema):
            return self._inside(schema, name, found)
        unique, number = name, 2
        while pascal_case(unique).lower() in self._classes:
            unique, number = f"{name}{number}", number + 1
        self._classes.add(pascal_case(unique).lower())
        default = {"default": schema["default"]} if "default" in schema else {}
        found[unique] = self._inside({key: value for key, value in schema.items() if key != "default"}, unique, found)
        reference = {"$ref": f"{PREFIX}{unique}"}
        return {**default, "allOf": [reference]} if default and "enum" in schema else reference


def _has_class(schema: Schema) -> bool:
    if "anyOf" in schema or "oneOf" in schema:
        return False
    return (
        "properties" in schema or schema.get("type") == "object" or "enum" in schema or len(schema.get("allOf", [])) > 1
    )


def _kind(member: Any, index: int) -> str:
    """Return what tells a member of a union from the others: the constant of one of its properties, or its index."""
    properties = member.get("properties", {}) if isinstance(member, dict) else {}
    for value in properties.values():
        constant = value.get("const", next(iter(value.get("enum", [])), None)) if isinstance(value, dict) else None
        if isinstance(constant, str) and ("const" in value or len(value["enum"]) == 1) and pascal_case(constant):
            return pascal_case(constant)
    return f"Option{index + 1}"
