"""Functions that spell a message differently. spellings.py names the RFC by which the meaning stays the same."""

import json
import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from thread_runs_conformance.raw_http import Message

Spell = Callable[[Message], Message | None]
"""Spells a message differently; None if it does not apply to it."""


def with_each_name(change: Callable[[str], str]) -> Spell:
    return lambda message: replace(message, headers=tuple((change(name), value) for name, value in message.headers))


def with_tabs(message: Message) -> Message:
    """Skip the host and the length: nginx, a common reverse proxy, rejects a tab there."""
    tabbed = ((name, value if name.lower() == "host" else f"\t {value}") for name, value in message.headers)
    return replace(message, headers=tuple(tabbed))


def alternating(text: str) -> str:
    return "".join(char.upper() if index % 2 else char.lower() for index, char in enumerate(text))


def with_header(name: str, *values: str) -> Spell:
    return lambda message: message.with_header(name, *values)


def with_new_header(name: str, value: str) -> Spell:
    """Add a header that the request does not have yet: a cookie may be the credential."""
    return lambda message: None if message.value(name) else message.with_header(name, value)


def unless_get(spell: Spell) -> Spell:
    """Add headers that methods other than GET and HEAD ignore."""
    return lambda message: None if message.method in ("GET", "HEAD") else spell(message)


def absolute_target(message: Message) -> Message:
    return replace(message, target=f"{message.scheme}://{message.value('Host')}{message.target}")


def with_media_type(write: Callable[[str], str]) -> Spell:
    def spell(message: Message) -> Message | None:
        value = message.value("Content-Type")
        return message.with_header("Content-Type", write(value)) if value else None

    return spell


def with_json_type(write: Callable[[str], str]) -> Spell:
    """Add a parameter. Only for application/json it is known to have no meaning."""

    def spell(message: Message) -> Message | None:
        value = message.value("Content-Type")
        return message.with_header("Content-Type", write(value)) if value == "application/json" else None

    return spell


def followed_by(text: str) -> Callable[[str], str]:
    return lambda value: f"{value}{text}"


def with_scheme(write: Callable[[str], str], spaces: str = " ") -> Spell:
    def spell(message: Message) -> Message | None:
        scheme, space, rest = message.value("Authorization").partition(" ")
        return message.with_header("Authorization", f"{write(scheme)}{spaces}{rest}") if space else None

    return spell


def with_json(write: Callable[[Any], str]) -> Spell:
    def spell(message: Message) -> Message | None:
        return replace(message, body=write(json.loads(message.body)).encode()) if message.body else None

    return spell


def spaced(value: Any) -> str:
    """Put every kind of white space around every token."""
    spaces = [" ", "\t", "\n", "\r", "\r\n", "  ", ""]
    chooser = random.Random(5)

    def write(inner: Any) -> str:
        def gap() -> str:
            return chooser.choice(spaces)

        if isinstance(inner, dict):
            members = ",".join(f"{gap()}{write(key)}{gap()}:{gap()}{write(item)}{gap()}" for key, item in inner.items())
            return f"{{{members or gap()}}}"
        if isinstance(inner, list):
            return f"[{','.join(f'{gap()}{write(item)}{gap()}' for item in inner) or gap()}]"
        return json.dumps(inner, ensure_ascii=False)

    return f"\n\t {write(value)} \r\n"


def escaped(write: Callable[[int], str], *, names: bool = True, values: bool = True) -> Callable[[Any], str]:
    """Write every character of names, of values, or of both as an escape."""

    def text(value: str, escape: bool) -> str:
        if not escape:
            return json.dumps(value, ensure_ascii=False)
        units = value.encode("utf-16-be", "surrogatepass")
        return '"' + "".join(write(units[at] << 8 | units[at + 1]) for at in range(0, len(units), 2)) + '"'

    def encode(value: Any) -> str:
        if isinstance(value, str):
            return text(value, values)
        if isinstance(value, dict):
            return "{" + ",".join(f"{text(key, names)}:{encode(item)}" for key, item in value.items()) + "}"
        if isinstance(value, list):
            return "[" + ",".join(map(encode, value)) + "]"
        return json.dumps(value)

    return encode


def in_reverse(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: in_reverse(item) for key, item in reversed(value.items())}
    return value


def with_path(write: Callable[[str], str], *, all_segments: bool = False) -> Spell:
    """Percent-encode the unreserved characters of the identifiers, or of all segments."""

    def spell(message: Message) -> Message:
        path, question, query = message.target.partition("?")
        segments = path.split("/")
        first = 0 if all_segments else len(segments) - 1
        encoded = [segment if index < first else _encoded(segment, write) for index, segment in enumerate(segments)]
        return replace(message, target="/".join(encoded) + question + query)

    return spell


def _encoded(segment: str, write: Callable[[str], str]) -> str:
    return "".join(
        char if char == "%" or (index and "%" in segment[max(0, index - 2) : index]) else write(char)
        for index, char in enumerate(segment)
    )


def in_chunks(*sizes: int, **changes: Any) -> Spell:
    return lambda message: replace(message, chunks=sizes, **changes) if message.body else None


def in_pieces(*sizes: int) -> Spell:
    return lambda message: replace(message, pieces=sizes)


def in_two_pieces(place: Callable[[int, int], int]) -> Spell:
    """Send two packets, split at a position that depends on the lengths of head and body."""

    def spell(message: Message) -> Message | None:
        first = place(len(message.head), len(message.body))
        return replace(message, pieces=(first,)) if message.chunks is None and message.body else None

    return spell


def slowly_at_the_end(message: Message) -> Message | None:
    """Take 0.6 seconds for the last bytes, which is no reason for a server to give up."""
    whole = len(message.head) + len(message.content)
    return replace(message, pieces=(whole - 20, *[1] * 19), pause=0.03) if message.body else None
