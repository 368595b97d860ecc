# Generated from openapi.yaml by `make generate`. Do not edit.
from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from attrs import define as _attrs_define

from ..base import Model as _Model
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.file_search_options import FileSearchOptions


@_attrs_define(eq=False, repr=False)
class FileSearchTool(_Model):
    """Lets the model search in vector stores."""

    type: Literal["file_search"] = "file_search"
    """ Always `file_search`. """

    file_search: FileSearchOptions | Unset = UNSET
    """ How to search files. """
