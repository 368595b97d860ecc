# Generated from openapi.yaml by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal, Self, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types as _types

if TYPE_CHECKING:
    from ..models.function_definition import FunctionDefinition


@_attrs_define
class FunctionTool:
    """Lets the model ask the caller to carry out a function."""

    function: FunctionDefinition
    """ A function the model may ask for. """

    type: Literal["function"] = "function"
    """ Always `function`. """

    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def __str__(self) -> str:
        return _types.as_text(self.to_dict())

    def to_dict(self) -> dict[str, Any]:
        type = self.type

        function = _types.to_json(self.function)

        field_dict: dict[str, Any] = {}
        field_dict.update(_types.to_json(self.additional_properties))
        field_dict.update(
            {
                "type": type,
                "function": function,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.function_definition import FunctionDefinition  # noqa: PLC0415

        d = _types.as_object("FunctionTool", src_dict)
        type = cast(Literal["function"], _types.required("FunctionTool", d, "type"))
        if type != "function":
            raise ValueError(f"type must match const 'function', got '{type}'")

        function = _types.parse_model(FunctionDefinition, _types.required("FunctionTool", d, "function"))

        function_tool = cls(
            type=type,
            function=function,
        )

        function_tool.additional_properties = d
        return function_tool

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> Any:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: Any) -> bool:
        return key in self.additional_properties
