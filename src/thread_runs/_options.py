"""What can be chosen for one call."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import httpx

from thread_runs_client.types import UNSET, Unset

from ._call import DEADLINE_EXTENSION, MAX_RETRIES_EXTENSION

Timeout = float | httpx.Timeout | None


class CallOptions(NamedTuple):
    """Options of one call; what is `UNSET` is as the client has it. They mean what they mean on the client."""

    extra_headers: Mapping[str, str] | None = None
    timeout: Timeout | Unset = UNSET
    max_retries: int | Unset = UNSET
    deadline: float | Unset | None = UNSET

    def check(self) -> None:
        """Raise ValueError if a number is out of range."""
        if not isinstance(self.max_retries, Unset) and self.max_retries < 0:
            raise ValueError(f"max_retries must be at least 0, got {self.max_retries}")
        if (self.deadline and self.deadline < 0) or self.deadline == 0:
            raise ValueError(f"deadline must be above 0 seconds, got {self.deadline}")

    def apply(self, kwargs: dict[str, Any]) -> None:
        """Put the options into the arguments of an httpx request."""
        if self == _NONE:
            return
        self.check()
        if self.extra_headers:
            headers = httpx.Headers(kwargs.get("headers"))
            headers.update(self.extra_headers)
            kwargs["headers"] = headers
        if not isinstance(self.timeout, Unset):
            kwargs["timeout"] = self.timeout
        extensions = {MAX_RETRIES_EXTENSION: self.max_retries, DEADLINE_EXTENSION: self.deadline}
        kwargs["extensions"] = {name: value for name, value in extensions.items() if not isinstance(value, Unset)}


_NONE = CallOptions()
