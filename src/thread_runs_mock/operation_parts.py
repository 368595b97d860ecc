"""What an operation consists of: its role, parameters, bodies, action, list and parents."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import Any

from thread_runs_mock.parameters import Shape, Style
from thread_runs_mock.validation import Validator


class Role(Enum):
    """What an operation does, by the conventions of REST."""

    CREATE = "create"
    LIST = "list"
    READ = "read"
    MODIFY = "modify"
    REPLACE = "replace"
    DELETE = "delete"
    ACTION = "action"
    """It does what `x-mock` says to the resource that its path names."""
    EXAMPLE = "example"
    """None of these, or unknown: the operation responds with its example."""


STORED = (Role.READ, Role.MODIFY, Role.REPLACE)
"""The roles of operations that respond with the resource that their path names."""


@dataclass(frozen=True)
class Parameter:
    """A path, query or header parameter. `errors` are the document's own texts of its errors."""

    name: str
    location: str
    required: bool
    validator: Validator
    style: Style
    shape: Shape
    default: Any
    example: Any
    errors: Mapping[str, str]

    @cached_property
    def header(self) -> bytes:
        """The name as it is sent in a header."""
        return self.name.lower().encode()


@dataclass(frozen=True)
class FormField:
    """A part of a form. `is_file` means that its content is bytes, not checked against a schema."""

    name: str
    shape: Shape
    is_file: bool


@dataclass(frozen=True)
class Body:
    """A media type of a request body.

    Attributes:
        kind: `json`, `multipart`, `form`, or `other` for bodies that are not parsed.
        fields: The parts of a form, by name.
    """

    kind: str
    validator: Validator | None
    fields: Mapping[str, FormField]


@dataclass(frozen=True)
class Action:
    """The `x-mock` of an operation.

    Attributes:
        set: Properties that the resource gets; `$now` stands for the time.
        when: Values that properties must have; with other values the action is rejected.
        otherwise: The status of that response.
    """

    set: Mapping[str, Any]
    when: Mapping[str, tuple[Any, ...]]
    otherwise: int


@dataclass(frozen=True)
class Listing:
    """The shape of a list response.

    Attributes:
        envelope: What surrounds the resources, from the example; None for a bare array.
        items: The property of the envelope that holds the resources.
        fields: The properties among `first_id`, `last_id` and `has_more` that the envelope has.
        nullable: Those of `fields` that may be null.
        required: Those of `fields` that are required.
    """

    envelope: Mapping[str, Any] | None = None
    items: str = ""
    fields: frozenset[str] = frozenset()
    nullable: frozenset[str] = frozenset()
    required: frozenset[str] = frozenset()

    def resources(self, response: Any) -> list[Any]:
        """Return the resources in a list response."""
        found = response.get(self.items) if self.items and isinstance(response, dict) else response
        return found if isinstance(found, list) else []


@dataclass(frozen=True)
class Parent:
    """What an operation's path names, and what must exist for the operation to succeed.

    Attributes:
        path: The path template, up to the identifier.
        is_resource: Whether the mock stores it as a resource. Otherwise it exists once something is stored in it.
    """

    path: str
    is_resource: bool

    @cached_property
    def identifiers(self) -> int:
        """The number of identifiers in the path."""
        return self.path.count("{")
