# Generated from openapi.yaml by `make generate`. Do not edit.
from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import define as _attrs_define

from ..base import Model as _Model
from ..models.tool_call_type import ToolCallType

if TYPE_CHECKING:
    from ..models.function_call import FunctionCall


@_attrs_define(eq=False, repr=False)
class ToolCall(_Model):
    """A call of a function that the caller must execute."""

    id: str
    """ Identifier of the call. Return it with the output. """

    function: FunctionCall
    """ The name of a function and the arguments to call it with. """

    type: ToolCallType = ToolCallType.FUNCTION
    """ The type of the tool, always `function`. """
