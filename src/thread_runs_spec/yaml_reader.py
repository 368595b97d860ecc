"""Read YAML 1.2 or JSON text into plain JSON values, with the line of each.

OpenAPI documents hold JSON data, so scalars are resolved by the core schema of YAML 1.2 (section 10.3.2) and not by
PyYAML's YAML 1.1 rules: `2026-08-26`, `yes`, `12:30` and `1_000` are strings, `010` is ten, `1e3` is a number. Keys are
always text, so that an unquoted `200:` and a quoted one are the same key.
"""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import yaml

from thread_runs_spec.errors import Pointer, SpecError

MAX_DEPTH = 200
"""The most nested objects and arrays."""
MAX_REPEATED = 200_000
"""The most values that aliases may add to a document."""

_PARSER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TAG = "tag:yaml.org,2002:"
_INTEGER = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_CONSTANTS = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
# A plain scalar that begins with none of these is text.
_NOT_TEXT = frozenset("-+.0123456789~nNtTfF")
# JSON escapes characters outside the basic plane as two surrogates; YAML does not.
_SURROGATES = re.compile(r"(?<!\\)((?:\\\\)*)\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})")


@dataclass
class _Scalar:
    line: int
    text: str
    is_plain: bool
    tag: str | None


@dataclass
class _Sequence:
    line: int
    items: "list[_Node]" = field(default_factory=list)


@dataclass
class _Mapping:
    line: int
    # Keys and values in turn.
    items: "list[_Node]" = field(default_factory=list)


_Node: TypeAlias = _Scalar | _Sequence | _Mapping


def read(name: str, text: str) -> tuple[Any, dict[Pointer, int]]:
    """Return the value of a document, and the line of each pointer (for a property, that of its key).

    Raises:
        SpecError: The text is not YAML, or holds what JSON cannot hold.
    """
    if text.lstrip("\ufeff \t\r\n").startswith("{"):
        text = _as_yaml(text)
    try:
        node = _Composer(name, text).compose()
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or getattr(error, "reason", None) or str(error)
        raise SpecError(name, f"not YAML: {problem}", line=mark.line + 1 if mark else 0) from None
    except UnicodeEncodeError:
        raise SpecError(name, "not YAML: it holds a lone surrogate, which is not text") from None
    if node is None:
        return None, {(): 1}
    reader = _Reader(name)
    return reader.read(node, ()), reader.lines


def _as_yaml(text: str) -> str:
    """JSON in the form that a YAML 1.1 parser accepts: no tabs between values, no surrogate pairs."""

    def character(match: re.Match[str]) -> str:
        return match[1] + (bytes.fromhex(match[2]) + bytes.fromhex(match[3])).decode("utf-16-be")

    # A string in JSON cannot hold a tab.
    return _SURROGATES.sub(character, text.replace("\t", " "))


class _Composer:
    """Builds nodes from the parser's events. It does not recurse, however deep the document is."""

    def __init__(self, name: str, text: str) -> None:
        self._name = name
        self._parser = _PARSER(text)
        self._anchors: dict[str, _Node] = {}

    def compose(self) -> _Node | None:
        try:
            return self._compose()
        finally:
            self._parser.dispose()

    def _compose(self) -> _Node | None:
        root: _Node | None = None
        open_nodes: list[_Sequence | _Mapping] = []
        for event in self._events():
            line = _line(event)
            if isinstance(event, yaml.CollectionEndEvent):
                open_nodes.pop()
                continue
            if isinstance(event, yaml.DocumentStartEvent) and root is not None:
                raise SpecError(self._name, "more than one YAML document", line=line)
            if not isinstance(event, yaml.NodeEvent):
                continue
            node = self._node(event, line)
            if open_nodes:
                open_nodes[-1].items.append(node)
            else:
                root = node
            if isinstance(event, yaml.CollectionStartEvent):
                assert not isinstance(node, _Scalar)
                open_nodes.append(node)
                if len(open_nodes) > MAX_DEPTH:
                    raise SpecError(self._name, f"nested more than {MAX_DEPTH} levels deep", line=line)
        return root

    def _events(self) -> Iterator[yaml.Event]:
        while self._parser.check_event():
            yield self._parser.get_event()

    def _node(self, event: Any, line: int) -> _Node:
        if isinstance(event, yaml.AliasEvent):
            if event.anchor not in self._anchors:
                raise SpecError(self._name, f"not YAML: undefined alias '{event.anchor}'", line=line)
            return self._anchors[event.anchor]
        tag = event.tag
        node: _Node
        if isinstance(event, yaml.ScalarEvent):
            node = _Scalar(line, event.value, event.implicit[0], tag)
        elif isinstance(event, yaml.SequenceStartEvent):
            node, tag = _Sequence(line), None if tag == f"{_TAG}seq" else tag
        else:
            node, tag = _Mapping(line), None if tag == f"{_TAG}map" else tag
        if tag is not None and not isinstance(node, _Scalar):
            raise SpecError(self._name, f"not JSON data: the tag {tag.replace(_TAG, '!!')}", line=line)
        if event.anchor is not None:
            self._anchors[event.anchor] = node
        return node


def _line(event: Any) -> int:
    line: int = event.start_mark.line + 1
    return line


class _Reader:
    """Turns nodes into plain values and notes the line of each."""

    def __init__(self, name: str) -> None:
        self._name = name
        self.lines: dict[Pointer, int] = {}
        self._open: set[int] = set()
        self._seen: set[int] = set()
        self._repeated = 0

    def read(self, node: _Node, pointer: Pointer) -> Any:
        self.lines.setdefault(pointer, node.line)
        if isinstance(node, _Scalar):
            return self._scalar(node, pointer)
        self._enter(node, pointer)
        value: Any
        if isinstance(node, _Sequence):
            value = [self.read(item, (*pointer, str(index))) for index, item in enumerate(node.items)]
        else:
            value = {}
            for key, item in self._pairs(node, pointer):
                below = (*pointer, key.text)
                self.lines[below] = key.line
                value[key.text] = self.read(item, below)
        self._open.discard(id(node))
        return value

    def _enter(self, node: _Sequence | _Mapping, pointer: Pointer) -> None:
        """Limit aliases, which can contain themselves, nest deeper than the text, or multiply."""
        if id(node) in self._open:
            raise self._error("an alias that contains itself", node, pointer)
        if len(pointer) > MAX_DEPTH:
            raise self._error(f"nested more than {MAX_DEPTH} levels deep", node, pointer)
        self._open.add(id(node))
        if id(node) in self._seen:
            self._repeated += len(node.items) + 1
            if self._repeated > MAX_REPEATED:
                raise self._error(f"aliases add more than {MAX_REPEATED:,} values", node, pointer)
        self._seen.add(id(node))

    def _pairs(self, node: _Mapping, pointer: Pointer) -> list[tuple[_Scalar, _Node]]:
        """The members of an object: its own, and those of `<<` that it does not have itself."""
        own: dict[str, tuple[_Scalar, _Node]] = {}
        merged: list[_Node] = []
        for key, value in zip(node.items[::2], node.items[1::2], strict=True):
            if not isinstance(key, _Scalar):
                raise self._error("a key that is not text", key, pointer)
            if key.text == "<<" and key.is_plain:
                merged.append(value)
            elif key.text in own:
                raise self._error(f"key '{key.text}' is given twice", key, pointer)
            else:
                own[key.text] = key, value
        for value in merged:
            for source in value.items if isinstance(value, _Sequence) else [value]:
                if not isinstance(source, _Mapping):
                    raise self._error("`<<` takes an object or an array of objects", source, pointer)
                self._enter(source, pointer)
                for key, item in self._pairs(source, pointer):
                    own.setdefault(key.text, (key, item))
                self._open.discard(id(source))
        return list(own.values())

    def _scalar(self, node: _Scalar, pointer: Pointer) -> Any:
        kind = (node.tag or "").removeprefix(_TAG)
        if kind not in ("", "!", "str", "null", "bool", "int", "float"):
            raise self._error(f"not JSON data: the tag {node.tag!r}", node, pointer)
        text = node.text
        if kind in ("!", "str") or not (node.is_plain or kind) or (text and text[0] not in _NOT_TEXT):
            return text
        if text in _CONSTANTS:
            return _CONSTANTS[text]
        if _INTEGER.fullmatch(text):
            # Python reads no integer of more digits than this, by default.
            if len(text) > 4000:
                raise self._error("not JSON data: an integer of more than 4,000 digits", node, pointer)
            return int(text, 0 if text[:2] in ("0o", "0x") else 10)
        number = float(text) if _FLOAT.fullmatch(text) else None
        if number in (math.inf, -math.inf) or _NOT_FINITE.fullmatch(text):
            raise self._error(f"not JSON data: {text} is not a finite number", node, pointer)
        return text if number is None else number

    def _error(self, message: str, node: _Node, pointer: Pointer) -> SpecError:
        return SpecError(self._name, message, pointer, node.line)
