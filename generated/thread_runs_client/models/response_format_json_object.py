# Generated from openapi.yaml by `make generate`. Do not edit.
from __future__ import annotations

from typing import Literal

from attrs import define as _attrs_define

from ..base import Model as _Model


@_attrs_define(eq=False, repr=False)
class ResponseFormatJsonObject(_Model):
    """Any JSON object."""

    type: Literal["json_object"] = "json_object"
    """ Always `json_object`. """
