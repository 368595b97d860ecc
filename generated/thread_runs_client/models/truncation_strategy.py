# Generated from openapi.yaml by `make generate`. Do not edit.
from __future__ import annotations

from attrs import define as _attrs_define

from ..base import Model as _Model
from ..models.truncation_strategy_type import TruncationStrategyType
from ..types import UNSET, Unset


@_attrs_define(eq=False, repr=False)
class TruncationStrategy(_Model):
    """How a thread is truncated to fit the model's context."""

    type: TruncationStrategyType
    """ The available truncation strategies. """

    last_messages: int | None | Unset = UNSET
    """ How many of the newest messages to keep, at least 1; null if the strategy does not need it. """
