"""Read an OpenAPI document so that each value knows its JSON pointer and its line."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import yaml
from openapi_spec_validator import validate
from openapi_spec_validator.exceptions import OpenAPISpecValidatorError
from openapi_spec_validator.validation.exceptions import OpenAPIValidationError

Pointer = tuple[str, ...]

# Below these keys stands data; but where their parent maps names to things, they are names like any other.
DATA = {"example", "default", "value", "enum", "const"}
NAME_MAPS = {"properties", "patternProperties", "responses", "headers", "schemas", "parameters", "requestBodies"}


class SpecError(Exception):
    """The document cannot be read; the message names it and the fault."""


def pointer_text(pointer: Pointer) -> str:
    """Write a pointer as RFC 6901 does; the root is `/` here, since it stands in sentences."""
    return "/" + "/".join(part.replace("~", "~0").replace("/", "~1") for part in pointer)


def canonical(value: Any) -> str:
    """Write a JSON value so that two texts are equal if and only if the values are (1 is 1.0, but not true)."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, dict):
        members = (f"{json.dumps(key)}:{canonical(value[key])}" for key in sorted(value))
        return f"{{{','.join(members)}}}"
    if isinstance(value, list):
        return f"[{','.join(map(canonical, value))}]"
    return json.dumps(value, ensure_ascii=False, default=str)


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """YAML as JSON sees it: a date without quotes stays text. Read by libyaml where there is one: it is quicker."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, regexp) for tag, regexp in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


class _Reader:
    """Turns YAML nodes into plain values and notes the line of each."""

    def __init__(self, name: str, loader: _Loader) -> None:
        self.name = name
        self.loader = loader
        self.lines: dict[Pointer, int] = {}
        self.open: set[int] = set()

    def read(self, node: yaml.Node, pointer: Pointer) -> Any:
        if id(node) in self.open:
            raise SpecError(f"{self.name}: line {node.start_mark.line + 1}: an alias that contains itself")
        self.lines.setdefault(pointer, node.start_mark.line + 1)
        self.open.add(id(node))
        try:
            if isinstance(node, yaml.MappingNode):
                return self.mapping(node, pointer)
            if isinstance(node, yaml.SequenceNode):
                return [self.read(item, (*pointer, str(index))) for index, item in enumerate(node.value)]
            return self.loader.construct_object(node)
        finally:
            self.open.discard(id(node))

    def mapping(self, node: yaml.MappingNode, pointer: Pointer) -> dict[str, Any]:
        written = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
        doubled = {key for key in written if written.count(key) > 1}
        if doubled:
            raise SpecError(f"{self.name}: {pointer_text(pointer)}: key {min(doubled)!r} is given twice")
        self.loader.flatten_mapping(node)
        values: dict[str, Any] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise SpecError(f"{self.name}: line {key.start_mark.line + 1}: a key that is not text")
            below = (*pointer, key.value)
            self.lines[below] = key.start_mark.line + 1
            values[key.value] = self.read(value, below)
        return values


@dataclass(frozen=True)
class Spec:
    """An OpenAPI document: `name` for messages, `root` the plain value, `lines` the line of each pointer."""

    name: str
    root: dict[str, Any]
    lines: dict[Pointer, int] = field(repr=False)

    @classmethod
    def parse(cls, name: str, text: str) -> "Spec":
        """Read YAML or JSON. Raises SpecError if it is not an OpenAPI 3 document with paths and a version."""
        loader = _Loader(text)
        try:
            node = loader.get_single_node()
            reader = _Reader(name, loader)
            root = reader.read(node, ()) if node is not None else None
        except yaml.YAMLError as error:
            raise SpecError(f"{name}: not YAML: {' '.join(str(error).split())}") from None
        except (RecursionError, ValueError) as error:
            raise SpecError(f"{name}: cannot be read: {error}") from None
        finally:
            loader.dispose()
        if not isinstance(root, dict) or not str(root.get("openapi", "")).startswith("3."):
            raise SpecError(f"{name}: not an OpenAPI 3 document: no `openapi: 3.x`")
        spec = cls(name, root, reader.lines)
        for key in ("info", "paths"):
            if not isinstance(root.get(key), dict):
                raise SpecError(f"{name}: `{key}` is not an object")
        for reference in spec.references(()):
            spec.at(reference).resolve()
        spec.validate()
        return spec

    def validate(self) -> None:
        try:
            validate(self.root)
        except OpenAPIValidationError as error:
            pointer = pointer_text(tuple(map(str, error.absolute_path)))
            raise SpecError(f"{self.name}: {pointer}: {error.message.splitlines()[0]}") from None
        except OpenAPISpecValidatorError:
            raise SpecError(f"{self.name}: OpenAPI {self.root['openapi']} is not known") from None

    def at(self, pointer: Pointer) -> "Node":
        """Return the node at `pointer`. Raises SpecError if there is none."""
        node = Node(self, (), self.root)
        for part in pointer:
            below = node.get(part)
            if below is None:
                raise SpecError(f"{self.name}: no {pointer_text(pointer)}, which a $ref names")
            node = below
        return node

    def references(self, pointer: Pointer) -> Iterator[Pointer]:
        """Yield the target of every `$ref` at or below `pointer`. What stands in an example is data, not read."""
        stack = [self.at(pointer)]
        while stack:
            node = stack.pop()
            target = node.reference
            if target is not None:
                yield target
            named = len(node.pointer) > 1 and node.pointer[-2] in NAME_MAPS
            if named or not node.pointer or node.pointer[-1] not in DATA:
                stack.extend(node.children())

    @cached_property
    def reachable(self) -> set[Pointer]:
        """The targets of all references that the operations lead to."""
        found: set[Pointer] = set()
        stack: list[Pointer] = [(key,) for key in ("paths", "webhooks") if key in self.root]
        while stack:
            for target in self.references(stack.pop()):
                if target not in found:
                    found.add(target)
                    stack.append(target)
        return found


@dataclass(frozen=True)
class Node:
    """A value of a document together with its place."""

    spec: Spec = field(repr=False)
    pointer: Pointer
    value: Any = field(repr=False)

    def get(self, key: str) -> "Node | None":
        if isinstance(self.value, dict) and key in self.value:
            return Node(self.spec, (*self.pointer, key), self.value[key])
        if isinstance(self.value, list) and key.isdecimal() and int(key) < len(self.value):
            return Node(self.spec, (*self.pointer, key), self.value[int(key)])
        return None

    def children(self) -> "list[Node]":
        pairs: Iterable[tuple[str, Any]] = ()
        if isinstance(self.value, dict):
            pairs = self.value.items()
        elif isinstance(self.value, list):
            pairs = ((str(index), item) for index, item in enumerate(self.value))
        return [Node(self.spec, (*self.pointer, key), value) for key, value in pairs]

    @property
    def reference(self) -> Pointer | None:
        """The pointer that `$ref` names, if this is a reference. Raises SpecError for one to another document."""
        target = self.value.get("$ref") if isinstance(self.value, dict) else None
        if not isinstance(target, str):
            return None
        if not target.startswith("#/"):
            raise SpecError(f"{self.spec.name}: {pointer_text(self.pointer)}: $ref {target!r} leaves the document")
        return tuple(part.replace("~1", "/").replace("~0", "~") for part in target[2:].split("/"))

    def resolve(self) -> "Node":
        """Follow `$ref` until there is none. Raises SpecError for a circle."""
        node, seen = self, {self.pointer}
        while (target := node.reference) is not None:
            if target in seen:
                raise SpecError(f"{self.spec.name}: {pointer_text(self.pointer)}: $ref goes in a circle")
            seen.add(target)
            node = self.spec.at(target)
        return node

    @property
    def line(self) -> int:
        return self.spec.lines.get(self.pointer, 0)
