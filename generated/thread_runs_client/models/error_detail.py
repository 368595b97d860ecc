# Generated from openapi.yaml by `make generate`. Do not edit.
from __future__ import annotations

from attrs import define as _attrs_define

from ..base import Model as _Model
from ..types import UNSET, Unset


@_attrs_define(eq=False, repr=False)
class ErrorDetail(_Model):
    """Details of an error."""

    message: str
    """ A description of the error. """

    type: str
    """ The category of the error. """

    param: None | str | Unset = UNSET
    """ The part of the request that caused the error; null or omitted if none. """

    code: None | str | Unset = UNSET
    """ A stable code for the error; null or omitted if it has none. """
