# Generated from openapi.yaml by `make generate`. Do not edit.
from __future__ import annotations

from attrs import define as _attrs_define

from ..base import Model as _Model


@_attrs_define(eq=False, repr=False)
class FunctionCall(_Model):
    """The name of a function and the arguments to call it with."""

    name: str
    """ Name of the function. """

    arguments: str
    """ The arguments as JSON text. """
