# Generated from openapi.yaml by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types as _types
from ..models.ranker import Ranker
from ..types import UNSET, Unset


@_attrs_define
class RankingOptions:
    """How the results of a file search are ranked and cut off."""

    score_threshold: float
    """ The lowest score a result may have, 0 to 1. """

    ranker: Ranker | Unset = UNSET
    """ The rankers there are. """

    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def __str__(self) -> str:
        return _types.as_text(self.to_dict())

    def to_dict(self) -> dict[str, Any]:
        score_threshold = self.score_threshold

        ranker = _types.to_json(self.ranker)

        field_dict: dict[str, Any] = {}
        field_dict.update(_types.to_json(self.additional_properties))
        field_dict.update(
            {
                "score_threshold": score_threshold,
            }
        )
        if ranker is not UNSET:
            field_dict["ranker"] = ranker

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = _types.as_object("RankingOptions", src_dict)
        score_threshold = _types.required("RankingOptions", d, "score_threshold")

        _ranker = d.pop("ranker", UNSET)
        ranker: Ranker | Unset
        if isinstance(_ranker, Unset):
            ranker = UNSET
        else:
            ranker = _types.parse_enum(Ranker, _ranker)

        ranking_options = cls(
            score_threshold=score_threshold,
            ranker=ranker,
        )

        ranking_options.additional_properties = d
        return ranking_options

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
