"""Checks of the JSON Schema keywords that limit arguments. A server checks all keywords.

A keyword does not apply to a value of another type, as in JSON Schema. Each schema is compiled once, to functions that
check its keywords.
"""

import operator
import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from thread_runs_client.operations import SCHEMAS

from ._errors import Problem
from ._json_types import TYPES, is_text, kind_of, kinds_of, listed, with_article

Schema = Mapping[str, Any]
Problems = list[Problem]
Check = Callable[[Any, str, Problems], None]
"""Appends the problems of the value at a key to a list."""

_compiled: dict[int, tuple[Schema | bool, Check]] = {}
"""By the id() of the schema, which is kept so that no other schema can get the same id()."""


def check_of(schema: Schema | bool) -> Check:
    """Return the function that checks values against `schema`, which must not be changed."""
    found = _compiled.get(id(schema))
    if found is None:
        found = _compiled[id(schema)] = schema, _compile(schema)
    return found[1]


def _compile(schema: Schema | bool) -> Check:
    if isinstance(schema, bool):
        return _nothing if schema else _no_value
    checks = [_COMPILERS[keyword](limit, schema) for keyword, limit in schema.items() if keyword in _COMPILERS]
    if len(checks) == 1:
        return checks[0]

    def check(value: Any, key: str, problems: Problems) -> None:
        for one in checks:
            one(value, key, problems)

    return check


def _nothing(value: Any, key: str, problems: Problems) -> None:
    """Allow any value."""


def _no_value(value: Any, key: str, problems: Problems) -> None:
    problems.append(Problem(key, "the spec allows no value here"))


def _check_item(check: Check, value: Any, key: str, name: Any, problems: Problems) -> None:
    """Check the value at `name` in the object at `key`. It is almost always valid, and then needs no key."""
    found: Problems = []
    check(value, "", found)
    if found:
        check(value, _join(key, name), problems)


def _reference(limit: str, schema: Schema) -> Check:
    # Looked up when it is needed: a schema may refer to itself.
    return lambda value, key, problems: check_of(SCHEMAS[limit])(value, key, problems)


def _type(limit: str | list[str], schema: Schema) -> Check:
    kinds = [limit] if isinstance(limit, str) else limit
    is_file = schema.get("format") == "binary"

    def check(value: Any, key: str, problems: Problems) -> None:
        if is_file and not isinstance(value, dict | list | int | float):
            return  # in whatever form
        if kinds_of(value).isdisjoint(kinds):
            problems.append(Problem(key, f"expected {listed(kinds)}, got {with_article(kind_of(value))}"))
        elif isinstance(value, str) and not is_text(value):
            problems.append(Problem(key, "half of a surrogate pair, which is not text"))

    return check


def _any_of(branches: list[Schema], schema: Schema) -> Check:
    """Report the branch with the fewest problems among those that allow the type, or else the allowed types."""
    checks = [_compile(branch) for branch in branches]

    @cache
    def kinds() -> list[frozenset[str]]:
        return [frozenset(_kinds(branch)) for branch in branches]

    def check(value: Any, key: str, problems: Problems) -> None:
        own = kinds_of(value)
        fewest: Problems | None = None
        for taken, branch in zip(kinds(), checks, strict=True):
            if not own.isdisjoint(taken):
                found: Problems = []
                branch(value, key, found)
                if not found:
                    return
                if fewest is None or len(found) < len(fewest):
                    fewest = found
        if fewest is None:
            _type([kind for branch in branches for kind in _kinds(branch)], schema)(value, key, problems)
        else:
            problems += fewest

    return check


def _all_of(branches: list[Schema], schema: Schema) -> Check:
    checks = [_compile(branch) for branch in branches]

    def check(value: Any, key: str, problems: Problems) -> None:
        for one in checks:
            one(value, key, problems)

    return check


def _properties(limit: Mapping[str, Schema], schema: Schema) -> Check:
    checks = {name: _compile(inner) for name, inner in limit.items()}

    def check(value: Any, key: str, problems: Problems) -> None:
        if isinstance(value, dict):
            for name, inner in checks.items():
                if name in value:
                    _check_item(inner, value[name], key, name, problems)

    return check


def _additional_properties(limit: Schema | bool, schema: Schema) -> Check:
    described = schema.get("properties", {})
    patterns = list(schema.get("patternProperties", ()))
    inner = _compile(limit)

    def check(value: Any, key: str, problems: Problems) -> None:
        if isinstance(value, dict):
            for name, item in value.items():
                if name in described or _matches(name, patterns):
                    continue
                if limit is False:
                    problems.append(Problem(_join(key, name), "the spec has no such property"))
                else:
                    _check_item(inner, item, key, name, problems)

    return check


def _pattern_properties(limit: Mapping[str, Schema], schema: Schema) -> Check:
    checks = {pattern: _compile(inner) for pattern, inner in limit.items()}

    def check(value: Any, key: str, problems: Problems) -> None:
        if isinstance(value, dict):
            for name, item in value.items():
                for pattern, inner in checks.items():
                    if _matches(name, [pattern]):
                        _check_item(inner, item, key, name, problems)

    return check


def _property_names(limit: Schema, schema: Schema) -> Check:
    inner = _compile(limit)

    def check(value: Any, key: str, problems: Problems) -> None:
        if isinstance(value, dict):
            found: Problems = []
            for name in value:
                _check_item(inner, name, key, name, found)
            problems += [Problem(problem.key, f"the name: {problem.message}") for problem in found]

    return check


def _required(limit: list[str], schema: Schema) -> Check:
    def check(value: Any, key: str, problems: Problems) -> None:
        if isinstance(value, dict):
            problems += [Problem(_join(key, name), "is required") for name in limit if name not in value]

    return check


def _items(limit: Schema, schema: Schema) -> Check:
    inner = _compile(limit)

    def check(value: Any, key: str, problems: Problems) -> None:
        if isinstance(value, list | tuple):
            for index, item in enumerate(value):
                inner(item, f"{key}[{index}]", problems)

    return check


def _unique_items(limit: bool, schema: Schema) -> Check:
    def check(value: Any, key: str, problems: Problems) -> None:
        if limit and isinstance(value, list | tuple):
            shown = [repr(item) for item in value]
            if len(set(shown)) < len(shown):
                problems.append(Problem(key, "an item is given twice"))

    return check


def _enum(limit: list[Any], schema: Schema) -> Check:
    def check(value: Any, key: str, problems: Problems) -> None:
        if value not in limit:
            problems.append(Problem(key, f"expected one of {', '.join(map(repr, limit))}"))

    return check


def _const(limit: Any, schema: Schema) -> Check:
    def check(value: Any, key: str, problems: Problems) -> None:
        if value != limit:
            problems.append(Problem(key, f"expected {limit!r}"))

    return check


def _pattern(limit: str, schema: Schema) -> Check:
    def check(value: Any, key: str, problems: Problems) -> None:
        pattern = _compiled_pattern(limit)
        if isinstance(value, str) and pattern is not None and not pattern.search(value):
            problems.append(Problem(key, f"does not match the pattern {limit}"))

    return check


def _multiple_of(limit: float, schema: Schema) -> Check:
    def check(value: Any, key: str, problems: Problems) -> None:
        if "number" in kinds_of(value) and value % limit:
            problems.append(Problem(key, f"expected a multiple of {limit}"))

    return check


def _size(kind: str, unit: str, side: str, is_within: Callable[[Any, Any], bool]) -> Callable[[Any, Schema], Check]:
    """Return what compiles a limit of the length of values of the type `kind`."""

    def compile_limit(limit: Any, schema: Schema) -> Check:
        def check(value: Any, key: str, problems: Problems) -> None:
            if kind in kinds_of(value) and not is_within(len(value), limit):
                problems.append(Problem(key, f"{len(value)} {unit}, {side} {limit} allowed"))

        return check

    return compile_limit


def _range(side: str, is_within: Callable[[Any, Any], bool]) -> Callable[[Any, Schema], Check]:
    """Return what compiles a limit of numbers."""

    def compile_limit(limit: Any, schema: Schema) -> Check:
        def check(value: Any, key: str, problems: Problems) -> None:
            if "number" in kinds_of(value) and not is_within(value, limit):
                problems.append(Problem(key, f"{value}, {side} {limit} allowed"))

        return check

    return compile_limit


_COMPILERS: dict[str, Callable[[Any, Schema], Check]] = {
    "$ref": _reference,
    "type": _type,
    "anyOf": _any_of,
    # That a value fits no second member is for the server to check.
    "oneOf": _any_of,
    "allOf": _all_of,
    "properties": _properties,
    "additionalProperties": _additional_properties,
    "patternProperties": _pattern_properties,
    "propertyNames": _property_names,
    "required": _required,
    "items": _items,
    "uniqueItems": _unique_items,
    "enum": _enum,
    "const": _const,
    "pattern": _pattern,
    "multipleOf": _multiple_of,
    "maxProperties": _size("object", "pairs", "at most", operator.le),
    "minProperties": _size("object", "pairs", "at least", operator.ge),
    "maxLength": _size("string", "characters", "at most", operator.le),
    "minLength": _size("string", "characters", "at least", operator.ge),
    "maxItems": _size("array", "items", "at most", operator.le),
    "minItems": _size("array", "items", "at least", operator.ge),
    "maximum": _range("at most", operator.le),
    "minimum": _range("at least", operator.ge),
    "exclusiveMaximum": _range("less than", operator.lt),
    "exclusiveMinimum": _range("more than", operator.gt),
}
KEYWORDS = frozenset(_COMPILERS)
"""The keywords that are checked."""


@cache
def _compiled_pattern(pattern: str) -> re.Pattern[str] | None:
    """Return a pattern of the spec; None if it is not one for Python, as the spec has ECMA-262."""
    try:
        return re.compile(pattern)
    except re.error:
        return None


def _matches(name: Any, patterns: list[str]) -> bool:
    return any((compiled := _compiled_pattern(one)) is not None and compiled.search(str(name)) for one in patterns)


def _kinds(schema: Schema | bool) -> list[str]:
    """Return the types that a schema takes."""
    if isinstance(schema, bool):
        return list(TYPES)
    if "$ref" in schema:
        return _kinds(SCHEMAS[schema["$ref"]])
    kinds = schema.get("type", list(TYPES))
    return [kinds] if isinstance(kinds, str) else list(kinds)


def _join(key: str, name: Any) -> str:
    shown = name if isinstance(name, str) and name.isprintable() else repr(name)
    if len(shown) > 100:
        shown = f"{shown[:100]}…"
    return f"{key}.{shown}" if key else shown
