"""Compiled JSON Schema validators, and the one violation to report of a value that has several."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, NoReturn

import jsonschema_rs


class InvalidSchemaError(ValueError):
    """A schema of the spec that cannot be compiled."""


@dataclass(frozen=True)
class Violation:
    """One way in which a value breaks its schema.

    Attributes:
        keyword: The JSON Schema keyword that is not satisfied.
        limit: What the keyword says; for `type` a list of names, for `required` and `additionalProperties`
            the name of the property.
        path: Where in the value, as keys and indexes.
        value: The part of the value that is at fault.
        property_name: The property name that is at fault, where it is a name and not a value.
    """

    keyword: str
    limit: Any
    path: Sequence[str | int]
    value: Any
    property_name: str | None = None


# Servers report one violation at a time. These come first, in this order; the others after them.
_ORDER = ("maxProperties", "propertyNames", "maxLength", "type", "additionalProperties")
_TYPES = ("object", "array", "string", "integer", "number", "boolean", "null")
_SAMPLE = 200
"""Members of an object, and items of an array, that are looked at first."""
# A sample may break these where the whole does not.
_MISSED = ("required", "dependentRequired", "minProperties", "minItems", "contains")


class Validator:
    """A schema, compiled once. `components` is where its references point."""

    def __init__(self, schema: Any, components: Any = None) -> None:
        root = {**schema, "components": components} if isinstance(schema, dict) else schema
        try:
            self._validator = jsonschema_rs.Draft202012Validator(root, retriever=_refuse_remote)
        except ValueError as error:
            raise InvalidSchemaError(str(error).partition("\n")[0]) from None
        self.is_valid = self._validator.is_valid

    def first_violation(self, value: Any) -> Violation | None:
        """The violation to report, or None. Which one it is does not depend on the validator's own order."""
        if self.is_valid(value):
            return None
        document = _Document(value)
        # The time to list all errors of an object grows with the square of its members: a sample mostly tells.
        sample = _sample(value)
        unsure: tuple[str, ...] = () if sample == value else _MISSED
        found = [
            violation
            for error in self._validator.iter_errors(sample)
            for violation in _flatten(error, document)
            if violation.keyword not in unsure
        ] or [violation for error in self._validator.iter_errors(value) for violation in _flatten(error, document)]
        first = min(_order(violation) for violation in found)
        return min(
            (violation for violation in found if _order(violation) == first),
            key=lambda violation: (document.position(violation), f"{violation.keyword} {violation.limit}"),
        )


def _sample(value: Any) -> Any:
    """The value without what comes late in large objects and arrays."""
    if isinstance(value, dict):
        return {name: _sample(part) for name, part in islice(value.items(), _SAMPLE)}
    return [_sample(part) for part in value[:_SAMPLE]] if isinstance(value, list) else value


class _Document:
    """The value that is checked, and the way to its parts."""

    def __init__(self, value: Any) -> None:
        self._value = value
        self._numbered: dict[int, dict[int, list[str]]] = {}
        self._indexes: dict[int, dict[str, int]] = {}

    def part(self, path: Sequence[str | int], instance: Any) -> tuple[list[str | int], Any]:
        """The part at a path, and the path: the validator gives a property name that looks like a number as one.

        Args:
            instance: What the validator found there; of two names for one number it tells which was meant.
        """
        value, steps = self._value, []
        for step in path:
            if isinstance(step, int) and isinstance(value, dict):
                names, within = self._names(value)[step], value
                step = min(names, key=lambda name: within[name] != instance)
            steps.append(step)
            value = value[step]
        return steps, value

    def _names(self, value: dict[str, Any]) -> dict[int, list[str]]:
        if id(value) not in self._numbered:
            numbered: dict[int, list[str]] = {}
            self._numbered[id(value)] = numbered
            for name in value:
                if (digits := name.removeprefix("+")).isdecimal():
                    numbered.setdefault(int(digits), []).append(name)
        return self._numbered[id(value)]

    def position(self, violation: Violation) -> list[int]:
        """Where in the text of the document it is: the index at each level."""
        path = list(violation.path)
        if violation.property_name is not None:
            path.append(violation.property_name)
        elif violation.keyword == "additionalProperties":
            path.append(violation.limit)
        position, value = [], self._value
        for step in path:
            if isinstance(step, int):
                position.append(step)
            else:
                if id(value) not in self._indexes:
                    self._indexes[id(value)] = {name: index for index, name in enumerate(value)}
                position.append(self._indexes[id(value)][step])
            value = value[step]
        return position


def _refuse_remote(uri: str) -> NoReturn:
    raise ValueError("only references inside the document are followed")


def _order(violation: Violation) -> int:
    keyword = "propertyNames" if violation.property_name is not None else violation.keyword
    return _ORDER.index(keyword) if keyword in _ORDER else len(_ORDER)


def _flatten(error: jsonschema_rs.ValidationError, document: _Document) -> list[Violation]:
    kind = error.kind
    path, value = document.part(error.instance_path, error.instance)
    if isinstance(kind, jsonschema_rs.ValidationErrorKind.PropertyNames):
        # The inner error's instance is the name itself.
        return [
            Violation(inner.keyword, inner.limit, path, value, property_name=str(kind.error.instance))
            for inner in _flatten(kind.error, document)
        ]
    if isinstance(kind, jsonschema_rs.ValidationErrorKind.AnyOf | jsonschema_rs.ValidationErrorKind.OneOfNotValid):
        return _closest(kind.context, path, document)
    if isinstance(
        kind,
        jsonschema_rs.ValidationErrorKind.AdditionalProperties
        | jsonschema_rs.ValidationErrorKind.UnevaluatedProperties,
    ):
        return [Violation(kind.name, name, path, value) for name in kind.unexpected]
    limit = sorted(kind.value, key=_TYPES.index) if kind.name == "type" else kind.value
    return [Violation(kind.name, limit, path, value)]


def _closest(
    branches: list[list[jsonschema_rs.ValidationError]], path: list[str | int], document: _Document
) -> list[Violation]:
    """What is wrong by the branch of a union that the value was most likely meant for."""
    candidates = [[found for error in branch for found in _flatten(error, document)] for branch in branches]

    def mismatch(branch: list[Violation]) -> tuple[bool, bool, int]:
        wrong_type = any(found.keyword == "type" and found.path == path for found in branch)
        # A constant right below, such as `type`, tells the branches of a union apart.
        wrong_tag = any(found.keyword in ("enum", "const") and len(found.path) <= len(path) + 1 for found in branch)
        return wrong_type, wrong_tag, len(branch)

    best = min(candidates, key=mismatch)
    if not mismatch(best)[0]:
        return best
    types = {name for branch in candidates for found in branch if found.keyword == "type" for name in found.limit}
    # Null is left out where something else is possible: people who send the wrong type seldom mean null.
    wanted = [name for name in _TYPES if name in types - {"null"}] or ["null"]
    return [Violation("type", wanted, path, best[0].value)]
