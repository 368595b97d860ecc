"""The meaning of an operation: its role, its maps, what it may change, how it is secured.

The suite interprets operations on its own. It shares only the mechanical reading of the document with the mock: a judge
that shared the defendant's interpretation could not catch a mistake in it.
"""

from functools import cached_property
from typing import Any
from urllib.parse import unquote

from thread_runs_conformance.parameters import Parameter
from thread_runs_conformance.security import Scheme, scheme_of
from thread_runs_conformance.spec import Spec, written
from thread_runs_spec import operations
from thread_runs_spec.content import Content, MediaType

_WRAPPERS = ("data", "items", "results", "value", "values", "records", "entries")
"""Properties that hold the entries of a list response."""


class Operation:
    """One method of one path.

    Args:
        read: The operation as written in the document.
    """

    def __init__(self, spec: Spec, read: operations.Operation) -> None:
        self.spec = spec
        self.written = read
        self.method = read.method
        self.path = read.path
        self.pointer = written(read.node)
        self.id = read.name

    @cached_property
    def parameters(self) -> list[Parameter]:
        return [Parameter(self.spec, each) for each in self.written.parameters]

    def parameters_in(self, location: str) -> list[Parameter]:
        return [each for each in self.parameters if each.written.location == location]

    @property
    def required_headers(self) -> list[Parameter]:
        """Required header parameters."""
        return [each for each in self.parameters_in("header") if each.required]

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
    def body(self) -> str | None:
        """The pointer to the schema of the JSON request body."""
        return None if self.written.body is None else _json_schema(self.written.body.content)

    @cached_property
    def body_required(self) -> bool:
        return self.written.body is not None and self.written.body.required

    @cached_property
    def body_requires_properties(self) -> bool:
        """Whether the body must have some property."""
        return self.body is not None and bool(self.spec.required(self.body))

    @cached_property
    def media_types(self) -> list[str]:
        """The media types of the request body, JSON first."""
        if self.written.body is None:
            return []
        found = [*self.written.body.content]
        chosen = [each.name if "*" not in each.name else "application/json" for each in found if each.is_json]
        return chosen + [each.name for each in found if not each.is_json]

    def takes(self, content_type: str) -> bool:
        """Whether the spec documents a request body of a content type; empty for a body without one."""
        content = self.written.body.content if self.written.body is not None else None
        return content is not None and (content.find("*/*") is not None or content.find(content_type) is not None)

    @cached_property
    def other_media(self) -> MediaType | None:
        """The media type of a request body that is not sent as JSON; None if there is no body, or it is JSON."""
        if self.written.body is None or self.written.body.content.json is not None:
            return None
        return next(iter(self.written.body.content), None)

    @cached_property
    def body_examples(self) -> list[Any]:
        """The examples of the request body."""
        content = self.written.body.content if self.written.body is not None else ()
        return [example.value for media in content if media.is_json for example in media.examples]

    def accepts(self, body: Any) -> bool:
        """Whether the request body is valid."""
        return self.body is not None and self.spec.is_valid(self.body, body)

    @cached_property
    def security(self) -> list[list[Scheme]]:
        """The alternatives of credentials, each a list of schemes that are needed together. Empty: none is needed."""
        if self.written.is_anonymous:
            return []
        return [[scheme_of(each) for each in way.schemes] for way in self.written.security]

    @property
    def statuses(self) -> list[str]:
        """The documented statuses, such as `200`, `5XX` and `default`."""
        return [each.status for each in self.written.responses]

    def response(self, status: int) -> operations.Response | None:
        """The documented response for a status."""
        return self.written.response(status)

    def response_pointer(self, status: int) -> str:
        """The pointer to the documented response for a status, or to the operation."""
        found = self.response(status)
        return self.pointer if found is None else written(found.node)

    @cached_property
    def success(self) -> operations.Response | None:
        """The documented success."""
        return self.written.success

    @cached_property
    def resource(self) -> str | None:
        """The pointer to the schema of the body of a success."""
        return response_schema(self.success) if self.success else None

    @cached_property
    def resource_properties(self) -> dict[str, str]:
        """The properties of a success: name and pointer."""
        return self.spec.properties(self.resource) if self.resource else {}

    @cached_property
    def body_properties(self) -> dict[str, str]:
        """The properties of the request body: name and pointer."""
        return self.spec.properties(self.body) if self.body else {}

    @cached_property
    def error_response(self) -> operations.Response | None:
        """A documented error, whose form undocumented ones are compared with."""
        found = (each for each in self.written.responses if each.status.startswith("4") or each.status == "default")
        return next(found, None)

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

    def keeps(self, name: str, value: Any) -> bool:
        """Whether the resource can hold the value of a body property unchanged.

        Otherwise the server turns it into something else: a text becomes a list of parts.
        """
        return name in self.resource_properties and self.spec.is_valid(self.resource_properties[name], value)

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
        """The pointer to the schema of a map of strings, which may be a branch of a union; empty if it is not one."""
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

    @cached_property
    def is_action(self) -> bool:
        """Whether it does something else with the resource that its path names, such as cancelling it."""
        known = self.is_modify or self.is_read or self.is_delete or self.is_create or self.is_list
        return not known and self.method not in ("GET", "HEAD", "OPTIONS") and bool(self.path_names)

    @property
    def may_refuse(self) -> frozenset[int]:
        """The statuses that a server may answer a valid request with, if they are documented.

        Whether a run can be cancelled depends on its state, and whether a file is accepted on what is in it. The spec
        does not say.
        """
        statuses: set[int] = set()
        if self.is_action or self.other_media is not None:
            statuses |= {400, 409, 412, 422, 423, 428}
        if self.other_media is not None:
            statuses |= {413, 415}
        return frozenset(statuses)

    @property
    def documents_absence(self) -> bool:
        """Whether the spec documents that something in the path may not exist."""
        return any(status in ("404", "4XX", "410") for status in self.statuses)

    @property
    def is_safe(self) -> bool:
        """Whether a valid call changes nothing that cannot be restored."""
        return self.is_modify or self.method in ("GET", "HEAD", "OPTIONS")


def response_schema(response: operations.Response) -> str | None:
    """The pointer to the schema of a JSON response body."""
    return _json_schema(response.content)


def _json_schema(content: Content) -> str | None:
    media = content.json
    return None if media is None or media.schema is None else written(media.schema.resolve())


def operations_of(spec: Spec) -> list[Operation]:
    """Every operation of the spec.

    Raises:
        SpecError: One of them cannot be read.
    """
    return [Operation(spec, each) for each in spec.operations]
