"""Spellings of the same request: what RFC 9110, 9112, 8259 and 3986 treat as equal."""

import json
from dataclasses import dataclass, replace

from thread_runs_conformance.values.respelling import (
    Spell,
    absolute_target,
    alternating,
    escaped,
    followed_by,
    in_chunks,
    in_pieces,
    in_reverse,
    in_two_pieces,
    slowly_at_the_end,
    spaced,
    unless_get,
    with_each_name,
    with_header,
    with_json,
    with_json_type,
    with_media_type,
    with_new_header,
    with_path,
    with_scheme,
    with_tabs,
)


@dataclass(frozen=True)
class Spelling:
    """A different spelling of a request.

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


SPELLINGS = [
    Spelling("header names in lower case", "headers", 9110, "5.1", with_each_name(str.lower)),
    Spelling("header names in upper case", "headers", 9110, "5.1", with_each_name(str.upper)),
    Spelling("header names in mixed case", "headers", 9110, "5.1", with_each_name(alternating)),
    Spelling("no space after the colon", "headers", 9112, "5.1", lambda m: replace(m, before=""), True),
    # White space after a value is not tried: uvicorn keeps it, and nginx rejects it.
    Spelling("tabs and spaces in front of values", "headers", 9112, "5.1", with_tabs, True),
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
    Spelling("an empty header that nobody knows", "headers", 9110, "5.5", with_header("X-Conformance", "")),
    Spelling("the scheme in lower case", "credential", 9110, "11.1", with_scheme(str.lower)),
    Spelling("the scheme in upper case", "credential", 9110, "11.1", with_scheme(str.upper)),
    Spelling("two spaces after the scheme", "credential", 9110, "11.4", with_scheme(str, "  ")),
    Spelling("media type in upper case", "media type", 9110, "8.3.1", with_media_type(str.upper)),
    Spelling("media type in mixed case", "media type", 9110, "8.3.1", with_media_type(alternating)),
    *(
        Spelling(name, "media type", rfc, section, with_json_type(followed_by(text)))
        for name, rfc, section, text in (
            # One aspect differs from line to line.
            ("a charset", 8259, "11", "; charset=utf-8"),
            ("a charset in upper case", 9110, "8.3.2", "; charset=UTF-8"),
            ("a charset in mixed case", 9110, "8.3.2", "; charset=Utf-8"),
            ("a quoted charset", 9110, "5.6.6", '; charset="utf-8"'),
            ("the name of the charset in upper case", 9110, "5.6.6", "; CHARSET=utf-8"),
            ("a charset without a space", 9110, "5.6.6", ";charset=utf-8"),
            ("a space in front of the semicolon", 9110, "5.6.6", " ; charset=utf-8"),
            ("a tab after the semicolon", 9110, "5.6.6", ";\tcharset=utf-8"),
        )
    ),
    Spelling("any media type is accepted", "accept", 9110, "12.5.1", with_header("Accept", "*/*")),
    Spelling(
        "several media types are accepted",
        "accept",
        9110,
        "12.5.1",
        with_header("Accept", "text/html, application/json;q=0.9, */*;q=0.1"),
    ),
    Spelling("Accept in two headers", "accept", 9110, "5.3", with_header("Accept", "text/html", "application/json")),
    Spelling("Accept with a range", "accept", 9110, "12.5.1", with_header("Accept", "application/*")),
    Spelling("no Accept", "accept", 9110, "12.5.1", with_header("Accept"), True),
    Spelling(
        "no content coding is accepted", "coding", 9110, "12.5.3", with_header("Accept-Encoding", "identity"), True
    ),
    *(
        Spelling(name, "coding", 9110, section, (with_new_header if header == "Cookie" else with_header)(header, value))
        for name, section, header, value in (
            ("gzip is not accepted", "12.5.3", "Accept-Encoding", "gzip;q=0, identity"),
            ("only identity is accepted", "12.5.3", "Accept-Encoding", "identity;q=1, *;q=0"),
            ("an unknown coding is accepted", "12.5.3", "Accept-Encoding", "conformance, identity"),
            ("another language is preferred", "12.5.4", "Accept-Language", "fr-CH, fr;q=0.9, tr;q=0.8"),
            # Languages with another decimal separator, other digits, and other rules of upper and lower case.
            ("German is preferred", "12.5.4", "Accept-Language", "de-DE, de;q=0.9"),
            ("Arabic is preferred", "12.5.4", "Accept-Language", "ar-EG, ar;q=0.9"),
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
        unless_get(with_header("If-None-Match", '"conformance"')),
    ),
    Spelling(
        "unmodified since a date to come",
        "conditions",
        9110,
        "13.1.4",
        unless_get(with_header("If-Unmodified-Since", "Fri, 01 Jan 2100 00:00:00 GMT")),
    ),
    Spelling("a range", "conditions", 9110, "14.2", unless_get(with_header("Range", "bytes=0-9"))),
    Spelling(
        "a date of the last change",
        "conditions",
        9110,
        "13.1.3",
        unless_get(with_header("If-Modified-Since", "Fri, 01 Jan 2100 00:00:00 GMT")),
    ),
    Spelling("no Accept-Encoding", "coding", 9110, "12.5.3", with_header("Accept-Encoding"), True),
    Spelling("white space around every token", "JSON", 8259, "2", with_json(spaced)),
    Spelling("indented", "JSON", 8259, "2", with_json(lambda v: json.dumps(v, ensure_ascii=False, indent=4))),
    Spelling(
        "no white space",
        "JSON",
        8259,
        "2",
        with_json(lambda v: json.dumps(v, ensure_ascii=False, separators=(",", ":"))),
    ),
    Spelling(
        "much white space",
        "JSON",
        8259,
        "2",
        with_json(lambda v: " " * 3000 + json.dumps(v, ensure_ascii=False) + "\n" * 1000),
    ),
    Spelling("every character escaped", "JSON", 8259, "7", with_json(escaped(lambda unit: f"\\u{unit:04x}"))),
    Spelling("escapes in upper case", "JSON", 8259, "7", with_json(escaped(lambda unit: f"\\u{unit:04X}"))),
    Spelling("names escaped", "JSON", 8259, "7", with_json(escaped(lambda unit: f"\\u{unit:04x}", values=False))),
    Spelling("values escaped", "JSON", 8259, "7", with_json(escaped(lambda unit: f"\\u{unit:04x}", names=False))),
    Spelling(
        "slashes escaped", "JSON", 8259, "7", with_json(lambda v: json.dumps(v, ensure_ascii=False).replace("/", "\\/"))
    ),
    Spelling("other characters than ASCII escaped", "JSON", 8259, "7", with_json(json.dumps)),
    Spelling(
        "members in another order",
        "JSON",
        8259,
        "4",
        with_json(lambda v: json.dumps(in_reverse(v), ensure_ascii=False)),
    ),
    Spelling(
        "the identifier percent-encoded",
        "path",
        3986,
        "2.3",
        with_path(lambda c: f"%{ord(c):02X}" if c.isalnum() or c in "-._~" else c),
    ),
    Spelling(
        "the identifier percent-encoded in lower case",
        "path",
        3986,
        "2.1",
        with_path(lambda c: f"%{ord(c):02x}" if c.isalnum() or c in "-._~" else c),
    ),
    Spelling(
        "an underscore percent-encoded",
        "path",
        3986,
        "2.3",
        with_path(lambda c: f"%{ord(c):02X}" if c in "_-~" else c, all_segments=True),
    ),
    Spelling("the absolute form of the target", "path", 9112, "3.2.2", absolute_target, True),
    Spelling(
        "one letter of each segment percent-encoded",
        "path",
        3986,
        "6.2.2.2",
        with_path(lambda c: f"%{ord(c):02X}" if c in "taeiou" else c, all_segments=True),
    ),
    Spelling("in one chunk", "framing", 9112, "7.1", in_chunks(), True),
    Spelling("in many chunks", "framing", 9112, "7.1", in_chunks(*[1, 2, 3, 5, 8] * 8), True),
    Spelling("chunks with extensions", "framing", 9112, "7.1.1", in_chunks(7, 9, extension=";a=b;c"), True),
    Spelling(
        "sizes of chunks in upper case with zeros", "framing", 9112, "7.1", in_chunks(11, 12, size_format="04X"), True
    ),
    Spelling("chunks with a trailer", "framing", 9112, "7.1.2", in_chunks(9, trailer="X-Trailer: 1\r\n"), True),
    *(
        Spelling(f"in two packets, split {name}", "framing", 9112, "2.1", in_two_pieces(place), True)
        for name, place in (
            ("in the request line", lambda head, body: 7),
            ("in the headers", lambda head, body: head // 2),
            ("in the empty line", lambda head, body: head - 1),
            ("between headers and body", lambda head, body: head),
            ("after the first byte of the body", lambda head, body: head + 1),
            ("in the middle of the body", lambda head, body: head + body // 2),
            ("in front of the last byte", lambda head, body: head + body - 1),
        )
    ),
    Spelling("byte by byte at first", "framing", 9112, "2.1", in_pieces(*[1] * 30), True),
    Spelling("slowly, the last bytes one by one", "framing", 9112, "2.1", slowly_at_the_end, True),
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
    Spelling("the connection is closed", "connection", 9112, "9.6", with_header("Connection", "close"), True),
    Spelling("the connection is kept", "connection", 9112, "9.3", with_header("Connection", "keep-alive"), True),
    Spelling(
        "HTTP/1.0",
        "connection",
        9110,
        "2.5",
        lambda m: replace(m, version="HTTP/1.0") if m.chunks is None and not m.expect else None,
        True,
    ),
]
"""All spellings. Combinations are also tried."""
