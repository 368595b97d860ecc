"""The form of an error body in a spec, and the places in it that depend on the error.

The places are found by their usual names, in any spelling (`statusCode`, `status_code`):

- The message is the first of `message`, `detail`, `error_description` and so on that is a text. If an object has none,
  the objects and lists in it are searched, `error` and `errors` first. If they have none either, the only text of the
  object is used.
- `status` and `code` get the HTTP status if they are numbers; `title` gets its phrase.
- `code` and `type` are texts that a caller may compare. They keep the values of an example of the same status.
"""

import copy
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, TypeAlias

from thread_runs_mock.errors import ENVELOPE, ApiError
from thread_runs_mock.samples import samples
from thread_runs_mock.validation import Validator
from thread_runs_spec import schemas
from thread_runs_spec.document import Node

Path: TypeAlias = tuple[str | int, ...]

_MESSAGES = ("message", "detail", "errordescription", "errormessage", "msg", "description", "reason", "title", "error")
"""Names of a message, best first. Names are compared in lower case, without `_` and `-`."""
_CONTAINERS = ("error", "errors", "detail", "details")
"""Names of objects and lists that hold messages, the most likely first."""
_DEEPEST = 4
"""How many levels of the schema are searched for members that the example does not have."""
_MEANINGS = {
    **dict.fromkeys(("status", "statuscode", "httpstatus", "httpstatuscode", "httpcode"), "status"),
    **dict.fromkeys(("code", "errorcode"), "code"),
    **dict.fromkeys(("param", "parameter", "field"), "param"),
    "type": "type",
    "title": "title",
    "error": "title",
}
_KEPT = frozenset({"code", "type", "title"})
"""Meanings whose value is kept from an example of the same status."""
_LIMITED = frozenset({"enum", "const", "format", "pattern"})
"""A text with one of these keywords cannot hold a message."""


@dataclass(frozen=True)
class Place:
    """A value in the body that depends on the error.

    Attributes:
        meaning: `message`, `status`, `code`, `type`, `title` or `param`.
        accepts: Whether a value fits the schema there.
    """

    path: Path
    meaning: str
    accepts: Callable[[Any], bool]


@dataclass(frozen=True)
class Form:
    """The body of an error: what all errors share, and the places to fill.

    Attributes:
        base: The body before the places are filled.
        is_problem: Whether the media type is `application/problem+json` (RFC 9457).
        is_envelope: Whether the schema has all properties of `ApiError.envelope`.
        is_valid: Whether a body conforms to the schema.
    """

    base: Any
    places: tuple[Place, ...]
    is_problem: bool
    is_envelope: bool
    is_valid: Callable[[Any], bool]

    def filled(self, error: ApiError, status: int) -> tuple[Any, bool]:
        """Return the body for an error, and whether it holds the error's message."""
        body, has_message = copy.deepcopy(self.base), False
        for place in self.places:
            for value in _values(place.meaning, error, status, self.is_problem):
                if place.accepts(value):
                    body = _replaced(body, place.path, value)
                    has_message = has_message or place.meaning == "message"
                    break
        return (body, has_message) if self.is_valid(body) else (self.base, False)


def read_form(
    schema: Node | None, examples: list[Any], compile_: Callable[[Node | None], Validator], *, own: bool, problem: bool
) -> Form | None:
    """Return the form of the errors of a status, from their media type.

    Args:
        examples: The examples of the media type. The first valid one is used.
        compile_: Returns the validator of a schema.
        own: Whether the examples belong to exactly one status, not to several.
        problem: Whether the media type is `application/problem+json` (RFC 9457).

    Returns:
        None if the form is not known: there is no example, and the schema has no properties and no type except object.
    """
    is_valid = compile_(schema).is_valid
    example = next((example for example in examples if is_valid(example)), None)
    if example is None and (schema is None or not _says_anything(schema)):
        return None
    values = [example] if example is not None or schema is None else list(samples(schema))
    base = copy.deepcopy(next((value for value in values if is_valid(value)), values[-1]))
    reading = _Reading(compile_, lambda: is_valid(base), keeps=example is not None and own, prunes=example is None)
    if isinstance(base, str):
        base = ""
    reading.visit(schema, base, ())
    return Form(base, tuple(reading.places), problem, _is_envelope(schema), is_valid)


class _Reading:
    """Finds the places in a base, and removes the values that do not apply to every error."""

    def __init__(
        self, compile_: Callable[[Node | None], Validator], is_valid: Callable[[], bool], *, keeps: bool, prunes: bool
    ) -> None:
        self._compile = compile_
        self._is_valid = is_valid
        self._keeps = keeps
        self._prunes = prunes
        self.places: list[Place] = []

    def visit(self, schema: Node | None, value: Any, path: Path) -> bool:
        """Search a value for the message; return whether it holds one."""
        if isinstance(value, str):
            self._add(schema, path, "message")
            return True
        if isinstance(value, list):
            items = _items(schema)
            if not value and items is not None:
                value.append(next(samples(items)))
            del value[1:]
            return bool(value) and self.visit(items, value[0], (*path, 0))
        return isinstance(value, dict) and self._visit_object(schema, value, path)

    def _visit_object(self, schema: Node | None, value: dict[str, Any], path: Path) -> bool:
        declared = _properties(schema)
        names = {_plain(name): name for name in (*declared, *value)}
        texts = [plain for plain, name in names.items() if _is_text(declared.get(name), value.get(name))]
        message = next((names[plain] for plain in _MESSAGES if plain in texts), None)
        holder = None
        if message is None:
            holder = self._holder(declared, value, path)
        if message is None and holder is None:
            free = [names[plain] for plain in texts if plain not in _MEANINGS]
            message = free[0] if len(free) == 1 else None
        if message is not None:
            value[message] = ""
            self._add(declared.get(message), (*path, message), "message")
        for plain, name in names.items():
            meaning = _MEANINGS.get(plain)
            if name in (message, holder):
                continue
            if meaning is not None and name in value and not isinstance(value[name], dict | list):
                self._add_known(meaning, declared.get(name), value[name], (*path, name), message)
                if meaning == "param":
                    self._clear(value, name)
            elif self._prunes or (message is not None and plain in _CONTAINERS):
                self._remove(value, name)
        return message is not None or holder is not None

    def _holder(self, declared: dict[str, Node], value: dict[str, Any], path: Path) -> str | None:
        """Return the member that holds the message, after adding its places; None if no member holds one."""
        order = {name: index for index, name in enumerate(_CONTAINERS)}
        for name in sorted({**declared, **value}, key=lambda name: order.get(_plain(name), len(order))):
            child = value.get(name)
            if child is None and name in declared and len(path) < _DEEPEST:
                child = next(samples(declared[name]))
            if isinstance(child, dict | list) and self.visit(declared.get(name), child, (*path, name)):
                value[name] = child
                return name
        return None

    def _add_known(self, meaning: str, schema: Node | None, value: Any, path: Path, message: str | None) -> None:
        if _plain(str(path[-1])) == "error" and message is not None and _plain(message) == "errordescription":
            meaning = "code"  # OAuth 2.0, RFC 6749, section 5.2
        if meaning == "status" and isinstance(value, str) and not value.isdecimal() and not self._prunes:
            return  # A word such as "fail".
        if not (self._keeps and meaning in _KEPT and not isinstance(value, int)):
            self._add(schema, path, meaning, value)

    def _add(self, schema: Node | None, path: Path, meaning: str, value: Any = "") -> None:
        accepts = (lambda new: type(new) is type(value)) if schema is None else self._compile(schema).is_valid
        self.places.append(Place(path, meaning, accepts))

    def _clear(self, value: dict[str, Any], name: str) -> None:
        """Remove a value that only some errors have. If it is required, replace it by null or "" if that is valid."""
        self._remove(value, name)
        old = value.get(name)
        for empty in (None, "", old) if name in value else ():
            value[name] = empty
            if self._is_valid():
                break

    def _remove(self, value: dict[str, Any], name: str) -> None:
        if name not in value:
            return
        kept = dict(value)
        del value[name]
        if not self._is_valid():
            # Restored in its old place, so that the order remains that of the spec.
            value.clear()
            value.update(kept)


def _values(meaning: str, error: ApiError, status: int, is_problem: bool) -> list[Any]:
    """The values that a place may get, best first."""
    phrase = _phrase(status)
    word = phrase.lower().replace(" ", "_").replace("-", "_")
    found: dict[str, list[Any]] = {
        "message": [str(error)],
        "status": [status, str(status)],
        "code": [*([error.code] if error.code else []), status, word, word.upper(), str(status)],
        "type": ["about:blank"] if is_problem else [error.kind],
        "title": [phrase],
        "param": [error.param],
    }
    return found[meaning]


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Error"


def _replaced(value: Any, path: Path, new: Any) -> Any:
    if not path:
        return new
    inner = value
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = new
    return value


def _says_anything(schema: Node) -> bool:
    types = frozenset().union(*(schemas.types(node) for node in schemas.alternatives(schema)))
    return bool(_properties(schema) or types - {"object", "null"})


def _is_envelope(schema: Node | None) -> bool:
    error = _properties(schema).get("error")
    return _properties(error).keys() >= ENVELOPE


def _properties(schema: Node | None) -> dict[str, Node]:
    """The properties of the schema, including those of all members of its unions."""
    found: dict[str, Node] = {}
    for node in schemas.alternatives(schema) if schema is not None else ():
        found = {**schemas.properties(node), **found}
    return found


def _items(schema: Node | None) -> Node | None:
    nodes = schemas.alternatives(schema) if schema is not None else []
    return next((items for node in nodes if (items := node.get("items")) is not None), None)


def _is_text(schema: Node | None, value: Any) -> bool:
    if schema is None:
        return isinstance(value, str)
    nodes = schemas.alternatives(schema)
    types = frozenset().union(*(schemas.types(node) for node in nodes))
    texts = [node for node in nodes if "string" in schemas.types(node)] if types else nodes
    return any(schemas.keywords(node).keys().isdisjoint(_LIMITED | {"properties", "items"}) for node in texts)


def _plain(name: str) -> str:
    return name.replace("_", "").replace("-", "").lower()
