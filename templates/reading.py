"""Read JSON values as the types that the spec describes."""

from types import NoneType, UnionType
from typing import Any, get_args, get_origin

from . import types as _types


def read_response(type_: Any, data: Any, problems: list[Any]) -> Any:
    """Return `data` as `type_`, a model or an annotation. Raises ValueError, KeyError or TypeError if it is not one."""
    if hasattr(type_, "from_dict"):
        return type_.from_dict(data)
    if get_origin(type_) is list and isinstance(data, list):
        return [read_response(get_args(type_)[0], item, problems) for item in data]
    if isinstance(type_, UnionType) and data is not None:
        members = [member for member in get_args(type_) if hasattr(member, "from_dict")]
        if members:
            return _types.parse_union(data, *members)
        return next(iter(read_response(m, data, problems) for m in get_args(type_) if m is not NoneType), data)
    return data
