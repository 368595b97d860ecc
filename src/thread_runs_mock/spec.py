"""An OpenAPI 3.1 document, read into what the mock serves: operations, schemas, examples."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from thread_runs_mock import errors, strict_json
from thread_runs_mock.store import Item, Key
from thread_runs_mock.validation import InvalidSchemaError, Validator
from thread_runs_spec import PACKAGED

DEFAULT_SPEC = PACKAGED
CREATE_MISSING = "x-mock-create-missing"
"""Marks the example that `create_missing` copies."""

# Path items also hold keys that are no methods.
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
# OpenAPI has header parameters of these names ignored: other parts of the document describe them.
_IGNORED_HEADERS = ("accept", "content-type", "authorization")
# These depend on the request.
_OWN_HEADERS = ("x-request-id", "content-length", "content-type")
# Keywords that say nothing about values.
_ANNOTATIONS = ("title", "description", "example", "examples", "default", "deprecated", "readOnly", "writeOnly")
# A schema with no other keywords looks at each property by itself.
_SIMPLE = {*_ANNOTATIONS, "type", "required", "properties", "additionalProperties"}


class SpecError(ValueError):
    """The document cannot be served; the message is one line that says where and why."""


class Role(Enum):
    """What an operation does to the resource that its path names."""

    READ = "read"
    MODIFY = "modify"
    REPLACE = "replace"
    DELETE = "delete"
    EXAMPLE = "example"
    """None of these, or it cannot be told: the operation answers its example."""


@dataclass(frozen=True)
class Parameter:
    """A path, query or header parameter. `types` are the JSON types its schema names."""

    name: str
    location: str
    required: bool
    schema: Any
    validator: Validator
    types: frozenset[str]
    example: Any

    @cached_property
    def header(self) -> bytes:
        """The name as it is sent in a header."""
        return self.name.lower().encode()

    @property
    def is_text(self) -> bool:
        """Whether the text is the value, whatever it looks like."""
        return "array" not in self.types and (not self.types or "string" in self.types)


@dataclass(frozen=True)
class Answer:
    """One documented answer of an operation: a response, and one of its examples.

    Attributes:
        documented: The status as the document has it: `429`, `5XX` or `default`.
        status: The status, or for several the first of them.
        example: The example's name; empty if it has none.
        headers: The documented headers that have an example, and the content type.
    """

    documented: str
    status: int
    example: str
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes

    def stands_for(self, code: int) -> bool:
        """Whether a status is documented by this answer's response."""
        if self.documented.isdecimal():
            return code == self.status
        return self.documented == "default" or code // 100 == self.status // 100


@dataclass(frozen=True)
class Operation:
    """One method of one path.

    Attributes:
        name: The operation's `operationId`, or method and path.
        path: The path template, without the server's base path.
        parameters: Path parameters first, in the order of the path.
        texts: Validator of the texts of all path and header parameters, as one array: a quick look that settles most
            requests. None if there are others, or the value of one is not its text.
        body: Validator by media type; None for a type that is not JSON. Empty if there is no request body.
        maps: Properties of the body that hold pairs of the caller's own: they can be merged key by key.
        properties: All properties that the body's schema names.
        unanswered: Those among them that the response does not name: they are taken, and nothing is stored of them.
        settled: Those among them that need no second check in the response: it has the same schema for each.
        status: The success status.
        response: Validator of the success response; None if it has no JSON body.
        examples: The examples of the success response, that to copy for missing resources first.
        answers: Every documented answer, in the order of the document.
    """

    name: str
    method: str
    path: str
    role: Role
    parameters: tuple[Parameter, ...]
    texts: Validator | None
    bearer: bool
    body: Mapping[str, Validator | None]
    body_required: bool
    maps: frozenset[str]
    properties: frozenset[str]
    unanswered: frozenset[str]
    settled: frozenset[str]
    status: int
    response: Validator | None
    examples: tuple[Any, ...]
    answers: tuple[Answer, ...]

    @cached_property
    def path_parameters(self) -> tuple[Parameter, ...]:
        return tuple(parameter for parameter in self.parameters if parameter.location == "path")

    @cached_property
    def replaces(self) -> bool:
        """Whether the resource loses what the body leaves out."""
        return self.role is Role.REPLACE

    @cached_property
    def headers(self) -> tuple[bytes, ...]:
        """The names of the header parameters, as they are sent."""
        return tuple(parameter.header for parameter in self.parameters if parameter.location == "header")

    @cached_property
    def validator(self) -> Validator | None:
        """The validator of the first JSON body."""
        return next(filter(None, self.body.values()), None)

    @cached_property
    def _literals(self) -> list[str]:
        return [segment.partition("}")[2] for segment in ("}" + self.path).split("{")]

    def key(self, values: Sequence[str]) -> Key:
        """The key of the resource that the path names, or lies in."""
        return "".join([literal + _escaped(value) for literal, value in zip(self._literals, values, strict=False)])

    def outer_keys(self, values: Sequence[str]) -> tuple[Key, ...]:
        """The keys of the resources that the resource lies in, outermost first."""
        return tuple(self.key(values[:count]) for count in range(1, len(values)))

    def item(self, values: Sequence[str], resource: Any) -> Item:
        """The resource, ready for a store."""
        return self.key(values), self.outer_keys(values), strict_json.encode_to_keep(resource)

    def identity(self, resource: Any) -> list[str] | None:
        """The path's identifiers, out of the resource; None if it does not carry them all."""
        fields = self._identity_fields(resource)
        return None if None in fields else [str(resource[field]) for field in fields]

    def identified(self, resource: Any, values: list[Any]) -> Any:
        """The resource with the path's identifiers, where it has fields for them."""
        fields = zip(self._identity_fields(resource), values, strict=True)
        known = {field: value for field, value in fields if field is not None}
        return {**resource, **known} if known else resource

    def _identity_fields(self, resource: Any) -> list[str | None]:
        """The resource's field for each path parameter: of the same name, or `id` for the last."""
        names = [parameter.name for parameter in self.path_parameters]
        if not isinstance(resource, dict):
            return [None for _ in names]
        fields = [name if name in resource else None for name in names]
        if fields and fields[-1] is None and "id" in resource:
            fields[-1] = "id"
        return fields


@dataclass(frozen=True)
class Spec:
    """All that is served.

    Attributes:
        base_path: The path of the server entry that the mock stands for.
        source: The document as it was read.
    """

    title: str
    version: str
    base_path: str
    default_port: int
    operations: tuple[Operation, ...]
    source: bytes

    def seeds(self) -> Iterator[Item]:
        """The resources that the examples show."""
        for operation in self.operations:
            if operation.role in (Role.READ, Role.MODIFY, Role.REPLACE):
                for example in operation.examples:
                    if values := operation.identity(example):
                        yield operation.item(values, example)

    def home(self, resource: Any) -> tuple[Operation, list[str]] | None:
        """Where a resource lives: an operation on it, and the identifiers that its path takes."""
        homes = [
            (len(values), operation, values)
            for operation in self.operations
            if operation.role in (Role.READ, Role.MODIFY, Role.REPLACE)
            if (values := operation.identity(resource))
        ]
        if not homes:
            return None
        _, operation, values = max(homes, key=lambda home: home[0])
        return operation, values


def _escaped(identifier: str) -> str:
    """The identifier as one segment of a key. PostgreSQL's text cannot hold NUL."""
    if "%" in identifier or "/" in identifier or "\0" in identifier:
        return identifier.replace("%", "%25").replace("/", "%2F").replace("\0", "%00")
    return identifier


def load(path: str | Path | None = None) -> Spec:
    """Read a document, by default the one that this package serves.

    Raises:
        SpecError: The file cannot be read, is not OpenAPI 3.1, or cannot be served.
    """
    path = Path(path or DEFAULT_SPEC)
    try:
        source = path.read_bytes()
        return _Reader(parse(source)).spec(source)
    except OSError as error:
        raise SpecError(f"{path}: {error.strerror}") from None
    except SpecError as error:
        raise SpecError(f"{path}: {error}") from None


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """YAML as JSON has it: what looks like a date stays text."""

    yaml_implicit_resolvers = {  # noqa: RUF012 (PyYAML's own form)
        first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


def parse(source: bytes) -> Any:
    """The JSON data of a YAML or JSON document; raises SpecError with the line that is at fault."""
    try:
        document = yaml.load(source, _Loader)
        # Makes a tree of it, with text for keys, and refuses what JSON cannot hold.
        return json.loads(json.dumps(document, allow_nan=False))
    except (yaml.YAMLError, UnicodeError) as error:
        mark = getattr(error, "problem_mark", None)
        line = f"line {mark.line + 1}: " if mark else ""
        raise SpecError(f"{line}not YAML: {getattr(error, 'problem', None) or error}") from None
    except (TypeError, ValueError, RecursionError) as error:
        raise SpecError(f"not JSON data: {error}") from None


class _Reader:
    def __init__(self, document: Any) -> None:
        if not isinstance(document, dict) or not str(document.get("openapi", "")).startswith("3.1"):
            raise SpecError("not an OpenAPI 3.1 document")
        self._document = document
        self._components = document.get("components", {})

    def spec(self, source: bytes) -> Spec:
        try:
            info = self._document.get("info", {})
            title, version = str(info.get("title", "")), str(info.get("version", ""))
            operations = tuple(self._operations())
            base_path, port = self._server()
        except (AttributeError, KeyError, TypeError, IndexError) as error:
            raise SpecError(f"not a valid OpenAPI document: {type(error).__name__}: {error}") from None
        return Spec(title, version, base_path, port, operations, source)

    def _server(self) -> tuple[str, int]:
        """Base path and port of the entry for a local server, or else of the first."""
        servers = self._document.get("servers") or [{"url": "/"}]
        server = next((entry for entry in servers if "port" in entry.get("variables", {})), servers[0])
        url = server["url"]
        variables = {name: variable["default"] for name, variable in server.get("variables", {}).items()}
        for name, value in variables.items():
            url = url.replace(f"{{{name}}}", value)
        port = variables.get("port", "")
        return urlsplit(url).path.rstrip("/"), int(port) if port.isdecimal() else 4010

    def _resolve(self, node: Any) -> Any:
        """The node itself, or what it refers to."""
        seen = []
        while isinstance(node, dict) and "$ref" in node:
            pointer = node["$ref"]
            if not pointer.startswith("#/") or pointer in seen:
                raise SpecError(f"cannot follow the reference '{pointer}'")
            seen.append(pointer)
            node = self._document
            for step in pointer[2:].split("/"):
                step = step.replace("~1", "/").replace("~0", "~")
                if not isinstance(node, dict) or step not in node:
                    raise SpecError(f"the reference '{pointer}' leads nowhere")
                node = node[step]
        return node

    def _keywords(self, schema: Any) -> dict[str, Any]:
        """The keywords of a schema; a schema that is true or false has none."""
        schema = self._resolve(schema)
        return {} if isinstance(schema, bool) else schema

    def _validator(self, schema: Any) -> Validator:
        try:
            return Validator(schema, self._components)
        except InvalidSchemaError as error:
            raise SpecError(f"invalid schema: {error}") from None

    def _operations(self) -> Iterator[Operation]:
        for path, item in self._document.get("paths", {}).items():
            item = self._resolve(item)
            for method in METHODS:
                if method in item:
                    try:
                        yield self._operation(path, item, method)
                    except SpecError as error:
                        raise SpecError(f"{method.upper()} {path}: {error}") from None

    def _operation(self, path: str, item: Any, method: str) -> Operation:
        operation = item[method]
        status, response, examples = self._success(operation)
        content = self._resolve(operation.get("requestBody", {})).get("content", {})
        json_schemas = [self._keywords(media.get("schema", {})) for name, media in content.items() if _is_json(name)]
        properties = {name: schema for body in json_schemas for name, schema in body.get("properties", {}).items()}
        role = self._role(path, method, response)
        parameters = tuple(self._parameters(path, item, operation))
        if not examples and response is not None and role in (Role.DELETE, Role.EXAMPLE):
            raise SpecError(f"no example for the response {status}: there is nothing to answer")
        answer_properties = self._keywords(response).get("properties", {}) if response is not None else {}
        return Operation(
            name=operation.get("operationId") or f"{method.upper()} {path}",
            method=method.upper(),
            path=path,
            role=role,
            parameters=parameters,
            texts=self._texts(parameters),
            bearer=self._bearer(operation),
            body={
                name.lower(): self._validator(media.get("schema", {})) if _is_json(name) else None
                for name, media in content.items()
            },
            body_required=self._resolve(operation.get("requestBody", {})).get("required", False),
            maps=frozenset(name for name, schema in properties.items() if self._is_map(schema)),
            properties=frozenset(properties),
            unanswered=frozenset(properties.keys() - answer_properties.keys()) if answer_properties else frozenset(),
            settled=frozenset(
                name
                for name, schema in properties.items()
                if name in answer_properties and self._meaning(schema) == self._meaning(answer_properties[name])
            )
            if response is not None and self._keywords(response).keys() <= _SIMPLE
            else frozenset(),
            status=status,
            response=None if response is None else self._validator(response),
            examples=examples,
            answers=tuple(self._answers(operation)),
        )

    def _meaning(self, schema: Any) -> Any:
        """The schema without what only people read, for comparison."""
        if not isinstance(schema, dict):
            return schema
        kept = {name: value for name, value in schema.items() if name not in _ANNOTATIONS}
        return self._meaning(self._resolve(kept)) if kept.keys() == {"$ref"} else kept

    def _answers(self, operation: Any) -> Iterator[Answer]:
        for documented, node in operation["responses"].items():
            response = self._resolve(node)
            if not re.fullmatch(r"[1-5](\d\d|XX)|default", documented):
                raise SpecError(f"'{documented}' is no status of a response")
            status = 500 if documented == "default" else int(documented.replace("X", "0"))
            headers = {
                name.lower(): value
                for name, header in response.get("headers", {}).items()
                if name.lower() not in _OWN_HEADERS and (value := self._header_example(header)) is not None
            }
            content = response.get("content", {})
            media_type = next(filter(_is_json, content), None) or next(iter(content), None)
            bodies = {"": b""}
            if media_type is not None:
                headers["content-type"] = media_type
                media = content[media_type]
                values = {name: self._resolve(example) for name, example in media.get("examples", {}).items()}
                bodies = {
                    name: _written(example["value"], media_type)
                    for name, example in values.items()
                    if "value" in example
                }
                if "example" in media:
                    bodies[""] = _written(media["example"], media_type)
            pairs = tuple((name.encode(), value.encode()) for name, value in headers.items())
            for name, body in (bodies or {"": b""}).items():
                yield Answer(documented, status, name, pairs, body)

    def _header_example(self, node: Any) -> str | None:
        header = self._resolve(node)
        schema = self._keywords(header.get("schema", {}))
        named = [self._resolve(example).get("value") for example in header.get("examples", {}).values()]
        for value in (header.get("example"), *named, schema.get("example"), schema.get("default")):
            if value is not None:
                return value if isinstance(value, str) else json.dumps(value)
        return None

    def _parameters(self, path: str, item: Any, operation: Any) -> Iterator[Parameter]:
        declared = {}
        for node in [*item.get("parameters", []), *operation.get("parameters", [])]:
            parameter = self._resolve(node)
            declared[parameter["name"], parameter["in"]] = parameter
        segments = [segment for segment in path.split("/") if "{" in segment]
        names = [segment.strip("{}") for segment in segments]
        if segments != [f"{{{name}}}" for name in names]:
            raise SpecError("a path parameter must be a whole segment of the path")
        if missing := [name for name in names if (name, "path") not in declared]:
            raise SpecError(f"the path parameter '{missing[0]}' is not declared")
        for name in names:
            yield self._parameter(declared.pop((name, "path")))
        for (name, location), parameter in declared.items():
            if location == "query" or (location == "header" and name.lower() not in _IGNORED_HEADERS):
                yield self._parameter(parameter)

    def _texts(self, parameters: Sequence[Parameter]) -> Validator | None:
        if not parameters or any(parameter.location == "query" or not parameter.is_text for parameter in parameters):
            return None
        schemas = [parameter.schema for parameter in parameters]
        return self._validator({"type": "array", "prefixItems": schemas, "minItems": len(schemas)})

    def _parameter(self, parameter: Any) -> Parameter:
        schema = self._keywords(parameter.get("schema", {}))
        types = schema.get("type", [])
        return Parameter(
            name=parameter["name"],
            location=parameter["in"],
            required=parameter.get("required", False),
            schema=schema,
            validator=self._validator(schema),
            types=frozenset([types] if isinstance(types, str) else types),
            example=parameter.get("example", schema.get("default")),
        )

    def _bearer(self, operation: Any) -> bool:
        """Whether every way to be let in asks for a bearer key."""
        ways = operation.get("security", self._document.get("security", []))
        schemes = {name: self._resolve(scheme) for name, scheme in self._components.get("securitySchemes", {}).items()}
        bearers = {
            name
            for name, scheme in schemes.items()
            if scheme.get("type") in ("oauth2", "openIdConnect") or scheme.get("scheme", "").lower() == "bearer"
        }
        return bool(ways) and all(bearers.intersection(way) for way in ways)

    def _success(self, operation: Any) -> tuple[int, Any, tuple[Any, ...]]:
        """Status, schema and examples of the first success response; no schema if it has no JSON body."""
        responses = operation["responses"]
        status = next((status for status in responses if status.startswith("2")), "default")
        response = self._resolve(responses.get(status, {}))
        code = int(status) if status.isdecimal() else 200
        media = next((media for name, media in response.get("content", {}).items() if _is_json(name)), None)
        if media is None:
            return code, None, ()
        schema = media.get("schema", {})
        return code, schema, tuple(self._examples(media, schema))

    def _examples(self, media: Any, schema: Any) -> Iterator[Any]:
        validator = self._validator(schema)
        named = {name: self._resolve(node) for name, node in media.get("examples", {}).items()}
        # The sort is stable: only the marked one moves.
        ordered = sorted(named.items(), key=lambda item: not item[1].get(CREATE_MISSING, False))
        values = [(f"'{name}'", example["value"]) for name, example in ordered if "value" in example]
        if "example" in media:
            values.append(("'example'", media["example"]))
        for name, value in values:
            if violation := validator.first_violation(value):
                raise SpecError(f"the example {name} breaks its schema: {errors.invalid_value(violation)}")
            yield value

    def _role(self, path: str, method: str, response: Any) -> Role:
        """The role, by the path's last segment; an action reads the resource if that is what it answers."""
        resource, _, action = path.rpartition("}")
        if not resource:
            return Role.EXAMPLE
        if action:
            item = self._resolve(self._document["paths"].get(resource + "}", {}))
            siblings = [self._success(item[sibling])[1] for sibling in METHODS if sibling in item]
            return Role.READ if response is not None and response in siblings else Role.EXAMPLE
        if method != "delete" and response is None:
            return Role.EXAMPLE
        roles = {"get": Role.READ, "put": Role.REPLACE, "delete": Role.DELETE}
        return roles.get(method, Role.MODIFY if method in ("post", "patch") else Role.EXAMPLE)

    def _is_map(self, schema: Any) -> bool:
        schema = self._keywords(schema)
        branches = [schema, *schema.get("anyOf", []), *schema.get("oneOf", [])]
        return any(
            "object" in _listed(branch.get("type", []))
            and "properties" not in branch
            and branch.get("additionalProperties", True) is not False
            for branch in map(self._keywords, branches)
        )


def _listed(types: Any) -> list[str]:
    return [types] if isinstance(types, str) else types


def _written(value: Any, media_type: str) -> bytes:
    return value.encode() if isinstance(value, str) and not _is_json(media_type) else strict_json.encode(value)


def _is_json(media_type: str) -> bool:
    name = media_type.partition(";")[0].strip().lower()
    return name in ("application/json", "*/*", "application/*") or name.endswith("+json")
