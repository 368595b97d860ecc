"""The settings of a client, and their checks. An invalid setting raises a ValueError or TypeError that names it."""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import ModuleType
from typing import TYPE_CHECKING, Any

from thread_runs_client.facts import VERSION
from thread_runs_client.types import UNSET, Unset

from ._errors import ThreadRunsError
from ._query import Pairs, merged, pairs_of, pairs_of_text
from ._response_body import ACCEPT_ENCODING

if TYPE_CHECKING:
    from ._http_library import AnyTimeout, AnyURL

    Timeout = float | AnyTimeout | None

DEFAULT_TIMEOUTS = {"connect": 5.0, "read": 600.0, "write": 600.0, "pool": 600.0}
"""Seconds, by step of a call."""

_MOST_SECONDS = 1e9
"""About 30 years; much longer ones do not fit into what the operating system takes."""

_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HEADER_VALUE = re.compile(r"(?:[!-~](?:[\t -~]*[!-~])?)?")

Headers = dict[str, tuple[str, str]]
"""Name and value of each header, by the name in lower case."""


@dataclass(frozen=True, kw_only=True)
class Config:
    """The settings of a client that do not concern its connections.

    Attributes:
        library: the HTTP library the requests are sent with.
        timeouts: the timeouts by step; None if no timeout was given.
        headers: the headers of every request, without the key.
        prefix: the address that the path of an operation is appended to.
        query: the parameters of every request, first those of `base_url`.

    The other attributes are the arguments of `Client`.
    """

    library: ModuleType = field(repr=False)
    api_key: str | Callable[[], Any] | None = field(repr=False)
    base_url: "str | AnyURL"
    organization: str | None = None
    project: str | None = None
    timeout: "Timeout | Unset" = UNSET
    max_retries: int
    deadline: float | None
    default_headers: Mapping[str, str] = field(repr=False)
    default_query: Mapping[str, Any]
    strict: bool
    responses: str
    max_response_bytes: int

    timeouts: Mapping[str, float | None] | None = field(init=False)
    headers: Headers = field(init=False, repr=False)
    prefix: str = field(init=False)
    query: Pairs = field(init=False)

    def __post_init__(self) -> None:
        check_key(self.api_key)
        check_retries("max_retries", self.max_retries)
        check_seconds("deadline", self.deadline)
        check_flag("strict", self.strict)
        if self.responses not in ("tolerant", "strict"):
            raise ValueError(f"responses must be 'tolerant' or 'strict', got {self.responses!r}")
        if not is_integer(self.max_response_bytes):
            raise TypeError(f"max_response_bytes must be an integer, got {_kind(self.max_response_bytes)}")
        if self.max_response_bytes < 1:
            raise ValueError(f"max_response_bytes must be at least 1, got {self.max_response_bytes}")
        url = checked_base_url(self.base_url, self.library)
        own = {"Accept": "application/json", "Accept-Encoding": ACCEPT_ENCODING, "User-Agent": f"thread-runs/{VERSION}"}
        named = {"OpenAI-Organization": self.organization, "OpenAI-Project": self.project}
        headers = checked_headers("organization or project", {k: v for k, v in named.items() if v is not None})
        derived = {
            "base_url": str(self.base_url),
            "timeouts": None if isinstance(self.timeout, Unset) else checked_timeouts(self.timeout),
            "headers": {
                **checked_headers("headers", own),
                **headers,
                **checked_headers("default_headers", self.default_headers),
            },
            "prefix": str(url.copy_with(query=None)).rstrip("/"),
            "query": merged(pairs_of_text(url.query.decode()), checked_query("default_query", self.default_query)),
        }
        for name, value in derived.items():
            object.__setattr__(self, name, value)


def check_key(key: Any) -> None:
    """Raise ThreadRunsError, without quoting `key`, if it is a text that no header can carry."""
    if key is None or callable(key):
        return
    if not isinstance(key, str):
        raise TypeError(f"api_key must be a string, a function that returns one, or None, got {_kind(key)}")
    if not key:
        raise ThreadRunsError("The API key is empty. For a server that takes no key pass api_key=None.")
    if not key.isascii() or not key.isprintable() or " " in key:
        raise ThreadRunsError("The API key has a character that is not visible ASCII, perhaps a space or a line end.")


def check_retries(name: str, value: Any) -> None:
    """Raise TypeError or ValueError if `value` is not a number of retries."""
    if not is_integer(value):
        raise TypeError(f"{name} must be an integer, got {_kind(value)}")
    if value < 0:
        raise ValueError(f"{name} must be at least 0, got {value}")


def check_seconds(name: str, value: Any) -> None:
    """Raise TypeError or ValueError if `value` is neither None nor a number of seconds."""
    if value is None:
        return
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{name} must be a number of seconds or None, got {_kind(value)}")
    if math.isnan(value) or not 0 < value <= _MOST_SECONDS:
        raise ValueError(f"{name} must be above 0 and at most {_MOST_SECONDS:.0e} seconds, or None, got {value}")


def check_flag(name: str, value: Any) -> None:
    """Raise TypeError if `value` is not a boolean."""
    if not isinstance(value, bool):
        raise TypeError(f"{name} must be True or False, got {_kind(value)}")


def checked_timeouts(timeout: Any) -> Mapping[str, float | None]:
    """Return the timeouts by step from `timeout`: a number, None, or a timeout object of either library."""
    if hasattr(timeout, "as_dict"):
        timeouts: Mapping[str, float | None] = timeout.as_dict()
        for name, value in timeouts.items():
            check_seconds(f"timeout.{name}", value)
        return timeouts
    check_seconds("timeout", timeout)
    return dict.fromkeys(DEFAULT_TIMEOUTS, timeout)


def checked_headers(option: str, headers: Any) -> Headers:
    """Return the headers by their names in lower case; names that differ in case only are one header, the last one."""
    if not isinstance(headers, Mapping):
        raise TypeError(f"{option} must be a mapping of names to values, got {_kind(headers)}")
    checked: Headers = {}
    for name, value in headers.items():
        if not isinstance(name, str) or not _HEADER_NAME.fullmatch(name):
            raise ValueError(f"{option}: {name!r} is not a name of a header")
        if not isinstance(value, str):
            raise TypeError(f"{option}: the value of {name} must be a string, got {_kind(value)}")
        if not _HEADER_VALUE.fullmatch(value):
            raise ValueError(f"{option}: the value of {name} must be printable ASCII without spaces around it")
        checked[name.lower()] = (name, value)
    return checked


def checked_query(option: str, query: Any) -> Pairs:
    """Return the parameters in `query`."""
    if not isinstance(query, Mapping):
        raise TypeError(f"{option} must be a mapping of names to values, got {_kind(query)}")
    return pairs_of(query)


def checked_base_url(url: Any, library: ModuleType) -> Any:
    """Return `url` as a URL of `library`. Raises ValueError if it is not an http or https address."""
    try:
        parsed = library.URL(str(url))
    except library.InvalidURL as error:
        raise ValueError(f"base_url is not a valid address: {str(url)!r} ({error})") from None
    if parsed.userinfo:
        raise ValueError("base_url must not hold a user name or password: pass the key by api_key")
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise ValueError(f"base_url must begin with http:// or https:// and name a host, got {str(url)!r}")
    if parsed.fragment:
        raise ValueError(f"base_url must not have a fragment, got {str(url)!r}")
    return parsed


def is_integer(value: Any) -> bool:
    """Return whether `value` is an integer and not a boolean."""
    return isinstance(value, int) and not isinstance(value, bool)


def _kind(value: Any) -> str:
    return type(value).__name__
