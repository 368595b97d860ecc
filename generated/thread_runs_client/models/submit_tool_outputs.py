# Generated from openapi.yaml by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types as _types

if TYPE_CHECKING:
    from ..models.tool_call import ToolCall


@_attrs_define
class SubmitToolOutputs:
    """The tool calls whose outputs the run waits for."""

    tool_calls: list[ToolCall]
    """ One entry for each call. """

    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def __str__(self) -> str:
        return _types.as_text(self.to_dict())

    def to_dict(self) -> dict[str, Any]:
        tool_calls = _types.to_json(self.tool_calls)

        field_dict: dict[str, Any] = {}
        field_dict.update(_types.to_json(self.additional_properties))
        field_dict.update(
            {
                "tool_calls": tool_calls,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.tool_call import ToolCall  # noqa: PLC0415

        d = _types.as_object("SubmitToolOutputs", src_dict)
        tool_calls = []
        _tool_calls = _types.required("SubmitToolOutputs", d, "tool_calls")
        for tool_calls_item_data in _types.items(_tool_calls):
            tool_calls_item = _types.parse_model(ToolCall, tool_calls_item_data)

            tool_calls.append(tool_calls_item)
        if not isinstance(_tool_calls, list):
            tool_calls = _types.unrecognized(_tool_calls)

        submit_tool_outputs = cls(
            tool_calls=tool_calls,
        )

        submit_tool_outputs.additional_properties = d
        return submit_tool_outputs

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
