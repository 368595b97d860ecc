"""Read an OpenAPI document so that each value knows its JSON pointer and its line."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from thread_runs_spec import PACKAGED, yaml_reader
from thread_runs_spec.errors import Pointer, SpecError, escape, pointer_text
from thread_runs_spec.structure import Kind, parts

__all__ = ["Node", "Pointer", "Spec", "SpecError", "canonical", "escape", "load", "pointer_text"]


def canonical(value: Any) -> str:
    """Serialize a JSON value so that two texts are equal if and only if the values are (1 equals 1.0, but not true)."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, dict):
        members = (f"{json.dumps(key)}:{canonical(value[key])}" for key in sorted(value))
        return f"{{{','.join(members)}}}"
    if isinstance(value, list):
        return f"[{','.join(map(canonical, value))}]"
    return json.dumps(value, ensure_ascii=False)


@dataclass(frozen=True)
class Spec:
    """An OpenAPI document.

    Attributes:
        name: What messages call it, for example its path.
        root: Its plain JSON value.
        lines: The line of each pointer. Use `Node.line`.
    """

    name: str
    root: dict[str, Any]
    lines: dict[Pointer, int] = field(repr=False)

    @classmethod
    def parse(cls, name: str, text: str) -> "Spec":
        """Read YAML or JSON.

        Raises:
            SpecError: It is not an OpenAPI 3 document with `info` and `paths` objects, or a reference in it leads
                nowhere, in a circle or out of the document. Whether it is valid in every detail is not checked.
        """
        root, lines = yaml_reader.read(name, text)
        if not isinstance(root, dict) or not str(root.get("openapi", "")).startswith("3."):
            raise SpecError(name, "not an OpenAPI 3 document: no `openapi: 3.x`")
        spec = cls(name, root, lines)
        for key in ("info", "paths"):
            # OpenAPI 3.1 documents may consist of webhooks or components alone.
            if not isinstance(root.get(key, {} if key == "paths" and spec.is_31 else None), dict):
                raise SpecError(name, f"`{key}` is not an object", line=lines.get((key,), 0))
        for node, _ in spec.walk(()):
            node.resolve()
        return spec

    @property
    def is_31(self) -> bool:
        """Whether schemas are JSON Schema 2020-12, as in OpenAPI 3.1 and later, and not the dialect of 3.0."""
        return not str(self.root["openapi"]).startswith("3.0")

    def find(self, pointer: Pointer) -> "Node | None":
        """Return the node at `pointer`, or None."""
        node: Node | None = Node(self, (), self.root)
        for part in pointer:
            node = node and node.get(part)
        return node

    def at(self, pointer: Pointer) -> "Node":
        """Return the node at `pointer`. Raises SpecError if there is none."""
        node = self.find(pointer)
        if node is None:
            raise SpecError(self.name, f"there is no {pointer_text(pointer)}")
        return node

    def walk(self, pointer: Pointer = ()) -> "Iterator[tuple[Node, Kind]]":
        """Yield every part of the document at or below `pointer` with its kind, in the document's order.

        References are yielded as they are written and not followed. Data (examples, defaults, extensions) is not
        yielded.
        """
        start = self.at(pointer)
        kind = self._kinds.get(pointer)
        stack = [(start, kind)] if kind else []
        while stack:
            node, kind = stack.pop()
            yield node, kind
            if node.reference is None or kind is Kind.SCHEMA:
                found = parts(kind, node.value)
                below = [(Node(self, (*node.pointer, *path), item), inner) for path, inner, item in found]
                stack.extend(sorted(below, key=lambda entry: entry[0].line, reverse=True))

    @cached_property
    def _kinds(self) -> dict[Pointer, Kind]:
        """The kind of each part. A part that only a reference leads to has the kind of the reference."""
        kinds: dict[Pointer, Kind] = {}
        stack: list[tuple[Pointer, Kind, Any]] = [((), Kind.DOCUMENT, self.root)]
        referred: list[tuple[Pointer, Kind, Any]] = []
        while stack or referred:
            # References come last: most of their targets have the kind of their own place.
            pointer, kind, value = (stack or referred).pop()
            if pointer in kinds:
                continue
            kinds[pointer] = kind
            target = Node(self, pointer, value).reference
            if target is not None and (found := self.find(target)):
                referred.append((target, kind, found.value))
            stack.extend(((*pointer, *path), inner, item) for path, inner, item in parts(kind, value))
        return kinds

    def references(self, pointer: Pointer) -> Iterator[Pointer]:
        """Yield the target of every `$ref` at or below `pointer`. A `$ref` in data is not one."""
        for node, _ in self.walk(pointer):
            if node.reference is not None:
                yield node.reference

    @cached_property
    def reachable(self) -> set[Pointer]:
        """The targets of all references that the operations lead to, directly or through other references."""
        found: set[Pointer] = set()
        kinds = self._kinds.items()
        stack: list[Pointer] = [pointer for pointer, kind in kinds if kind is Kind.PATH_ITEM and len(pointer) == 2]
        while stack:
            for target in self.references(stack.pop()):
                if target not in found:
                    found.add(target)
                    stack.append(target)
        return found


@dataclass(frozen=True)
class Node:
    """A value of a document and its place."""

    spec: Spec = field(repr=False)
    pointer: Pointer
    value: Any = field(repr=False)

    def get(self, key: str) -> "Node | None":
        """Return the member or item of that name or index, or None."""
        if isinstance(self.value, dict) and key in self.value:
            return Node(self.spec, (*self.pointer, key), self.value[key])
        if isinstance(self.value, list) and key.isdecimal() and int(key) < len(self.value):
            return Node(self.spec, (*self.pointer, key), self.value[int(key)])
        return None

    def children(self) -> "list[Node]":
        """Return the members or items, in the document's order."""
        pairs: Iterable[tuple[str, Any]] = ()
        if isinstance(self.value, dict):
            pairs = self.value.items()
        elif isinstance(self.value, list):
            pairs = ((str(index), item) for index, item in enumerate(self.value))
        return [Node(self.spec, (*self.pointer, key), value) for key, value in pairs]

    def members(self, key: str) -> "list[Node]":
        """Return the members of the object under that name; none if there is none.

        Raises:
            SpecError: It is something other than an object.
        """
        node = self.get(key)
        return [] if node is None else node.must_be_object(f"`{key}`").children()

    def must_be_object(self, what: str) -> "Node":
        """Return this node. Raises SpecError if its value is not an object; `what` names the node in the message."""
        if not isinstance(self.value, dict):
            raise self.error(f"{what} is not an object")
        return self

    @property
    def key(self) -> str:
        """The last part of the pointer; empty for the root."""
        return self.pointer[-1] if self.pointer else ""

    @property
    def reference(self) -> Pointer | None:
        """The pointer that `$ref` names, if this is a reference. Raises SpecError for one to another document."""
        target = self.value.get("$ref") if isinstance(self.value, dict) else None
        if not isinstance(target, str):
            return None
        if target != "#" and not target.startswith("#/"):
            why = "names an anchor; use a JSON pointer" if target.startswith("#") else "leaves the document"
            raise self.error(f"$ref {target!r} {why}")
        return tuple(part.replace("~1", "/").replace("~0", "~") for part in unquote(target).split("/")[1:])

    def resolve(self) -> "Node":
        """Follow `$ref` until there is none. Raises SpecError if it leads nowhere or in a circle."""
        node, seen = self, {self.pointer}
        while (target := node.reference) is not None:
            if target in seen:
                raise self.error("$ref leads in a circle")
            seen.add(target)
            found = self.spec.find(target)
            if found is None:
                raise node.error(f"$ref leads to {pointer_text(target)}, which does not exist")
            node = found
        return node

    @property
    def line(self) -> int:
        """The line, from 1. For a property it is that of its key."""
        return self.spec.lines.get(self.pointer, 0)

    @property
    def fragment(self) -> str:
        """The pointer as a URI fragment, for use in `$ref`."""
        return "#" + "".join(f"/{quote(escape(part), safe='~')}" for part in self.pointer)

    def error(self, message: str) -> SpecError:
        """Return an error about this node, with its place."""
        return SpecError(self.spec.name, message, self.pointer, self.line)


def load(path: str | Path | None = None, name: str | None = None) -> Spec:
    """Read a file, by default the document that this distribution is built from.

    Raises:
        SpecError: The file cannot be read, or is not an OpenAPI document.
    """
    path = Path(path or PACKAGED)
    name = name or str(path)
    try:
        return Spec.parse(name, path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        raise SpecError(name, error.strerror or str(error)) from None
    except UnicodeDecodeError:
        raise SpecError(name, "not UTF-8 text") from None
