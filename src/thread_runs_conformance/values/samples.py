"""Valid values that are derived from a schema."""

import datetime
import re
from typing import Any

from thread_runs_conformance.operations import Operation
from thread_runs_conformance.parameters import Parameter
from thread_runs_conformance.spec import Spec
from thread_runs_conformance.values.alphabets import ALPHABETS

_FORMATS = {
    "date-time": lambda salt: (
        datetime.datetime(2031, 1, 1, tzinfo=datetime.UTC) + datetime.timedelta(seconds=salt % 10_000_000)
    ).strftime("%Y-%m-%dT%H:%M:%SZ"),
    "date": lambda salt: (datetime.date(2031, 1, 1) + datetime.timedelta(days=salt % 10_000)).isoformat(),
    "time": lambda salt: f"{salt // 3600 % 24:02}:{salt // 60 % 60:02}:{salt % 60:02}Z",
    "duration": lambda salt: f"PT{salt % 10_000 + 1}S",
    "uuid": lambda salt: f"5a17c0de-0000-4000-8000-{salt % 16**12:012x}",
    "email": lambda salt: f"conformance{salt}@example.com",
    "uri": lambda salt: f"https://example.com/conformance/{salt}",
    "url": lambda salt: f"https://example.com/conformance/{salt}",
    "hostname": lambda salt: f"c{salt}.example.com",
    "ipv4": lambda salt: f"192.0.2.{salt % 255}",
    "ipv6": lambda salt: f"2001:db8::{salt % 65535:x}",
    "byte": lambda salt: f"{salt:08d}",
}


class NoSampleError(ValueError):
    """No valid value could be derived. The message names the schema."""


def sample(spec: Spec, pointer: str, salt: int = 0, *, full: bool = False) -> Any:
    """A small valid value. Different salts give different values where the schema allows it.

    Args:
        full: With every property, not only the required ones.

    Raises:
        NoSampleError: The schema is too special, for example a pattern that no known text matches.
    """
    value = _sample(spec, pointer, salt, full, 0)
    if not spec.is_valid(pointer, value):
        for example in _examples(spec, pointer):
            if spec.is_valid(pointer, example):
                return example
        raise NoSampleError(f"no valid value could be derived for {pointer}")
    return value


def _examples(spec: Spec, pointer: str) -> list[Any]:
    schema = spec.schema(pointer)[1]
    return [*schema.get("examples", []), *([schema["example"]] if "example" in schema else [])]


def _sample(spec: Spec, pointer: str, salt: int, full: bool, depth: int) -> Any:
    pointer, schema = spec.schema(pointer)
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        values = [value for value in schema["enum"] if value is not None] or [None]
        return values[salt % len(values)]
    for union in ("anyOf", "oneOf"):
        if union in schema:
            branches = [f"{pointer}/{union}/{index}" for index, _ in enumerate(schema[union])]
            chosen = next((each for each in branches if types_of(spec.schema(each)[1]) != ["null"]), branches[0])
            return _sample(spec, chosen, salt, full, depth)
    kind = next((each for each in types_of(schema) if each != "null"), "null")
    if kind == "object" or "allOf" in schema:
        return _object(spec, pointer, schema, salt, full, depth)
    if kind == "array":
        count = max(schema.get("minItems", 0), 1 if full and depth < 4 else 0)
        if "items" not in schema:
            return [salt] * count
        return [_sample(spec, f"{pointer}/items", salt + index, full, depth + 1) for index in range(count)]
    if kind == "string":
        return _text(schema, salt)
    if kind in ("integer", "number"):
        return _number(schema, salt, whole=kind == "integer")
    return {"boolean": salt % 2 == 0}.get(kind)


def _object(spec: Spec, pointer: str, schema: dict[str, Any], salt: int, full: bool, depth: int) -> dict[str, Any]:
    properties = spec.properties(pointer)
    required = spec.required(pointer)
    names = [*properties] if full and depth < 4 else [name for name in properties if name in required]
    names = [name for name in names if not spec.schema(properties[name])[1].get("readOnly")]
    value = {name: _sample(spec, properties[name], salt + index, full, depth + 1) for index, name in enumerate(names)}
    least = schema.get("minProperties", 0)
    for name in properties:
        # The smallest object with the required number of properties.
        if len(value) < least and name not in value and not spec.schema(properties[name])[1].get("readOnly"):
            value[name] = _sample(spec, properties[name], salt, full, depth + 1)
    extra = schema.get("additionalProperties")
    for index in range(max(least - len(value), 1 if full and not properties else 0)):
        inner = f"{pointer}/additionalProperties"
        value[f"conformance_{index}"] = (
            _sample(spec, inner, salt + index, full, depth + 1) if isinstance(extra, dict) and extra else f"{salt}"
        )
    return value


def _text(schema: dict[str, Any], salt: int) -> str:
    least, most = schema.get("minLength", 0), schema.get("maxLength", 10_000)
    if "pattern" in schema:
        return _matching(schema["pattern"], salt, least, most)
    if schema.get("format") in _FORMATS:
        return _FORMATS[schema["format"]](salt)
    return ALPHABETS["ASCII"](max(least, min(8, most)), salt)


def _matching(pattern: str, salt: int, least: int, most: int) -> str:
    """A text that matches a pattern: a guess first, then what Hypothesis finds."""
    for guess in (f"{salt}", ALPHABETS["ASCII"](max(least, min(8, most)), salt), f"a{salt}", f"A{salt:08d}"):
        if least <= len(guess) <= most and re.search(pattern, guess):
            return guess
    import hypothesis
    from hypothesis import strategies

    found: list[str] = []

    def without_newline(text: str) -> str:
        """In Python, but not in JSON Schema, `$` also matches in front of a newline at the end."""
        return text[:-1] if text.endswith("\n") and re.search(pattern, text[:-1]) else text

    texts = strategies.from_regex(pattern).map(without_newline).filter(lambda text: least <= len(text) <= most)

    @hypothesis.seed(salt)
    @hypothesis.settings(max_examples=3, database=None, deadline=None, phases=[hypothesis.Phase.generate])
    @hypothesis.given(texts)
    def collect(text: str) -> None:
        found.append(text)

    try:
        collect()
    except (hypothesis.errors.HypothesisException, ValueError):
        raise NoSampleError(f"no text matches the pattern {pattern}") from None
    return found[-1]


def _number(schema: dict[str, Any], salt: int, *, whole: bool) -> Any:
    step = schema.get("multipleOf", 1)
    low, high = schema.get("minimum"), schema.get("maximum")
    if "exclusiveMinimum" in schema:
        low = max(schema["exclusiveMinimum"] + step, low if low is not None else float("-inf"))
    if "exclusiveMaximum" in schema:
        high = min(schema["exclusiveMaximum"] - step, high if high is not None else float("inf"))
    low = low if low is not None else (high - 1000 * step if high is not None else step)
    first = -(-low // step) * step
    count = 1000 if high is None else int((high - first) // step) + 1
    value = first + step * (salt % max(count, 1))
    return int(value) if whole or float(value).is_integer() else value


def types_of(schema: dict[str, Any]) -> list[str]:
    """The JSON types that a schema names or implies."""
    types = schema.get("type", "object" if "properties" in schema or "additionalProperties" in schema else ["string"])
    return [types] if isinstance(types, str) else list(types)


def smallest_body(operation: Operation, salt: int = 0) -> Any:
    """The smallest valid body: `{}` if no property is required."""
    return sample(operation.spec, operation.body, salt) if operation.body else None


def change(operation: Operation, salt: int) -> Any:
    """A valid body that changes everything that may be changed, with values that no other salt gives.

    Raises:
        NoSampleError: No body could be derived.
    """
    body = smallest_body(operation, salt)
    if not isinstance(body, dict):
        return body
    for name, pointer in operation.maps.items():
        body[name] = pairs(operation.spec, pointer, salt, 2)
    for name in operation.scalars:
        candidate = {**body, name: sample(operation.spec, operation.changeable[name], salt)}
        if operation.accepts(candidate):
            body = candidate
    return body


def pairs(spec: Spec, pointer: str, salt: int, count: int) -> dict[str, str]:
    """Pairs for a map of strings, each key and each value different and recognizable."""
    schema = spec.schema(pointer)[1]
    extra = schema.get("additionalProperties")
    found = {}
    for index in range(min(count, schema.get("maxProperties", count))):
        value = f"value {salt}.{index}"
        if isinstance(extra, dict) and extra and not spec.is_valid(f"{pointer}/additionalProperties", value):
            value = sample(spec, f"{pointer}/additionalProperties", salt * 16 + index)
        found[f"c{salt}_{index}"] = value
    if not spec.is_valid(pointer, found) and "propertyNames" in schema:
        keys = [sample(spec, f"{pointer}/propertyNames", salt * 16 + index) for index in range(len(found))]
        found = dict(zip(keys, found.values(), strict=True))
    return found


def parameter_value(parameter: Parameter, salt: int = 0) -> Any:
    """A valid value for a parameter: one from the spec, or a derived one."""
    example = parameter.example
    if example is not None:
        return example
    return sample(parameter.spec, parameter.schema, salt) if parameter.has_schema else "conformance"


def unknown_identifier(parameter: Parameter, salt: int) -> str | None:
    """A valid identifier of nothing that exists, for a path parameter; None if none could be derived."""
    try:
        keywords = parameter.keywords
        types = types_of(keywords) if "type" in keywords else ["string"]
        if "integer" in types or "number" in types:
            high = keywords.get("maximum", 2_000_000_011)
            return str(int(high) - salt % 7)
        if keywords.get("enum") or "const" in keywords or "boolean" in types:
            return None
        if keywords.get("format") or "pattern" in keywords or "maxLength" in keywords:
            return str(sample(parameter.spec, parameter.schema, 900_001 + salt))
    except NoSampleError:
        return None
    return "conformance_unknown" + (f"_{salt}" if salt else "")
