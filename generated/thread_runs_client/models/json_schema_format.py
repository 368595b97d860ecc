# Generated from openapi.yaml by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types as _types
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.json_schema_document import JsonSchemaDocument


@_attrs_define
class JsonSchemaFormat:
    """A named JSON Schema that the answer has to keep."""

    name: str
    """ Name of the format. """

    description: str | Unset = UNSET
    """ What the format is for, for the model to read. """

    schema: JsonSchemaDocument | Unset = UNSET
    """ A JSON Schema, as an object. """

    strict: bool | None | Unset = UNSET
    """ Whether the model has to keep to the schema exactly; null for the server's own choice. """

    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def __str__(self) -> str:
        return _types.as_text(self.to_dict())

    def to_dict(self) -> dict[str, Any]:
        name = self.name

        description = self.description

        schema = _types.to_json(self.schema)

        strict = _types.to_json(self.strict)

        field_dict: dict[str, Any] = {}
        field_dict.update(_types.to_json(self.additional_properties))
        field_dict.update(
            {
                "name": name,
            }
        )
        if description is not UNSET:
            field_dict["description"] = description
        if schema is not UNSET:
            field_dict["schema"] = schema
        if strict is not UNSET:
            field_dict["strict"] = strict

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.json_schema_document import JsonSchemaDocument  # noqa: PLC0415

        d = _types.as_object("JsonSchemaFormat", src_dict)
        name = _types.required("JsonSchemaFormat", d, "name")

        description = d.pop("description", UNSET)

        _schema = d.pop("schema", UNSET)
        schema: JsonSchemaDocument | Unset
        if isinstance(_schema, Unset):
            schema = UNSET
        else:
            schema = _types.parse_model(JsonSchemaDocument, _schema)

        strict = d.pop("strict", UNSET)

        json_schema_format = cls(
            name=name,
            description=description,
            schema=schema,
            strict=strict,
        )

        json_schema_format.additional_properties = d
        return json_schema_format

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
