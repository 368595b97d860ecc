"""Check the parameters and the body of a request against the schemas of the spec, before it is sent.

Knows the keywords of JSON Schema that limit what people pass in; a server checks all of them. A keyword has no meaning
for a value of another type, as in JSON Schema.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any

from thread_runs_client.operations import SCHEMAS
from thread_runs_client.requests import Request

from ._errors import InvalidRequestError, Problem

Schema = Mapping[str, Any]

_TYPES: dict[str, type | tuple[type, ...]] = {
    "object": dict,
    "array": (list, tuple),
    "string": str,
    "boolean": bool,
    "integer": int,
    "number": (int, float),
    "null": type(None),
}


def check_request(request: Request[Any]) -> None:
    """Raise InvalidRequestError, with every problem, if a parameter or the body exceeds a limit of the spec."""
    operation = request.operation
    problems = [
        problem
        for parameter in operation.parameters
        if parameter.argument is not None and parameter.argument in request.values
        for problem in _problems(parameter.schema, request.values[parameter.argument], parameter.argument)
    ]
    if operation.body is not None and None in request.values:
        problems += _problems(operation.body.schema, request.values[None], "")
    if problems:
        raise InvalidRequestError(problems)


def _problems(schema: Schema | bool, value: Any, key: str) -> Iterator[Problem]:
    if isinstance(schema, bool):
        if not schema:
            yield Problem(key, "the spec allows no value here")
        return
    for keyword, limit in schema.items():
        if keyword in _APPLIED:
            yield from _APPLIED[keyword](limit, value, key, schema)
        elif keyword in _LIMITS:
            kind, measure, unit, is_within = _LIMITS[keyword]
            if _is(kind, value) and not is_within(measure(value), limit):
                yield Problem(key, f"{measure(value)}{unit}, {_side(keyword)} {limit} allowed")


def _reference(limit: str, value: Any, key: str, schema: Schema) -> Iterator[Problem]:
    return _problems(SCHEMAS[limit], value, key)


def _type(limit: str | list[str], value: Any, key: str, schema: Schema) -> Iterator[Problem]:
    kinds = [limit] if isinstance(limit, str) else limit
    if schema.get("format") == "binary" and not isinstance(value, dict | list | int | float):
        return  # a file, in whatever form
    if not any(_is(kind, value) for kind in kinds):
        yield Problem(key, f"expected {' or '.join(map(_with_article, kinds))}, got {_with_article(_kind(value))}")
    elif isinstance(value, str) and not _is_text(value):
        yield Problem(key, "half of a surrogate pair, which is no text")


def _any_of(branches: list[Schema], value: Any, key: str, schema: Schema) -> Iterator[Problem]:
    """If no branch takes `value`: the fewest problems of those that take its type, or else the types they take."""
    fitting = [branch for branch in branches if any(_is(kind, value) for kind in _kinds(branch))]
    if fitting:
        yield from min((list(_problems(branch, value, key)) for branch in fitting), key=len)
    else:
        yield from _type([kind for branch in branches for kind in _kinds(branch)], value, key, schema)


def _all_of(branches: list[Schema], value: Any, key: str, schema: Schema) -> Iterator[Problem]:
    for branch in branches:
        yield from _problems(branch, value, key)


def _properties(limit: Mapping[str, Schema], value: Any, key: str, schema: Schema) -> Iterator[Problem]:
    if isinstance(value, dict):
        for name, property_schema in limit.items():
            if name in value:
                yield from _problems(property_schema, value[name], _join(key, name))


def _additional_properties(limit: Schema | bool, value: Any, key: str, schema: Schema) -> Iterator[Problem]:
    if isinstance(value, dict):
        for name in value:
            if name in schema.get("properties", ()) or _matches(name, schema.get("patternProperties", ())):
                continue
            if limit is False:
                yield Problem(_join(key, name), "the spec has no such property")
            elif isinstance(limit, Mapping):
                yield from _problems(limit, value[name], _join(key, name))


def _property_names(limit: Schema, value: Any, key: str, schema: Schema) -> Iterator[Problem]:
    if isinstance(value, dict):
        for name in value:
            for problem in _problems(limit, name, _join(key, name)):
                yield Problem(problem.key, f"the name: {problem.message}")


def _required(limit: list[str], value: Any, key: str, schema: Schema) -> Iterator[Problem]:
    if isinstance(value, dict):
        yield from (Problem(_join(key, name), "is required") for name in limit if name not in value)


def _items(limit: Schema, value: Any, key: str, schema: Schema) -> Iterator[Problem]:
    if _is("array", value):
        for index, item in enumerate(value):
            yield from _problems(limit, item, f"{key}[{index}]")


def _pattern_properties(limit: Mapping[str, Schema], value: Any, key: str, schema: Schema) -> Iterator[Problem]:
    if isinstance(value, dict):
        for name in value:
            for pattern in limit:
                if _matches(name, [pattern]):
                    yield from _problems(limit[pattern], value[name], _join(key, name))


def _pattern(limit: str, value: Any, key: str, schema: Schema) -> Iterator[Problem]:
    compiled = _compiled(limit)
    if isinstance(value, str) and compiled is not None and not compiled.search(value):
        yield Problem(key, f"does not match the pattern {limit}")


def _unique_items(limit: bool, value: Any, key: str, schema: Schema) -> Iterator[Problem]:
    if limit and _is("array", value):
        shown = [repr(item) for item in value]
        if len(set(shown)) < len(shown):
            yield Problem(key, "an item is given twice")


def _multiple_of(limit: float, value: Any, key: str, schema: Schema) -> Iterator[Problem]:
    if _is("number", value) and value % limit:
        yield Problem(key, f"expected a multiple of {limit}")


def _const(limit: Any, value: Any, key: str, schema: Schema) -> Iterator[Problem]:
    if value != limit:
        yield Problem(key, f"expected {limit!r}")


def _enum(limit: list[Any], value: Any, key: str, schema: Schema) -> Iterator[Problem]:
    if value not in limit:
        yield Problem(key, f"expected one of {', '.join(map(repr, limit))}")


_APPLIED: dict[str, Callable[[Any, Any, str, Schema], Iterator[Problem]]] = {
    "$ref": _reference,
    "type": _type,
    "anyOf": _any_of,
    # That a value fits no second member is for the server to check.
    "oneOf": _any_of,
    "allOf": _all_of,
    "properties": _properties,
    "additionalProperties": _additional_properties,
    "propertyNames": _property_names,
    "required": _required,
    "items": _items,
    "enum": _enum,
    "const": _const,
    "pattern": _pattern,
    "patternProperties": _pattern_properties,
    "uniqueItems": _unique_items,
    "multipleOf": _multiple_of,
}
_LIMITS: dict[str, tuple[str, Callable[[Any], Any], str, Callable[[Any, Any], bool]]] = {
    "maxProperties": ("object", len, " pairs", lambda size, limit: size <= limit),
    "minProperties": ("object", len, " pairs", lambda size, limit: size >= limit),
    "maxLength": ("string", len, " characters", lambda size, limit: size <= limit),
    "minLength": ("string", len, " characters", lambda size, limit: size >= limit),
    "maxItems": ("array", len, " items", lambda size, limit: size <= limit),
    "minItems": ("array", len, " items", lambda size, limit: size >= limit),
    "maximum": ("number", lambda value: value, "", lambda value, limit: value <= limit),
    "minimum": ("number", lambda value: value, "", lambda value, limit: value >= limit),
    "exclusiveMaximum": ("number", lambda value: value, "", lambda value, limit: value < limit),
    "exclusiveMinimum": ("number", lambda value: value, "", lambda value, limit: value > limit),
}
KEYWORDS = frozenset(_APPLIED) | frozenset(_LIMITS)
"""The keywords that are checked."""


def _side(keyword: str) -> str:
    if keyword.startswith("exclusive"):
        return "less than" if keyword.endswith("Maximum") else "more than"
    return "at most" if keyword.startswith("max") else "at least"


@cache
def _compiled(pattern: str) -> re.Pattern[str] | None:
    """Return a pattern of the spec; None if it is not one for Python, as the spec has ECMA-262."""
    try:
        return re.compile(pattern)
    except re.error:
        return None


def _matches(name: Any, patterns: Any) -> bool:
    return any((compiled := _compiled(one)) is not None and compiled.search(str(name)) for one in patterns)


def _kinds(schema: Schema | bool) -> list[str]:
    if isinstance(schema, bool):
        return list(_TYPES)
    if "$ref" in schema:
        return _kinds(SCHEMAS[schema["$ref"]])
    kinds = schema.get("type", list(_TYPES))
    return [kinds] if isinstance(kinds, str) else list(kinds)


def _is(kind: str, value: Any) -> bool:
    # Python counts a boolean as an integer, JSON does not.
    return isinstance(value, _TYPES[kind]) and (kind == "boolean" or not isinstance(value, bool))


def _kind(value: Any) -> str:
    return next((kind for kind in _TYPES if _is(kind, value)), type(value).__name__)


def _with_article(kind: str) -> str:
    return kind if kind == "null" else f"{'an' if kind[0] in 'aeiou' else 'a'} {kind}"


def _is_text(value: str) -> bool:
    try:
        return value.isascii() or bool(value.encode())
    except UnicodeEncodeError:
        return False


def _join(key: str, name: Any) -> str:
    shown = name if isinstance(name, str) and name.isprintable() else repr(name)
    if len(shown) > 100:
        shown = f"{shown[:100]}…"
    return f"{key}.{shown}" if key else shown
