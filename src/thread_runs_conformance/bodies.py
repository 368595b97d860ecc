"""Request bodies at and beyond every limit of a schema, each with a name and the rule it is about."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from thread_runs_conformance.spec import Contract, Operation, escaped

FILLERS: dict[str, Callable[[int], str]] = {
    "ASCII": lambda length: ("abcdefghij" * (length // 10 + 1))[:length],
    "two-byte": lambda length: "é" * length,
    "three-byte": lambda length: "漢" * length,
    # One character, but four bytes in UTF-8 and two units in UTF-16.
    "astral": lambda length: "😀" * length,
    # A letter and its accent: two characters each, one after NFC.
    "combining": lambda length: ("e\u0301" * (length // 2 + 1))[:length],
}
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


@dataclass(frozen=True)
class NamedBody:
    """A body, what it is in words, and the pointer to the rule that it keeps or breaks."""

    name: str
    body: Any
    rule: str


def sample(contract: Contract, pointer: str) -> Any:
    """A small valid value."""
    pointer, schema = contract.schema(pointer)
    for keyword in ("const", "default", "example"):
        if keyword in schema:
            return schema[keyword]
    if schema.get("examples"):
        return schema["examples"][0]
    if "enum" in schema:
        return schema["enum"][0]
    for union in ("anyOf", "oneOf"):
        if union in schema:
            return sample(contract, f"{pointer}/{union}/0")
    kind = _types(schema)[0]
    if kind == "object":
        properties = schema.get("properties", {})
        return {
            name: sample(contract, f"{pointer}/properties/{escaped(name)}")
            for name in schema.get("required", [])
            if name in properties
        }
    if kind == "array":
        return [sample(contract, f"{pointer}/items") for _ in range(schema.get("minItems", 0))]
    if kind == "string":
        return FILLERS["ASCII"](max(schema.get("minLength", 0), min(3, schema.get("maxLength", 3))))
    return {"integer": schema.get("minimum", 0), "number": schema.get("minimum", 0), "boolean": True}.get(kind)


def boundaries(contract: Contract, operation: Operation) -> list[NamedBody]:
    """Valid bodies at every limit, each once."""
    if operation.body is None:
        return []
    return _unique(contract, operation.body, _valid(contract, operation.body, ""), valid=True)


def violations(contract: Contract, operation: Operation) -> list[NamedBody]:
    """Bodies that each break one rule. Beside the fault stands a valid change where there is room for one."""
    if operation.body is None:
        return []
    bodies = _unique(contract, operation.body, _invalid(contract, operation.body, ""), valid=False)
    with_change = [NamedBody(each.name, _with_change(contract, operation, each.body), each.rule) for each in bodies]
    return [
        changed if not contract.is_valid(operation.body, changed.body) else each
        for each, changed in zip(bodies, with_change, strict=True)
    ]


REFUSED_CHANGE = {"contract_refused": "must not be stored"}


def _with_change(contract: Contract, operation: Operation, body: Any) -> Any:
    if not isinstance(body, dict):
        return body
    changed = dict(body)
    for name, schema in operation.maps.items():
        value = changed.get(name, {})
        limit = contract.schema(schema)[1].get("maxProperties")
        # A map that is too large must not be too large by more than one.
        if isinstance(value, dict) and (limit is None or len(value) < limit):
            changed[name] = {**REFUSED_CHANGE, **value}
    return changed


def _unique(contract: Contract, root: str, bodies: Iterator[NamedBody], *, valid: bool) -> list[NamedBody]:
    found: dict[str, NamedBody] = {}
    for each in bodies:
        if contract.is_valid(root, each.body) is valid:
            # What is reported is the rule that is broken, wherever the body came from.
            rule = each.rule if valid else contract.violations(root, each.body)[0].pointer
            found.setdefault(each.name, NamedBody(each.name, each.body, rule))
    return list(found.values())


def _types(schema: dict[str, Any]) -> list[str]:
    types = schema.get("type", "object" if "properties" in schema else ["string"])
    return [types] if isinstance(types, str) else list(types)


def _lengths(schema: dict[str, Any], low: str, high: str) -> list[int]:
    least = schema.get(low, 0)
    most = schema.get(high)
    lengths = [least, least + 1] + ([] if most is None else [most - 1, most])
    return sorted({length for length in lengths if length >= least and (most is None or length <= most)})


def _named(where: str, what: str) -> str:
    return f"{where}: {what}" if where else what


def _valid(contract: Contract, pointer: str, where: str) -> Iterator[NamedBody]:
    pointer, schema = contract.schema(pointer)
    for union in ("anyOf", "oneOf"):
        for index, _ in enumerate(schema.get(union, [])):
            yield from _valid(contract, f"{pointer}/{union}/{index}", where)
    for value in schema.get("enum", []):
        yield NamedBody(_named(where, repr(value)), value, f"{pointer}/enum")
    if "enum" in schema or "const" in schema or "anyOf" in schema or "oneOf" in schema:
        return
    for kind in _types(schema):
        if kind == "null":
            yield NamedBody(_named(where, "null"), None, f"{pointer}/type")
        elif kind == "boolean":
            yield from (
                NamedBody(_named(where, str(value).lower()), value, f"{pointer}/type") for value in (True, False)
            )
        elif kind in ("integer", "number"):
            for limit in ("minimum", "maximum"):
                if limit in schema:
                    yield NamedBody(_named(where, f"{limit} {schema[limit]}"), schema[limit], f"{pointer}/{limit}")
        elif kind == "string":
            yield from _valid_strings(pointer, schema, where)
        elif kind == "array" and "items" in schema:
            for length in _lengths(schema, "minItems", "maxItems"):
                value = [sample(contract, f"{pointer}/items")] * length
                yield NamedBody(_named(where, f"{length} items"), value, _rule(pointer, schema, "maxItems"))
        elif kind == "object":
            yield from _valid_objects(contract, pointer, schema, where)


def _valid_strings(pointer: str, schema: dict[str, Any], where: str) -> Iterator[NamedBody]:
    if "pattern" in schema:
        return
    for length in _lengths(schema, "minLength", "maxLength"):
        for alphabet, filler in FILLERS.items():
            if alphabet == "ASCII" or length > 1:
                name = f"{length} {alphabet} character{'' if length == 1 else 's'}"
                yield NamedBody(_named(where, name), filler(length), _rule(pointer, schema, "maxLength"))


def _valid_objects(contract: Contract, pointer: str, schema: dict[str, Any], where: str) -> Iterator[NamedBody]:
    base = sample(contract, pointer)
    yield NamedBody(_named(where, "the least object"), base, pointer)
    for name in schema.get("properties", {}):
        for inner in _valid(contract, f"{pointer}/properties/{escaped(name)}", f"{where}.{name}".lstrip(".")):
            yield NamedBody(inner.name, {**base, name: inner.body}, inner.rule)
    values = schema.get("additionalProperties")
    if schema.get("properties") or values is False:
        return
    value = sample(contract, f"{pointer}/additionalProperties") if isinstance(values, dict) else "text"
    for count in _lengths(schema, "minProperties", "maxProperties"):
        pairs = {f"key_{index}": value for index in range(count)}
        yield NamedBody(
            _named(where, f"{count} pair{'' if count == 1 else 's'}"), pairs, _rule(pointer, schema, "maxProperties")
        )
    if "propertyNames" in schema:
        for inner in _valid(contract, f"{pointer}/propertyNames", f"{where} key"):
            yield NamedBody(inner.name, {inner.body: value}, inner.rule)
    if isinstance(values, dict):
        for inner in _valid(contract, f"{pointer}/additionalProperties", f"{where} value"):
            yield NamedBody(inner.name, {"k": inner.body}, inner.rule)
        most = contract.schema(f"{pointer}/additionalProperties")[1].get("maxLength")
        longest = contract.schema(f"{pointer}/propertyNames")[1].get("maxLength") if "propertyNames" in schema else None
        if most and longest and "maxProperties" in schema:
            filler = FILLERS["astral"]
            full = {f"{index:02}" + filler(longest - 2): filler(most) for index in range(schema["maxProperties"])}
            yield NamedBody(_named(where, "everything at its limit"), full, pointer)


def _rule(pointer: str, schema: dict[str, Any], keyword: str) -> str:
    return f"{pointer}/{keyword}" if keyword in schema else pointer


def _invalid(contract: Contract, pointer: str, where: str) -> Iterator[NamedBody]:
    pointer, schema = contract.schema(pointer)
    unions = [
        f"{pointer}/{union}/{index}" for union in ("anyOf", "oneOf") for index, _ in enumerate(schema.get(union, []))
    ]
    # The type that a union lacks is a fault of the first branch.
    first = contract.schema(unions[0])[0] if unions else pointer
    for name, value in WRONG_TYPES.items():
        yield NamedBody(_named(where, f"{name} instead"), value, f"{first}/type")
    for union in unions:
        yield from _invalid(contract, union, where)
    if "enum" in schema:
        for value in ("contract_unknown", str(schema["enum"][0]).upper(), ""):
            yield NamedBody(_named(where, f"{value!r}, which the contract does not name"), value, f"{pointer}/enum")
    kinds = _types(schema) if "type" in schema or "properties" in schema else []
    for limit, step in (("minimum", -1), ("maximum", 1)):
        if limit in schema:
            value = schema[limit] + step
            yield NamedBody(_named(where, f"{value}, beyond the {limit}"), value, f"{pointer}/{limit}")
    if "string" in kinds:
        yield from _invalid_strings(pointer, schema, where)
    if "array" in kinds and "items" in schema:
        if "maxItems" in schema:
            too_many = [sample(contract, f"{pointer}/items")] * (schema["maxItems"] + 1)
            yield NamedBody(_named(where, f"{len(too_many)} items"), too_many, f"{pointer}/maxItems")
        for inner in _invalid(contract, f"{pointer}/items", f"{where} item"):
            yield NamedBody(inner.name, [inner.body], inner.rule)
    if "object" in kinds:
        yield from _invalid_objects(contract, pointer, schema, where)


def _invalid_strings(pointer: str, schema: dict[str, Any], where: str) -> Iterator[NamedBody]:
    if "minLength" in schema and schema["minLength"] > 0:
        value = FILLERS["ASCII"](schema["minLength"] - 1)
        yield NamedBody(_named(where, f"{len(value)} characters"), value, f"{pointer}/minLength")
    if "maxLength" not in schema:
        return
    length = schema["maxLength"] + 1
    for alphabet, filler in FILLERS.items():
        yield NamedBody(_named(where, f"{length} {alphabet} characters"), filler(length), f"{pointer}/maxLength")
    spaced = {
        "a space at the end": FILLERS["ASCII"](length - 1) + " ",
        "a space in front": " " + FILLERS["ASCII"](length - 1),
    }
    for name, value in spaced.items():
        yield NamedBody(_named(where, f"{length} characters with {name}"), value, f"{pointer}/maxLength")
    yield NamedBody(_named(where, f"{length * 8} characters"), FILLERS["ASCII"](length * 8), f"{pointer}/maxLength")


def _invalid_objects(contract: Contract, pointer: str, schema: dict[str, Any], where: str) -> Iterator[NamedBody]:
    base = sample(contract, pointer)
    for name in schema.get("required", []):
        without = {key: value for key, value in base.items() if key != name}
        yield NamedBody(_named(where, f"without `{name}`"), without, f"{pointer}/required")
    if schema.get("additionalProperties") is False:
        names = ["contract_unknown", "", "__proto__"]
        names += [form for name in schema.get("properties", {}) for form in (name.upper(), f"{name} ", f"{name}[k]")]
        for name in names:
            for value in ("text", None):
                shown = _named(where, f"an unknown property {name!r}" + (" that is null" if value is None else ""))
                yield NamedBody(shown, {**base, name: value}, f"{pointer}/additionalProperties")
    for name in schema.get("properties", {}):
        for inner in _invalid(contract, f"{pointer}/properties/{escaped(name)}", f"{where}.{name}".lstrip(".")):
            yield NamedBody(inner.name, {**base, name: inner.body}, inner.rule)
    values = schema.get("additionalProperties")
    if schema.get("properties") or values is False:
        return
    value = sample(contract, f"{pointer}/additionalProperties") if isinstance(values, dict) else "text"
    if "maxProperties" in schema:
        for count in (schema["maxProperties"] + 1, schema["maxProperties"] * 4):
            pairs = {f"key_{index}": value for index in range(count)}
            yield NamedBody(_named(where, f"{count} pairs"), pairs, f"{pointer}/maxProperties")
    if "propertyNames" in schema:
        for inner in _invalid(contract, f"{pointer}/propertyNames", f"{where} key"):
            if isinstance(inner.body, str):
                yield NamedBody(inner.name, {inner.body: value}, inner.rule)
    if isinstance(values, dict):
        for inner in _invalid(contract, f"{pointer}/additionalProperties", f"{where} value"):
            yield NamedBody(inner.name, {"k": inner.body}, inner.rule)
