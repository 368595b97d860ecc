"""Dates as HTTP writes them."""

import re
from datetime import UTC, datetime

# The three forms of RFC 9110, section 5.6.7. Without it the parser takes almost any text for a date.
_FORM = re.compile(r"(mon|tue|wed|thu|fri|sat|sun)[a-z]*,? .*\d:\d\d:\d\d( gmt| utc| \+0000| \d{4})", re.IGNORECASE)


def parse_http_date(text: str) -> datetime | None:
    """Return the date in UTC that `text` names; None if it is not an HTTP date (RFC 9110, section 5.6.7)."""
    text = text.strip()
    if not _FORM.fullmatch(text):
        return None
    # Here and not above: almost no call meets a date.
    from dateutil.parser import parse

    try:
        date = parse(text)
    except (ValueError, OverflowError):
        return None
    return date.replace(tzinfo=UTC) if date.tzinfo is None else date.astimezone(UTC)
