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
    """A call of a function that the caller has to carry out."""

    id: str
    """ Identifier of the call, to be given back with its output. """

    function: FunctionCall
    """ A function's name and the arguments to call it with. """

    type: ToolCallType = ToolCallType.FUNCTION
    """ The kind of tool, always `function`. """
