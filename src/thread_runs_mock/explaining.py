"""Explain what is wrong with an invalid value: message, parameter and code.

The texts for the run's own properties are those of live servers; the others have the same form.
"""

from collections.abc import Sequence
from typing import Any

from thread_runs_mock.validation import Violation

MISSING_PARAMETER = "Missing required parameter: '{name}'."
UNKNOWN_PARAMETER = "Unknown parameter: '{name}'."
INVALID_TYPE = "Invalid type for {where}: expected {expected}, but got {actual} instead."
INVALID_VALUE = "Invalid value for {where}: {actual}. Supported values are: {expected}."
OUT_OF_BOUNDS = "Invalid {where}: {fault}. Expected {expected}, but got {actual} instead."
NO_MATCH = "Invalid {where}: string does not match pattern. Expected a string that matches the pattern '{limit}'."
OTHER_FAULT = "Invalid {where}: the value does not satisfy '{keyword}' of the schema."
INVALID_NAME = "Invalid property name in {where}: '{name}' is {fault}. Expected {expected}, but got {actual} instead."
OTHER_NAME = "Invalid property name in {where}: '{name}' does not satisfy '{keyword}' of the schema."

_ARTICLES = {"array": "an array", "integer": "an integer", "null": "null", "object": "an object"}


def explain(violation: Violation, root: str) -> tuple[str, str, str]:
    """Return message, parameter and code for a value that violates its schema.

    Args:
        root: Names the value if it is not the body.
    """
    keyword, limit, value = violation.keyword, violation.limit, violation.value
    name = _dotted(violation.path, root)
    where = f"'{name}'" if name else "the request body"
    if violation.property_name is not None:
        return _explain_name(violation, name, where)
    if keyword == "required":
        missing = _dotted([*violation.path, limit], root)
        return MISSING_PARAMETER.format(name=missing), missing, "missing_required_parameter"
    if keyword in ("additionalProperties", "unevaluatedProperties"):
        unknown = _dotted([*violation.path, limit], root)
        return UNKNOWN_PARAMETER.format(name=unknown), unknown, "unknown_parameter"
    if keyword == "type":
        expected = " or ".join(_expected_type(kind, violation.path) for kind in limit)
        return (
            INVALID_TYPE.format(where=where, expected=expected, actual=_type_of(value)),
            name,
            "invalid_type",
        )
    if keyword in ("enum", "const"):
        options = [quoted(option) for option in (limit if keyword == "enum" else [limit])]
        options += [_expected_type(kind, violation.path) for kind in violation.other_types]
        allowed = ", ".join(options)
        return (
            INVALID_VALUE.format(where=where, actual=quoted(value), expected=allowed),
            name,
            "invalid_value",
        )
    if keyword == "pattern":
        return NO_MATCH.format(where=where, limit=limit), name, "invalid_value"
    if keyword in _BOUNDS:
        fault, expected, actual, code = _bound(keyword, limit, value)
        message = OUT_OF_BOUNDS.format(where=where, fault=fault, expected=expected, actual=actual)
        return message, name, code
    return OTHER_FAULT.format(where=where, keyword=keyword), name, "invalid_value"


def _explain_name(violation: Violation, name: str, where: str) -> tuple[str, str, str]:
    key = violation.property_name or ""
    shown = f"{key[:3]}...{key[-3:]}" if len(key) > 9 else key
    param = f"{name}.{key}" if name else key
    if violation.keyword not in ("maxLength", "minLength"):
        return (
            OTHER_NAME.format(where=where, name=shown, keyword=violation.keyword),
            param,
            "invalid_property_name",
        )
    fault, expected, actual, code = _bound(violation.keyword, violation.limit, key)
    message = INVALID_NAME.format(
        where=where, name=shown, fault=fault.removeprefix("string "), expected=expected, actual=actual
    )
    return message, param, code.replace("string", "property_name")


_BOUNDS = {
    "maxLength": ("string too long", "a string with maximum length {}", "above_max_length"),
    "minLength": ("string too short", "a string with minimum length {}", "below_min_length"),
    "maxItems": ("array too long", "an array with maximum length {}", "above_max_length"),
    "minItems": ("array too short", "an array with minimum length {}", "below_min_length"),
    "maxProperties": ("too many properties", "an object with at most {} properties", "above_max_properties"),
    "minProperties": (
        "not enough properties",
        "an object with at least {} properties",
        "below_min_properties",
    ),
    "maximum": ("{} above maximum value", "a value <= {}", "above_max_value"),
    "exclusiveMaximum": ("{} above maximum value", "a value < {}", "above_max_value"),
    "minimum": ("{} below minimum value", "a value >= {}", "below_min_value"),
    "exclusiveMinimum": ("{} below minimum value", "a value > {}", "below_min_value"),
    "multipleOf": ("{} of the wrong step", "a multiple of {}", "not_a_multiple"),
}


def _bound(keyword: str, limit: Any, value: Any) -> tuple[str, str, str, str]:
    """Return the fault, the expected value, the actual value, and the code."""
    fault, expected, code = _BOUNDS[keyword]
    kind = _kind_of(value)
    if kind in ("string", "array"):
        actual = f"{_ARTICLES.get(kind, 'a string')} with length {len(value)}"
    elif kind == "object":
        actual = f"an object with {len(value)} properties"
    else:
        actual = shortened(str(value))
    return fault.format(kind), expected.format(limit), actual, f"{kind}_{code}"


def _expected_type(kind: str, path: Sequence[str | int]) -> str:
    """An object is named after its property, as live servers do: `a metadata object`."""
    if kind == "object" and path and isinstance(path[-1], str):
        return f"{'an' if path[-1][:1].lower() in 'aeiou' else 'a'} {path[-1]} object"
    return _ARTICLES.get(kind, f"a {kind}")


def _kind_of(value: Any) -> str:
    if value is None:
        return "null"
    # bool comes before int, because it is a subclass of int.
    names = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array"}
    return next((name for kind, name in names.items() if isinstance(value, kind)), "object")


def _type_of(value: Any) -> str:
    kind = _kind_of(value)
    return _ARTICLES.get(kind, f"a {kind}")


def _dotted(path: Sequence[str | int], root: str) -> str:
    """`tools[0].type`"""
    name = root
    for step in path:
        if isinstance(step, int):
            name += f"[{step}]"
        else:
            name += f".{step}" if name else step
    return name


def quoted(value: Any) -> str:
    """Return a value as messages show it: text in quotes."""
    return f"'{shortened(value)}'" if isinstance(value, str) else shortened(str(value))


def shortened(text: str) -> str:
    """Return a text of at most 100 characters."""
    return text if len(text) <= 100 else f"{text[:99]}…"
