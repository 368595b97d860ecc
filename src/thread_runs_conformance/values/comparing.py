"""Whether a server that conforms may treat two values as the same."""

import datetime
from collections.abc import Collection
from typing import Any

from thread_runs_conformance.exchange import same_json
from thread_runs_conformance.operations import Operation
from thread_runs_conformance.spec import Spec


def same_property(spec: Spec, operation: Operation, name: str, one: Any, other: Any) -> bool:
    """Equality of a property in two representations of a resource; no map and an empty one are the same."""
    if name in operation.maps or not (one.get(name) or other.get(name)):
        return same_json(one.get(name) or None, other.get(name) or None)
    return same_value(spec, operation.resource_properties.get(name, ""), one.get(name), other.get(name), None)


def same_value(spec: Spec, pointer: str, sent: Any, got: Any, before: Any) -> bool:
    """Whether a response shows what was sent.

    A time may come back in another notation, and a nested object merged into the stored one (RFC 7396).
    """
    if same_json(sent, got):
        return True
    if isinstance(sent, str) and isinstance(got, str) and pointer and "date-time" in _formats(spec, pointer):
        moments = (_moment(sent), _moment(got))
        return moments[0] is not None and moments[0] == moments[1]
    if isinstance(sent, dict) and isinstance(got, dict):
        stored = before if isinstance(before, dict) else {}
        properties = spec.properties(pointer) if pointer else {}
        filled = {
            name: spec.schema(inner)[1]["default"]
            for name, inner in properties.items()
            if "default" in spec.schema(inner)[1]
        }
        if all(same_value(spec, properties.get(name, ""), sent[name], got.get(name), None) for name in sent):
            rest = {name: value for name, value in got.items() if name not in sent}
            allowed = {**filled, **stored}
            return all(value is None or same_json(value, allowed.get(name)) for name, value in rest.items())
    return False


def kept_property(
    spec: Spec, pointer: str, name: str, earlier: Any, sent: Any, got: Any, maps: Collection[str] = ()
) -> tuple[str, Any] | None:
    """A property, possibly nested, that an earlier body set, that this body omits, and that the response still has.

    Args:
        earlier: The value in the earlier body.
        sent, got: This body, and the response to it.
        maps: Names of maps of pairs, which are skipped: whether a server merges those is learned.

    Returns:
        Its name, with dots, and its value; None if there is no such property.
    """
    if not isinstance(sent, dict) or not isinstance(got, dict) or name not in got:
        return None
    if name not in sent:
        return (name, earlier) if same_json(got[name], earlier) else None
    if isinstance(earlier, dict) and name not in maps:
        for inner, inner_pointer in spec.properties(pointer).items():
            if inner in earlier and (
                kept := kept_property(spec, inner_pointer, inner, earlier[inner], sent[name], got[name])
            ):
                return f"{name}.{kept[0]}", kept[1]
    return None


def _formats(spec: Spec, pointer: str) -> set[str]:
    pointer, schema = spec.schema(pointer)
    found = {schema.get("format", "")}
    for union in ("anyOf", "oneOf"):
        for index, _ in enumerate(schema.get(union, [])):
            found |= _formats(spec, f"{pointer}/{union}/{index}")
    return found


def _moment(text: str) -> datetime.datetime | None:
    try:
        moment = datetime.datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=datetime.UTC)
