"""Compiled JSON Schema validators, and the one violation to report of a value that has several."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import jsonschema_rs

from thread_runs_spec import schemas
from thread_runs_spec.document import Node, Spec


@dataclass(frozen=True)
class Violation:
    """One violation of a schema by a value.

    Attributes:
        keyword: The JSON Schema keyword that is not satisfied.
        limit: What the keyword says; for `type` a list of names, for `required` and `additionalProperties`
            the name of the property.
        path: Where in the value, as keys and indexes.
        value: The part of the value that is at fault.
        property_name: The property name that is at fault, where it is a name and not a value.
        other_types: JSON types that would be valid too, because another member of a union has them.
    """

    keyword: str
    limit: Any
    path: Sequence[str | int]
    value: Any
    property_name: str | None = None
    other_types: Sequence[str] = ()


# Servers report one violation at a time. These come first, in this order; the others after them.
_ORDER = ("maxProperties", "propertyNames", "maxLength", "type", "additionalProperties")
_TYPES = ("object", "array", "string", "integer", "number", "boolean", "null")
_SAMPLE = 200
"""The number of members of an object, and of items of an array, that are checked first."""
# A sample may violate these although the whole value does not.
_MISSED = ("required", "dependentRequired", "minProperties", "minItems", "contains")


_DOCUMENT = "urn:openapi-document"


class Schemas:
    """Compiles the schemas of a document. What references lead to is compiled in place, wherever it is."""

    def __init__(self, spec: Spec) -> None:
        root = schemas.json_schema_document(spec)
        self._registry = jsonschema_rs.Registry([(_DOCUMENT, root)], draft=jsonschema_rs.Draft202012)

    def validator(self, schema: Node | None) -> "Validator":
        """Return the validator of a schema; of None, one that accepts everything.

        Raises:
            SpecError: The schema is not valid JSON Schema.
        """
        return self._compiled(schema, True if schema is None else self._reference(schema))

    def _reference(self, schema: Node) -> Any:
        return {"$ref": f"{_DOCUMENT}{schema.fragment}"}

    def _compiled(self, schema: Node | None, root: Any) -> "Validator":
        try:
            return Validator(jsonschema_rs.Draft202012Validator(root, registry=self._registry))
        except ValueError as error:
            reason = str(error).partition("\n")[0]
            assert schema is not None
            raise schema.error(f"invalid schema: {reason}") from None


class Validator:
    """A schema, compiled once."""

    def __init__(self, compiled: jsonschema_rs.Draft202012Validator) -> None:
        self._validator = compiled
        self.is_valid = compiled.is_valid

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
        # In large documents jsonschema-rs may call a value invalid that it finds nothing wrong with.
        first = min(map(_order, found), default=None)
        return min(
            (violation for violation in found if _order(violation) == first),
            key=lambda violation: (document.position(violation), f"{violation.keyword} {violation.limit}"),
            default=None,
        )


def _sample(value: Any) -> Any:
    """The value without the later members of large objects and arrays."""
    if isinstance(value, dict):
        return {name: _sample(part) for name, part in islice(value.items(), _SAMPLE)}
    return [_sample(part) for part in value[:_SAMPLE]] if isinstance(value, list) else value


class _Document:
    """The value that is checked, and access to its parts."""

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
    wrong_type, wrong_tag, _ = mismatch(best)
    if wrong_tag and not wrong_type:
        return [_unknown_member(best, candidates, path)]
    if not wrong_type:
        return best
    types = {name for branch in candidates for found in branch if found.keyword == "type" for name in found.limit}
    # Null is left out where something else is possible: people who send the wrong type seldom mean null.
    wanted = [name for name in _TYPES if name in types - {"null"}] or ["null"]
    return [Violation("type", wanted, path, best[0].value)]


def _unknown_member(best: list[Violation], candidates: list[list[Violation]], path: list[str | int]) -> Violation:
    """The value names no member of the union: report all that it could name, and the types of other members."""
    tag = next(found for found in best if found.keyword in ("enum", "const") and len(found.path) <= len(path) + 1)
    options: list[Any] = []
    types: set[str] = set()
    for found in (found for branch in candidates for found in branch):
        if found.keyword in ("enum", "const") and found.path == tag.path:
            named = found.limit if found.keyword == "enum" else [found.limit]
            options += [option for option in named if option not in options]
        elif found.keyword == "type" and found.path == path == tag.path:
            types.update(found.limit)
    wanted = [name for name in _TYPES if name in types - {"null"}]
    return Violation("enum", options, tag.path, tag.value, other_types=wanted)
