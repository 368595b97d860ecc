# Generated from openapi.yaml by `make generate`. Do not edit.
"""The base classes of models: `Model` for objects with fields, `Map` for objects with the caller's own keys."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Self, TypeVar

from attrs import define, field

from .fields import attributes, names
from .reading import read
from .types import UNSET
from .writing import dumps, to_json

V = TypeVar("V")


class _Object:
    """A value that is read from a JSON object and written as one."""

    __slots__ = ()

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        """Read a JSON object. A field that is missing is `UNSET`; a value of another type is kept as it is.

        Raises TypeError if `src_dict` is not an object.
        """
        if not isinstance(src_dict, Mapping):
            raise TypeError(f"{cls.__name__}: expected an object, got {type(src_dict).__name__}")
        model: Self = read(cls, src_dict, [])
        return model

    def to_dict(self) -> dict[str, Any]:
        """Return the object as JSON data, without the fields that are `UNSET`."""
        data: dict[str, Any] = to_json(self)
        return data

    def to_json(self, *, indent: int | None = 2) -> str:
        """Return the object as JSON text; on one line if `indent` is None."""
        return dumps(self.to_dict(), indent)


@define(eq=False, repr=False)
class Model(_Object):
    """An object whose fields the spec describes. Fields that it does not describe are kept, and are items.

    Attributes:
        additional_properties: the fields that the spec does not describe. They are attributes and items, too. One that
            is named like an attribute or method of this class, such as `keys`, is an item only.
    """

    _json_names: ClassVar[Mapping[str, str]] = {}
    """The JSON name of each attribute that has another name."""

    additional_properties: dict[str, Any] = field(factory=dict, kw_only=True)

    def __str__(self) -> str:
        return self.to_json()

    def __repr__(self) -> str:
        values = [(attribute, getattr(self, attribute)) for _, attribute in names(type(self))]
        shown = [f"{name}={value!r}" for name, value in values if value is not UNSET]
        if self.additional_properties:
            shown.append(f"additional_properties={self.additional_properties!r}")
        return f"{type(self).__name__}({', '.join(shown)})"

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return self.additional_properties == other.additional_properties and all(
            getattr(self, attribute) == getattr(other, attribute) for _, attribute in names(type(self))
        )

    if not TYPE_CHECKING:
        # Type checkers must report attributes that the spec does not describe. They accept run["name"].
        def __getattr__(self, name):
            # Copies and unpickled objects are asked for attributes before they have any.
            if not name.startswith("__") and name != "additional_properties":
                try:
                    return self.additional_properties[name]
                except KeyError:
                    pass
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    @property
    def additional_keys(self) -> list[str]:
        """The names of the fields that the spec does not describe."""
        return list(self.additional_properties)

    def keys(self) -> list[str]:
        """Return the JSON names of the fields that are not `UNSET`; with it `dict(model)` is possible."""
        known = [name for name, attribute in names(type(self)) if getattr(self, attribute) is not UNSET]
        return known + self.additional_keys

    def __iter__(self) -> Iterator[str]:
        return iter(self.keys())

    def __contains__(self, key: object) -> bool:
        return key in self.keys()

    def __getitem__(self, key: str) -> Any:
        attribute = attributes(type(self)).get(key)
        if attribute is None:
            return self.additional_properties[key]
        value = getattr(self, attribute)
        if value is UNSET:
            raise KeyError(key)
        return value

    def __setitem__(self, key: str, value: Any) -> None:
        attribute = attributes(type(self)).get(key)
        if attribute is None:
            # attrs.evolve gives the same dict to the copy.
            self.additional_properties = {**self.additional_properties, key: value}
        else:
            setattr(self, attribute, value)

    def __delitem__(self, key: str) -> None:
        self[key]
        attribute = attributes(type(self)).get(key)
        if attribute is None:
            self.additional_properties = {
                name: item for name, item in self.additional_properties.items() if name != key
            }
        else:
            setattr(self, attribute, UNSET)


class Map(_Object, dict[str, V], Generic[V]):
    """An object with the caller's own keys: a dict."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}({super().__repr__()})"
