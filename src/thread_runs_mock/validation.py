"""Compiled JSON Schema validators, and the one violation to report of a value that has several."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
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
        violations = [found for error in self._validator.iter_errors(value) for found in _flatten(error, value)]
        return min(violations, key=lambda violation: _rank(violation, value))


def _refuse_remote(uri: str) -> NoReturn:
    raise ValueError("only references inside the document are followed")


def _rank(violation: Violation, value: Any) -> tuple[int, list[int], str]:
    keyword = "propertyNames" if violation.property_name is not None else violation.keyword
    order = _ORDER.index(keyword) if keyword in _ORDER else len(_ORDER)
    path = list(violation.path)
    if violation.property_name is not None:
        path.append(violation.property_name)
    elif keyword == "additionalProperties":
        path.append(violation.limit)
    return order, _position(path, value), f"{keyword} {violation.limit}"


def _position(path: Iterable[str | int], value: Any) -> list[int]:
    """Where in the text of the document a path is: the index at each level."""
    position = []
    for step in path:
        position.append(step if isinstance(step, int) else list(value).index(step))
        value = value[step]
    return position


def _flatten(error: jsonschema_rs.ValidationError, document: Any) -> list[Violation]:
    kind, path = error.kind, _named_path(error, document)
    value = document
    for step in path:
        value = value[step]
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


def _named_path(error: jsonschema_rs.ValidationError, document: Any) -> list[str | int]:
    """Where the error is, with names as they are in the document: the validator gives `"007"` as the number 7."""
    path: list[str | int] = []
    for step in error.instance_path:
        if isinstance(document, dict) and isinstance(step, int):
            names = [name for name in document if re.fullmatch(r"\+?[0-9]+", name) and int(name) == step]
            step = min(names, key=lambda name: document[name] != error.instance)
        path.append(step)
        document = document[step]
    return path


def _closest(
    branches: list[list[jsonschema_rs.ValidationError]], path: list[str | int], document: Any
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
