"""The credentials of the suite, for every type of security scheme."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from thread_runs_conformance.operations import Operation
    from thread_runs_conformance.security import Scheme

_TELLING = ("auth", "key", "token", "secret", "cookie", "session", "password")


@dataclass(frozen=True)
class Credentials:
    """A bearer token, and headers and query parameters that are added to every request."""

    bearer: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)

    @property
    def secrets(self) -> list[str]:
        """The secrets that reports must not show, longest first."""
        named = {**self.headers, **self.query}
        found = {value for name, value in named.items() if any(word in name.lower() for word in _TELLING)}
        found |= {value.partition(" ")[2] for value in found if " " in value} | {self.bearer}
        return sorted((each for each in found if len(each) >= 4), key=len, reverse=True)

    def value(self, scheme: Scheme) -> str | None:
        """The credential for a scheme, without the name of the scheme; None if there is none."""
        headers = {name.lower(): value for name, value in self.headers.items()}
        if scheme.kind == "bearer":
            given = headers.get("authorization", "")
            from_header = given[7:] if given.lower().startswith("bearer ") else ""
            return self.bearer or from_header or None
        if scheme.kind == "basic":
            given = headers.get("authorization", "")
            return given[6:] if given.lower().startswith("basic ") else None
        if scheme.location == "header":
            return headers.get(scheme.name.lower())
        if scheme.location == "query":
            return self.query.get(scheme.name)
        if scheme.location == "cookie":
            pairs = (part.strip().partition("=") for part in headers.get("cookie", "").split(";"))
            return next((value for name, _, value in pairs if name == scheme.name), None)
        return None

    def way(self, operation: Operation) -> list[Scheme]:
        """The alternative of the operation's security that these credentials satisfy; empty if none does."""
        return next((way for way in operation.security if all(self.value(each) is not None for each in way)), [])

    def applied(
        self, operation: Operation, changed: Mapping[Scheme, str | None] = {}
    ) -> tuple[dict[str, str], dict[str, str]]:
        """Headers and query parameters of a request.

        Args:
            changed: Other text for some schemes, as it goes on the wire; None leaves the credential out.
        """
        headers, query = dict(self.headers), dict(self.query)
        for scheme in self.way(operation):
            value = self.value(scheme)
            text = f"{scheme.kind.title()} {value}" if scheme.kind in ("bearer", "basic") else value
            text = changed.get(scheme, text)
            if scheme.location == "header":
                _set(headers, scheme.name, text)
            elif scheme.location == "cookie":
                _set(headers, "Cookie", None if text is None else f"{scheme.name}={text}")
            elif text is None:
                query.pop(scheme.name, None)
            else:
                query[scheme.name] = text
        return headers, query


def _set(headers: dict[str, str], name: str, value: str | None) -> None:
    for known in [known for known in headers if known.lower() == name.lower()]:
        del headers[known]
    if value is not None:
        headers[name] = value
