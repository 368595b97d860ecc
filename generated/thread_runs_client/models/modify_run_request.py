# Generated from openapi.yaml by `make generate`. Do not edit.
from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import define as _attrs_define

from ..base import Model as _Model
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.metadata import Metadata


@_attrs_define(eq=False, repr=False)
class ModifyRunRequest(_Model):
    """What to change in the run."""

    metadata: Metadata | None | Unset = UNSET
    """ The pairs to store. If it is omitted, nothing changes; null is not the same as omitting it. """
