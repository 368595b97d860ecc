# Generated from openapi.yaml by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types as _types
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.code_interpreter_resources import CodeInterpreterResources
    from ..models.file_search_resources import FileSearchResources


@_attrs_define
class ToolResources:
    """What the tools of a run may read."""

    code_interpreter: CodeInterpreterResources | Unset = UNSET
    """ The files the code interpreter may read. """

    file_search: FileSearchResources | Unset = UNSET
    """ The vector stores the file search may read. """

    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def __str__(self) -> str:
        return _types.as_text(self.to_dict())

    def to_dict(self) -> dict[str, Any]:
        code_interpreter = _types.to_json(self.code_interpreter)

        file_search = _types.to_json(self.file_search)

        field_dict: dict[str, Any] = {}
        field_dict.update(_types.to_json(self.additional_properties))
        field_dict.update({})
        if code_interpreter is not UNSET:
            field_dict["code_interpreter"] = code_interpreter
        if file_search is not UNSET:
            field_dict["file_search"] = file_search

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.code_interpreter_resources import CodeInterpreterResources  # noqa: PLC0415
        from ..models.file_search_resources import FileSearchResources  # noqa: PLC0415

        d = _types.as_object("ToolResources", src_dict)
        _code_interpreter = d.pop("code_interpreter", UNSET)
        code_interpreter: CodeInterpreterResources | Unset
        if isinstance(_code_interpreter, Unset):
            code_interpreter = UNSET
        else:
            code_interpreter = _types.parse_model(CodeInterpreterResources, _code_interpreter)

        _file_search = d.pop("file_search", UNSET)
        file_search: FileSearchResources | Unset
        if isinstance(_file_search, Unset):
            file_search = UNSET
        else:
            file_search = _types.parse_model(FileSearchResources, _file_search)

        tool_resources = cls(
            code_interpreter=code_interpreter,
            file_search=file_search,
        )

        tool_resources.additional_properties = d
        return tool_resources

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
