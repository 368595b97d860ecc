"""Read the operations of an OpenAPI document as written, with references followed, without interpretation.

Every record keeps the node that it was read from, so that whoever uses it can name its line.
"""

import re
from dataclasses import dataclass, field
from functools import cached_property

from thread_runs_spec.content import Content, Example, content, examples_of
from thread_runs_spec.document import Node, Spec
from thread_runs_spec.security import Requirement, requirements
from thread_runs_spec.servers import Server, servers
from thread_runs_spec.structure import METHODS

_STATUS = re.compile(r"[1-5]([0-9][0-9]|XX)|default")
_PATH_PARAMETER = re.compile(r"\{([^{}/]+)\}")
# OpenAPI: header parameters of these names are ignored, because other parts of the document describe them.
_IGNORED_HEADERS = frozenset({"accept", "content-type", "authorization"})
_LOCATIONS = ("path", "query", "header", "cookie")


@dataclass(frozen=True)
class Parameter:
    """A path, query, header or cookie parameter."""

    node: Node
    name: str
    location: str
    required: bool
    content: Content
    """The media type of a parameter that has `content` instead of a schema."""

    @property
    def schema(self) -> Node | None:
        """The schema as it is written, of the parameter or of its media type."""
        return self.node.get("schema") or (self.content.media_types[0].schema if self.content else None)

    @property
    def style(self) -> str:
        """How the value is serialized: `simple`, `form` and so on (OpenAPI, "style values")."""
        default = "simple" if self.location in ("path", "header") else "form"
        return str(self.node.value.get("style", default))

    @property
    def explode(self) -> bool:
        """Whether each item of an array, or property of an object, is serialized separately."""
        return bool(self.node.value.get("explode", self.style == "form"))

    @cached_property
    def examples(self) -> tuple[Example, ...]:
        return examples_of(self.node)


@dataclass(frozen=True)
class Header:
    """A response header."""

    node: Node
    name: str
    required: bool

    @property
    def schema(self) -> Node | None:
        return self.node.get("schema")

    @cached_property
    def examples(self) -> tuple[Example, ...]:
        return examples_of(self.node)


@dataclass(frozen=True)
class RequestBody:
    """The body that an operation takes."""

    node: Node
    required: bool
    content: Content


@dataclass(frozen=True)
class Response:
    """A documented response. `status` is that of the document: `200`, `5XX` or `default`."""

    node: Node
    status: str
    headers: tuple[Header, ...]
    content: Content

    @property
    def code(self) -> int:
        """The status to respond with: the first of a range, and 500 for `default`."""
        return 500 if self.status == "default" else int(self.status.replace("X", "0"))

    @property
    def is_success(self) -> bool:
        return self.status.startswith("2")

    def covers(self, code: int) -> bool:
        """Return whether the response documents this status, by the status itself, its class or `default`."""
        if self.status == "default":
            return True
        return code // 100 == int(self.status[0]) and self.status in (str(code), f"{self.status[0]}XX")


@dataclass(frozen=True)
class Operation:
    """One method of one path.

    Attributes:
        node: The operation object. Its pointer is below `/paths`, or where a `$ref` of the path item leads.
        item: The path item, references followed.
        method: In upper case.
        path: The path template, without the server's base path.
        parameters: The path parameters in the order of the path, then those of the path item and the operation. A
            parameter of the operation takes the place of the path item's of the same name and location.
        body: None if the operation takes none.
        responses: In the document's order.
        security: The alternatives; see `security.requirements`.
    """

    node: Node
    item: Node
    method: str
    path: str
    parameters: tuple[Parameter, ...]
    body: RequestBody | None
    responses: tuple[Response, ...]
    security: tuple[Requirement, ...]
    servers: tuple[Server, ...] = field(repr=False)

    @property
    def name(self) -> str:
        """The `operationId`, or method and path."""
        return str(self.node.value.get("operationId") or f"{self.method} {self.path}")

    def parameters_in(self, location: str) -> tuple[Parameter, ...]:
        """Return the parameters of a location: `path`, `query`, `header` or `cookie`."""
        return tuple(parameter for parameter in self.parameters if parameter.location == location)

    def response(self, code: int) -> Response | None:
        """Return the response that documents a status: its own, else that of its class, else `default`."""
        wanted = (str(code), f"{code // 100}XX", "default")
        return next((found for status in wanted for found in self.responses if found.status == status), None)

    @property
    def success(self) -> Response | None:
        """The first 2xx response, else `default`."""
        return next((found for found in self.responses if found.is_success), None) or self.response(0)

    @property
    def success_code(self) -> int:
        """The status of a success: 200 where only `default` is documented."""
        success = self.success
        return success.code if success is not None and success.is_success else 200

    @property
    def is_anonymous(self) -> bool:
        """Whether a request needs no credential."""
        return not self.security or any(not requirement.schemes for requirement in self.security)

    @property
    def needs_bearer_token(self) -> bool:
        """Whether every alternative of the security requirements includes a bearer token."""
        return not self.is_anonymous and all(
            any(scheme.uses_bearer_token for scheme in requirement.schemes) for requirement in self.security
        )


def operations(spec: Spec) -> tuple[Operation, ...]:
    """Return the operations of all paths, in the document's order.

    Raises:
        SpecError: Names file, line and pointer of what cannot be read.
    """
    found = []
    for entry in spec.at(()).members("paths"):
        if entry.key.startswith("x-"):
            continue
        item = entry.resolve().must_be_object("a path item")
        found += [_operation(entry.key, item, node) for node in item.children() if node.key in METHODS]
    return tuple(found)


def path_names(path: str) -> list[str]:
    """Return the names in a path template, in order."""
    return _PATH_PARAMETER.findall(path)


def _operation(path: str, item: Node, node: Node) -> Operation:
    node.must_be_object("an operation")
    body = node.get("requestBody")
    return Operation(
        node=node,
        item=item,
        method=node.key.upper(),
        path=path,
        parameters=_parameters(path, item, node),
        body=_body(body.resolve().must_be_object("a request body")) if body else None,
        responses=_responses(node),
        security=requirements(node),
        servers=servers(node) or servers(item) or servers(node.spec.at(())),
    )


def _parameters(path: str, item: Node, operation: Node) -> tuple[Parameter, ...]:
    declared: dict[tuple[str, str], Parameter] = {}
    for owner in (item, operation):
        listed = owner.get("parameters")
        for use in listed.children() if listed else []:
            parameter = _parameter(use.resolve().must_be_object("a parameter"))
            declared[parameter.name, parameter.location] = parameter
    names = path_names(path)
    for name in names:
        if (name, "path") not in declared:
            raise operation.error(f"the path parameter '{name}' is not declared")
    first = [declared.pop((name, "path")) for name in dict.fromkeys(names)]
    others = [
        parameter
        for (name, location), parameter in declared.items()
        # A path parameter that the path does not have has no place in a request.
        if location != "path" and not (location == "header" and name.lower() in _IGNORED_HEADERS)
    ]
    return (*first, *others)


def _parameter(node: Node) -> Parameter:
    name, location = node.value.get("name"), node.value.get("in")
    if not isinstance(name, str) or location not in _LOCATIONS:
        raise node.error("a parameter needs a `name`, and `in`: path, query, header or cookie")
    required = location == "path" or node.value.get("required") is True
    return Parameter(node, name, location, required, content(node))


def _body(node: Node) -> RequestBody:
    return RequestBody(node, node.value.get("required") is True, content(node))


def _responses(operation: Node) -> tuple[Response, ...]:
    found = []
    for use in operation.members("responses"):
        if use.key.startswith("x-"):
            continue
        status = use.key if use.key == "default" else use.key.upper()
        if not _STATUS.fullmatch(status):
            raise use.error(f"'{use.key}' is not the status of a response: expected 200, 2XX or default")
        node = use.resolve().must_be_object("a response")
        headers = tuple(
            Header(header, entry.key, header.value.get("required") is True)
            for entry in node.members("headers")
            for header in [entry.resolve().must_be_object("a header")]
        )
        found.append(Response(node, status, headers, content(node)))
    return tuple(found)
