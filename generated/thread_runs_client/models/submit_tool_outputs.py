# Generated from openapi.yaml by `make generate`. Do not edit.
from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import define as _attrs_define

from ..base import Model as _Model

if TYPE_CHECKING:
    from ..models.tool_call import ToolCall


@_attrs_define(eq=False, repr=False)
class SubmitToolOutputs(_Model):
    """The tool calls whose outputs the run waits for."""

    tool_calls: list[ToolCall]
    """ One entry for each call. """
