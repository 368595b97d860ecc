"""How requests change a resource: pure functions from the stored resource to the new one."""

from collections.abc import Sequence
from datetime import UTC, datetime
from random import Random
from typing import Any

from thread_runs_mock import errors
from thread_runs_mock.identifiers import new_identifier
from thread_runs_mock.operation_parts import Action
from thread_runs_mock.operations import Operation
from thread_runs_mock.stores import Resource

NOW = "$now"
"""Stands for the time in `x-mock`."""
_LONGEST_IDENTIFIER = 200
"""Most characters of an identifier that a request chooses. It must fit in a path, where each may take 12 bytes."""


def modified(operation: Operation, values: Sequence[Any], body: Any, stored: Resource, merge: bool) -> Resource:
    """Return the stored resource with the body's properties.

    Args:
        merge: Merge maps such as `metadata` key by key; otherwise replace them.

    Raises:
        ApiError: The properties, once merged, violate the spec.
    """
    if not isinstance(body, dict):
        return stored
    patch: Resource = body
    if not operation.not_stored.isdisjoint(body):
        patch = {name: new for name, new in body.items() if name not in operation.not_stored}
    merged: Resource = {}
    for name in operation.maps:
        if name not in patch:
            continue
        old, new = stored.get(name), patch[name]
        if new is None:
            merged[name] = {}
        elif isinstance(old, dict) and merge and not operation.replaces and not old.keys() <= new.keys():
            merged[name] = {**old, **new}
    if merged:
        if operation.validator and (violation := operation.validator.first_violation({**body, **merged})):
            raise errors.invalid_value(violation)
        patch = {**patch, **merged}
    if operation.replaces:
        replaced = operation.properties - operation.not_stored
        stored = {name: value for name, value in stored.items() if name not in replaced}
    elif operation.same_in_response.issuperset(patch):
        # The stored resource conforms to the spec, and so does each of these properties. So the result conforms, too.
        return {**stored, **patch} if patch else stored
    changed: Resource = operation.identified({**stored, **patch}, values)
    if operation.response and (violation := operation.response.first_violation(changed)):
        raise errors.invalid_value(violation)
    return changed


def sent_identifier(operation: Operation, body: Any) -> Any:
    """Return the identifier in the body of a create request; None if it has none."""
    if not isinstance(body, dict):
        return None
    example = operation.examples[0] if operation.examples else {}
    field = operation.identifier_field(example if isinstance(example, dict) else {})
    value = body.get(field) if field in operation.properties - operation.not_stored else None
    is_identifier = isinstance(value, str | int) and not isinstance(value, bool)
    return value if is_identifier and 0 < len(str(value)) <= _LONGEST_IDENTIFIER else None


def created(
    operation: Operation, values: Sequence[Any], body: Any, random: Random, now: float, *, keeps_identifier: bool = True
) -> Resource:
    """Return a new resource: the example with the body's properties, an identifier and the time.

    Maps such as `metadata` belong to the caller, so the example's pairs are not copied.

    Args:
        keeps_identifier: Use the identifier in the body if it has one; otherwise generate one.

    Raises:
        ApiError: The resource violates the spec.
    """
    example = operation.examples[0] if operation.examples else {}
    made: Resource = dict(example) if isinstance(example, dict) else {}
    sent = body if isinstance(body, dict) else {}
    made |= {name: {} for name in operation.maps if name in made and name not in sent}
    for name in operation.times:
        made[name] = _time(operation, name, now)
    made |= {
        name: new
        for name, new in sent.items()
        if name in operation.response_properties and name not in operation.not_stored
    }
    field = operation.identifier_field(made)
    identifier = sent_identifier(operation, body) if keeps_identifier else None
    if identifier is None:
        identifier = new_identifier(example.get(field) if isinstance(example, dict) else None, random)
    made[field] = identifier
    made = operation.identified(made, values)
    while operation.response and (violation := operation.response.first_violation(made)):
        # A request may send a property in a form that the resource does not have, such as null, or a text instead of a
        # list of parts. The example has a valid value.
        name = str(violation.path[0]) if len(violation.path) == 1 else ""
        is_form = violation.keyword == "type" or sent.get(name, "") is None
        if not is_form or name not in sent or name not in example or example[name] is made[name]:
            raise errors.invalid_value(violation)
        made[name] = example[name]
    return made


def acted(operation: Operation, action: Action, stored: Resource, now: float) -> Resource:
    """Return the stored resource after an action.

    Raises:
        ApiError: The resource is not in a state that the action needs, or would violate the spec.
    """
    for name, allowed in action.when.items():
        if stored.get(name) not in allowed:
            verb, kind = operation.path.rpartition("/")[2], operation.kind()
            raise errors.wrong_state(action.otherwise, verb, kind, name, stored.get(name))
    changes = {name: _time(operation, name, now) if value == NOW else value for name, value in action.set.items()}
    for name in ("updated_at", "updatedAt"):
        if name in operation.times and name not in changes:
            changes[name] = _time(operation, name, now)
    changed = {**stored, **changes}
    if operation.resource and (violation := operation.resource.first_violation(changed)):
        raise errors.invalid_value(violation)
    return changed


def _time(operation: Operation, name: str, now: float) -> Any:
    if operation.times.get(name, "integer") == "string":
        return datetime.fromtimestamp(int(now), UTC).isoformat().replace("+00:00", "Z")
    return int(now)
