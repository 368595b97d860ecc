"""Request bodies at and beyond every limit of a schema, each with a name and the rule that it tests."""

import itertools
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from thread_runs_conformance.operations import Operation
from thread_runs_conformance.values.invalid import invalid_values
from thread_runs_conformance.values.named import NamedBody
from thread_runs_conformance.values.samples import pairs
from thread_runs_conformance.values.series import faults_in_every_position, of_every_length, texts_of_every_size
from thread_runs_conformance.values.valid import valid_values


def boundaries(operation: Operation) -> list[NamedBody]:
    """Valid bodies at every limit, each once."""
    if operation.body is None:
        return []
    bodies = _unique(operation, valid_values(operation.spec, operation.body, "", itertools.count(1)), valid=True)
    return [*bodies, *texts_of_every_size(operation), *of_every_length(operation)]


def violations(operation: Operation) -> list[NamedBody]:
    """Bodies that each violate one rule. They also contain a valid change if there is room for one."""
    if operation.body is None:
        return []
    found = []
    faults = _unique(operation, invalid_values(operation.spec, operation.body, "", itertools.count(1)), valid=False)
    for index, each in enumerate(faults):
        changed = replace(each, body=_with_change(operation, each.body, index), bare=each.body)
        found.append(replace(each, bare=each.body) if operation.accepts(changed.body) else changed)
    return [*found, *faults_in_every_position(operation)]


def _with_change(operation: Operation, body: Any, index: int) -> Any:
    """The body with a valid change around the fault, which is first, in the middle or last in turn."""
    if not isinstance(body, dict):
        return body
    changed = dict(body)
    for name, schema in operation.maps.items():
        value = changed.get(name, {})
        limit = operation.spec.schema(schema)[1].get("maxProperties")
        # A map that is too large must exceed the limit by only one.
        if not isinstance(value, dict) or (limit is not None and len(value) + 2 > limit):
            continue
        first, second = list(pairs(operation.spec, schema, 500 + index, 2).items()) or [("", "")] * 2
        orders = ([*value.items(), first, second], [first, *value.items(), second], [first, second, *value.items()])
        changed[name] = dict(orders[index % 3])
    return changed


def _unique(operation: Operation, bodies: Iterator[NamedBody], *, valid: bool) -> list[NamedBody]:
    spec, root = operation.spec, operation.body or ""
    found: dict[str, NamedBody] = {}
    for each in bodies:
        if spec.is_valid(root, each.body) is valid:
            # Report the violated rule, whatever the body was derived from.
            rule = each.rule if valid else spec.violations(root, each.body)[0].pointer
            found.setdefault(each.name, replace(each, rule=rule))
    return list(found.values())
