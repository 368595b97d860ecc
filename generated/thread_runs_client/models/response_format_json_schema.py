# Generated from openapi.yaml by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal, Self, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types as _types

if TYPE_CHECKING:
    from ..models.json_schema_format import JsonSchemaFormat


@_attrs_define
class ResponseFormatJsonSchema:
    """JSON that keeps a schema."""

    json_schema: JsonSchemaFormat
    """ A named JSON Schema that the answer has to keep. """

    type: Literal["json_schema"] = "json_schema"
    """ Always `json_schema`. """

    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def __str__(self) -> str:
        return _types.as_text(self.to_dict())

    def to_dict(self) -> dict[str, Any]:
        type = self.type

        json_schema = _types.to_json(self.json_schema)

        field_dict: dict[str, Any] = {}
        field_dict.update(_types.to_json(self.additional_properties))
        field_dict.update(
            {
                "type": type,
                "json_schema": json_schema,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.json_schema_format import JsonSchemaFormat  # noqa: PLC0415

        d = _types.as_object("ResponseFormatJsonSchema", src_dict)
        type = cast(Literal["json_schema"], _types.required("ResponseFormatJsonSchema", d, "type"))
        if type != "json_schema":
            raise ValueError(f"type must match const 'json_schema', got '{type}'")

        json_schema = _types.parse_model(
            JsonSchemaFormat, _types.required("ResponseFormatJsonSchema", d, "json_schema")
        )

        response_format_json_schema = cls(
            type=type,
            json_schema=json_schema,
        )

        response_format_json_schema.additional_properties = d
        return response_format_json_schema

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
