"""Which failed attempts are repeated, and after how long. The numbers are those of the vendor's SDK."""

import math
import random
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ._errors import APIConnectionError, APIError, APIStatusError, certificate_problem
from ._http_dates import parse_http_date
from ._http_library import is_invalid_location, library_of

if TYPE_CHECKING:
    from ._http_library import AnyHeaders

MAX_RETRIES = 2
FIRST_WAIT = 0.5
LONGEST_WAIT = 8.0
LONGEST_RETRY_AFTER = 120.0
"""Seconds. If a server asks for more, the call is not repeated: the error is raised at once."""

_NUMBER = re.compile(r"\d+(\.\d*)?")


def is_retried(error: APIError) -> bool:
    """Return whether the same request may succeed if it is sent again."""
    if isinstance(error, APIStatusError):
        return error.status_code in (408, 409, 429) or error.status_code >= 500
    if not isinstance(error, APIConnectionError):
        return False
    cause = error.__cause__
    if certificate_problem(cause) is not None:
        return False
    library = library_of(cause)
    if library is None:
        return isinstance(cause, OSError)
    # Requests that cannot be sent and bodies that cannot be decoded would fail again.
    return not is_invalid_location(cause) and isinstance(
        cause, library.TimeoutException | library.NetworkError | library.RemoteProtocolError
    )


def backoff(tries: int) -> float:
    """Return the seconds to wait after `tries` tries: 0.5 doubling to 8, less up to a quarter at random."""
    return min(math.ldexp(FIRST_WAIT, min(tries - 1, 32)), LONGEST_WAIT) * (1 - 0.25 * random.random())


def retry_after(headers: "AnyHeaders") -> float | None:
    """Return the seconds that the server asks to wait; None if it does not, or in an unknown form.

    `retry-after-ms` is milliseconds, `Retry-After` seconds or an HTTP date (RFC 9110, section 10.2.3).
    """
    milliseconds = headers.get("retry-after-ms", "").strip()
    if _NUMBER.fullmatch(milliseconds):
        return float(milliseconds) / 1000
    value = headers.get("retry-after", "").strip()
    if _NUMBER.fullmatch(value):
        return float(value)
    date = parse_http_date(value)
    return None if date is None else max((date - datetime.now(UTC)).total_seconds(), 0.0)


def wait_before_retry(error: APIError, tries: int) -> float | None:
    """Return the seconds to wait before the next attempt; None if the call is not to be repeated after `error`."""
    if not is_retried(error):
        return None
    asked = error.retry_after if isinstance(error, APIStatusError) else None
    if asked is None or asked <= 0:
        return backoff(tries)
    return asked if asked <= LONGEST_RETRY_AFTER else None
