# Generated from openapi.yaml by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal, Self, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types as _types
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.file_search_options import FileSearchOptions


@_attrs_define
class FileSearchTool:
    """Lets the model search in vector stores."""

    type: Literal["file_search"] = "file_search"
    """ Always `file_search`. """

    file_search: FileSearchOptions | Unset = UNSET
    """ How a file search is done. """

    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def __str__(self) -> str:
        return _types.as_text(self.to_dict())

    def to_dict(self) -> dict[str, Any]:
        type = self.type

        file_search = _types.to_json(self.file_search)

        field_dict: dict[str, Any] = {}
        field_dict.update(_types.to_json(self.additional_properties))
        field_dict.update(
            {
                "type": type,
            }
        )
        if file_search is not UNSET:
            field_dict["file_search"] = file_search

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.file_search_options import FileSearchOptions  # noqa: PLC0415

        d = _types.as_object("FileSearchTool", src_dict)
        type = cast(Literal["file_search"], _types.required("FileSearchTool", d, "type"))
        if type != "file_search":
            raise ValueError(f"type must match const 'file_search', got '{type}'")

        _file_search = d.pop("file_search", UNSET)
        file_search: FileSearchOptions | Unset
        if isinstance(_file_search, Unset):
            file_search = UNSET
        else:
            file_search = _types.parse_model(FileSearchOptions, _file_search)

        file_search_tool = cls(
            type=type,
            file_search=file_search,
        )

        file_search_tool.additional_properties = d
        return file_search_tool

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> Any:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: Any) -> bool:
        return key in self.additional_properties
