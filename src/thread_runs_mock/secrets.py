"""The parts of a request that are secret. They are neither recorded nor shown."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from thread_runs_spec.document import Spec

_HEADERS = frozenset({b"authorization", b"proxy-authorization", b"cookie", b"api-key", b"x-api-key"})
_QUERY = re.compile(rb"key|token|secret|password", re.IGNORECASE)
MASK = "***"


@dataclass(frozen=True)
class Secrets:
    """The names of headers and parameters with a credential: the usual ones, and those of a spec's API keys.

    Attributes:
        headers: Names of headers, in lower case.
        queries: Names of query parameters, in addition to those that contain `key`, `token`, `secret` or `password`.
    """

    headers: frozenset[bytes] = _HEADERS
    queries: frozenset[bytes] = frozenset()

    @classmethod
    def of(cls, spec: Spec) -> "Secrets":
        """Return the secrets that a spec names in its security schemes."""
        schemes = spec.find(("components", "securitySchemes"))
        found = [node.resolve().value for node in schemes.children()] if schemes else []
        names = [
            (scheme.get("in"), str(scheme.get("name", "")).encode())
            for scheme in found
            if isinstance(scheme, dict) and scheme.get("type") == "apiKey"
        ]
        return cls(
            _HEADERS | {name.lower() for place, name in names if place == "header"},
            frozenset(name for place, name in names if place == "query"),
        )

    def without(self, headers: Mapping[bytes, bytes]) -> Mapping[bytes, bytes]:
        """Return headers without those that hold a secret."""
        return {name: value for name, value in headers.items() if name not in self.headers}

    def masked_headers(self, headers: Mapping[bytes, bytes]) -> dict[str, str]:
        """Return headers as text, the secrets masked."""
        secret = self.headers | {b"set-cookie"}
        return {
            name.decode("latin-1"): MASK if name in secret else value.decode("latin-1")
            for name, value in headers.items()
        }

    def masked_query(self, query: bytes) -> bytes:
        """Return a query with its secrets masked."""
        pairs = [pair.partition(b"=") for pair in query.split(b"&")]
        return b"&".join(
            name + equals + (MASK.encode() if value and self._is_secret(name) else value)
            for name, equals, value in pairs
        )

    def _is_secret(self, name: bytes) -> bool:
        return name in self.queries or _QUERY.search(name) is not None
