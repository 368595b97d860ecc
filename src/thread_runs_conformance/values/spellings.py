"""Spellings of the same request: what RFC 9110, 9112, 8259 and 3986 treat as equal."""

import json
import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from thread_runs_conformance.raw_http import Message

Spell = Callable[[Message], Message | None]
"""Spells a message differently; None if it does not apply to it."""


@dataclass(frozen=True)
class Spelling:
    """One way to spell a request differently.

    Attributes:
        aspect: Spellings of different aspects can be combined: `headers`, `media type`, `JSON`, `path`, `framing`.
        rfc: The number of the RFC.
        section: The section that says that nothing changes.
        raw: Only a socket can send it.
    """

    name: str
    aspect: str
    rfc: int
    section: str
    spell: Spell
    raw: bool = False


def _each_name(change: Callable[[str], str]) -> Spell:
    return lambda message: replace(message, headers=tuple((change(name), value) for name, value in message.headers))


def _with_tabs(message: Message) -> Message:
    """Not in front of the host and the length: nginx, which many servers are behind, refuses a tab there."""
    tabbed = ((name, value if name.lower() == "host" else f"\t {value}") for name, value in message.headers)
    return replace(message, headers=tuple(tabbed))


def _alternating(text: str) -> str:
    return "".join(char.upper() if index % 2 else char.lower() for index, char in enumerate(text))


def _header(name: str, *values: str) -> Spell:
    return lambda message: message.with_header(name, *values)


def _new_header(name: str, value: str) -> Spell:
    """A header that the request does not have yet: a cookie may be the credential."""
    return lambda message: None if message.value(name) else message.with_header(name, value)


def _unless_get(spell: Spell) -> Spell:
    """Headers that other methods than GET and HEAD ignore."""
    return lambda message: None if message.method in ("GET", "HEAD") else spell(message)


def _absolute(message: Message) -> Message:
    return replace(message, target=f"{message.scheme}://{message.value('Host')}{message.target}")


def _media_type(write: Callable[[str], str]) -> Spell:
    def spell(message: Message) -> Message | None:
        value = message.value("Content-Type")
        return message.with_header("Content-Type", write(value)) if value else None

    return spell


def _json_type(write: Callable[[str], str]) -> Spell:
    """Parameters are only known to mean nothing for application/json."""

    def spell(message: Message) -> Message | None:
        value = message.value("Content-Type")
        return message.with_header("Content-Type", write(value)) if value == "application/json" else None

    return spell


def _followed_by(text: str) -> Callable[[str], str]:
    return lambda value: f"{value}{text}"


def _scheme(write: Callable[[str], str], spaces: str = " ") -> Spell:
    def spell(message: Message) -> Message | None:
        scheme, space, rest = message.value("Authorization").partition(" ")
        return message.with_header("Authorization", f"{write(scheme)}{spaces}{rest}") if space else None

    return spell


def _json(write: Callable[[Any], str]) -> Spell:
    def spell(message: Message) -> Message | None:
        return replace(message, body=write(json.loads(message.body)).encode()) if message.body else None

    return spell


def _spaced(value: Any) -> str:
    """White space of every kind around every token."""
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


def _escaped(write: Callable[[int], str], *, names: bool = True, values: bool = True) -> Callable[[Any], str]:
    """Every character of names, of values, or of both as an escape."""

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


def _reversed(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _reversed(item) for key, item in reversed(value.items())}
    return value


def _path(write: Callable[[str], str], *, all_segments: bool = False) -> Spell:
    """Unreserved characters of the identifiers, or of all segments, percent-encoded."""

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


def _chunked(*sizes: int, **changes: Any) -> Spell:
    return lambda message: replace(message, chunks=sizes, **changes) if message.body else None


def _in_pieces(*sizes: int) -> Spell:
    return lambda message: replace(message, pieces=sizes)


def _parted(place: Callable[[int, int], int]) -> Spell:
    """In two packets, parted at a place that follows from the lengths of head and body."""

    def spell(message: Message) -> Message | None:
        first = place(len(message.head), len(message.body))
        return replace(message, pieces=(first,)) if message.chunks is None and message.body else None

    return spell


def _byte_by_byte_at_the_end(message: Message) -> Message | None:
    whole = len(message.head) + len(message.content)
    return replace(message, pieces=(whole - 20, *[1] * 19)) if message.body else None


SPELLINGS = [
    Spelling("header names in lower case", "headers", 9110, "5.1", _each_name(str.lower)),
    Spelling("header names in upper case", "headers", 9110, "5.1", _each_name(str.upper)),
    Spelling("header names in mixed case", "headers", 9110, "5.1", _each_name(_alternating)),
    Spelling("no space behind the colon", "headers", 9112, "5.1", lambda m: replace(m, before=""), True),
    # White space behind a value is left out: uvicorn keeps it, and nginx rejects it.
    Spelling("tabs and spaces in front of values", "headers", 9112, "5.1", _with_tabs, True),
    Spelling(
        "headers in another order", "headers", 9110, "5.3", lambda m: replace(m, headers=tuple(reversed(m.headers)))
    ),
    Spelling(
        "headers that nobody knows",
        "headers",
        9110,
        "5.1",
        lambda m: m.with_header("X-Conformance", "1").with_header("X-Long", "x" * 2000),
    ),
    Spelling("an empty header that nobody knows", "headers", 9110, "5.5", _header("X-Conformance", "")),
    Spelling("the scheme in lower case", "credential", 9110, "11.1", _scheme(str.lower)),
    Spelling("the scheme in upper case", "credential", 9110, "11.1", _scheme(str.upper)),
    Spelling("two spaces behind the scheme", "credential", 9110, "11.4", _scheme(str, "  ")),
    Spelling("media type in upper case", "media type", 9110, "8.3.1", _media_type(str.upper)),
    Spelling("media type in mixed case", "media type", 9110, "8.3.1", _media_type(_alternating)),
    *(
        Spelling(name, "media type", rfc, section, _json_type(_followed_by(text)))
        for name, rfc, section, text in (
            # One thing is different from line to line.
            ("a charset", 8259, "11", "; charset=utf-8"),
            ("a charset in upper case", 9110, "8.3.2", "; charset=UTF-8"),
            ("a charset in mixed case", 9110, "8.3.2", "; charset=Utf-8"),
            ("a quoted charset", 9110, "5.6.6", '; charset="utf-8"'),
            ("the name of the charset in upper case", 9110, "5.6.6", "; CHARSET=utf-8"),
            ("a charset without a space", 9110, "5.6.6", ";charset=utf-8"),
            ("a space in front of the semicolon", 9110, "5.6.6", " ; charset=utf-8"),
            ("a tab behind the semicolon", 9110, "5.6.6", ";\tcharset=utf-8"),
        )
    ),
    Spelling("any media type is accepted", "accept", 9110, "12.5.1", _header("Accept", "*/*")),
    Spelling(
        "several media types are accepted",
        "accept",
        9110,
        "12.5.1",
        _header("Accept", "text/html, application/json;q=0.9, */*;q=0.1"),
    ),
    Spelling("Accept in two headers", "accept", 9110, "5.3", _header("Accept", "text/html", "application/json")),
    Spelling("Accept with a range", "accept", 9110, "12.5.1", _header("Accept", "application/*")),
    Spelling("no Accept", "accept", 9110, "12.5.1", _header("Accept"), True),
    Spelling("no content coding is accepted", "coding", 9110, "12.5.3", _header("Accept-Encoding", "identity"), True),
    *(
        Spelling(name, "coding", 9110, section, (_new_header if header == "Cookie" else _header)(header, value))
        for name, section, header, value in (
            ("gzip is not accepted", "12.5.3", "Accept-Encoding", "gzip;q=0, identity"),
            ("only identity is accepted", "12.5.3", "Accept-Encoding", "identity;q=1, *;q=0"),
            ("an unknown coding is accepted", "12.5.3", "Accept-Encoding", "conformance, identity"),
            ("another language is preferred", "12.5.4", "Accept-Language", "fr-CH, fr;q=0.9, tr;q=0.8"),
            ("another charset is preferred", "12.5.2", "Accept-Charset", "iso-8859-1, utf-8;q=0.1"),
            ("a browser sends it", "10.1.5", "User-Agent", "Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101"),
            ("a cookie that nobody knows", "5.1", "Cookie", "conformance=1; theme=dark"),
        )
    ),
    Spelling(
        "an entity tag that does not match",
        "conditions",
        9110,
        "13.1.2",
        _unless_get(_header("If-None-Match", '"conformance"')),
    ),
    Spelling(
        "unmodified since a date to come",
        "conditions",
        9110,
        "13.1.4",
        _unless_get(_header("If-Unmodified-Since", "Fri, 01 Jan 2100 00:00:00 GMT")),
    ),
    Spelling("a range", "conditions", 9110, "14.2", _unless_get(_header("Range", "bytes=0-9"))),
    Spelling(
        "a date of the last change",
        "conditions",
        9110,
        "13.1.3",
        _unless_get(_header("If-Modified-Since", "Fri, 01 Jan 2100 00:00:00 GMT")),
    ),
    Spelling("no Accept-Encoding", "coding", 9110, "12.5.3", _header("Accept-Encoding"), True),
    Spelling("white space around every token", "JSON", 8259, "2", _json(_spaced)),
    Spelling("indented", "JSON", 8259, "2", _json(lambda v: json.dumps(v, ensure_ascii=False, indent=4))),
    Spelling(
        "no white space", "JSON", 8259, "2", _json(lambda v: json.dumps(v, ensure_ascii=False, separators=(",", ":")))
    ),
    Spelling(
        "much white space",
        "JSON",
        8259,
        "2",
        _json(lambda v: " " * 3000 + json.dumps(v, ensure_ascii=False) + "\n" * 1000),
    ),
    Spelling("every character escaped", "JSON", 8259, "7", _json(_escaped(lambda unit: f"\\u{unit:04x}"))),
    Spelling("escapes in upper case", "JSON", 8259, "7", _json(_escaped(lambda unit: f"\\u{unit:04X}"))),
    Spelling("names escaped", "JSON", 8259, "7", _json(_escaped(lambda unit: f"\\u{unit:04x}", values=False))),
    Spelling("values escaped", "JSON", 8259, "7", _json(_escaped(lambda unit: f"\\u{unit:04x}", names=False))),
    Spelling(
        "slashes escaped", "JSON", 8259, "7", _json(lambda v: json.dumps(v, ensure_ascii=False).replace("/", "\\/"))
    ),
    Spelling("other characters than ASCII escaped", "JSON", 8259, "7", _json(json.dumps)),
    Spelling(
        "members in another order", "JSON", 8259, "4", _json(lambda v: json.dumps(_reversed(v), ensure_ascii=False))
    ),
    Spelling(
        "the identifier percent-encoded",
        "path",
        3986,
        "2.3",
        _path(lambda c: f"%{ord(c):02X}" if c.isalnum() or c in "-._~" else c),
    ),
    Spelling(
        "the identifier percent-encoded in lower case",
        "path",
        3986,
        "2.1",
        _path(lambda c: f"%{ord(c):02x}" if c.isalnum() or c in "-._~" else c),
    ),
    Spelling(
        "an underscore percent-encoded",
        "path",
        3986,
        "2.3",
        _path(lambda c: f"%{ord(c):02X}" if c in "_-~" else c, all_segments=True),
    ),
    Spelling("the absolute form of the target", "path", 9112, "3.2.2", _absolute, True),
    Spelling(
        "one letter of each segment percent-encoded",
        "path",
        3986,
        "6.2.2.2",
        _path(lambda c: f"%{ord(c):02X}" if c in "taeiou" else c, all_segments=True),
    ),
    Spelling("in one chunk", "framing", 9112, "7.1", _chunked(), True),
    Spelling("in many chunks", "framing", 9112, "7.1", _chunked(*[1, 2, 3, 5, 8] * 8), True),
    Spelling("chunks with extensions", "framing", 9112, "7.1.1", _chunked(7, 9, extension=";a=b;c"), True),
    Spelling(
        "sizes of chunks in upper case with zeros", "framing", 9112, "7.1", _chunked(11, 12, size_format="04X"), True
    ),
    Spelling("chunks with a trailer", "framing", 9112, "7.1.2", _chunked(9, trailer="X-Trailer: 1\r\n"), True),
    *(
        Spelling(f"in two packets, parted {name}", "framing", 9112, "2.1", _parted(place), True)
        for name, place in (
            ("in the request line", lambda head, body: 7),
            ("in the headers", lambda head, body: head // 2),
            ("in the empty line", lambda head, body: head - 1),
            ("between headers and body", lambda head, body: head),
            ("behind the first byte of the body", lambda head, body: head + 1),
            ("in the middle of the body", lambda head, body: head + body // 2),
            ("in front of the last byte", lambda head, body: head + body - 1),
        )
    ),
    Spelling("byte by byte at first", "framing", 9112, "2.1", _in_pieces(*[1] * 30), True),
    Spelling("byte by byte at the end", "framing", 9112, "2.1", _byte_by_byte_at_the_end, True),
    Spelling(
        "chunks in pieces",
        "framing",
        9112,
        "7.1",
        lambda m: replace(m, chunks=(4, 5, 6), pieces=(len(m.head) + 60, 1, 1, 2, 3)) if m.body else None,
        True,
    ),
    Spelling(
        "a body that is expected to be continued", "framing", 9110, "10.1.1", lambda m: replace(m, expect=True), True
    ),
    Spelling("the connection is closed", "connection", 9112, "9.6", _header("Connection", "close"), True),
    Spelling("the connection is kept", "connection", 9112, "9.3", _header("Connection", "keep-alive"), True),
    Spelling(
        "HTTP/1.0",
        "connection",
        9110,
        "2.5",
        lambda m: replace(m, version="HTTP/1.0") if m.chunks is None and not m.expect else None,
        True,
    ),
]
"""Every spelling. Combinations are tried too."""
