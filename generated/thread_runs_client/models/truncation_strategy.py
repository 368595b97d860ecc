# Generated from openapi.yaml by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types as _types
from ..models.truncation_strategy_type import TruncationStrategyType
from ..types import UNSET, Unset


@_attrs_define
class TruncationStrategy:
    """How a thread is cut to fit the model's context."""

    type: TruncationStrategyType
    """ The ways to cut a thread. """

    last_messages: int | None | Unset = UNSET
    """ How many of the newest messages to keep, at least 1; null where the way to cut does not ask for it. """

    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def __str__(self) -> str:
        return _types.as_text(self.to_dict())

    def to_dict(self) -> dict[str, Any]:
        type = _types.to_json(self.type)

        last_messages = _types.to_json(self.last_messages)

        field_dict: dict[str, Any] = {}
        field_dict.update(_types.to_json(self.additional_properties))
        field_dict.update(
            {
                "type": type,
            }
        )
        if last_messages is not UNSET:
            field_dict["last_messages"] = last_messages

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = _types.as_object("TruncationStrategy", src_dict)
        type = _types.parse_enum(TruncationStrategyType, _types.required("TruncationStrategy", d, "type"))

        last_messages = d.pop("last_messages", UNSET)

        truncation_strategy = cls(
            type=type,
            last_messages=last_messages,
        )

        truncation_strategy.additional_properties = d
        return truncation_strategy

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
