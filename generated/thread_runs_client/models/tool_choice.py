# Generated from openapi.yaml by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types as _types
from ..models.tool_choice_type import ToolChoiceType
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.tool_choice_function import ToolChoiceFunction


@_attrs_define
class ToolChoice:
    """One tool that the model has to call."""

    type: ToolChoiceType
    """ The kinds of tool that can be named. """

    function: ToolChoiceFunction | Unset = UNSET
    """ A function named as the tool to call. """

    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def __str__(self) -> str:
        return _types.as_text(self.to_dict())

    def to_dict(self) -> dict[str, Any]:
        type = _types.to_json(self.type)

        function = _types.to_json(self.function)

        field_dict: dict[str, Any] = {}
        field_dict.update(_types.to_json(self.additional_properties))
        field_dict.update(
            {
                "type": type,
            }
        )
        if function is not UNSET:
            field_dict["function"] = function

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.tool_choice_function import ToolChoiceFunction  # noqa: PLC0415

        d = _types.as_object("ToolChoice", src_dict)
        type = _types.parse_enum(ToolChoiceType, _types.required("ToolChoice", d, "type"))

        _function = d.pop("function", UNSET)
        function: ToolChoiceFunction | Unset
        if isinstance(_function, Unset):
            function = UNSET
        else:
            function = _types.parse_model(ToolChoiceFunction, _function)

        tool_choice = cls(
            type=type,
            function=function,
        )

        tool_choice.additional_properties = d
        return tool_choice

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
