"""The OpenAPI document: values by JSON pointer with their lines, and validation against its schemas."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import jsonschema_rs
import yaml


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


class SpecError(ValueError):
    """The document cannot be read; the message is one line that says why."""


class Spec:
    """An OpenAPI 3.1 document (YAML or JSON).

    Raises:
        SpecError: It cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            text = path.read_text("utf-8")
            self.document: dict[str, Any] = yaml.safe_load(text)
        except (OSError, ValueError, yaml.YAMLError) as error:
            raise SpecError(f"{path}: {' '.join(str(error).split())}") from None
        if not isinstance(self.document, dict) or not isinstance(self.document.get("paths"), dict):
            raise SpecError(f"{path}: not an OpenAPI document: it has no `paths`")
        self._lines = dict(_lines(yaml.compose(text, Loader=yaml.SafeLoader), ""))
        self._validators: dict[str, jsonschema_rs.Draft202012Validator] = {}

    def node(self, pointer: str) -> Any:
        node: Any = self.document
        for step in pointer.split("/")[1:]:
            node = node[int(step)] if isinstance(node, list) else node[step.replace("~1", "/").replace("~0", "~")]
        return node

    def resolved(self, pointer: str) -> str:
        """The pointer itself, or where the references it leads to end."""
        while isinstance(node := self.node(pointer), dict) and "$ref" in node:
            pointer = node["$ref"].removeprefix("#")
        return pointer

    def schema(self, pointer: str) -> tuple[str, dict[str, Any]]:
        """The pointer and the keywords of a schema, with references followed."""
        pointer = self.resolved(pointer)
        node = self.node(pointer)
        return pointer, node if isinstance(node, dict) else {}

    def properties(self, pointer: str) -> dict[str, str]:
        """The properties of an object schema, also those in `allOf`: name and schema pointer."""
        pointer, schema = self.schema(pointer)
        found = {name: f"{pointer}/properties/{escaped(name)}" for name in schema.get("properties", {})}
        for index, _ in enumerate(schema.get("allOf", [])):
            found = {**self.properties(f"{pointer}/allOf/{index}"), **found}
        return found

    def required(self, pointer: str) -> set[str]:
        """The names of the required properties of an object schema, also of those in `allOf`."""
        pointer, schema = self.schema(pointer)
        found = set(schema.get("required", []))
        for index, _ in enumerate(schema.get("allOf", [])):
            found |= self.required(f"{pointer}/allOf/{index}")
        return found

    def place(self, pointer: str) -> Place:
        known = pointer
        while known not in self._lines and known:
            known = known.rpartition("/")[0]
        node = self.node(known)
        text = ""
        if not isinstance(node, dict | list) or (isinstance(node, list) and len(node) <= 10):
            text = f"{known.rpartition('/')[2]}: {node}"
        elif isinstance(node, dict) and isinstance(node.get("description"), str):
            text = node["description"].strip().split("\n\n")[0].replace("\n", " ")
        return Place(self.path.name, self._lines[known], known, text)

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
        pointer = "/" + "/".join(escaped(unquote(str(step))) for step in error.schema_path)
        try:
            self.node(pointer)
        except (KeyError, IndexError, ValueError):
            return root
        return pointer

    def _validator(self, pointer: str) -> jsonschema_rs.Draft202012Validator:
        if pointer not in self._validators:
            # The whole document beside the reference: schema paths are then pointers into it.
            root = {**self.document, "$ref": f"#{quote(pointer, safe='/~')}"}
            self._validators[pointer] = jsonschema_rs.Draft202012Validator(root)
        return self._validators[pointer]


def escaped(step: str) -> str:
    """The step, escaped for a JSON pointer (RFC 6901)."""
    return step.replace("~", "~0").replace("/", "~1")


def _lines(node: yaml.Node | None, pointer: str) -> Iterator[tuple[str, int]]:
    if node is not None and pointer == "":
        yield "", node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            below = f"{pointer}/{escaped(str(key.value))}"
            yield below, key.start_mark.line + 1
            yield from _lines(value, below)
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            below = f"{pointer}/{index}"
            yield below, value.start_mark.line + 1
            yield from _lines(value, below)


def _closest(error: Any) -> list[Any]:
    """For a union, the errors of the branch that the value was most likely meant for."""
    kind = error.kind
    context = getattr(kind, "context", None)
    if not context:
        return [error]
    branches = [[closest for inner in branch for closest in _closest(inner)] for branch in context]

    def distance(branch: list[Any]) -> tuple[bool, bool, int]:
        here = list(error.instance_path)
        wrong_type = any("type" in _last(found) and list(found.instance_path) == here for found in branch)
        # A constant right below, such as `type`, tells the branches apart.
        wrong_tag = any(
            _last(found) in ("const", "enum") and len(found.instance_path) <= len(here) + 1 for found in branch
        )
        return wrong_type, wrong_tag, len(branch)

    best = min(branches, key=distance)
    return [error] if distance(best)[0] else best


def _last(error: Any) -> str:
    return str(error.schema_path[-1])
