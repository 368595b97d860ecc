# Generated from openapi.yaml by `make generate`. Do not edit.
from __future__ import annotations

from attrs import define as _attrs_define

from ..base import Model as _Model


@_attrs_define(eq=False, repr=False)
class Usage(_Model):
    """The tokens that a run used."""

    prompt_tokens: int
    """ Number of prompt tokens. """

    completion_tokens: int
    """ Number of completion tokens. """

    total_tokens: int
    """ Number of tokens in total. """
