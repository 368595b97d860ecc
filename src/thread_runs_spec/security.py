"""Security schemes and requirements: how requests are authenticated."""

from dataclasses import dataclass
from enum import Enum

from thread_runs_spec.document import Node


class SchemeKind(Enum):
    """How a credential is sent."""

    BEARER = "bearer"
    BASIC = "basic"
    API_KEY = "apiKey"
    OAUTH2 = "oauth2"
    OPEN_ID_CONNECT = "openIdConnect"
    MUTUAL_TLS = "mutualTLS"
    HTTP = "http"
    """Another scheme of the `Authorization` header, such as Digest."""


@dataclass(frozen=True)
class SecurityScheme:
    """A security scheme of the document.

    Attributes:
        name: Its name in `components/securitySchemes`.
        kind: How the credential is sent.
        location: Of an API key: `header`, `query` or `cookie`. `header` for what is sent in `Authorization`, and empty
            for a client certificate.
        parameter: The header, query parameter or cookie that holds the credential.
    """

    node: Node
    name: str
    kind: SchemeKind
    location: str
    parameter: str

    @property
    def uses_bearer_token(self) -> bool:
        """Whether the request carries `Authorization: Bearer TOKEN`. OAuth 2 tokens are sent like this (RFC 6750)."""
        return self.kind in (SchemeKind.BEARER, SchemeKind.OAUTH2, SchemeKind.OPEN_ID_CONNECT)


@dataclass(frozen=True)
class Requirement:
    """One alternative: a request satisfies all of its schemes. Without schemes, no credential is needed."""

    node: Node
    schemes: tuple[SecurityScheme, ...]


def requirements(operation: Node) -> tuple[Requirement, ...]:
    """Return the alternatives of an operation, its own or those of the document. Without any, no credential is needed.

    Raises:
        SpecError: A requirement names a scheme that does not exist, or a scheme is not valid.
    """
    listed = operation.get("security") or operation.spec.at(()).get("security")
    found = []
    for node in listed.children() if listed else []:
        if not isinstance(node.value, dict):
            raise node.error("a security requirement is not an object")
        found.append(Requirement(node, tuple(_scheme(name) for name in node.children())))
    return tuple(found)


def _scheme(use: Node) -> SecurityScheme:
    name = use.key
    node = use.spec.find(("components", "securitySchemes", name))
    if node is None:
        raise use.error(f"there is no security scheme '{name}'")
    node = node.resolve()
    fields = node.value if isinstance(node.value, dict) else {}
    kind = fields.get("type")
    if kind == "apiKey":
        location, parameter = fields.get("in"), fields.get("name")
        if location not in ("header", "query", "cookie") or not isinstance(parameter, str):
            raise node.error("an API key needs a `name`, and `in`: header, query or cookie")
        return SecurityScheme(node, name, SchemeKind.API_KEY, location, parameter)
    if kind == "mutualTLS":
        return SecurityScheme(node, name, SchemeKind.MUTUAL_TLS, "", "")
    by_type = {"oauth2": SchemeKind.OAUTH2, "openIdConnect": SchemeKind.OPEN_ID_CONNECT}
    by_scheme = {"bearer": SchemeKind.BEARER, "basic": SchemeKind.BASIC}
    if kind == "http" and isinstance(fields.get("scheme"), str):
        found = by_scheme.get(fields["scheme"].lower(), SchemeKind.HTTP)
    elif kind in by_type:
        found = by_type[kind]
    else:
        raise node.error("`type` is not apiKey, http (with `scheme`), oauth2, openIdConnect or mutualTLS")
    return SecurityScheme(node, name, found, "header", "Authorization")
