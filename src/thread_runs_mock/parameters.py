"""Read the values of parameters in every style of OpenAPI ("style values"): arrays and objects, too."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, unquote_plus

from thread_runs_mock import strict_json
from thread_runs_spec import schemas
from thread_runs_spec.document import Node

ABSENT: Any = object()
"""The value of a parameter that was not sent."""
_DEEPEST = 6
"""Levels of objects and arrays whose types are known; deeper values are text."""

Pairs = Sequence[tuple[str, str]]
"""Decoded names and encoded values of a query, in its order."""
Decode = Callable[[str], str]


@dataclass(frozen=True)
class Shape:
    """The JSON types of a schema, which determine how a text is parsed.

    Attributes:
        items: That of the items of an array.
        properties: Those of the properties of an object.
        others: That of all other properties; None if there are none.
    """

    types: frozenset[str] = frozenset()
    items: "Shape | None" = None
    properties: Mapping[str, "Shape"] = field(default_factory=dict)
    others: "Shape | None" = None

    def member(self, name: str) -> "Shape":
        """Return the shape of a property."""
        return self.properties.get(name) or self.others or _TEXT


_TEXT = Shape()


def shape_of(schema: Node | None, depth: int = 0) -> Shape:
    """Return the shape of a schema."""
    if schema is None or depth > _DEEPEST:
        return _TEXT
    nodes = schemas.alternatives(schema)
    found: dict[str, Node] = {}
    items = others = None
    for node in nodes:
        found = {**schemas.properties(node), **found}
        items = items or node.get("items")
        extra = node.get("additionalProperties")
        others = others or (extra if extra is not None and isinstance(extra.value, dict) else None)
    is_open = any(schemas.keywords(node).get("additionalProperties", True) is not False for node in nodes)
    types: frozenset[str] = frozenset().union(*(schemas.types(node) for node in nodes))
    return Shape(
        types or frozenset({"object"} if found else ()),
        shape_of(items, depth + 1) if items is not None else None,
        {name: shape_of(node, depth + 1) for name, node in found.items()},
        shape_of(others, depth + 1) if is_open else None,
    )


@dataclass(frozen=True)
class Style:
    """How a parameter is serialized.

    Attributes:
        name: `simple`, `label`, `matrix`, `form`, `spaceDelimited`, `pipeDelimited` or `deepObject`.
        explode: Whether items and properties are written by themselves.
        is_json: Whether the value is written as JSON instead, because the document gives its media type.
    """

    name: str
    explode: bool
    is_json: bool = False


def read_path(name: str, style: Style, shape: Shape, segment: str) -> Any:
    """Return the value of a path parameter, from its segment as it was sent."""
    if style.name == "matrix":
        parts = [part.partition("=") for part in segment.removeprefix(";").split(";")]
        if style.explode and shape.types & {"array", "object"}:
            pairs = [(unquote(key), unquote(text)) for key, _, text in parts]
            if "array" in shape.types:
                return [typed(shape.items, text) for _, text in pairs]
            return _object(shape, pairs)
        segment = parts[-1][2] if unquote(parts[-1][0]) == name else segment
    if style.name == "label":
        segment = segment.removeprefix(".")
        if style.explode:
            return _delimited(style, shape, segment, ".", unquote)
    return _delimited(style, shape, segment, ",", unquote)


def read_header(style: Style, shape: Shape, text: str) -> Any:
    """Return the value of a header."""
    return _delimited(style, shape, text, ",", str.strip)


def read_query(name: str, style: Style, shape: Shape, pairs: Pairs, others: frozenset[str]) -> Any:
    """Return the value of a query parameter, or `ABSENT`.

    Args:
        others: The names of the operation's other query parameters.
    """
    if style.name == "deepObject":
        inside = [(key[len(name) :], text) for key, text in pairs if key.startswith(f"{name}[")]
        return _deep(shape, inside) if inside else ABSENT
    if style.explode and style.name == "form" and "object" in shape.types and not style.is_json:
        own = [
            (key, unquote_plus(text))
            for key, text in pairs
            if key in shape.properties or (shape.others is not None and key not in others)
        ]
        return _object(shape, own) if own else ABSENT
    # Many clients write the name of an array with brackets.
    texts = [text for key, text in pairs if key == name] or [text for key, text in pairs if key == f"{name}[]"]
    if not texts:
        return ABSENT
    if style.explode and style.name == "form" and "array" in shape.types and not style.is_json:
        return [typed(shape.items, unquote_plus(text).strip()) for text in texts]
    separator = {"spaceDelimited": " ", "pipeDelimited": "|"}.get(style.name, ",")
    found = [_delimited(style, shape, text, separator, unquote_plus) for text in texts]
    if all(isinstance(each, list) for each in found):
        return [item for each in found for item in each]
    return found[-1]


def typed(shape: Shape | None, text: str) -> Any:
    """Return a text as the JSON type in its schema, if it can be parsed as one."""
    types = _TEXT.types if shape is None else shape.types
    if types and "string" not in types:
        try:
            value = strict_json.decode(text.encode())
        except strict_json.NotJsonError:
            return text
        if isinstance(value, bool | int | float):
            return value
    return text


def _delimited(style: Style, shape: Shape, text: str, separator: str, decode: Decode) -> Any:
    """Parse a value whose parts are separated. A part may contain the separator encoded."""
    if style.is_json:
        try:
            return strict_json.decode(decode(text).encode())
        except strict_json.NotJsonError:
            return decode(text)
    if not shape.types & {"array", "object"}:
        return typed(shape, decode(text))
    # Many clients also encode the separators.
    parts = [decode(part) for part in text.split(separator)] if separator in text else decode(text).split(separator)
    if "array" in shape.types:
        return [typed(shape.items, part.strip()) for part in parts]
    if style.explode and all("=" in part for part in parts):
        return _object(shape, [(key, value) for key, _, value in (part.partition("=") for part in parts)])
    if not style.explode and len(parts) % 2 == 0:
        return _object(shape, list(zip(parts[::2], parts[1::2], strict=True)))
    return typed(shape, decode(text))


def _object(shape: Shape, pairs: Pairs) -> dict[str, Any]:
    """The object of these names and texts. A repeated name is an array."""
    found: dict[str, Any] = {}
    for name, text in pairs:
        member = shape.member(name)
        if "array" in member.types:
            found.setdefault(name, []).append(typed(member.items, text))
        else:
            found[name] = typed(member, text)
    return found


def _deep(shape: Shape, pairs: Pairs) -> Any:
    """The object of names such as `[a][b]`."""
    inside: dict[str, list[tuple[str, str]]] = {}
    for path, text in pairs:
        name, _, rest = path.removeprefix("[").partition("]")
        inside.setdefault(name, []).append((rest, text))
    return {name: _deep_value(shape.member(name), below) for name, below in inside.items()}


def _deep_value(shape: Shape, pairs: Pairs) -> Any:
    if any(path not in ("", "[]") for path, _ in pairs):
        return _deep(shape, pairs)
    texts = [unquote_plus(text) for _, text in pairs]
    if "array" in shape.types:
        return [typed(shape.items, text) for text in texts]
    return typed(shape, texts[-1])


def split_query(query: bytes) -> Pairs:
    """Return the decoded names and the encoded values of a query."""
    return list(_split(query.decode("latin-1")))


def _split(query: str) -> Iterator[tuple[str, str]]:
    for part in query.split("&"):
        if part:
            name, _, text = part.partition("=")
            yield unquote_plus(name), text
