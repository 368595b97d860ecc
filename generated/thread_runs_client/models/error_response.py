# Generated from openapi.yaml by `make generate`. Do not edit.
from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import define as _attrs_define

from ..base import Model as _Model

if TYPE_CHECKING:
    from ..models.error_detail import ErrorDetail


@_attrs_define(eq=False, repr=False)
class ErrorResponse(_Model):
    """The body of every error response."""

    error: ErrorDetail
    """ Details of an error. """
