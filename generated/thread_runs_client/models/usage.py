# Generated from openapi.yaml by `make generate`. Do not edit.
from __future__ import annotations

from attrs import define as _attrs_define

from ..base import Model as _Model


@_attrs_define(eq=False, repr=False)
class Usage(_Model):
    """The tokens a run has used."""

    prompt_tokens: int
    """ Tokens read. """

    completion_tokens: int
    """ Tokens written. """

    total_tokens: int
    """ Both together. """
