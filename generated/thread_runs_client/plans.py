# Generated from openapi.yaml by `make generate`. Do not edit.
"""How JSON is read as the types of the spec: the types are those of the annotations in the models.

A field that is missing reads as `UNSET`, a value of another type stays as it is, an object of an unknown kind becomes
an `UnknownObject`. Annotations are looked up once for each model.
"""

import sys
import types
from collections import defaultdict
from collections.abc import Mapping
from functools import cache, partial
from typing import Any, Union, get_args, get_origin, get_type_hints

from attrs import frozen

from .fields import names
from .types import UNSET, UnknownObject, Unset
from .values import (
    CONVERTERS,
    NAMES,
    Nonconformity,
    Problems,
    Read,
    best,
    string_reader,
    values_of,
    values_reader,
)


@frozen
class Type:
    """How a value of one annotation is read.

    Attributes:
        plain: the types of JSON data that are kept as they are.
        by_kind: what reads the other types of JSON data.
        expected: the types in words.
    """

    plain: frozenset[type]
    by_kind: dict[type, Read]
    expected: str


@frozen
class Field:
    """One field of a model."""

    name: str
    attribute: str
    required: bool
    type: Type


@frozen
class Plan:
    """How a model is read.

    Attributes:
        fields: its fields.
        constants: the fields with one possible value, which say of which kind an object is.
        names: the JSON names of the fields.
    """

    fields: tuple[Field, ...]
    constants: dict[str, Any]
    names: frozenset[str]


@cache
def plan_of(model: Any) -> Plan:
    """Return how `model` is read, from its annotations."""
    hints = get_type_hints(model, localns=_namespace(model))
    fields = []
    constants = {}
    for name, attribute in names(model):
        members = members_of(hints[attribute])
        fields.append(Field(name, attribute, Unset not in members, type_of(hints[attribute])))
        if len(members) == 1 and len(values := values_of(members[0])) == 1:
            constants[name] = values[0]
    return Plan(tuple(fields), constants, frozenset(field.name for field in fields))


def _namespace(model: Any) -> dict[str, Any]:
    """Return the models that the annotations of `model` can name."""
    return vars(sys.modules[model.__module__.rpartition(".")[0]])


def members_of(annotation: Any) -> list[Any]:
    """Return the members of a union, or the annotation itself."""
    if get_origin(annotation) in (Union, types.UnionType):
        return [inner for member in get_args(annotation) for inner in members_of(member)]
    return [annotation]


def is_model(member: Any) -> bool:
    return hasattr(member, "_json_names")


def read_model(model: Any, data: Mapping[str, Any], problems: Problems) -> Any:
    """Read an object as `model`."""
    rest = dict(data)
    take = rest.pop
    result = model.__new__(model)
    for field in plan_of(model).fields:
        value = take(field.name, UNSET)
        expected = field.type
        if type(value) not in expected.plain:
            if value is UNSET:
                problems.append(Nonconformity(field.name, "is missing"))
            else:
                before = len(problems)
                value = read_value(expected, value, problems)
                if len(problems) > before:
                    _prefix(field.name, problems, before)
        setattr(result, field.attribute, value)
    result.additional_properties = rest
    return result


def read_value(expected: Type, value: Any, problems: Problems) -> Any:
    """Read one value of the type `expected`."""
    kind = type(value)
    reader = expected.by_kind.get(kind)
    if reader is None and kind not in NAMES:
        kind = kind_of(value)
        reader = expected.by_kind.get(kind)
    if reader is not None:
        return reader(value, problems)
    if kind in expected.plain:
        return value
    # For JSON Schema, 1.0 is an integer; and a value that is no JSON data has been read before.
    if kind in NAMES and not (kind is float and int in expected.plain and value.is_integer()):
        problems.append(Nonconformity("", f"should be {expected.expected}, but is {NAMES[kind]}"))
    return _unknown(value)


def kind_of(value: Any) -> type:
    """Return which type of JSON data `value` is; its own type if it is none."""
    own = type(value)
    if own in NAMES:
        return own
    if isinstance(value, Mapping):
        return dict
    if isinstance(value, tuple):
        return list
    return next((kind for kind in (bool, str, int, float, list) if isinstance(value, kind)), own)


def _unknown(value: Any) -> Any:
    return UnknownObject(value) if type(value) is dict else value


def _prefix(name: str, problems: Problems, start: int) -> None:
    """Put `name` before the paths of the problems from `start` on."""
    for index, problem in enumerate(problems[start:], start):
        between = "" if not problem.path or problem.path.startswith("[") else "."
        problems[index] = Nonconformity(name + between + problem.path, problem.message)


@cache
def type_of(annotation: Any) -> Type:
    """Return how a value of the type `annotation` is read."""
    plain: set[type] = set()
    readers: dict[type, list[Read]] = defaultdict(list)
    models: list[Any] = []
    for member in members_of(annotation):
        if member is Unset or member in NAMES:
            plain |= {int, float} if member is float else {member}
        elif is_model(member):
            models.append(member)
        elif isinstance(member, type) and issubclass(member, dict):
            if member is not UnknownObject:
                readers[dict].append(_map_reader(member))
        elif get_origin(member) is list:
            readers[list].append(_list_reader(*get_args(member)))
        elif member in CONVERTERS:
            readers[str].append(string_reader(*CONVERTERS[member]))
        elif values := values_of(member):
            for kind in {*map(type, values)}:
                readers[kind].append(values_reader(member, values))
        else:
            # Any, or a type that is not made of JSON.
            return Type(frozenset(NAMES), {}, "any value")
    by_kind = {kind: best(found, kind in plain) for kind, found in readers.items()}
    if models:
        by_kind[dict] = _object_reader(models, readers[dict])
    kinds = [NAMES[kind] for kind in NAMES if kind in plain or kind in by_kind]
    if float in plain:
        kinds.remove(NAMES[int])
    return Type(frozenset(plain - {*by_kind}), by_kind, " or ".join(kinds))


def _list_reader(item: Any) -> Read:
    expected = type_of(item)

    def read_list(value: Any, problems: Problems) -> Any:
        before = len(problems)
        items = [read_value(expected, one, problems) for one in value]
        if len(problems) > before:
            _prefix("[]", problems, before)
        return items

    return read_list


def _map_reader(kind: Any) -> Read:
    def read_map(value: Any, problems: Problems) -> Any:
        expected = _type_of_values_of(kind)
        result = kind()
        for name, inner in value.items():
            before = len(problems)
            result[name] = read_value(expected, inner, problems)
            if len(problems) > before:
                _prefix("*", problems, before)
        return result

    return read_map


@cache
def _type_of_values_of(kind: Any) -> Type:
    """Return how the values of a map are read."""
    (annotation,) = get_args(kind.__orig_bases__[0])
    if isinstance(annotation, str):
        annotation = eval(annotation, vars(sys.modules[kind.__module__]), _namespace(kind))
    return type_of(annotation)


def _object_reader(models: list[Any], maps: list[Read]) -> Read:
    """Return what reads an object as one of `models`, or by one of `maps`."""
    if len(models) == 1 and not maps:
        (model,) = models
        return lambda value, problems: read_model(model, value, problems)
    readers = [partial(read_model, model) for model in models]

    def read_object(value: Any, problems: Problems) -> Any:
        # What says of which kind it is cannot be of another kind; what does not say it can be any that it resembles.
        candidates = list(maps)
        says_its_kind = False
        for model, reader in zip(models, readers, strict=True):
            plan = plan_of(model)
            said = [
                value[name] == constant
                for name, constant in plan.constants.items()
                if isinstance(value.get(name), type(constant))
            ]
            if said and all(said):
                return reader(value, problems)
            says_its_kind = says_its_kind or bool(said)
            resembles = plan.names - {*plan.constants} & value.keys() or not any(
                field.required for field in plan.fields
            )
            if not said and resembles:
                candidates.insert(len(candidates) - len(maps), reader)
        if candidates:
            return best(candidates, False)(value, problems)
        if not says_its_kind:
            problems.append(_kind_problem(models, value))
        return UnknownObject(value)

    return read_object


def _kind_problem(models: list[Any], value: dict[str, Any]) -> Nonconformity:
    """Return what is wrong with an object that does not say which of `models` it is."""
    shared = frozenset.intersection(*(frozenset(plan_of(model).constants) for model in models))
    for name in sorted(shared - value.keys()):
        return Nonconformity(name, "is missing")
    kinds = " or ".join(model.__name__ for model in models)
    return Nonconformity("", f"should be {kinds}, but does not say which")
