# Generated from openapi.yaml by `make generate`. Do not edit.
from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from attrs import define as _attrs_define

from ..base import Model as _Model

if TYPE_CHECKING:
    from ..models.function_definition import FunctionDefinition


@_attrs_define(eq=False, repr=False)
class FunctionTool(_Model):
    """Lets the model ask the caller to execute a function."""

    function: FunctionDefinition
    """ A function that the model may call. """

    type: Literal["function"] = "function"
    """ Always `function`. """
