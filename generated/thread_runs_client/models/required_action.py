# Generated from openapi.yaml by `make generate`. Do not edit.
from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import define as _attrs_define

from ..base import Model as _Model
from ..models.required_action_type import RequiredActionType

if TYPE_CHECKING:
    from ..models.submit_tool_outputs import SubmitToolOutputs


@_attrs_define(eq=False, repr=False)
class RequiredAction(_Model):
    """What the caller must do before the run can continue."""

    submit_tool_outputs: SubmitToolOutputs
    """ The tool calls whose outputs the run waits for. """

    type: RequiredActionType = RequiredActionType.SUBMIT_TOOL_OUTPUTS
    """ The type of the action, always `submit_tool_outputs`. """
