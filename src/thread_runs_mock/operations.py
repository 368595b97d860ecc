"""What the mock serves: operations with their roles, and the keys and identifiers of the resources they work on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from thread_runs_mock import strict_json
from thread_runs_mock.documented import Documented
from thread_runs_mock.operation_parts import Action, Body, Listing, Parameter, Parent, Role
from thread_runs_mock.stores import Item, Key, Resource
from thread_runs_mock.validation import Validator


@dataclass(frozen=True)
class Operation:
    """One method of one path.

    Attributes:
        name: The operation's `operationId`, or method and path.
        path: The path template, without the server's base path.
        resource_path: The path template of the resource: without the name of an action, and for a collection with the
            identifier of its items.
        parameters: Path parameters first, in the order of the path.
        body: By media type. Empty if there is no request body.
        maps: Properties of the body that hold the caller's own pairs, which can be merged key by key.
        properties: All properties in the body's schema.
        not_stored: Those of `properties` that are accepted but not stored, because the response does not have them or
            they are `readOnly`.
        same_in_response: Those of `properties` that have the same schema in the response, so that they need no second
            check.
        times: Properties of the resource that hold the time of its creation or last change: `integer` or `string`.
        status: The success status.
        response: Validator of the success response; None if it has no JSON body.
        response_properties: The properties in the schema of the success response.
        examples: The examples of the success response. The first one is copied for missing resources.
        resource: Validator of the resource that an action changes.
        returns_resource: Whether the success response is the resource.
        documented: Every documented response, in the order of the document.
        success: The documented response that an operation without a JSON response gives.
        is_simulated: Whether the response reflects what the request does. False if the response is only an example.
        parents: The resources that the path names before the one that the operation works on, and that must exist.
    """

    name: str
    method: str
    path: str
    resource_path: str
    role: Role
    parameters: tuple[Parameter, ...]
    bearer: bool
    body: Mapping[str, Body]
    body_required: bool
    maps: frozenset[str]
    properties: frozenset[str]
    not_stored: frozenset[str]
    same_in_response: frozenset[str]
    times: Mapping[str, str]
    status: int
    response: Validator | None
    response_properties: frozenset[str]
    examples: tuple[Any, ...]
    resource: Validator | None
    returns_resource: bool
    documented: tuple[Documented, ...]
    success: Documented | None
    is_simulated: bool
    parents: tuple[Parent, ...]
    action: Action | None = None
    listing: Listing | None = None
    # A frozen dataclass computes its hash from all fields, which are not all hashable.
    __hash__ = object.__hash__

    @cached_property
    def path_parameters(self) -> tuple[Parameter, ...]:
        return tuple(parameter for parameter in self.parameters if parameter.location == "path")

    @cached_property
    def queries(self) -> tuple[Parameter, ...]:
        return tuple(parameter for parameter in self.parameters if parameter.location == "query")

    @cached_property
    def query_names(self) -> frozenset[str]:
        return frozenset(parameter.name for parameter in self.queries)

    @cached_property
    def headers(self) -> tuple[Parameter, ...]:
        return tuple(parameter for parameter in self.parameters if parameter.location == "header")

    @cached_property
    def replaces(self) -> bool:
        """Whether the resource loses what the body leaves out."""
        return self.role is Role.REPLACE

    @cached_property
    def validator(self) -> Validator | None:
        """The validator of the first body that has one."""
        return next((body.validator for body in self.body.values() if body.validator), None)

    @cached_property
    def identifier_names(self) -> tuple[str, ...]:
        """The names of the identifiers in the resource's path."""
        return tuple(part[1:-1] for part in self.resource_path.split("/") if part.startswith("{"))

    def kind(self, index: int = -1) -> str:
        """Return the kind of resource that an identifier in the path names: `run` for `run_id` and `runId`."""
        name = self.identifier_names[index]
        return next(
            (short for end in ("_id", "-id", "Id") if (short := name.removesuffix(end)) not in ("", name)), name
        )

    @cached_property
    def _literals(self) -> list[str]:
        return [segment.partition("}")[2] for segment in ("}" + self.resource_path).split("{")]

    def documents(self, status: int) -> bool:
        """Return whether a response with this status is documented, by the status, its class or `default`."""
        return any(response.covers(status) for response in self.documented)

    def key(self, values: Sequence[str]) -> Key:
        """Return the key of the resource that the path names or is below."""
        return "".join([literal + _escaped(value) for literal, value in zip(self._literals, values, strict=False)])

    def collection_key(self, values: Sequence[str]) -> Key:
        """Return the key of the collection, given the identifiers before the resource's own."""
        return (self.key(values) + self._literals[len(values)]).rstrip("/")

    def item(self, values: Sequence[str], resource: Any) -> Item:
        """Return the resource, ready for a store."""
        created = resource.get("created_at", resource.get("created")) if isinstance(resource, dict) else None
        seconds = created if isinstance(created, int) and not isinstance(created, bool) else 0
        # A database holds 64 bits.
        seconds = seconds if abs(seconds) < 2**62 else 0
        return Item(self.key(values), strict_json.encode_to_keep(resource), seconds)

    def identity(self, resource: Any) -> list[str] | None:
        """Return the path's identifiers, from the resource; None if it does not have them all.

        If the schema of the resource has no field for an identifier, the example of the path parameter is used.
        """
        carried = {_plain(name) for name in self.response_properties}
        examples = {
            parameter.name: parameter.example
            for parameter in self.path_parameters
            if _plain(parameter.name) not in carried
        }
        found = []
        fields = self._identity_fields(resource)
        for name, own in zip(self.identifier_names, fields, strict=True):
            value = resource[own] if own is not None else examples.get(name)
            if value is None or (own is None and name == self.identifier_names[-1]):
                return None
            found.append(str(value))
        return found

    def identified(self, resource: Any, values: Sequence[Any]) -> Any:
        """Return the resource with the path's identifiers, where it has fields for them."""
        fields = zip(self._identity_fields(resource), values, strict=False)
        known = {field: value for field, value in fields if field is not None}
        return {**resource, **known} if known else resource

    def identifier_field(self, resource: Resource) -> str:
        """Return the field that holds the resource's own identifier."""
        return self._identity_fields(resource)[-1] or "id"

    def _identity_fields(self, resource: Any) -> list[str | None]:
        """The resource's field for each identifier: of its name (`threadId` is `thread_id`), or `id` for the last."""
        names = self.identifier_names
        if not isinstance(resource, dict):
            return [None for _ in names]
        plain = {_plain(field): field for field in reversed(resource)}
        fields = [name if name in resource else plain.get(_plain(name)) for name in names]
        if fields and fields[-1] is None and "id" in resource:
            fields[-1] = "id"
        return fields


def _plain(name: str) -> str:
    return name.replace("_", "").replace("-", "").lower()


def _escaped(identifier: str) -> str:
    """The identifier as one segment of a key. PostgreSQL's text cannot hold NUL."""
    if "%" in identifier or "/" in identifier or "\0" in identifier:
        return identifier.replace("%", "%25").replace("/", "%2F").replace("\0", "%00")
    return identifier


def unescaped(segment: str) -> str:
    """Return the identifier of a segment of a key."""
    return segment.replace("%00", "\0").replace("%2F", "/").replace("%25", "%")
