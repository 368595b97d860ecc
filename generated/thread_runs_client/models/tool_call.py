# Generated from openapi.yaml by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types as _types
from ..models.tool_call_type import ToolCallType

if TYPE_CHECKING:
    from ..models.function_call import FunctionCall


@_attrs_define
class ToolCall:
    """A call of a function that the caller has to carry out."""

    id: str
    """ Identifier of the call, to be given back with its output. """

    function: FunctionCall
    """ A function's name and the arguments to call it with. """

    type: ToolCallType = ToolCallType.FUNCTION
    """ The kind of tool, always `function`. """

    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def __str__(self) -> str:
        return _types.as_text(self.to_dict())

    def to_dict(self) -> dict[str, Any]:
        id = self.id

        type = _types.to_json(self.type)

        function = _types.to_json(self.function)

        field_dict: dict[str, Any] = {}
        field_dict.update(_types.to_json(self.additional_properties))
        field_dict.update(
            {
                "id": id,
                "type": type,
                "function": function,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.function_call import FunctionCall  # noqa: PLC0415

        d = _types.as_object("ToolCall", src_dict)
        id = _types.required("ToolCall", d, "id")

        type = _types.parse_enum(ToolCallType, _types.required("ToolCall", d, "type"))

        function = _types.parse_model(FunctionCall, _types.required("ToolCall", d, "function"))

        tool_call = cls(
            id=id,
            type=type,
            function=function,
        )

        tool_call.additional_properties = d
        return tool_call

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
