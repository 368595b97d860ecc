"""Values that each violate one rule of a schema."""

from collections.abc import Iterator
from typing import Any

from thread_runs_conformance.spec import Spec
from thread_runs_conformance.values.alphabets import ALPHABETS
from thread_runs_conformance.values.named import NamedBody, named
from thread_runs_conformance.values.samples import sample, types_of

WRONG_TYPES: dict[str, Any] = {
    "a string": "text",
    "an integer": 7,
    "a number": 1.5,
    "true": True,
    "false": False,
    "null": None,
    "an array": ["text"],
    "an empty array": [],
    "an object": {"nested": "text"},
    "zero": 0,
}


def invalid_values(spec: Spec, pointer: str, where: str, salts: Iterator[int]) -> Iterator[NamedBody]:
    """Values that violate a schema. Some may be valid after all: the caller checks."""
    pointer, schema = spec.schema(pointer)
    unions = [
        f"{pointer}/{union}/{index}" for union in ("anyOf", "oneOf") for index, _ in enumerate(schema.get(union, []))
    ]
    # A type that no branch of a union allows violates the first branch.
    first = spec.schema(unions[0])[0] if unions else pointer
    for name, value in WRONG_TYPES.items():
        yield NamedBody(named(where, f"{name} instead"), value, f"{first}/type")
    for union in unions:
        yield from invalid_values(spec, union, where, salts)
    if "enum" in schema:
        for value in ("conformance_unknown", str(schema["enum"][0]).upper(), ""):
            yield NamedBody(named(where, f"{value!r}, which is not in the enum"), value, f"{pointer}/enum")
    kinds = types_of(schema) if "type" in schema or spec.properties(pointer) else []
    for limit, step in (("minimum", -1), ("maximum", 1)):
        if limit in schema:
            value = schema[limit] + step
            yield NamedBody(named(where, f"{value}, beyond the {limit}"), value, f"{pointer}/{limit}")
    if "string" in kinds:
        yield from _strings(pointer, schema, where, salts)
    if "array" in kinds and "items" in schema:
        if "maxItems" in schema:
            items = [sample(spec, f"{pointer}/items", next(salts)) for _ in range(schema["maxItems"] + 1)]
            yield NamedBody(named(where, f"{len(items)} items"), items, f"{pointer}/maxItems")
        for inner in invalid_values(spec, f"{pointer}/items", f"{where} item", salts):
            yield NamedBody(inner.name, [inner.body], inner.rule)
            if inner.rule.endswith("/type"):
                good = sample(spec, f"{pointer}/items", next(salts))
                yield NamedBody(f"{inner.name}, as the last of two", [good, inner.body], inner.rule)
    if "object" in kinds:
        yield from _objects(spec, pointer, schema, where, salts)


def _strings(pointer: str, schema: dict[str, Any], where: str, salts: Iterator[int]) -> Iterator[NamedBody]:
    text = ALPHABETS["ASCII"]
    if schema.get("minLength", 0) > 0:
        value = text(schema["minLength"] - 1, next(salts))
        yield NamedBody(named(where, f"{len(value)} characters"), value, f"{pointer}/minLength")
    if "maxLength" not in schema:
        return
    length = schema["maxLength"] + 1
    for alphabet, filler in ALPHABETS.items():
        value = filler(length, next(salts))
        yield NamedBody(named(where, f"{length} {alphabet} characters"), value, f"{pointer}/maxLength")
    spaced = {
        "a space at the end": text(length - 1, next(salts)) + " ",
        "a space in front": " " + text(length - 1, next(salts)),
    }
    for name, value in spaced.items():
        yield NamedBody(named(where, f"{length} characters with {name}"), value, f"{pointer}/maxLength")
    for count in (length * 2, length * 8, length * 40):
        yield NamedBody(named(where, f"{count} characters"), text(count, next(salts)), f"{pointer}/maxLength")


def _objects(spec: Spec, pointer: str, schema: dict[str, Any], where: str, salts: Iterator[int]) -> Iterator[NamedBody]:
    base = sample(spec, pointer, next(salts))
    properties = spec.properties(pointer)
    for name in sorted(spec.required(pointer)):
        without = {key: value for key, value in base.items() if key != name}
        yield NamedBody(named(where, f"without `{name}`"), without, f"{pointer}/required")
    if schema.get("additionalProperties") is False:
        names = ["conformance_unknown", "", "__proto__"]
        names += [form for name in properties for form in (name.upper(), f"{name} ", f"{name}[k]")]
        for name in names:
            for value in ("text", None):
                shown = named(where, f"an unknown property {name!r}" + (" that is null" if value is None else ""))
                yield NamedBody(shown, {**base, name: value}, f"{pointer}/additionalProperties")
    for name, schema_pointer in properties.items():
        for found in invalid_values(spec, schema_pointer, f"{where}.{name}".lstrip("."), salts):
            yield NamedBody(found.name, {**base, name: found.body}, found.rule)
    values = schema.get("additionalProperties")
    if properties or values is False:
        return
    inner = f"{pointer}/additionalProperties" if isinstance(values, dict) and values else ""

    def some() -> Any:
        salt = next(salts)
        return sample(spec, inner, salt) if inner else f"value {salt}"

    if "maxProperties" in schema:
        for count in (schema["maxProperties"] + 1, schema["maxProperties"] * 4):
            pairs = {f"key_{index}": some() for index in range(count)}
            yield NamedBody(named(where, f"{count} pairs"), pairs, f"{pointer}/maxProperties")
    if "propertyNames" in schema:
        for found in invalid_values(spec, f"{pointer}/propertyNames", f"{where} key", salts):
            if isinstance(found.body, str):
                yield NamedBody(found.name, {found.body: some()}, found.rule)
    if inner:
        for found in invalid_values(spec, inner, f"{where} value", salts):
            yield NamedBody(found.name, {f"k{next(salts)}": found.body}, found.rule)
