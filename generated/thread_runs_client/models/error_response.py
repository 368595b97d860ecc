# Generated from openapi.yaml by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types as _types

if TYPE_CHECKING:
    from ..models.error_detail import ErrorDetail


@_attrs_define
class ErrorResponse:
    """The body of every answer that is not a success."""

    error: ErrorDetail
    """ What went wrong, for people and for programs. """

    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def __str__(self) -> str:
        return _types.as_text(self.to_dict())

    def to_dict(self) -> dict[str, Any]:
        error = _types.to_json(self.error)

        field_dict: dict[str, Any] = {}
        field_dict.update(_types.to_json(self.additional_properties))
        field_dict.update(
            {
                "error": error,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.error_detail import ErrorDetail  # noqa: PLC0415

        d = _types.as_object("ErrorResponse", src_dict)
        error = _types.parse_model(ErrorDetail, _types.required("ErrorResponse", d, "error"))

        error_response = cls(
            error=error,
        )

        error_response.additional_properties = d
        return error_response

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
