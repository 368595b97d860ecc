# Generated from openapi.yaml by `make generate`. Do not edit.
from __future__ import annotations

from typing import Literal

from attrs import define as _attrs_define

from ..base import Model as _Model


@_attrs_define(eq=False, repr=False)
class CodeInterpreterTool(_Model):
    """Lets the model write and run code."""

    type: Literal["code_interpreter"] = "code_interpreter"
    """ Always `code_interpreter`. """
