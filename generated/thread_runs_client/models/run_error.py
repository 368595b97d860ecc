# Generated from openapi.yaml by `make generate`. Do not edit.
from __future__ import annotations

from attrs import define as _attrs_define

from ..base import Model as _Model
from ..models.run_error_code import RunErrorCode


@_attrs_define(eq=False, repr=False)
class RunError(_Model):
    """Why a run failed."""

    code: RunErrorCode
    """ The types of error that end a run. """

    message: str
    """ A description of the error. """
