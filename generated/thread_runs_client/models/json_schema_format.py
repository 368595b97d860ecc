# Generated from openapi.yaml by `make generate`. Do not edit.
from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import define as _attrs_define

from ..base import Model as _Model
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.json_schema_document import JsonSchemaDocument


@_attrs_define(eq=False, repr=False)
class JsonSchemaFormat(_Model):
    """A named JSON Schema that the output must conform to."""

    name: str
    """ Name of the format. """

    description: str | Unset = UNSET
    """ What the format is for, for the model to read. """

    schema: JsonSchemaDocument | Unset = UNSET
    """ A JSON Schema, as an object. """

    strict: bool | None | Unset = UNSET
    """ Whether the model must follow the schema exactly; null for the server's default. """
