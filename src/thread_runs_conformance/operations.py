"""What an operation means: its role, its maps, what it may change, how it is secured.

The suite interprets operations on its own. It shares only the mechanical reading of the document with the mock: a judge
that shared the defendant's interpretation could not catch a mistake in it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import unquote

from thread_runs_conformance.spec import Spec, escaped

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_WRAPPERS = ("data", "items", "results", "value", "values", "records", "entries")
"""Properties that hold the entries of a list response."""


@dataclass(frozen=True)
class Parameter:
    """A path, query, header or cookie parameter."""

    spec: Spec
    pointer: str
    node: Mapping[str, Any]

    @property
    def name(self) -> str:
        return str(self.node["name"])

    @property
    def location(self) -> str:
        return str(self.node["in"])

    @property
    def required(self) -> bool:
        return bool(self.node.get("required", False))

    @property
    def schema(self) -> str:
        """The pointer to the schema; the parameter itself if it has none."""
        return self.spec.resolved(f"{self.pointer}/schema") if "schema" in self.node else self.pointer

    @property
    def keywords(self) -> dict[str, Any]:
        """The keywords of the schema."""
        return self.spec.schema(self.schema)[1] if "schema" in self.node else {}

    @property
    def example(self) -> Any:
        """A value from the spec: `example`, `examples`, `const`, `default` or `enum`; None if there is none."""
        if "example" in self.node:
            return self.node["example"]
        for entry in (self.node.get("examples") or {}).values():
            if "value" in entry:
                return entry["value"]
        keywords = self.keywords
        for name in ("const", "default", "example"):
            if name in keywords:
                return keywords[name]
        for name in ("examples", "enum"):
            if keywords.get(name):
                return keywords[name][0]
        return None


@dataclass(frozen=True)
class Scheme:
    """A security scheme, and where its credential goes.

    Attributes:
        kind: `bearer`, `basic`, `apiKey` or `other`. OAuth2 and OpenID Connect send bearer tokens.
        location: `header`, `query` or `cookie`.
        name: The name of the header, query parameter or cookie.
    """

    pointer: str
    kind: str
    location: str
    name: str


class Operation:
    """One method of one path."""

    def __init__(self, spec: Spec, method: str, path: str, pointer: str) -> None:
        self.spec = spec
        self.method = method.upper()
        self.path = path
        self.pointer = pointer
        self.node: dict[str, Any] = spec.node(pointer)
        self.id: str = self.node.get("operationId") or f"{method.upper()} {path}"

    def __repr__(self) -> str:
        return self.id

    @cached_property
    def parameters(self) -> list[Parameter]:
        found = {}
        for owner in (self.pointer.rpartition("/")[0], self.pointer):
            for index, _ in enumerate(self.spec.node(owner).get("parameters", [])):
                pointer = self.spec.resolved(f"{owner}/parameters/{index}")
                node = self.spec.node(pointer)
                found[node["name"], node["in"]] = Parameter(self.spec, pointer, node)
        return list(found.values())

    def parameters_in(self, location: str) -> list[Parameter]:
        return [parameter for parameter in self.parameters if parameter.location == location]

    @property
    def required_headers(self) -> list[Parameter]:
        """Required header parameters. OpenAPI ignores parameters of three names."""
        ignored = ("accept", "content-type", "authorization")
        return [each for each in self.parameters_in("header") if each.required and each.name.lower() not in ignored]

    @cached_property
    def path_names(self) -> list[str]:
        return [segment[1:-1] for segment in self.path.split("/") if segment.startswith("{") and segment.endswith("}")]

    def path_values(self, path: str) -> dict[str, str] | None:
        """The decoded path parameters of an encoded path; None if it is not a path of this operation."""
        wanted, given = self.path.split("/"), path.split("/")
        if len(wanted) != len(given):
            return None
        values = {}
        for template, segment in zip(wanted, given, strict=True):
            if template.startswith("{") and template.endswith("}"):
                values[template[1:-1]] = unquote(segment)
            elif template != segment:
                return None
        return values

    @cached_property
    def _request(self) -> str | None:
        return self.spec.resolved(f"{self.pointer}/requestBody") if "requestBody" in self.node else None

    @cached_property
    def body(self) -> str | None:
        """The pointer to the schema of the JSON request body."""
        return None if self._request is None else self._json_schema(self._request)

    @cached_property
    def body_required(self) -> bool:
        return self._request is not None and bool(self.spec.node(self._request).get("required", False))

    @cached_property
    def media_types(self) -> list[str]:
        """The media types of the request body, JSON first."""
        if self._request is None:
            return []
        names = [*self.spec.node(self._request)["content"]]
        chosen = [name if "*" not in name else "application/json" for name in names if is_json(name)]
        return chosen + [name for name in names if not is_json(name)]

    def accepts(self, body: Any) -> bool:
        """Whether the request body is valid."""
        return self.body is not None and self.spec.is_valid(self.body, body)

    @cached_property
    def security(self) -> list[list[Scheme]]:
        """The alternatives of credentials, each a list of schemes that are needed together. Empty: none is needed."""
        ways = self.node.get("security", self.spec.document.get("security", []))
        if not all(ways):
            return []
        return [[self._scheme(name) for name in way] for way in ways]

    def _scheme(self, name: str) -> Scheme:
        pointer = self.spec.resolved(f"/components/securitySchemes/{escaped(name)}")
        node = self.spec.node(pointer)
        kind = str(node.get("type", ""))
        if kind == "apiKey":
            return Scheme(pointer, "apiKey", node["in"], node["name"])
        if kind in ("oauth2", "openIdConnect"):
            return Scheme(pointer, "bearer", "header", "Authorization")
        if kind == "http":
            scheme = str(node.get("scheme", "")).lower()
            return Scheme(pointer, scheme if scheme in ("bearer", "basic") else "other", "header", "Authorization")
        return Scheme(pointer, "other", "", "")

    @property
    def statuses(self) -> list[str]:
        """The documented statuses, such as `200`, `5XX` and `default`."""
        return [str(status) for status in self.node["responses"]]

    def response(self, status: int) -> str | None:
        """The pointer to the documented response for a status."""
        key = self.status_key(status)
        return None if key is None else self.spec.resolved(f"{self.pointer}/responses/{key}")

    def status_key(self, status: int) -> str | None:
        candidates = (str(status), f"{status // 100}XX", f"{status // 100}xx", "default")
        return next((key for key in candidates if key in self.node["responses"]), None)

    def response_schema(self, response: str) -> str | None:
        return self._json_schema(response)

    def required_response_headers(self, response: str) -> Iterator[tuple[str, str]]:
        """Names and pointers of the headers that a response must carry."""
        for name in self.spec.node(response).get("headers", {}):
            pointer = self.spec.resolved(f"{response}/headers/{escaped(name)}")
            if self.spec.node(pointer).get("required", False):
                yield name, pointer

    @cached_property
    def success(self) -> tuple[int, str] | None:
        """Status and response pointer of the success."""
        for status in self.statuses:
            if status.startswith("2"):
                number = int(status) if status.isdecimal() else 200
                return number, self.spec.resolved(f"{self.pointer}/responses/{status}")
        return None

    @cached_property
    def resource(self) -> str | None:
        """The pointer to the schema of the body of a success."""
        schema = self.response_schema(self.success[1]) if self.success else None
        return None if schema is None else self.spec.resolved(schema)

    @cached_property
    def resource_properties(self) -> dict[str, str]:
        """The properties of a success: name and pointer."""
        return self.spec.properties(self.resource) if self.resource else {}

    @cached_property
    def body_properties(self) -> dict[str, str]:
        """The properties of the request body: name and pointer."""
        return self.spec.properties(self.body) if self.body else {}

    @cached_property
    def error_response(self) -> str | None:
        """A documented error, to hold undocumented ones against."""
        fixed = next(
            (
                self.response(int(status))
                for status in self.statuses
                if status[:1] == "4" and len(status) == 3 and status.isdecimal()
            ),
            None,
        )
        return fixed or next(
            (self.response(400) for status in self.statuses if status.lower() in ("4xx", "default")), None
        )

    @cached_property
    def changeable(self) -> dict[str, str]:
        """Body properties that the resource has too, so that a change can be read back: name and schema pointer."""
        return {
            name: pointer
            for name, pointer in self.body_properties.items()
            if name in self.resource_properties
            and not self.spec.schema(pointer)[1].get("readOnly")
            and not self.spec.schema(pointer)[1].get("writeOnly")
        }

    @cached_property
    def maps(self) -> dict[str, str]:
        """Changeable properties that hold the caller's own string pairs: name and the map's schema pointer."""
        found = {name: self._map(pointer) for name, pointer in self.changeable.items()}
        return {name: pointer for name, pointer in found.items() if pointer}

    @cached_property
    def scalars(self) -> list[str]:
        """The other changeable properties: scalars, lists, nested objects."""
        return [name for name in self.changeable if name not in self.maps]

    def _map(self, pointer: str) -> str:
        """The pointer to the schema of a map of strings, also as one branch of a union; empty if it is none."""
        pointer, schema = self.spec.schema(pointer)
        for union in ("anyOf", "oneOf"):
            for index, _ in enumerate(schema.get(union, [])):
                if found := self._map(f"{pointer}/{union}/{index}"):
                    return found
        types = schema.get("type")
        is_object = types == "object" or (isinstance(types, list) and "object" in types)
        if not is_object or "properties" in schema or schema.get("additionalProperties", True) is False:
            return ""
        return pointer if self.spec.is_valid(pointer, {"a": "text"}) or schema.get("patternProperties") else ""

    @cached_property
    def _names_an_item(self) -> bool:
        return self.path.endswith("}") and set(self.path_names) <= {each.name for each in self.parameters_in("path")}

    @cached_property
    def is_modify(self) -> bool:
        """Whether it changes the resource that its path names, and returns it."""
        return self._names_an_item and self.method in ("POST", "PATCH", "PUT") and bool(self.changeable)

    @cached_property
    def is_read(self) -> bool:
        """Whether it returns the resource that its path names."""
        return self._names_an_item and self.method == "GET" and bool(self.resource_properties)

    @cached_property
    def is_delete(self) -> bool:
        return self._names_an_item and self.method == "DELETE"

    @cached_property
    def is_create(self) -> bool:
        """Whether it adds a resource to the collection that its path names, and returns it."""
        return not self.path.endswith("}") and self.method == "POST" and bool(self.changeable)

    @cached_property
    def is_list(self) -> bool:
        """Whether it returns the entries of the collection that its path names."""
        return not self.path.endswith("}") and self.method == "GET" and self.entries is not None

    @cached_property
    def entries(self) -> str | None:
        """Where a list response has its entries: a property, or the empty string if the body is the array."""
        if self.resource is None:
            return None
        if "items" in self.spec.schema(self.resource)[1]:
            return ""
        arrays = [name for name, pointer in self.resource_properties.items() if "items" in self.spec.schema(pointer)[1]]
        named = [name for name in arrays if name in _WRAPPERS]
        return next(iter(named or (arrays if len(arrays) == 1 else [])), None)

    @property
    def is_safe(self) -> bool:
        """Whether a valid call changes nothing that cannot be restored."""
        return self.is_modify or self.method in ("GET", "HEAD", "OPTIONS")

    @cached_property
    def role(self) -> str:
        """The role in a word, for reports."""
        roles = ("modify", "read", "delete", "create", "list")
        return next((role for role in roles if getattr(self, f"is_{role}")), "other")

    def _json_schema(self, owner: str) -> str | None:
        content = self.spec.node(owner).get("content", {})
        for name, media in content.items():
            if is_json(name) and "schema" in media:
                return self.spec.resolved(f"{owner}/content/{escaped(name)}/schema")
        return None


def is_json(media_type: str) -> bool:
    """Whether a media type of a spec stands for JSON."""
    name = media_type.partition(";")[0].strip().lower()
    return name in ("application/json", "*/*", "application/*") or name.endswith("+json")


def operations_of(spec: Spec) -> list[Operation]:
    """Every operation of the spec."""
    return [
        Operation(spec, method, path, f"{pointer}/{method}")
        for path in spec.document.get("paths", {})
        for pointer in [spec.resolved(f"/paths/{escaped(path)}")]
        for method in METHODS
        if method in spec.node(pointer)
    ]
