# Generated from openapi.yaml by `make generate`. Do not edit.
from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import define as _attrs_define

from ..base import Model as _Model
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.ranking_options import RankingOptions


@_attrs_define(eq=False, repr=False)
class FileSearchOptions(_Model):
    """How to search files."""

    max_num_results: int | Unset = UNSET
    """ The maximum number of results for the model, 1 to 50. """

    ranking_options: RankingOptions | Unset = UNSET
    """ How the results of a file search are ranked and filtered. """
