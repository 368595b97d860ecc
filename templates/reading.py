"""Read JSON as the types of the spec. Whatever a server sends is kept; what differs from the spec is reported."""

from collections.abc import Mapping
from functools import cache
from typing import Any, TypeVar, overload

from .plans import (
    Field,
    is_model,
    kind_of,
    members_of,
    plan_of,
    read_value,
    type_of,
)
from .values import NAMES, Nonconformity, Problems, is_unknown

__all__ = ["Nonconformity", "Problems", "read", "read_response", "recognised"]


T = TypeVar("T")


@overload
def read(annotation: type[T], data: Any, problems: Problems) -> T: ...
@overload
def read(annotation: Any, data: Any, problems: Problems) -> Any: ...
def read(annotation: Any, data: Any, problems: Problems) -> Any:
    """Read JSON data as `annotation`, a model or a type made of models; append what differs to `problems`."""
    return read_value(type_of(annotation), data, problems)


@overload
def read_response(annotation: type[T], data: Any, problems: Problems) -> T: ...
@overload
def read_response(annotation: Any, data: Any, problems: Problems) -> Any: ...
def read_response(annotation: Any, data: Any, problems: Problems) -> Any:
    """Do what `read` does, for the body of a response.

    Raises ValueError if the body is recognisably something else: not an object where the spec has one, an error
    envelope, or another kind of object.
    """
    expected = type_of(annotation)
    kind = kind_of(data)
    if kind not in expected.plain and kind not in expected.by_kind:
        raise ValueError(f"expected {expected.expected}, got {NAMES[kind]}")
    model = _only_model(annotation)
    if model and kind is dict and not recognised(model, data):
        raise ValueError(f"the object is not recognisably a {model.__name__}")
    return read_value(expected, data, problems)


def recognised(model: Any, data: Mapping[str, Any]) -> bool:
    """Return whether an object can be meant as `model`, though fields may be missing.

    It can if it names its kind (`"object": "thread.run"`), or if it has most of the required fields. If it does not
    name its kind, two required fields are enough, but not beside an `error` of which the model knows nothing.
    """
    plan = plan_of(model)
    named = {name: data[name] for name in plan.constants if name in data}
    for name, value in named.items():
        if value == plan.constants[name]:
            return True
    required = [field for field in plan.fields if field.required]
    fitting = [field for field in required if field.name in data and _fits(field, data[field.name])]
    if len(fitting) * 2 > len(required):
        return True
    if named or (data.get("error") and "error" not in plan.names):
        return False
    return len(fitting) >= min(len(required), 2)


def _fits(field: Field, value: Any) -> bool:
    """Return whether `value` is one that the spec lists for `field`."""
    problems: Problems = []
    return not is_unknown(read_value(field.type, value, problems)) and not problems


@cache
def _only_model(annotation: Any) -> Any:
    """Return the model among the members of `annotation`; None if there are several, or none."""
    models = [member for member in members_of(annotation) if is_model(member)]
    return models[0] if len(models) == 1 else None
