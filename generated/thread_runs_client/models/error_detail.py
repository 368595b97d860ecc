# Generated from openapi.yaml by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types as _types
from ..types import UNSET, Unset


@_attrs_define
class ErrorDetail:
    """What went wrong, for people and for programs."""

    message: str
    """ The error in words. """

    type: str
    """ The family of errors it belongs to. """

    param: None | str | Unset = UNSET
    """ The part of the request that is at fault; null or left out if none. """

    code: None | str | Unset = UNSET
    """ A fixed name for the error; null or left out if it has none. """

    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def __str__(self) -> str:
        return _types.as_text(self.to_dict())

    def to_dict(self) -> dict[str, Any]:
        message = self.message

        type = self.type

        param = _types.to_json(self.param)

        code = _types.to_json(self.code)

        field_dict: dict[str, Any] = {}
        field_dict.update(_types.to_json(self.additional_properties))
        field_dict.update(
            {
                "message": message,
                "type": type,
            }
        )
        if param is not UNSET:
            field_dict["param"] = param
        if code is not UNSET:
            field_dict["code"] = code

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = _types.as_object("ErrorDetail", src_dict)
        message = _types.required("ErrorDetail", d, "message")

        type = _types.required("ErrorDetail", d, "type")

        param = d.pop("param", UNSET)

        code = d.pop("code", UNSET)

        error_detail = cls(
            message=message,
            type=type,
            param=param,
            code=code,
        )

        error_detail.additional_properties = d
        return error_detail

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
