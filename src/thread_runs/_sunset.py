"""Warns once about the headers `Deprecation` (RFC 9745) and `Sunset` (RFC 8594) of a server."""

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ._errors import ServerDeprecationWarning
from ._http_dates import parse_http_date
from ._warnings import warn_caller

if TYPE_CHECKING:
    from ._http_library import AnyResponse

ANNOUNCEMENTS = frozenset({b"deprecation", b"sunset"})
"""The names of the headers, in lower case."""

_TIMESTAMP = re.compile(r"@(-?\d+)")


def warn_of_deprecation(response: "AnyResponse") -> None:
    """Warn, at the line of the caller, if the response says that the operation is deprecated or will end.

    Headers that cannot be read are ignored.
    """
    news = []
    deprecation = response.headers.get("deprecation", "").strip()
    if date := _deprecation_date(deprecation):
        news.append(
            f"is deprecated since {_text(date)}" if date <= datetime.now(UTC) else f"is deprecated from {_text(date)}"
        )
    elif deprecation.lower() in ("true", "?1"):
        news.append("is deprecated")
    if date := parse_http_date(response.headers.get("sunset", "")):
        news.append(f"is switched off on {_text(date)}")
    if news:
        host = response.request.url.host
        message = f"The server {host} says that this operation {' and '.join(news)}."
        warn_caller(message, ServerDeprecationWarning)


def _deprecation_date(value: str) -> datetime | None:
    """Parse `@1688169599`, the form of the RFC, or an HTTP date, the form of its drafts."""
    timestamp = _TIMESTAMP.fullmatch(value)
    if timestamp is None:
        return parse_http_date(value)
    try:
        return datetime.fromtimestamp(int(timestamp[1]), UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _text(date: datetime) -> str:
    return f"{date:%Y-%m-%d %H:%M} UTC"
