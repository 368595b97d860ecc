# Generated from openapi.yaml by `make generate`. Do not edit.
"""Contains some shared types for properties"""

import datetime
import json
from collections.abc import Iterator, Mapping, MutableMapping
from enum import Enum
from http import HTTPStatus
from typing import IO, Any, BinaryIO, Generic, Literal, Protocol, TypeVar
from urllib.parse import quote
from uuid import UUID

from attrs import define


class Unset:
    def __bool__(self) -> Literal[False]:
        return False

    def __repr__(self) -> str:
        return "UNSET"

    def __reduce__(self) -> str:
        return "UNSET"


UNSET: Unset = Unset()

# The types that `httpx.Client(files=)` can accept, copied from that library.
FileContent = IO[bytes] | bytes | str
FileTypes = (
    # (filename, file (or bytes), content_type)
    tuple[str | None, FileContent, str | None]
    # (filename, file (or bytes), content_type, headers)
    | tuple[str | None, FileContent, str | None, Mapping[str, str]]
)
RequestFiles = list[tuple[str, FileTypes]]


@define
class File:
    """Contains information for file uploads"""

    payload: BinaryIO
    file_name: str | None = None
    mime_type: str | None = None

    def to_tuple(self) -> FileTypes:
        """Return a tuple representation that httpx will accept for multipart/form-data"""
        return self.file_name, self.payload, self.mime_type


T = TypeVar("T")


@define
class Response(Generic[T]):
    """A response from an endpoint"""

    status_code: HTTPStatus
    content: bytes
    headers: MutableMapping[str, str]
    parsed: T | None


@define
class UnknownObject(Mapping[str, Any]):
    """A JSON object of a kind that the contract does not describe; its properties are attributes and items"""

    properties: dict[str, Any]

    def __getattr__(self, name: str) -> Any:
        if name == "properties" or name not in self.properties:
            raise AttributeError(name)
        return self.properties[name]

    def __getitem__(self, key: str) -> Any:
        return self.properties[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self.properties)

    def __len__(self) -> int:
        return len(self.properties)

    def to_dict(self) -> dict[str, Any]:
        return dict(self.properties)


class Model(Protocol):
    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T: ...


ModelT = TypeVar("ModelT", bound=Model)


def path_segment(name: str, value: object, type_: type | tuple[type, ...]) -> str:
    """Percent-encode a path parameter; ValueError if it would address another resource"""
    if not isinstance(value, type_):
        raise ValueError(f"{name} must be of type {getattr(type_, '__name__', type_)}, got {type(value).__name__}")
    text = str(value)
    if text in ("", ".", ".."):
        raise ValueError(f"{name} must not be empty, '.' or '..', got {text!r}")
    return quote(text, safe="")


def as_object(model: str, data: Any) -> dict[str, Any]:
    """Copy `data`; TypeError if it is not a JSON object"""
    if not isinstance(data, (dict, Mapping)):
        raise TypeError(f"{model}: expected an object, got {type(data).__name__}")
    return dict(data)


def required(model: str, data: dict[str, Any], name: str) -> Any:
    """Take a property out of `data`; KeyError, naming model and property, if it is missing"""
    try:
        return data.pop(name)
    except KeyError:
        raise KeyError(f"{model}: required property '{name}' is missing") from None


def parse_model(model: type[ModelT], data: Any) -> ModelT:
    """Parse an object; anything else is kept"""
    return model.from_dict(data) if isinstance(data, Mapping) else data


def parse_enum(enum: type[Enum], data: Any) -> Any:
    """Parse a value of an enum; anything else is kept"""
    try:
        return enum(data)
    except ValueError:
        return unrecognized(data)


def items(data: Any) -> list[Any]:
    """The items of a JSON array, none if it is something else"""
    return data if isinstance(data, list) else []


def unrecognized(data: Any) -> Any:
    """What is not as the contract describes it: an object becomes an UnknownObject, anything else stays as it came"""
    return UnknownObject(data) if isinstance(data, dict) else data


def parse_union(data: Any, *members: Any) -> Any:
    """Parse an object as the first model, a string as the enum, that accepts it; anything else is kept

    KeyError if a model would accept it, but for a missing property
    """
    if isinstance(data, dict):
        missing: KeyError | None = None
        for member in members:
            try:
                if not issubclass(member, Enum):
                    return member.from_dict(data)
            except KeyError as error:
                missing = missing or error
            except (TypeError, ValueError):
                pass
        if missing is not None:
            raise missing
    elif isinstance(data, str):
        enums = [member for member in members if issubclass(member, Enum)]
        for enum in enums:
            if data in list(enum):
                return enum(data)
        if enums:
            return parse_enum(enums[0], data)
    return unrecognized(data)


def to_json(value: Any) -> Any:
    """What `value`, a property of a model, is in JSON"""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, list):
        return [to_json(item) for item in value]
    if isinstance(value, dict):
        return {key: to_json(item) for key, item in value.items()}
    if isinstance(value, (datetime.date, datetime.datetime)):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    return value.to_dict() if hasattr(value, "to_dict") else value


def as_text(value: Any) -> str:
    """`value` as JSON for people to read"""
    return json.dumps(value, indent=2, ensure_ascii=False)


__all__ = ["UNSET", "File", "FileTypes", "RequestFiles", "Response", "UnknownObject", "Unset"]
