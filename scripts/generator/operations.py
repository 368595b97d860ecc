"""The methods of a client: one for each operation of the spec, with its place, its name and its arguments."""

import ast
import json
import re
from dataclasses import dataclass, replace
from typing import Any

from openapi_python_client.strings import PythonIdentifier, pascal_case

from scripts.generator.limits import in_words, limits
from scripts.generator.models import Models, Type
from scripts.generator.notes import Note, note
from scripts.repository import ROOT
from thread_runs_spec import operations as spec_operations
from thread_runs_spec import schemas as spec_schemas
from thread_runs_spec.document import Spec
from thread_runs_spec.media_types import essence

GROUP, METHOD, DEPRECATED, PAGINATION, SHOWN = (
    "x-fern-sdk-group-name",
    "x-fern-sdk-method-name",
    "x-deprecated-message",
    "x-fern-pagination",
    "x-cli-show",
)
"""The extensions that are read. Those of Fern: https://buildwithfern.com/learn/api-definitions/openapi/extensions/overview."""

# Members that every group has.
_MEMBERS = frozenset({"with_raw_response"})


@dataclass(frozen=True)
class Argument:
    """An argument of a method.

    Attributes:
        name: in Python.
        type: what may be passed.
        default: as code; None if the argument is required.
        description: with the limits of the value.
    """

    name: str
    type: str
    default: str | None
    description: str
    models: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Parameter:
    """A parameter of the operation, as the runtime needs it: see `requests.Parameter`."""

    argument: str | None
    source: spec_operations.Parameter
    limits: Any
    default: Any = None
    has_default: bool = False


@dataclass(frozen=True)
class Property:
    argument: str
    name: str
    required: bool
    deep: bool
    description: str


@dataclass(frozen=True)
class Body:
    media_type: str
    kind: str
    limits: Any
    required: bool
    properties: tuple[Property, ...] = ()


@dataclass(frozen=True)
class Result:
    """One success response: `status` is None for every status that no other covers; `kind` is how it is read."""

    status: int | None
    kind: str
    type: Type | None

    @property
    def annotation(self) -> str:
        return {"json": self.type.annotation if self.type else "Any", "text": "str", "bytes": "bytes"}.get(
            self.kind, "None"
        )


@dataclass(frozen=True)
class Paging:
    """See `paging.Paging`, with the types of a page and of its items."""

    argument: str
    next_cursor: tuple[str, ...]
    results: tuple[str, ...]
    has_next_page: tuple[str, ...] | None
    page: str
    item: str


@dataclass(frozen=True)
class Method:
    """One operation as a method."""

    operation: spec_operations.Operation
    id: str
    group: tuple[str, ...]
    name: str
    function: str
    arguments: tuple[Argument, ...]
    positional: str | None
    parameters: tuple[Parameter, ...]
    body: Body | None
    results: tuple[Result, ...]
    accept: str
    paging: Paging | None = None
    deprecated: str = ""

    @property
    def returns(self) -> str:
        return " | ".join(dict.fromkeys(result.annotation for result in self.results)) or "None"

    @property
    def ordered(self) -> list[Argument]:
        """The arguments in the order of the signature: the positional one, the required ones, the others."""
        return sorted(self.arguments, key=lambda one: (one.name != self.positional, one.default is not None))

    @property
    def imports(self) -> list[str]:
        return sorted({line for result in self.results if result.type for line in result.type.imports})

    @property
    def models(self) -> set[str]:
        """The names of the models in the signature."""
        sent = {name for argument in self.arguments for name in argument.models}
        return sent.union(*(result.type.models for result in self.results if result.type))

    @property
    def shown(self) -> tuple[str, ...]:
        return tuple(self.operation.node.value.get(SHOWN, ()))

    @property
    def summary(self) -> str:
        return str(self.operation.node.value.get("summary", "")).strip().rstrip(".")

    @property
    def description(self) -> str:
        return str(self.operation.node.value.get("description", "")).strip()


class Operations:
    """Reads the methods of a document. Adds to `notes` what cannot be done as the spec asks."""

    def __init__(self, spec: Spec, models: Models) -> None:
        self.notes: list[Note] = []
        self._spec = spec
        self._models = models
        # The signature has two names of its own.
        self._options = options() | {"self", "options"}
        self._client = _names_in(ROOT / "src" / "thread_runs" / "_client.py")

    def methods(self) -> list[Method]:
        """Return the method of every operation, in the order of the document."""
        methods = [self._method(operation) for operation in spec_operations.operations(self._spec)]
        return self._unambiguous(methods)

    def _unambiguous(self, methods: list[Method]) -> list[Method]:
        """Give each method, and each function that belongs to it, a name of its own."""
        groups = {method.group[:length] for method in methods for length in range(1, len(method.group) + 1)}
        taken = {(*group, name) for group in groups for name in _MEMBERS} | groups
        functions: set[str] = set()
        found = []
        for method in methods:
            name, function = method.name, method.function
            while (*method.group, name) in taken:
                name += "_"
            if name != method.name:
                what = "a group of methods" if (*method.group, method.name) in groups else "another method"
                place = ".".join((*method.group, method.name))
                self._note(method.operation, f"`{place}` is {what} already: the method is called `{name}`")
            while function in functions:
                function += "_"
            taken.add((*method.group, name))
            functions.add(function)
            found.append(replace(method, name=name, function=function))
        return found

    def _note(self, operation: spec_operations.Operation, message: str) -> None:
        self.notes.append(note(operation.node, f"{operation.name}: {message}"))

    def _method(self, operation: spec_operations.Operation) -> Method:
        function = _identifier(operation.name)
        if "#" in operation.path:
            sent = operation.path.partition("#")[0]
            self._note(operation, f"HTTP sends no fragment of a path: the request goes to `{sent}`")
        arguments, parameters = self._parameters(operation, function)
        taken = {argument.name for argument in arguments}
        body, body_arguments = self._body(operation, function, taken)
        results = self._results(operation, function)
        path_names = [one.argument for one in parameters if one.source.location == "path"]
        media_types = {media.name for one in operation.responses if one.is_success for media in one.content}
        method = Method(
            operation=operation,
            id=operation.name,
            group=self._group(operation),
            name=_attribute(operation.node.value.get(METHOD) or operation.name),
            function=function,
            arguments=(*arguments, *body_arguments),
            positional=path_names[-1] if path_names else None,
            parameters=tuple(parameters),
            body=body,
            results=results,
            accept=self._accept(operation) if len(media_types) > 1 else "",
            deprecated=self._deprecated(operation),
        )
        return replace(method, paging=self._paging(method))

    def _group(self, operation: spec_operations.Operation) -> tuple[str, ...]:
        named = operation.node.value.get(GROUP)
        if named is None:
            named = operation.node.value.get("tags", ["default"])[:1]
        group = [_attribute(name) for name in ([named] if isinstance(named, str) else named)]
        if group[0] in self._client:
            self._note(operation, f"the client has a member `{group[0]}`: the group is called `{group[0]}_`")
            group[0] += "_"
        return tuple(group)

    def _deprecated(self, operation: spec_operations.Operation) -> str:
        value = operation.node.value
        if value.get("deprecated") is not True:
            return ""
        message = value.get(DEPRECATED) or _first_sentence(value.get("description", ""))
        return f"The operation {operation.name} is deprecated" + (f": {' '.join(message.split())}" if message else ".")

    # Arguments

    def _parameters(
        self, operation: spec_operations.Operation, function: str
    ) -> tuple[list[Argument], list[Parameter]]:
        arguments: list[Argument] = []
        parameters: list[Parameter] = []
        for source in operation.parameters:
            schema = source.schema
            value = spec_schemas.json_schema(self._spec, schema.value) if schema is not None else {}
            flat = spec_schemas.keywords(schema) if schema is not None else {}
            known = limits(value)
            fixed, only = _only_value(flat)
            if fixed and source.location != "path" and (source.required or source.location == "header"):
                # No argument: the caller has no choice. Another value can be sent by `extra_headers`.
                parameters.append(Parameter(None, source, known, only, has_default=True))
                continue
            taken = {argument.name for argument in arguments}
            name = self._name(operation, source.name, source.location, taken)
            type_ = self._models.type_of(schema, source.name, function) if schema is not None else None
            has_default = "default" in flat and flat["default"] is not None
            optional = not source.required or has_default
            annotation = type_.accepted if type_ else "Any"
            arguments.append(
                Argument(
                    name,
                    f"{annotation} | Unset" if optional else annotation,
                    "UNSET" if optional else None,
                    _described(
                        flat.get("description") or source.node.value.get("description", ""),
                        in_words(self._spec, value),
                        flat["default"] if has_default else None,
                    ),
                    type_.models if type_ else frozenset(),
                )
            )
            default = flat["default"] if has_default and source.required else None
            parameters.append(Parameter(name, source, known, default, has_default and source.required))
        return arguments, parameters

    def _name(self, operation: spec_operations.Operation, name: str, location: str, taken: set[str]) -> str:
        """Return the argument for a parameter or property. It gets another name if its own is not free."""
        argument = _identifier(name)
        if argument in taken:
            argument = f"{location}_{argument}"
            self._note(operation, f"two arguments would be called `{_identifier(name)}`: one is called `{argument}`")
        if argument in self._options:
            self._note(operation, f"`{argument}` has a meaning in every call: the argument is called `{argument}_`")
            argument += "_"
        while argument in taken:
            argument += "_"
        return argument

    def _body(
        self, operation: spec_operations.Operation, function: str, taken: set[str]
    ) -> tuple[Body | None, list[Argument]]:
        source = operation.body
        if source is None or not source.content:
            return None, []
        media, kind = self._media_type(operation, [*source.content])
        schema = media.schema
        value = spec_schemas.json_schema(self._spec, schema.value) if schema is not None else {}
        # The limits of a string say nothing about bytes.
        found = Body(media.name, kind, {} if kind == "binary" else limits(value), source.required)
        if kind == "binary" or schema is None:
            return found, [self._whole(source, kind, None, value)]
        if kind == "text":
            # A number or a boolean is written as text.
            scalar = spec_schemas.types(schema) <= {"integer", "number", "boolean"} and spec_schemas.types(schema)
            type_ = self._models.type_of(schema, "request", function) if scalar else None
            return found, [self._whole(source, kind, type_, value)]
        type_ = self._models.type_of(schema, "request", function)
        properties = self._models.properties_of(type_)
        if properties is None:
            return found, [self._whole(source, kind, type_, value)]
        arguments = []
        written = []
        raw = spec_schemas.properties(schema)
        required = spec_schemas.required(schema)
        encoding = media.node.value.get("encoding", {})
        for name, property_type in properties.items():
            flat = spec_schemas.keywords(raw[name]) if name in raw else {}
            if flat.get("readOnly") is True or (name in raw and raw[name].value.get("readOnly") is True):
                continue
            argument = self._name(operation, name, "body", taken)
            taken.add(argument)
            is_required = name in required and source.required
            own = raw[name].value if name in raw else {}
            description = _described(
                own.get("description") or flat.get("description", ""),
                in_words(self._spec, own),
                own.get("default") if isinstance(own, dict) else None,
            )
            annotation = property_type.accepted
            arguments.append(
                Argument(
                    argument,
                    annotation if is_required else _with_unset(annotation),
                    None if is_required else "UNSET",
                    description,
                    property_type.models,
                )
            )
            deep = encoding.get(name, {}).get("style") == "deepObject"
            written.append(Property(argument, name, is_required, deep, description))
        return replace(found, properties=tuple(written)), arguments

    def _whole(self, source: spec_operations.RequestBody, kind: str, type_: Type | None, value: Any) -> Argument:
        annotation = type_.accepted if type_ else {"text": "str", "binary": "Upload"}.get(kind, "Any")
        described = source.node.value.get("description") or (
            value.get("description") if isinstance(value, dict) else ""
        )
        return Argument(
            "body",
            annotation if source.required else _with_unset(annotation),
            None if source.required else "UNSET",
            _described(described or "The body.", in_words(self._spec, value)),
            type_.models if type_ else frozenset(),
        )

    def _media_type(
        self, operation: spec_operations.Operation, offered: list[spec_operations.MediaType]
    ) -> tuple[spec_operations.MediaType, str]:
        """Return the media type in which the body is sent, and how it is written."""
        order = ("json", "multipart", "form", "text", "binary")
        chosen = min(offered, key=lambda media: order.index(_kind(media.name)))
        if len(offered) > 1:
            others = ", ".join(media.name for media in offered if media is not chosen)
            self._note(operation, f"the body is sent as {chosen.name}, never as {others}")
        return chosen, _kind(chosen.name)

    # Results

    def _results(self, operation: spec_operations.Operation, function: str) -> tuple[Result, ...]:
        responses = [one for one in operation.responses if one.is_success]
        if not responses:
            responses = [one for one in operation.responses if one.status == "default"]
        found: list[Result] = []
        for response in responses:
            media = _preferred([*response.content])
            status = int(response.status) if response.status.isdecimal() else None
            if media is None:
                found.append(Result(status, "none", None))
            elif media.is_json:
                type_ = None
                if media.schema is not None:
                    name = "response" if len(responses) == 1 else f"response_{response.status}"
                    type_ = self._models.type_of(media.schema, name, function)
                found.append(Result(status, "json", type_))
            else:
                if essence(media.name) == "text/event-stream":
                    self._note(operation, "text/event-stream is not read event by event: the method returns the text")
                found.append(Result(status, "text" if media.name.startswith("text/") else "bytes", None))
        if not found:
            self._note(operation, "no success response is described: the method returns None")
            return (Result(None, "none", None),)
        # A success status that the spec does not list is read as the first that it does.
        first = next((one for one in found if one.kind != "none"), found[0])
        others = [one for one in found if one is not first and one.status is not None]
        return (*others, replace(first, status=None))

    def _accept(self, operation: spec_operations.Operation) -> str:
        chosen = (_preferred([*one.content]) for one in operation.responses if one.is_success)
        return ", ".join(dict.fromkeys(media.name for media in chosen if media is not None))

    def _paging(self, method: Method) -> Paging | None:
        declared = method.operation.node.value.get(PAGINATION)
        if declared is None:
            return None
        if not isinstance(declared, dict) or not {"cursor", "next_cursor", "results"} <= set(declared):
            self._note(method.operation, f"{PAGINATION} needs cursor, next_cursor and results: there are no pages")
            return None
        cursor = str(declared["cursor"]).removeprefix("$request.")
        argument = next((one.argument for one in method.parameters if one.source.name == cursor), None)
        result = method.results[-1].type
        names = ("next_cursor", "results", "has-next-page")
        found = {name: self._path(result, declared[name]) for name in names if name in declared}
        items = found.get("results")
        if argument is None or result is None or None in found.values() or items is None or items[1].item is None:
            self._note(method.operation, f"{PAGINATION} names something that is not in the spec: there are no pages")
            return None
        has_next = found.get("has-next-page")
        cursor_path = found["next_cursor"]
        assert cursor_path is not None
        return Paging(argument, cursor_path[0], items[0], has_next and has_next[0], result.annotation, items[1].item)

    def _path(self, type_: Type | None, text: Any) -> tuple[tuple[str, ...], Type] | None:
        """Return the attributes that `$response.a.b` names, and the type of the last one."""
        attributes: list[str] = []
        for name in str(text).removeprefix("$response.").split("."):
            found = type_ and self._models.attribute(type_, name)
            if not found:
                return None
            attributes.append(found[0])
            type_ = found[1]
        return (tuple(attributes), type_) if type_ else None


def options() -> set[str]:
    """Return the names of the options that every method has."""
    return _names_in(ROOT / "templates" / "sending.py", "CallOptions")


def _names_in(path: Any, only: str | None = None) -> set[str]:
    """Return the names that the classes of a module define, without importing it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ClassDef) and only in (None, node.name):
            for inner in ast.walk(node):
                if isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef) and inner in node.body:
                    found.add(inner.name)
                elif isinstance(inner, ast.AnnAssign) and isinstance(inner.target, ast.Name):
                    found.add(inner.target.id)
                elif isinstance(inner, ast.Attribute) and getattr(inner.value, "id", None) == "self":
                    found.add(inner.attr)
    return found


def _identifier(name: str) -> str:
    return str(PythonIdentifier(name, prefix="field_"))


def _attribute(name: str) -> str:
    """Return the name of a method or group. In a class it hides the type of the same name: only `list` may do that."""
    identifier = _identifier(name)
    return "list" if identifier == "list_" else identifier


def class_name(group: tuple[str, ...]) -> str:
    """Return the name of the class for a group of methods."""
    return pascal_case(group[-1]) or "Default"


def _only_value(schema: dict[str, Any]) -> tuple[bool, Any]:
    """Return whether a value has a single possibility, and which."""
    if "const" in schema:
        return True, schema["const"]
    if len(schema.get("enum", [])) == 1:
        return True, schema["enum"][0]
    default = schema.get("default")
    if isinstance(default, str) and schema.get("pattern") in (f"^{default}$", f"^{re.escape(default)}$"):
        return True, default
    return False, None


def _with_unset(annotation: str) -> str:
    parts = annotation.split(" | ")
    return " | ".join([*(part for part in parts if part != "None"), "Unset", *(["None"] if "None" in parts else [])])


def _described(text: str, limits_in_words: list[str], default: Any = None) -> str:
    text = " ".join(text.split())
    if text and text[-1] not in ".!?":
        text += "."
    said = ", ".join(limits_in_words)
    if said:
        text += f" {said[0].upper()}{said[1:]}."
    if default is not None:
        text += f" By default `{json.dumps(default, ensure_ascii=False)}`."
    return text.strip()


def _first_sentence(text: str) -> str:
    found = re.match(r".*?[.!?](?=\s|$)", " ".join(text.split()))
    return found[0] if found else ""


def _kind(media_type: str) -> str:
    name = essence(media_type)
    if name == "application/json" or name.endswith("+json") or name == "*/*":
        return "json"
    if name.startswith("multipart/"):
        return "multipart"
    if name == "application/x-www-form-urlencoded":
        return "form"
    return "text" if name.startswith("text/") else "binary"


def _preferred(offered: list[spec_operations.MediaType]) -> spec_operations.MediaType | None:
    """Return the media type to read: JSON if there is any, then text."""
    order = sorted(offered, key=lambda media: (not media.is_json, not media.name.startswith("text/")))
    return order[0] if order else None
