"""Request bodies at and beyond every limit of a schema, each with a name and the rule it is about."""

import itertools
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from thread_runs_conformance.operations import Operation
from thread_runs_conformance.spec import Spec
from thread_runs_conformance.values.alphabets import ALPHABETS, sizes
from thread_runs_conformance.values.invalid import invalid_values
from thread_runs_conformance.values.named import NamedBody
from thread_runs_conformance.values.samples import NoSampleError, change, pairs
from thread_runs_conformance.values.valid import valid_values


def boundaries(operation: Operation) -> list[NamedBody]:
    """Valid bodies at every limit, each once."""
    if operation.body is None:
        return []
    bodies = _unique(operation, valid_values(operation.spec, operation.body, "", itertools.count(1)), valid=True)
    return [*bodies, *_in_sizes(operation)]


def violations(operation: Operation) -> list[NamedBody]:
    """Bodies that each violate one rule. Beside the fault stands a valid change where there is room for one."""
    if operation.body is None:
        return []
    found = []
    faults = _unique(operation, invalid_values(operation.spec, operation.body, "", itertools.count(1)), valid=False)
    for index, each in enumerate(faults):
        changed = replace(each, body=_with_change(operation, each.body, index), bare=each.body)
        found.append(replace(each, bare=each.body) if operation.accepts(changed.body) else changed)
    return found


def _with_change(operation: Operation, body: Any, index: int) -> Any:
    """The body with a valid change around the fault, which is first, in the middle or last by turns."""
    if not isinstance(body, dict):
        return body
    changed = dict(body)
    for name, schema in operation.maps.items():
        value = changed.get(name, {})
        limit = operation.spec.schema(schema)[1].get("maxProperties")
        # A map that is too large must not be too large by more than one.
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
            # What is reported is the rule that is violated, wherever the body came from.
            rule = each.rule if valid else spec.violations(root, each.body)[0].pointer
            found.setdefault(each.name, replace(each, rule=rule))
    return list(found.values())


def _in_sizes(operation: Operation) -> list[NamedBody]:
    """Maps whose keys and values have every length on the way to the limit, in every alphabet, in several pairs."""
    spec, found = operation.spec, []
    try:
        base = change(operation, 7)
    except NoSampleError:
        return []
    for name, pointer in operation.maps.items():
        keywords = spec.schema(pointer)[1]
        key_limit = _limit(spec, f"{pointer}/propertyNames") if "propertyNames" in keywords else None
        value_limit = _limit(spec, f"{pointer}/additionalProperties") if "additionalProperties" in keywords else None
        most = keywords.get("maxProperties", 8)
        for salt, (size, key_alphabet, alphabet) in enumerate(
            itertools.product(sizes(value_limit or 1000), ALPHABETS, ALPHABETS)
        ):
            key_size = sizes(key_limit or 64)[salt % len(sizes(key_limit or 64))]
            count = 1 + salt % min(most, 16)
            body = {
                _key(ALPHABETS[key_alphabet], key_size, salt, index): ALPHABETS[alphabet](
                    max(size - index, 0), salt * 16 + index
                )
                for index in range(count)
            }
            text = f"{name}: {count} pairs, {alphabet} values of {size}, {key_alphabet} keys of {key_size}"
            named = NamedBody(text, {**base, name: body}, pointer, "sizes")
            if operation.accepts(named.body):
                found.append(named)
    return found


def _limit(spec: Spec, pointer: str) -> int | None:
    schema = spec.schema(pointer)[1] if isinstance(spec.node(pointer), dict) else {}
    limit: int | None = schema.get("maxLength")
    return limit


def _key(alphabet: Any, size: int, salt: int, index: int) -> str:
    """A key of a length; the pairs of one body have keys that differ in their last characters only."""
    if size < 3:
        return str(alphabet(size, salt + index))
    return str(alphabet(size - 1, salt)) + "0123456789abcdef"[index]
