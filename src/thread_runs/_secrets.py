"""Keeps keys out of messages, logs, error bodies and pickles. Some gateways send the key back."""

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ._http_library import AnyHeaders, AnyRequest

REDACTED = "[redacted]"

_SECRET_HEADER = re.compile(
    "authorization|cookie|token|secret|password|signature|credential|api[-_]?key|subscription-key", re.IGNORECASE
)
_SCHEME = re.compile(r"\w+ (\S+)")
_SHORT = 8
"""Characters. A shorter secret is replaced only as a whole word, because it may be part of other words."""


def is_secret_header(name: str) -> bool:
    """Return whether a header of this name usually holds a key, a password or a cookie."""
    return _SECRET_HEADER.search(name) is not None


class Secrets:
    """The secrets in the headers of a request: the text after a scheme such as `Bearer`, or else the whole value."""

    def __init__(self, request: "AnyRequest") -> None:
        values = [value for name, value in request.headers.items() if is_secret_header(name)]
        secrets = {match[1] if (match := _SCHEME.fullmatch(value)) else value for value in values}
        # One may be part of another.
        longest_first = sorted(secrets - {""}, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(_pattern, longest_first))) if longest_first else None

    def redact(self, text: str) -> str:
        """Return `text` without the secrets."""
        return text if self._pattern is None else self._pattern.sub(REDACTED, text)

    def redact_json(self, value: Any) -> Any:
        """Return parsed JSON without the secrets. Containers are changed in place, whatever their depth."""
        if self._pattern is None:
            return value
        if isinstance(value, str):
            return self.redact(value)
        waiting = [value] if isinstance(value, dict | list) else []
        while waiting:
            container = waiting.pop()
            if isinstance(container, dict):
                items = [(self.redact(name), item) for name, item in container.items()]
                container.clear()
                container.update((name, self.redact(item) if isinstance(item, str) else item) for name, item in items)
                children: Iterable[Any] = container.values()
            else:
                container[:] = [self.redact(item) if isinstance(item, str) else item for item in container]
                children = container
            waiting += [item for item in children if isinstance(item, dict | list)]
        return value

    def redact_bytes(self, content: bytes) -> bytes:
        """Return a body without the secrets."""
        if self._pattern is None:
            return content
        return re.sub(self._pattern.pattern.encode(), REDACTED.encode(), content)

    def redact_headers(self, headers: "AnyHeaders") -> list[tuple[str, str]]:
        """Return headers with their secrets replaced. In headers that usually hold one, the whole value is replaced."""
        return [
            (name, REDACTED if is_secret_header(name) else self.redact(value)) for name, value in headers.multi_items()
        ]


def _pattern(secret: str) -> str:
    """Return a regular expression for `secret`, both unchanged and with the escapes of JSON strings."""
    pattern = "".join(char if char.isalnum() else _escaped(char) for char in secret)
    return pattern if len(secret) >= _SHORT else rf"(?<![\w-]){pattern}(?![\w-])"


def _escaped(char: str) -> str:
    code = f"{ord(char):04x}"
    return rf"(?:\\?{re.escape(char)}|\\u{code}|\\u{code.upper()})"
