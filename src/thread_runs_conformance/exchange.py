"""One request and its response, in the form that reports show."""

import json
import shlex
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit

SHOWN = 600
"""The most characters of a body that are printed."""

Headers = Sequence[tuple[str, str]]


class NotJsonError(ValueError):
    """The body is not JSON (RFC 8259). The message gives the reason."""


@dataclass
class Exchange:
    """A request as it was sent, and its response.

    Attributes:
        status: 0 if there was no response; `fault` then says why.
        body: The body of the response, decoded.
        raw_body: The body of the response as it was received.
        coding_fault: Why the body could not be decoded, if it could not.
        started: When the request was sent, by `time.monotonic`.
        version: The version of HTTP that the request names.
        left_open: The server left the connection open after its response, although the request asks to close it.
    """

    method: str
    url: str
    request_headers: Headers
    request_body: bytes
    status: int = 0
    reason: str = ""
    headers: Headers = field(default_factory=list)
    body: bytes = b""
    seconds: float = 0.0
    fault: str = ""
    raw_body: bytes = b""
    coding_fault: str = ""
    started: float = 0.0
    version: str = "HTTP/1.1"
    left_open: bool = False

    def header(self, name: str) -> str | None:
        values = [value for key, value in self.headers if key.lower() == name.lower()]
        return ", ".join(values) if values else None

    @property
    def is_simulated(self) -> bool:
        """Whether the response reflects the request. A mock sends a header if it is only an example."""
        return self.header("x-mock-simulated") != "false"

    @property
    def raw_path(self) -> str:
        """The path and the query, as they were sent."""
        return "/" + self.url.split("://", 1)[-1].partition("/")[2]

    def headers_named(self, name: str) -> list[str]:
        """Every value of a response header."""
        return [value for key, value in self.headers if key.lower() == name.lower()]

    @property
    def path(self) -> str:
        """The path, decoded once."""
        return unquote(urlsplit(self.url).path)

    def json(self) -> Any:
        """The body of the response, parsed strictly.

        Raises:
            NotJsonError: Also for duplicate names, NaN, a byte order mark and what is not UTF-8.
        """
        return strict_json(self.body)

    @property
    def sent(self) -> Any:
        """The body of the request, parsed like that of the response; None if there is none."""
        return strict_json(self.request_body) if self.request_body else None

    def curl(self, secrets: Sequence[str] = ()) -> str:
        """The request as a curl line; the key is masked."""
        words = ["curl"]
        if self.method != "POST" or not self.request_body:
            words += ["-X", self.method]
        path_as_is = any(part in (".", "..") for part in urlsplit(self.url).path.split("/"))
        words += ["--path-as-is"] if path_as_is else []
        words.append(self.url)
        for name, value in self.request_headers:
            if name.lower() in _UNTOLD:
                continue
            words += ["-H", f"{name}: {value}" if value else f"{name};"]
        if self.request_body and not any(name.lower() == "content-type" for name, _ in self.request_headers):
            words += ["-H", "Content-Type:"]
        line = " ".join(shlex.quote(word) for word in words)
        if self.request_body:
            line += f" --data-binary {_quoted_body(self.request_body)}"
        return mask(line, secrets)

    def answer(self, secrets: Sequence[str] = ()) -> str:
        """The response: status, the relevant headers, and the body."""
        if self.fault:
            return f"no response: {mask(self.fault, secrets)}"
        shown = [f"{self.status} {self.reason}".strip()]
        shown += [f"{name}: {value}" for name, value in self.headers if name.lower() in _TOLD]
        if self.body:
            shown.append(shortened(self.body.decode("utf-8", "backslashreplace"), SHOWN))
        return mask("\n".join(shown), secrets)


_UNTOLD = ("host", "accept", "accept-encoding", "connection", "user-agent", "content-length")
_TOLD = ("content-type", "x-request-id", "allow", "retry-after", "location", "www-authenticate")


def mask(text: str, secrets: Sequence[str]) -> str:
    for secret in secrets:
        if secret:
            text = text.replace(secret, "$OPENAI_API_KEY")
    return text


def shortened(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 30]}… ({len(text)} characters)"


def shown(value: Any) -> str:
    """A value for a sentence."""
    return shortened(ascii(value), 120)


def _quoted_body(body: bytes) -> str:
    """The text quoted for the shell. Text that is not plain goes into $'…', which keeps every byte."""
    try:
        text = body.decode()
    except UnicodeDecodeError:
        text = ""
    if text and text.isprintable():
        return shlex.quote(shortened(text, 3000))
    shown = "".join(
        chr(byte) if 32 <= byte < 127 and chr(byte) not in "'\\" else f"\\x{byte:02x}" for byte in body[:1000]
    )
    return f"$'{shown}'" + ("…" if len(body) > 1000 else "")


def strict_json(body: bytes) -> Any:
    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) != len(pairs):
            raise NotJsonError("a name occurs twice in one object")
        return found

    def reject(name: str) -> Any:
        raise NotJsonError(f"{name} is not JSON")

    if body.startswith(b"\xef\xbb\xbf"):
        raise NotJsonError("it begins with a byte order mark")
    try:
        value = json.loads(body.decode(), object_pairs_hook=unique, parse_constant=reject)
        json.dumps(value, ensure_ascii=False).encode()
    except NotJsonError:
        raise
    except UnicodeEncodeError:
        raise NotJsonError("it has a lone surrogate, which is not a character") from None
    except UnicodeDecodeError as error:
        raise NotJsonError(f"it is not UTF-8 at byte {error.start}") from None
    except (ValueError, RecursionError) as error:
        raise NotJsonError(str(error)) from None
    return value


def same_json(one: Any, other: Any) -> bool:
    """Whether two JSON values are equal: true is not 1, and the order of names does not matter."""
    if isinstance(one, str):
        return bool(one == other)
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same_json(one[name], other[name]) for name in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same_json, one, other))
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    return bool(one == other)
