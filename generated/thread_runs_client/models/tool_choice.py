# Generated from openapi.yaml by `make generate`. Do not edit.
from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import define as _attrs_define

from ..base import Model as _Model
from ..models.tool_choice_type import ToolChoiceType
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.tool_choice_function import ToolChoiceFunction


@_attrs_define(eq=False, repr=False)
class ToolChoice(_Model):
    """A tool that the model must call."""

    type: ToolChoiceType
    """ The types of tool that can be selected. """

    function: ToolChoiceFunction | Unset = UNSET
    """ The function to call. """
