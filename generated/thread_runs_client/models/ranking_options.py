# Generated from openapi.yaml by `make generate`. Do not edit.
from __future__ import annotations

from attrs import define as _attrs_define

from ..base import Model as _Model
from ..models.ranker import Ranker
from ..types import UNSET, Unset


@_attrs_define(eq=False, repr=False)
class RankingOptions(_Model):
    """How the results of a file search are ranked and filtered."""

    score_threshold: float
    """ The minimum score of a result, 0 to 1. """

    ranker: Ranker | Unset = UNSET
    """ The available rankers. """
