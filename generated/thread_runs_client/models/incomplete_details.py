# Generated from openapi.yaml by `make generate`. Do not edit.
from __future__ import annotations

from attrs import define as _attrs_define

from ..base import Model as _Model
from ..models.incomplete_reason import IncompleteReason
from ..types import UNSET, Unset


@_attrs_define(eq=False, repr=False)
class IncompleteDetails(_Model):
    """Why a run ended early."""

    reason: IncompleteReason | Unset = UNSET
    """ The limits that can end a run early. """
