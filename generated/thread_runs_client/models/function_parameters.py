# Generated from openapi.yaml by `make generate`. Do not edit.
from __future__ import annotations

from typing import Any

from ..base import Map as _Map


class FunctionParameters(_Map[Any]):
    """A JSON Schema of the parameters."""
