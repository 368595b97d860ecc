# Generated from openapi.yaml by `make generate`. Do not edit.
from __future__ import annotations

from attrs import define as _attrs_define

from ..base import Model as _Model
from ..types import UNSET, Unset


@_attrs_define(eq=False, repr=False)
class ErrorDetail(_Model):
    """What went wrong, for people and for programs."""

    message: str
    """ The error in words. """

    type: str
    """ The family of errors it belongs to. """

    param: None | str | Unset = UNSET
    """ The part of the request that is at fault; null or left out if none. """

    code: None | str | Unset = UNSET
    """ A fixed name for the error; null or left out if it has none. """
