# Generated from openapi.yaml by `make generate`. Do not edit.
from __future__ import annotations

from attrs import define as _attrs_define

from ..base import Model as _Model
from ..types import UNSET, Unset


@_attrs_define(eq=False, repr=False)
class FileSearchResources(_Model):
    """The vector stores that the file search can read."""

    vector_store_ids: list[str] | Unset = UNSET
    """ Identifiers of the vector stores. """
