# Generated from openapi.yaml by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self

from attrs import define as _attrs_define

from .. import types as _types
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.metadata import Metadata


@_attrs_define
class ModifyRunRequest:
    """What to change in the run."""

    metadata: Metadata | None | Unset = UNSET
    """ The pairs to store. Leaving it out changes nothing; null is not the same as leaving it out. """

    def __str__(self) -> str:
        return _types.as_text(self.to_dict())

    def to_dict(self) -> dict[str, Any]:
        metadata = _types.to_json(self.metadata)

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if metadata is not UNSET:
            field_dict["metadata"] = metadata

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.metadata import Metadata  # noqa: PLC0415

        d = _types.as_object("ModifyRunRequest", src_dict)
        metadata = _types.parse_union(d.pop("metadata", UNSET), Metadata)

        modify_run_request = cls(
            metadata=metadata,
        )

        return modify_run_request
