"""The description of a generated method: its place, its name, its arguments and its results."""

from dataclasses import dataclass
from typing import Any

from scripts.generator.models import Type
from thread_runs_spec import operations as spec_operations

GROUP, METHOD, DEPRECATED, PAGINATION, SHOWN = (
    "x-fern-sdk-group-name",
    "x-fern-sdk-method-name",
    "x-deprecated-message",
    "x-fern-pagination",
    "x-cli-show",
)
"""The extensions that are read. Those of Fern: https://buildwithfern.com/learn/api-definitions/openapi/extensions/overview."""


@dataclass(frozen=True)
class Argument:
    """An argument of a method.

    Attributes:
        name: in Python.
        type: what may be passed.
        default: as code; None if the argument is required.
        description: with the limits of the value.
    """

    name: str
    type: str
    default: str | None
    description: str
    models: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Parameter:
    """A parameter of the operation, as the runtime needs it: see `requests.Parameter`."""

    argument: str | None
    source: spec_operations.Parameter
    limits: Any
    default: Any = None
    has_default: bool = False


@dataclass(frozen=True)
class Property:
    argument: str
    name: str
    required: bool
    deep: bool
    description: str


@dataclass(frozen=True)
class Body:
    media_type: str
    kind: str
    limits: Any
    required: bool
    properties: tuple[Property, ...] = ()


@dataclass(frozen=True)
class Result:
    """One success response: `status` is None for every status that no other covers; `kind` is how it is read."""

    status: int | None
    kind: str
    type: Type | None

    @property
    def annotation(self) -> str:
        return {"json": self.type.annotation if self.type else "Any", "text": "str", "bytes": "bytes"}.get(
            self.kind, "None"
        )


@dataclass(frozen=True)
class Paging:
    """See `paging.Paging`, with the types of a page and of its items."""

    argument: str
    next_cursor: tuple[str, ...]
    results: tuple[str, ...]
    has_next_page: tuple[str, ...] | None
    page: str
    item: str


@dataclass(frozen=True)
class Method:
    """One operation as a method."""

    operation: spec_operations.Operation
    id: str
    group: tuple[str, ...]
    name: str
    function: str
    arguments: tuple[Argument, ...]
    positional: str | None
    parameters: tuple[Parameter, ...]
    body: Body | None
    results: tuple[Result, ...]
    accept: str
    paging: Paging | None = None
    deprecated: str = ""

    @property
    def returns(self) -> str:
        return " | ".join(dict.fromkeys(result.annotation for result in self.results)) or "None"

    @property
    def ordered(self) -> list[Argument]:
        """The arguments in the order of the signature: the positional one, the required ones, the others."""
        return sorted(self.arguments, key=lambda one: (one.name != self.positional, one.default is not None))

    @property
    def imports(self) -> list[str]:
        return sorted({line for result in self.results if result.type for line in result.type.imports})

    @property
    def models(self) -> set[str]:
        """The names of the models in the signature."""
        sent = {name for argument in self.arguments for name in argument.models}
        return sent.union(*(result.type.models for result in self.results if result.type))

    @property
    def shown(self) -> tuple[str, ...]:
        return tuple(self.operation.node.value.get(SHOWN, ()))

    @property
    def summary(self) -> str:
        return str(self.operation.node.value.get("summary", "")).strip().rstrip(".")

    @property
    def description(self) -> str:
        return str(self.operation.node.value.get("description", "")).strip()
