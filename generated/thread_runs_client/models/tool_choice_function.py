# Generated from openapi.yaml by `make generate`. Do not edit.
from __future__ import annotations

from attrs import define as _attrs_define

from ..base import Model as _Model


@_attrs_define(eq=False, repr=False)
class ToolChoiceFunction(_Model):
    """The function to call."""

    name: str
    """ Name of the function. """
