# Generated from openapi.yaml by `make generate`. Do not edit.
from __future__ import annotations

from ..base import Map as _Map


class Metadata(_Map[str]):
    """Up to 16 key-value pairs that are stored with the object. Keys have at most 64 characters; values are strings of
    at most 512 characters.
    """
