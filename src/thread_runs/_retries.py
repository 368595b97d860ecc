"""When a failed try is repeated, and after how long. The numbers are those of the vendor's SDK."""

import math
import random
import re
import ssl
from datetime import UTC, datetime

import httpx

from ._errors import APIConnectionError, APIError, APIStatusError
from ._http_dates import parse_http_date

MAX_RETRIES = 2
FIRST_WAIT = 0.5
LONGEST_WAIT = 8.0
LONGEST_RETRY_AFTER = 120.0
"""Seconds. A server that asks for more gets no other try: the caller is told at once."""

_NUMBER = re.compile(r"\d+(\.\d*)?")


def is_retried(error: APIError) -> bool:
    """Return whether the same request may have more luck."""
    if isinstance(error, APIStatusError):
        return error.status_code in (408, 409, 429) or error.status_code >= 500
    if not isinstance(error, APIConnectionError):
        return False
    cause = error.__cause__
    if isinstance(cause, httpx.HTTPError):
        # Neither a request that cannot be sent nor a body that cannot be decoded gets better.
        if not isinstance(cause, httpx.TimeoutException | httpx.NetworkError | httpx.RemoteProtocolError):
            return False
        cause = cause.__cause__ and cause.__cause__.__cause__
    return not isinstance(cause, ssl.SSLCertVerificationError)


def backoff(tries: int) -> float:
    """Return the seconds to wait after `tries` tries: 0.5 doubling to 8, less up to a quarter by chance."""
    return min(math.ldexp(FIRST_WAIT, min(tries - 1, 32)), LONGEST_WAIT) * (1 - 0.25 * random.random())


def retry_after(headers: httpx.Headers) -> float | None:
    """Return the seconds that the server asks to wait; None if it does not, or not in a form that is known.

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
    """Return the seconds to wait before the next try; None if there is none, as `error` would come again."""
    if not is_retried(error):
        return None
    asked = error.retry_after if isinstance(error, APIStatusError) else None
    if asked is None or asked <= 0:
        return backoff(tries)
    return asked if asked <= LONGEST_RETRY_AFTER else None
