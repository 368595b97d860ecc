"""The limits of values: as a schema without annotations, and in words."""

from collections.abc import Iterator
from typing import Any

from thread_runs_spec.document import Spec
from thread_runs_spec.schemas import ANNOTATIONS, json_schema


def limits(schema: Any) -> Any:
    """Return `schema` without annotations. The names of properties are never keywords."""
    if not isinstance(schema, dict):
        return [limits(item) for item in schema] if isinstance(schema, list) else schema
    return {
        keyword: {name: limits(item) for name, item in value.items()}
        if keyword == "properties" and isinstance(value, dict)
        else value
        if keyword in ("enum", "const")
        else limits(value)
        for keyword, value in schema.items()
        if keyword not in ANNOTATIONS and keyword not in ("discriminator", "xml") and not keyword.startswith("x-")
    }


def references(schema: Any) -> Iterator[str]:
    """Yield every `$ref` in `schema`."""
    if isinstance(schema, dict):
        if isinstance(schema.get("$ref"), str):
            yield schema["$ref"]
        schema = list(schema.values())
    if isinstance(schema, list):
        for item in schema:
            yield from references(item)


def referred(spec: Spec, schemas: Any) -> dict[str, Any]:
    """Return the limits of everything that `schemas` refer to, by the reference, in the order of the references."""
    found: dict[str, Any] = {}
    wanted = list(references(schemas))
    while wanted:
        reference = wanted.pop()
        if reference not in found:
            pointer = tuple(part.replace("~1", "/").replace("~0", "~") for part in reference.split("/")[1:])
            found[reference] = limits(json_schema(spec, spec.at(pointer).value))
            wanted += references(found[reference])
    return dict(sorted(found.items()))


_SAID = {
    "minLength": "at least {} character{s}",
    "maxLength": "at most {} character{s}",
    "minItems": "at least {} item{s}",
    "maxItems": "at most {} item{s}",
    "minProperties": "at least {} entries",
    "maxProperties": "at most {} entries",
    "minimum": "at least {}",
    "maximum": "at most {}",
    "exclusiveMinimum": "more than {}",
    "exclusiveMaximum": "less than {}",
    "multipleOf": "a multiple of {}",
    "pattern": "matches `{}`",
}
_BELOW = {"propertyNames": "keys", "additionalProperties": "values", "items": "items"}


def in_words(spec: Spec, schema: Any) -> list[str]:
    """Return the limits of a value as short phrases: `at most 16 entries`, `keys: at most 64 characters`."""
    schema = _resolved(spec, schema)
    # The type of an argument shows which values an enum has.
    own = [
        text.format(schema[keyword], s="" if schema[keyword] == 1 else "s")
        for keyword, text in _SAID.items()
        if keyword in schema and not isinstance(schema[keyword], bool)
    ]
    for keyword, name in _BELOW.items():
        if isinstance(schema.get(keyword), dict):
            below = in_words(spec, schema[keyword])
            own += [f"{name}: {', '.join(below)}"] if below else []
    return own


def _resolved(spec: Spec, schema: Any) -> dict[str, Any]:
    """Return the schema of a value that is not null, references followed."""
    seen: set[str] = set()
    while isinstance(schema, dict):
        reference = schema.get("$ref")
        members = [member for key in ("anyOf", "oneOf", "allOf") for member in schema.get(key, [])]
        others = [member for member in members if member != {"type": "null"}]
        if isinstance(reference, str) and reference not in seen:
            seen.add(reference)
            schema = spec.at(tuple(p.replace("~1", "/").replace("~0", "~") for p in reference.split("/")[1:])).value
        elif len(others) == 1:
            schema = others[0]
        else:
            return schema
    return {}
