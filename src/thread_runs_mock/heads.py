"""The headers of requests, parsed once for all requests that repeat them."""

from thread_runs_mock.messages import Head, header_values
from thread_runs_mock.secrets import Secrets


class Heads:
    """Caches the last headers, because clients repeat their headers.

    What is recorded of a thousand requests then shares one object, which fits into a processor's cache.
    """

    def __init__(self, secrets: Secrets) -> None:
        self._secrets = secrets
        self._last = Head([], {}, {})

    def read(self, sent: list[tuple[bytes, bytes]]) -> Head:
        """Return the headers; the same object as before if the previous request had the same ones."""
        if sent != self._last.sent:
            values = header_values(sent)
            self._last = Head(sent, values, self._secrets.without(values))
        return self._last
