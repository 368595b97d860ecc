"""Let a union of models say that it is open: a server can send an object of a kind that the spec does not list.

Its annotation becomes `CodeInterpreterTool | FunctionTool | UnknownObject`. Type checkers then accept, and with strict
settings demand, the branch that handles other kinds.
"""

from typing import Any

from openapi_python_client.parser.properties import ModelProperty
from openapi_python_client.parser.properties.union import UnionProperty
from openapi_python_client.strings import PythonCode


def add_unknown_objects() -> None:
    """Change the generator's class for unions; it has no option for this."""
    type_strings = UnionProperty.get_type_strings_in_union
    imports = UnionProperty.get_imports

    def get_type_strings_in_union(self: UnionProperty, *, no_optional: bool = False, json: bool) -> set[PythonCode]:
        members = type_strings(self, no_optional=no_optional, json=json)
        return members | {PythonCode("UnknownObject")} if is_open(self) and not json else members

    def get_imports(self: UnionProperty, *, prefix: str) -> set[str]:
        more = {f"from {prefix}types import UnknownObject"} if is_open(self) else set()
        return imports(self, prefix=prefix) | more

    changed: Any = UnionProperty
    changed.get_type_strings_in_union = get_type_strings_in_union
    changed.get_imports = get_imports


def is_open(union: UnionProperty) -> bool:
    """Return whether `union` has several models, which an object can be none of."""
    return sum(isinstance(member, ModelProperty) for member in union.inner_properties) > 1
