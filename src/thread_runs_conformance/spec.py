"""The OpenAPI document: values by JSON pointer with their lines, and validation against its schemas."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property, wraps
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote, unquote

import jsonschema_rs

from thread_runs_spec import operations, schemas
from thread_runs_spec.document import Node, SpecError, escape, load
from thread_runs_spec.schemas import json_schema

__all__ = ["Place", "SchemaViolation", "Spec", "SpecError", "escape", "written"]


@dataclass(frozen=True)
class Place:
    """A place in the spec: file, line, JSON pointer, and the text of the rule there.

    A paragraph of an RFC has no line: `pointer` is then its section.
    """

    file: str
    line: int
    pointer: str
    text: str

    @property
    def location(self) -> str:
        """File and line, or the RFC."""
        return f"{self.file}:{self.line}" if self.line else self.file

    def __str__(self) -> str:
        if not self.line:
            return f"{self.file}, {self.pointer}" + (f": {self.text}" if self.text else "")
        return f"{self.file}:{self.line}  #{self.pointer}" + (f"  {self.text}" if self.text else "")


@dataclass(frozen=True)
class SchemaViolation:
    """One violation of a schema: where in the value, which keyword, and a message."""

    path: str
    pointer: str
    message: str

    @property
    def property_name(self) -> str:
        """The property of the value that is wrong; empty if it is the value itself."""
        return self.path.lstrip(".").partition(".")[0].partition("[")[0]


Found = TypeVar("Found")


def _remembered(method: "Callable[[Spec, str], Found]") -> "Callable[[Spec, str], Found]":
    """Cache the result of a method for each pointer: every response is checked, and the document does not change."""

    @wraps(method)
    def found(spec: "Spec", pointer: str) -> Found:
        kept: dict[str, Found] = spec.kept.setdefault(method.__name__, {})
        if pointer not in kept:
            kept[pointer] = method(spec, pointer)
        return kept[pointer]

    return found


class Spec:
    """An OpenAPI document, with values addressed by JSON pointers as text, and its schemas.

    Reading is done by `thread_runs_spec`. Schemas of OpenAPI 3.0 are turned into those of 3.1.

    Raises:
        SpecError: The document cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.read = load(path, path.name)
        self.document: dict[str, Any] = json_schema(self.read, self.read.root)
        self.kept: dict[str, dict[str, Any]] = {}

    @cached_property
    def operations(self) -> tuple[operations.Operation, ...]:
        """The operations as they are written."""
        return operations.operations(self.read)

    def node(self, pointer: str) -> Any:
        """The value at a pointer. Raises KeyError, IndexError or ValueError if there is none."""
        node: Any = self.document
        for step in _steps(pointer):
            node = node[int(step)] if isinstance(node, list) else node[step]
        return node

    @_remembered
    def resolved(self, pointer: str) -> str:
        """The pointer itself, or where the references it leads to end."""
        return written(self.read.at(_steps(pointer)).resolve())

    @_remembered
    def schema(self, pointer: str) -> tuple[str, dict[str, Any]]:
        """The pointer and the keywords of a schema, with references followed."""
        pointer = self.resolved(pointer)
        node = self.node(pointer)
        return pointer, node if isinstance(node, dict) else {}

    @_remembered
    def properties(self, pointer: str) -> dict[str, str]:
        """The properties of an object schema, also those in `allOf`: name and schema pointer."""
        found = schemas.properties(self.read.at(_steps(pointer)))
        return {name: written(node) for name, node in found.items()}

    @_remembered
    def required(self, pointer: str) -> frozenset[str]:
        """The names of the required properties of an object schema, also of those in `allOf`."""
        return schemas.required(self.read.at(_steps(pointer)))

    @_remembered
    def place(self, pointer: str) -> Place:
        """The line of a pointer, or of what is closest above it."""
        steps = _steps(pointer)
        while self.read.find(steps) is None:
            steps = steps[:-1]
        found = self.read.at(steps)
        node, text = found.value, ""
        if not isinstance(node, dict | list) or (isinstance(node, list) and len(node) <= 10):
            text = f"{found.key}: {node}"
        elif isinstance(node, dict) and isinstance(node.get("description"), str):
            text = node["description"].strip().split("\n\n")[0].replace("\n", " ")
        return Place(self.path.name, found.line, written(found), text)

    def is_valid(self, pointer: str, value: Any) -> bool:
        return self._validator(pointer).is_valid(value)

    def violations(self, pointer: str, value: Any) -> list[SchemaViolation]:
        """How the value violates the schema at `pointer`; empty if it is valid."""
        validator = self._validator(pointer)
        if validator.is_valid(value):
            return []
        found = [closest for error in validator.iter_errors(value) for closest in _closest(error)]
        return [
            SchemaViolation(
                "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in error.instance_path),
                self._pointer(pointer, error),
                error.message,
            )
            for error in found
        ]

    def _pointer(self, root: str, error: Any) -> str:
        """The keyword's place in the document."""
        pointer = "/" + "/".join(escape(unquote(str(step))) for step in error.schema_path)
        try:
            self.node(pointer)
        except (KeyError, IndexError, ValueError):
            return root
        return pointer

    @_remembered
    def _validator(self, pointer: str) -> jsonschema_rs.Draft202012Validator:
        # The schema contains the whole document, so that schema paths are pointers into it.
        root = {**self.document, "$ref": f"#{quote(pointer, safe='/~')}"}
        return jsonschema_rs.Draft202012Validator(root)


def written(node: Node) -> str:
    """The pointer of a node, as text (RFC 6901)."""
    return "".join(f"/{escape(step)}" for step in node.pointer)


@cache
def _steps(pointer: str) -> tuple[str, ...]:
    return tuple(step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:])


def _closest(error: Any) -> list[Any]:
    """For a union, the errors of the branch that the value was most likely meant for."""
    kind = error.kind
    context = getattr(kind, "context", None)
    if not context:
        return [error]
    branches = [[closest for inner in branch for closest in _closest(inner)] for branch in context]

    def distance(branch: list[Any]) -> tuple[bool, bool, int]:
        here = list(error.instance_path)
        # Paths do not tell: the library leaves out names that are empty.
        wrong_type = any("type" in _last(found) and found.instance == error.instance for found in branch)
        # A constant right below, such as `type`, tells the branches apart.
        wrong_tag = any(
            _last(found) in ("const", "enum") and len(found.instance_path) <= len(here) + 1 for found in branch
        )
        return wrong_type, wrong_tag, len(branch)

    best = min(branches, key=distance)
    return [error] if distance(best)[0] else best


def _last(error: Any) -> str:
    return str(error.schema_path[-1])
