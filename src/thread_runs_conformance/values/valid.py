"""Valid values at every limit of a schema."""

from collections.abc import Iterator
from typing import Any

from thread_runs_conformance.spec import Spec
from thread_runs_conformance.values.alphabets import ALPHABETS
from thread_runs_conformance.values.named import NamedBody, named
from thread_runs_conformance.values.samples import sample, types_of


def valid_values(spec: Spec, pointer: str, where: str, salts: Iterator[int]) -> Iterator[NamedBody]:
    """Values at the limits of a schema; every text is different. Some may be invalid: the caller checks."""
    pointer, schema = spec.schema(pointer)
    for union in ("anyOf", "oneOf"):
        for index, _ in enumerate(schema.get(union, [])):
            yield from valid_values(spec, f"{pointer}/{union}/{index}", where, salts)
    for value in schema.get("enum", []):
        yield NamedBody(named(where, repr(value)), value, f"{pointer}/enum")
    if any(keyword in schema for keyword in ("enum", "const", "anyOf", "oneOf")):
        return
    for kind in types_of(schema):
        if kind == "null":
            yield NamedBody(named(where, "null"), None, f"{pointer}/type")
        elif kind == "boolean":
            for value in (True, False):
                yield NamedBody(named(where, str(value).lower()), value, f"{pointer}/type")
        elif kind in ("integer", "number"):
            for limit in ("minimum", "maximum"):
                if limit in schema:
                    yield NamedBody(named(where, f"{limit} {schema[limit]}"), schema[limit], f"{pointer}/{limit}")
        elif kind == "string":
            yield from _strings(spec, pointer, schema, where, salts)
        elif kind == "array" and "items" in schema:
            for length in lengths(schema, "minItems", "maxItems"):
                items = [sample(spec, f"{pointer}/items", next(salts)) for _ in range(min(length, 1000))]
                yield NamedBody(named(where, f"{length} items"), items, rule(pointer, schema, "maxItems"))
        elif kind == "object":
            yield from _objects(spec, pointer, schema, where, salts)


def lengths(schema: dict[str, Any], low: str, high: str) -> list[int]:
    """The lengths at the two limits of a schema."""
    least = schema.get(low, 0)
    most = schema.get(high)
    found = [least, least + 1] + ([] if most is None else [most - 1, most])
    return sorted({length for length in found if length >= least and (most is None or length <= most)})


def rule(pointer: str, schema: dict[str, Any], keyword: str) -> str:
    """The pointer to a keyword, or to the schema if it has no such keyword."""
    return f"{pointer}/{keyword}" if keyword in schema else pointer


def _strings(spec: Spec, pointer: str, schema: dict[str, Any], where: str, salts: Iterator[int]) -> Iterator[NamedBody]:
    if "pattern" in schema or "format" in schema:
        yield NamedBody(named(where, "a valid text"), sample(spec, pointer, next(salts)), pointer)
        return
    for length in lengths(schema, "minLength", "maxLength"):
        for alphabet, text in ALPHABETS.items():
            if alphabet == "ASCII" or length > 1:
                name = f"{length} {alphabet} character{'' if length == 1 else 's'}"
                yield NamedBody(named(where, name), text(length, next(salts)), rule(pointer, schema, "maxLength"))


def _objects(spec: Spec, pointer: str, schema: dict[str, Any], where: str, salts: Iterator[int]) -> Iterator[NamedBody]:
    base = sample(spec, pointer, next(salts))
    yield NamedBody(named(where, "the smallest object"), base, pointer)
    for name, inner in spec.properties(pointer).items():
        if spec.schema(inner)[1].get("readOnly"):
            continue
        for value in valid_values(spec, inner, f"{where}.{name}".lstrip("."), salts):
            yield NamedBody(value.name, {**base, name: value.body}, value.rule)
    values = schema.get("additionalProperties")
    if spec.properties(pointer) or values is False:
        return
    inner = f"{pointer}/additionalProperties" if isinstance(values, dict) and values else ""

    def some() -> Any:
        salt = next(salts)
        return sample(spec, inner, salt) if inner else f"value {salt}"

    for count in lengths(schema, "minProperties", "maxProperties"):
        pairs = {f"key_{index}": some() for index in range(count)}
        name = f"{count} pair{'' if count == 1 else 's'}"
        yield NamedBody(named(where, name), pairs, rule(pointer, schema, "maxProperties"))
    if "propertyNames" in schema:
        for value in valid_values(spec, f"{pointer}/propertyNames", f"{where} key", salts):
            yield NamedBody(value.name, {value.body: some()}, value.rule)
    if not inner:
        return
    for value in valid_values(spec, inner, f"{where} value", salts):
        yield NamedBody(value.name, {f"k{next(salts)}": value.body}, value.rule)
    most = spec.schema(inner)[1].get("maxLength")
    longest = spec.schema(f"{pointer}/propertyNames")[1].get("maxLength") if "propertyNames" in schema else None
    if most and longest and "maxProperties" in schema:
        text = ALPHABETS["astral"]
        full = {
            f"{index:02}" + text(longest - 2, next(salts)): text(most, next(salts))
            for index in range(schema["maxProperties"])
        }
        yield NamedBody(named(where, "everything at its limit"), full, pointer)
