"""Text that is damaged on the way in or out."""

import html
import json
import re
import unicodedata
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

from tests.conformance.wrong_servers.proxy import (
    Group,
    Request,
    Response,
    changing_requests,
    changing_responses,
    changing_runs,
)

TEXT = Group("text")

Change = Callable[[str], str]


def _texts(keys: bool, values: bool, change: Change) -> Callable[[Request], Request]:
    def edit(request: Request) -> Request:
        sent = request.sent()
        if not isinstance(sent, dict):
            return request
        return request.with_sent(
            {
                change(key) if keys else key: change(value) if values and isinstance(value, str) else value
                for key, value in sent.items()
            }
        )

    return edit


def _both(name: str, change: Change) -> None:
    TEXT.add(f"values {name}", changing_requests(_texts(False, True, change)))
    TEXT.add(f"keys {name}", changing_requests(_texts(True, False, change)))


def _values(name: str, change: Change) -> None:
    TEXT.add(f"values {name}", changing_requests(_texts(False, True, change)))


def _keys(name: str, change: Change) -> None:
    TEXT.add(f"keys {name}", changing_requests(_texts(True, False, change)))


for _form in ("NFC", "NFD", "NFKC"):
    _both(f"normalised to {_form}", lambda text, form=_form: unicodedata.normalize(form, text))  # type: ignore[misc]
_both("stripped", str.strip)
_values("stripped at the end", str.rstrip)
_values("stripped of spaces only", lambda text: text.strip(" "))
_keys("in lower case", str.lower)
_both("cut at NUL", lambda text: text.partition("\x00")[0])
_both("without NUL", lambda text: text.replace("\x00", ""))
_values("without control characters", lambda text: re.sub(r"[\x01-\x08\x0e-\x1f]", "", text))
_values("without C1 controls", lambda text: re.sub(r"[\x80-\x9f]", "", text))
_values("with CR LF as LF", lambda text: text.replace("\r\n", "\n"))
_values("with CR as LF", lambda text: text.replace("\r", "\n"))
_values("with double spaces as one", lambda text: re.sub(r"  +", " ", text))
_values("with no-break spaces as spaces", lambda text: text.replace("\u00a0", " "))
_values("without astral characters", lambda text: "".join(c for c in text if ord(c) < 0x10000))
_both("with astral characters as question marks", lambda text: "".join(c if ord(c) < 0x10000 else "?" for c in text))
_values("with noncharacters replaced", lambda text: re.sub("[\ufffe\uffff\ufdd0]", "\ufffd", text))
_values("without bidirectional controls", lambda text: re.sub("[\u202a-\u202e\u2066-\u2069]", "", text))
_values("without zero-width characters", lambda text: re.sub("[\u200b-\u200d\u2060]", "", text))
_values("without soft hyphens", lambda text: text.replace("\u00ad", ""))
_values("without a byte order mark", lambda text: text.removeprefix("\ufeff"))
_values("without line separators", lambda text: text.replace("\u2028", " ").replace("\u2029", " "))
_values(
    "as double-encoded UTF-8", lambda text: text.encode().decode("latin-1") if text and ord(max(text)) > 127 else text
)
_values("in ASCII", lambda text: text.encode("ascii", "replace").decode() if len(text) < 500 else text)
_values("with markup escaped", lambda text: html.escape(text) if len(text) < 400 else text)
_values("with entities decoded", html.unescape)
_values("percent-decoded", unquote)
_values("with plus as space", lambda text: text.replace("+", " "))
_values("with escapes undone", lambda text: text.replace("\\\\", "\\").replace("\\n", "\n"))
_values("with quotes doubled", lambda text: text.replace("'", "''") if len(text) < 400 else text)
_values("without tags", lambda text: re.sub(r"<[^>]*>", "", text))
_values("with private use removed", lambda text: re.sub("[\ue000-\uf8ff\U0010fffd]", "", text))
_values("with the last character of Unicode lost", lambda text: text.replace("\U0010ffff", ""))
_values("with null as nothing", lambda text: "" if text == "null" else text)
_values("with numbers made canonical", lambda text: str(float(text)) if re.fullmatch(r"\d\.\d+|1e3", text) else text)
_values("with leading zeros dropped", lambda text: str(int(text)) if re.fullmatch(r"0\d+", text) else text)
_values("with large integers rounded", lambda text: str(int(float(text))) if re.fullmatch(r"\d{16}", text) else text)
_values("with dates rewritten", lambda text: re.sub(r"T00:00:00Z$", "T00:00:00+00:00", text))
_values("with emoji modifiers dropped", lambda text: re.sub("[\U0001f3fb-\U0001f3ff]", "", text))
_keys("with dots as underscores", lambda text: text.replace(".", "_"))
_keys("with minus as underscore", lambda text: text.replace("-", "_"))
_keys("with a dollar sign removed", lambda text: text.removeprefix("$"))
_keys("cut at the first dot", lambda text: text.partition(".")[0])
_keys("with brackets removed", lambda text: re.sub(r"\[.*?\]", "", text))


def _without(*names: str) -> Callable[[Request], Request]:
    def edit(request: Request) -> Request:
        sent = request.sent()
        kept = {k: v for k, v in sent.items() if k not in names} if isinstance(sent, dict) else None
        return request if kept is None else request.with_sent(kept)

    return edit


for _name in ("__proto__", "constructor", "", "id", "\x00", " "):
    TEXT.add(f"a pair with the key {_name!r} is dropped", changing_requests(_without(_name)))


@TEXT.request("pairs with an empty value are dropped")
def _(request: Request) -> Request:
    sent = request.sent()
    return request.with_sent({k: v for k, v in sent.items() if v != ""}) if isinstance(sent, dict) else request


def _in_pairs(change: Callable[[str, str], Any]) -> Callable[[Any], None]:
    def edit(run: Any) -> None:
        run["metadata"] = {key: change(key, value) for key, value in (run["metadata"] or {}).items()}

    return edit


def _answered(name: str, change: Callable[[str, str], Any]) -> None:
    TEXT.add(name, changing_runs(_in_pairs(change)))


_answered("numerals come back as numbers", lambda _, v: int(v) if re.fullmatch(r"[1-9]\d{0,8}", v) else v)
_answered("true comes back as a boolean", lambda _, v: True if v == "true" else v)
_answered("null comes back as null", lambda _, v: None if v == "null" else v)
_answered("an empty value comes back as null", lambda _, v: v or None)
_answered(
    "text that is JSON comes back parsed",
    lambda _, v: json.loads(v) if v.startswith(("{", "[")) and v.endswith(("}", "]")) else v,
)


def _bytes(name: str, change: Callable[[bytes], bytes]) -> None:
    def edit(response: Response) -> None:
        response.body = change(response.body)

    TEXT.add(name, changing_responses(edit, "2"))


_bytes("answers in Latin-1", lambda body: body.decode().encode("latin-1", "replace"))
_bytes("answers in UTF-16", lambda body: body.decode().encode("utf-16"))
_bytes("answers with a byte order mark", lambda body: b"\xef\xbb\xbf" + body)
_bytes(
    "answers with surrogates in UTF-8",
    lambda body: re.sub("[\U00010000-\U0010ffff]", lambda _: "\ud83d", body.decode()).encode("utf-8", "surrogatepass"),
)
_bytes("answers with control characters unescaped", lambda body: body.replace(b"\\u0001", b"\x01"))
_bytes(
    "answers NaN for null",
    lambda body: body.replace(b'"usage":null', b'"usage":NaN').replace(b'"started_at":null', b'"started_at":NaN'),
)
_bytes("answers with a name twice", lambda body: body.replace(b'{"id"', b'{"object":"thread.run","id"', 1))
_bytes("answers with text behind the JSON", lambda body: body + b"\n{}")
_bytes("answers cut off", lambda body: body[:-1])
_bytes("answers with nothing", lambda body: b"")
