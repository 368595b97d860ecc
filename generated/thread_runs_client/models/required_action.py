# Generated from openapi.yaml by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types as _types
from ..models.required_action_type import RequiredActionType

if TYPE_CHECKING:
    from ..models.submit_tool_outputs import SubmitToolOutputs


@_attrs_define
class RequiredAction:
    """What the caller has to do before the run can go on."""

    submit_tool_outputs: SubmitToolOutputs
    """ The tool calls whose outputs the run waits for. """

    type: RequiredActionType = RequiredActionType.SUBMIT_TOOL_OUTPUTS
    """ The kind of action, always `submit_tool_outputs`. """

    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def __str__(self) -> str:
        return _types.as_text(self.to_dict())

    def to_dict(self) -> dict[str, Any]:
        type = _types.to_json(self.type)

        submit_tool_outputs = _types.to_json(self.submit_tool_outputs)

        field_dict: dict[str, Any] = {}
        field_dict.update(_types.to_json(self.additional_properties))
        field_dict.update(
            {
                "type": type,
                "submit_tool_outputs": submit_tool_outputs,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.submit_tool_outputs import SubmitToolOutputs  # noqa: PLC0415

        d = _types.as_object("RequiredAction", src_dict)
        type = _types.parse_enum(RequiredActionType, _types.required("RequiredAction", d, "type"))

        submit_tool_outputs = _types.parse_model(
            SubmitToolOutputs, _types.required("RequiredAction", d, "submit_tool_outputs")
        )

        required_action = cls(
            type=type,
            submit_tool_outputs=submit_tool_outputs,
        )

        required_action.additional_properties = d
        return required_action

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
