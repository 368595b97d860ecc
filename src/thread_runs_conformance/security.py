"""Security schemes: the kind of credential that an operation needs, and where it is sent."""

from dataclasses import dataclass

from thread_runs_conformance.spec import written
from thread_runs_spec.security import SchemeKind, SecurityScheme


@dataclass(frozen=True)
class Scheme:
    """A security scheme, and where its credential is sent.

    Attributes:
        kind: `bearer`, `basic`, `apiKey` or `other`. OAuth2 and OpenID Connect send bearer tokens.
        location: `header`, `query` or `cookie`; empty if the suite cannot send it.
        name: The name of the header, query parameter or cookie.
    """

    pointer: str
    kind: str
    location: str
    name: str


def scheme_of(scheme: SecurityScheme) -> Scheme:
    """The scheme in the form that the suite uses."""
    pointer = written(scheme.node)
    if scheme.uses_bearer_token:
        return Scheme(pointer, "bearer", "header", "Authorization")
    kinds = {SchemeKind.BASIC: "basic", SchemeKind.API_KEY: "apiKey"}
    return Scheme(pointer, kinds.get(scheme.kind, "other"), scheme.location, scheme.parameter)
