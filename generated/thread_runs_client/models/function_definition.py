# Generated from openapi.yaml by `make generate`. Do not edit.
from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import define as _attrs_define

from ..base import Model as _Model
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.function_parameters import FunctionParameters


@_attrs_define(eq=False, repr=False)
class FunctionDefinition(_Model):
    """A function that the model may call."""

    name: str
    """ Name of the function. """

    description: str | Unset = UNSET
    """ What the function does, for the model to read. """

    parameters: FunctionParameters | Unset = UNSET
    """ A JSON Schema of the parameters. """

    strict: bool | None | Unset = UNSET
    """ Whether the model must follow the parameters' schema exactly; null for the server's default. """
