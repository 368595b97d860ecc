# Generated from openapi.yaml by `make generate`. Do not edit.
from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from attrs import define as _attrs_define

from ..base import Model as _Model

if TYPE_CHECKING:
    from ..models.json_schema_format import JsonSchemaFormat


@_attrs_define(eq=False, repr=False)
class ResponseFormatJsonSchema(_Model):
    """JSON that conforms to a schema."""

    json_schema: JsonSchemaFormat
    """ A named JSON Schema that the output must conform to. """

    type: Literal["json_schema"] = "json_schema"
    """ Always `json_schema`. """
