"""Settings of a client as attributes that can be read and set."""

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar, overload

if TYPE_CHECKING:
    from ._base_client import BaseClient

ReadT = TypeVar("ReadT")
SetT = TypeVar("SetT")


class Setting(Generic[ReadT, SetT]):
    """An attribute of a client. A new value is checked as in the constructor, and takes effect with the next call."""

    def __init__(self, description: str) -> None:
        self.__doc__ = description

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, client: None, owner: type) -> Self: ...
    @overload
    def __get__(self, client: "BaseClient", owner: type) -> ReadT: ...
    def __get__(self, client: "BaseClient | None", owner: type) -> Any:
        if client is None:
            return self
        value = getattr(client._config, self._name)
        # A change of the mapping would have no effect, so it is an error.
        return MappingProxyType(value) if isinstance(value, dict) else value

    def __set__(self, client: "BaseClient", value: SetT) -> None:
        client._change(**{self._name: value})
