"""The contract as the suite reads it: operations, schemas, and the line where each stands."""

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import jsonschema_rs
import yaml

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


@dataclass(frozen=True)
class Place:
    """Where in the contract a rule stands: file, line, JSON pointer, and the text of the rule."""

    file: str
    line: int
    pointer: str
    text: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}  #{self.pointer}" + (f"  {self.text}" if self.text else "")


@dataclass(frozen=True)
class SchemaViolation:
    """One way in which a value breaks a schema: where in the value, which rule, and how."""

    path: str
    pointer: str
    message: str

    @property
    def property_name(self) -> str:
        """The property of the value that is at fault; empty if it is the value itself."""
        return self.path.lstrip(".").partition(".")[0].partition("[")[0]


class Contract:
    """An OpenAPI 3.1 document (YAML or JSON)."""

    def __init__(self, path: Path) -> None:
        self.path = path
        text = path.read_text("utf-8")
        self.document: dict[str, Any] = yaml.safe_load(text)
        self._lines = dict(_lines(yaml.compose(text, Loader=yaml.SafeLoader), ""))
        self._validators: dict[str, jsonschema_rs.Draft202012Validator] = {}

    @cached_property
    def operations(self) -> list["Operation"]:
        return [
            Operation(self, method, path, f"/paths/{escaped(path)}/{method}")
            for path, item in self.document["paths"].items()
            for method in METHODS
            if method in self.node(self.resolved(f"/paths/{escaped(path)}"))
        ]

    def node(self, pointer: str) -> Any:
        node: Any = self.document
        for step in pointer.split("/")[1:]:
            node = node[int(step)] if isinstance(node, list) else node[step.replace("~1", "/").replace("~0", "~")]
        return node

    def resolved(self, pointer: str) -> str:
        """The pointer itself, or where the references it leads to end."""
        while isinstance(node := self.node(pointer), dict) and "$ref" in node:
            pointer = node["$ref"].removeprefix("#")
        return pointer

    def schema(self, pointer: str) -> tuple[str, dict[str, Any]]:
        """Pointer and keywords of a schema, references followed."""
        pointer = self.resolved(pointer)
        node = self.node(pointer)
        return pointer, node if isinstance(node, dict) else {}

    def place(self, pointer: str) -> Place:
        known = pointer
        while known not in self._lines and known:
            known = known.rpartition("/")[0]
        node = self.node(known)
        text = ""
        if not isinstance(node, dict | list) or (isinstance(node, list) and len(node) <= 10):
            text = f"{known.rpartition('/')[2]}: {node}"
        elif isinstance(node, dict) and isinstance(node.get("description"), str):
            text = node["description"].strip().split("\n\n")[0].replace("\n", " ")
        return Place(self.path.name, self._lines[known], known, text)

    def is_valid(self, pointer: str, value: Any) -> bool:
        return self._validator(pointer).is_valid(value)

    def violations(self, pointer: str, value: Any) -> list[SchemaViolation]:
        """How the value breaks the schema at `pointer`; empty if it does not."""
        validator = self._validator(pointer)
        if validator.is_valid(value):
            return []
        found = [closest for error in validator.iter_errors(value) for closest in _closest(error)]
        return [
            SchemaViolation(
                "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in error.instance_path),
                self._pointer(pointer, error),
                error.message,
            )
            for error in found
        ]

    def _pointer(self, root: str, error: Any) -> str:
        """The keyword's place in the document."""
        pointer = "/" + "/".join(escaped(unquote(str(step))) for step in error.schema_path)
        try:
            self.node(pointer)
        except (KeyError, IndexError, ValueError):
            return root
        return pointer

    def _validator(self, pointer: str) -> jsonschema_rs.Draft202012Validator:
        if pointer not in self._validators:
            # The whole document beside the reference: schema paths are then pointers into it.
            root = {**self.document, "$ref": f"#{quote(pointer, safe='/~')}"}
            self._validators[pointer] = jsonschema_rs.Draft202012Validator(root)
        return self._validators[pointer]


class Operation:
    """One method of one path, and what the suite needs to know of it."""

    def __init__(self, contract: Contract, method: str, path: str, pointer: str) -> None:
        self.contract = contract
        self.method = method.upper()
        self.path = path
        self.pointer = pointer
        self.node: dict[str, Any] = contract.node(pointer)
        self.id: str = self.node.get("operationId") or f"{method} {path}"

    def __repr__(self) -> str:
        return self.id

    @cached_property
    def parameters(self) -> list["Parameter"]:
        found = {}
        for owner in (self.pointer.rpartition("/")[0], self.pointer):
            for index, _ in enumerate(self.contract.node(owner).get("parameters", [])):
                pointer = self.contract.resolved(f"{owner}/parameters/{index}")
                node = self.contract.node(pointer)
                found[node["name"], node["in"]] = Parameter(self.contract, pointer, node)
        return list(found.values())

    def parameters_in(self, location: str) -> list["Parameter"]:
        return [parameter for parameter in self.parameters if parameter.location == location]

    @cached_property
    def path_names(self) -> list[str]:
        return [segment[1:-1] for segment in self.path.split("/") if segment.startswith("{")]

    @cached_property
    def body(self) -> str | None:
        """Pointer to the schema of the JSON request body."""
        if "requestBody" not in self.node:
            return None
        pointer = self.contract.resolved(f"{self.pointer}/requestBody")
        return self._json_schema(pointer)

    @cached_property
    def body_required(self) -> bool:
        return self.body is not None and self.contract.node(self.contract.resolved(f"{self.pointer}/requestBody")).get(
            "required", False
        )

    @cached_property
    def media_types(self) -> list[str]:
        if "requestBody" not in self.node:
            return []
        return [*self.contract.node(self.contract.resolved(f"{self.pointer}/requestBody"))["content"]]

    @cached_property
    def bearer(self) -> str | None:
        """Pointer to the bearer scheme that every call needs; None if a call can do without."""
        ways = self.node.get("security", self.contract.document.get("security", []))
        for way in ways:
            for name in way:
                pointer = self.contract.resolved(f"/components/securitySchemes/{escaped(name)}")
                if self.contract.node(pointer).get("scheme", "").lower() == "bearer":
                    return pointer if all(ways) else None
        return None

    @property
    def statuses(self) -> list[str]:
        """The documented statuses, such as `200`, `5XX` and `default`."""
        return [str(status) for status in self.node["responses"]]

    def response(self, status: int) -> str | None:
        """Pointer to the documented response for a status."""
        key = self.status_key(status)
        return None if key is None else self.contract.resolved(f"{self.pointer}/responses/{key}")

    def status_key(self, status: int) -> str | None:
        candidates = (str(status), f"{status // 100}XX", "default")
        return next((key for key in candidates if key in self.node["responses"]), None)

    def response_schema(self, response: str) -> str | None:
        return self._json_schema(response)

    def required_headers(self, response: str) -> Iterator[tuple[str, str]]:
        """Names and pointers of the headers that a response must carry."""
        for name in self.contract.node(response).get("headers", {}):
            pointer = self.contract.resolved(f"{response}/headers/{escaped(name)}")
            if self.contract.node(pointer).get("required", False):
                yield name, pointer

    @cached_property
    def success(self) -> tuple[int, str] | None:
        """Status and response pointer of the success."""
        for status in self.statuses:
            if status.startswith("2"):
                return (int(status) if status.isdecimal() else 200), self.contract.resolved(
                    f"{self.pointer}/responses/{status}"
                )
        return None

    @cached_property
    def resource(self) -> str | None:
        """Pointer to the schema of what a success answers with."""
        schema = self.response_schema(self.success[1]) if self.success else None
        return None if schema is None else self.contract.resolved(schema)

    @cached_property
    def error_response(self) -> str | None:
        """Pointer to a response that stands for the errors, for statuses that the contract does not name."""
        return next((self.response(int(status)) for status in self.statuses if status.startswith("4")), None)

    @cached_property
    def maps(self) -> dict[str, str]:
        """Body properties of the caller's own pairs that the resource has too: name and schema pointer."""
        return {name: schema for name, schema in self._shared.items() if schema != ""}

    @cached_property
    def scalars(self) -> list[str]:
        """The other body properties that the resource has too."""
        return [name for name, schema in self._shared.items() if schema == ""]

    @cached_property
    def _shared(self) -> dict[str, str]:
        if self.body is None or self.resource is None:
            return {}
        body, wanted = self.contract.schema(self.body)
        offered = self.contract.schema(self.resource)[1].get("properties", {})
        return {
            name: self._map(f"{body}/properties/{escaped(name)}")
            for name in wanted.get("properties", {})
            if name in offered
        }

    def _map(self, pointer: str) -> str:
        """Pointer to the schema of a map, also as one branch of a union; empty if it is none."""
        pointer, schema = self.contract.schema(pointer)
        for union in ("anyOf", "oneOf"):
            for index, _ in enumerate(schema.get(union, [])):
                if found := self._map(f"{pointer}/{union}/{index}"):
                    return found
        is_map = schema.get("type") == "object" and "properties" not in schema
        return pointer if is_map and schema.get("additionalProperties", True) is not False else ""

    @cached_property
    def is_modify(self) -> bool:
        """Whether it changes the resource that its path names, and answers with it."""
        whole = self.path.endswith("}") and self.method in ("POST", "PATCH", "PUT")
        return whole and bool(self._shared) and set(self.path_names) <= self._names_of(self.parameters_in("path"))

    @cached_property
    def is_read(self) -> bool:
        return self.path.endswith("}") and self.method == "GET" and self.resource is not None

    @property
    def is_safe(self) -> bool:
        """Whether a valid call changes nothing that cannot be put back."""
        return self.is_modify or self.method in ("GET", "HEAD", "OPTIONS")

    @staticmethod
    def _names_of(parameters: list["Parameter"]) -> set[str]:
        return {parameter.name for parameter in parameters}

    def _json_schema(self, owner: str) -> str | None:
        content = self.contract.node(owner).get("content", {})
        for name, media in content.items():
            if name.partition(";")[0].strip().lower() in ("application/json", "*/*") and "schema" in media:
                return self.contract.resolved(f"{owner}/content/{escaped(name)}/schema")
        return None


@dataclass(frozen=True)
class Parameter:
    """A path, query or header parameter."""

    contract: Contract
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
        return self.contract.resolved(f"{self.pointer}/schema")

    @property
    def example(self) -> Any:
        schema = self.contract.node(self.schema)
        return copy.copy(self.node.get("example", schema.get("default", schema.get("example"))))


def escaped(step: str) -> str:
    """The step as it is written in a JSON pointer."""
    return step.replace("~", "~0").replace("/", "~1")


def _lines(node: yaml.Node | None, pointer: str) -> Iterator[tuple[str, int]]:
    if node is not None and pointer == "":
        yield "", node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            below = f"{pointer}/{escaped(str(key.value))}"
            yield below, key.start_mark.line + 1
            yield from _lines(value, below)
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            below = f"{pointer}/{index}"
            yield below, value.start_mark.line + 1
            yield from _lines(value, below)


def _closest(error: Any) -> list[Any]:
    """Of a union the faults by the branch that the value was most likely meant for."""
    kind = error.kind
    context = getattr(kind, "context", None)
    if not context:
        return [error]
    branches = [[closest for inner in branch for closest in _closest(inner)] for branch in context]

    def distance(branch: list[Any]) -> tuple[bool, bool, int]:
        here = list(error.instance_path)
        wrong_type = any("type" in _last(found) and list(found.instance_path) == here for found in branch)
        # A constant right below, such as `type`, tells the branches apart.
        wrong_tag = any(
            _last(found) in ("const", "enum") and len(found.instance_path) <= len(here) + 1 for found in branch
        )
        return wrong_type, wrong_tag, len(branch)

    best = min(branches, key=distance)
    return [error] if distance(best)[0] else best


def _last(error: Any) -> str:
    return str(error.schema_path[-1])
