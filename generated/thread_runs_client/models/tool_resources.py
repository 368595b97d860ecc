# Generated from openapi.yaml by `make generate`. Do not edit.
from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import define as _attrs_define

from ..base import Model as _Model
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.code_interpreter_resources import CodeInterpreterResources
    from ..models.file_search_resources import FileSearchResources


@_attrs_define(eq=False, repr=False)
class ToolResources(_Model):
    """What the tools of a run can read."""

    code_interpreter: CodeInterpreterResources | Unset = UNSET
    """ The files that the code interpreter can read. """

    file_search: FileSearchResources | Unset = UNSET
    """ The vector stores that the file search can read. """
