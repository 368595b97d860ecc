"""Convert the operations of an OpenAPI document into those of the mock."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from thread_runs_mock import errors
from thread_runs_mock.documented import Documented, documented_responses
from thread_runs_mock.error_bodies import ErrorBodies
from thread_runs_mock.operation_parts import Action, Listing, Parent, Role
from thread_runs_mock.operations import Operation
from thread_runs_mock.request_reading import read_bodies, read_parameters
from thread_runs_mock.roles import EXTENSION, Roles, list_property, response_schema
from thread_runs_mock.samples import samples
from thread_runs_mock.validation import Schemas, Validator
from thread_runs_spec import operations as written
from thread_runs_spec import schemas
from thread_runs_spec.content import Example, MediaType
from thread_runs_spec.document import Node, Spec, canonical

CREATE_MISSING = "x-mock-create-missing"
"""Marks the example that `create_missing` copies."""

# A schema with no other keywords looks at each property by itself.
_SIMPLE = frozenset({*schemas.ANNOTATIONS, "type", "required", "properties", "additionalProperties"})
_TIMES = ("created_at", "created", "createdAt", "updated_at", "updatedAt")
_PAGE_FIELDS = ("first_id", "last_id", "has_more")


class Reader:
    """Reads the operations of one document."""

    def __init__(self, spec: Spec) -> None:
        self._schemas = Schemas(spec)
        self._written = written.operations(spec)
        self._roles = Roles(self._written)

    def operations(self) -> tuple[Operation, ...]:
        """Return all operations.

        Raises:
            SpecError: Names file, line and pointer of what cannot be served.
        """
        return tuple(self._operation(operation) for operation in self._written)

    def error_bodies(self) -> ErrorBodies:
        """Return the writer of errors in the form of the document."""
        return ErrorBodies(self._written, self._schemas)

    def _operation(self, operation: written.Operation) -> Operation:
        place = self._roles.place(operation)
        role = place.role
        parameters = tuple(read_parameters(operation, self._schemas))
        response = response_schema(operation)
        json = operation.success.content.json if operation.success is not None else None
        validator = None if json is None else self._schemas.validator(json.schema)
        documented = tuple(documented_responses(operation))
        resource = self._roles.resource(place.resource_path)
        shown = resource if role is Role.ACTION else response
        offered = {} if shown is None else schemas.properties(shown)
        requested = self._requested(operation)
        action = self._action(operation, offered) if role is Role.ACTION else None
        return Operation(
            name=operation.name,
            method=operation.method,
            path=operation.path,
            resource_path=place.resource_path,
            role=role,
            parameters=parameters,
            bearer=operation.needs_bearer_token,
            body=read_bodies(operation, self._schemas),
            body_required=operation.body is not None and operation.body.required,
            maps=frozenset(name for name, schema in requested.items() if _is_map(schema)),
            properties=frozenset(requested),
            not_stored=_not_stored(requested, offered),
            same_in_response=_same_in_response(requested, offered, response),
            times={name: kind for name in _TIMES if name in offered and (kind := _time_kind(offered[name]))},
            status=operation.success_code,
            response=validator,
            response_properties=frozenset(offered),
            examples=() if json is None or validator is None else tuple(self._examples(json, validator)),
            resource=self._schemas.validator(resource) if role is Role.ACTION and resource is not None else None,
            returns_resource=self._roles.returns_resource(operation, place.resource_path),
            documented=documented,
            success=_success(operation, documented),
            # An action that only reads is not simulated.
            is_simulated=role is not Role.EXAMPLE and (role is not Role.READ or operation.method == "GET"),
            parents=tuple(self._parents(operation)),
            action=action,
            listing=self._listing(operation, place.resource_path) if role is Role.LIST else None,
        )

    def _parents(self, operation: written.Operation) -> Iterator[Parent]:
        """The resources in the path that must exist.

        A resource must. Anything else, such as a thread in a document that only describes runs, must if the operation
        documents 404.
        """
        segments = operation.path.split("/")
        documents_404 = any(response.status in ("404", "4XX") for response in operation.responses)
        for end in range(len(segments), 0, -1):
            path = "/".join(segments[:end])
            if not segments[end - 1].startswith("{") or (operation.method == "PUT" and path == operation.path):
                continue  # A PUT may create what its path names (RFC 9110, 9.3.4).
            if self._roles.is_stored(path):
                yield Parent(path, is_resource=True)
            elif documents_404 and self._roles.holds_stored(path):
                yield Parent(path, is_resource=False)

    def _requested(self, operation: written.Operation) -> dict[str, Node]:
        """The schemas of all properties of a body."""
        media = operation.body.content if operation.body is not None else ()
        found: dict[str, Node] = {}
        for each in media:
            if each.schema is not None:
                for node in schemas.alternatives(each.schema):
                    found = {**schemas.properties(node), **found}
        return found

    def _examples(self, media: MediaType, validator: Validator) -> Iterator[Any]:
        # The sort is stable: only the marked one moves.
        ordered = sorted(media.examples, key=lambda example: not _is_marked(example))
        for example in ordered:
            if violation := validator.first_violation(example.value):
                name = f"'{example.name or 'example'}'"
                raise example.node.error(f"the example {name} violates its schema: {errors.invalid_value(violation)}")
            yield example.value
        if ordered or media.schema is None:
            return
        made = list(samples(media.schema))
        valid = next((value for value in made if validator.is_valid(value)), None)
        if valid is None and (violation := validator.first_violation(made[-1])):
            why = errors.invalid_value(violation)
            raise media.node.error(f"there is no example, and none could be made from the schema: {why}")
        yield valid

    def _action(self, operation: written.Operation, offered: Mapping[str, Node]) -> Action:
        node = operation.node.spec.at((*operation.node.pointer, EXTENSION))
        value = node.value
        if not isinstance(value, dict) or not value.keys() <= {"set", "when", "otherwise"}:
            raise node.error(f"`{EXTENSION}` is an object with `set`, `when` and `otherwise`")
        changes, conditions, otherwise = value.get("set", {}), value.get("when", {}), value.get("otherwise", 400)
        for name, part in (("set", changes), ("when", conditions)):
            if not isinstance(part, dict):
                raise node.error(f"`{name}` is an object of properties of the resource")
            if unknown := [each for each in part if offered and each not in offered]:
                raise node.error(f"`{name}`: the resource has no property '{unknown[0]}'")
        if not isinstance(otherwise, int) or not 400 <= otherwise <= 599:
            raise node.error("`otherwise` is a status from 400 to 599")
        when = {name: tuple(each) if isinstance(each, list) else (each,) for name, each in conditions.items()}
        return Action(changes, when, otherwise)

    def _listing(self, operation: written.Operation, resource_path: str) -> Listing:
        response = response_schema(operation)
        assert response is not None
        held = self._roles.held(operation.path)
        assert held is not None
        items = list_property(response, held)
        if not items:
            return Listing()
        properties = schemas.properties(response)
        fields = frozenset(name for name in _PAGE_FIELDS if name in properties)
        json = operation.success.content.json if operation.success is not None else None
        assert json is not None
        envelope: Any = next(self._examples(json, self._schemas.validator(json.schema)), {})
        return Listing(
            envelope=envelope if isinstance(envelope, dict) else {},
            items=items,
            fields=fields,
            nullable=frozenset(name for name in fields if schemas.is_nullable(properties[name])),
            required=schemas.required(response) & fields,
        )


def _success(operation: written.Operation, documented: Sequence[Documented]) -> Documented | None:
    """The response of an operation whose success has a body that is not JSON."""
    success = operation.success
    if success is None or not success.content or success.content.json is not None:
        return None
    return next((response for response in documented if response.status_key == success.status), None)


def _not_stored(requested: Mapping[str, Node], offered: Mapping[str, Node]) -> frozenset[str]:
    read_only = {name for name, schema in requested.items() if schemas.keywords(schema).get("readOnly") is True}
    return frozenset(read_only | (requested.keys() - offered.keys() if offered else set()))


def _same_in_response(
    requested: Mapping[str, Node], offered: Mapping[str, Node], response: Node | None
) -> frozenset[str]:
    if response is None or not schemas.keywords(response).keys() <= _SIMPLE:
        return frozenset()
    return frozenset(
        name for name, schema in requested.items() if name in offered and _meaning(schema) == _meaning(offered[name])
    )


def _meaning(schema: Node) -> str:
    """The schema without keywords that do not restrict values, for comparison."""
    kept = {name: value for name, value in schemas.keywords(schema).items() if name not in schemas.ANNOTATIONS}
    return canonical(kept)


def _is_map(schema: Node) -> bool:
    return any(
        "object" in schemas.types(node)
        and not schemas.properties(node)
        and schemas.keywords(node).get("additionalProperties", True) is not False
        for node in schemas.alternatives(schema)
    )


def _all_types(schema: Node) -> frozenset[str]:
    return frozenset().union(*(schemas.types(node) for node in schemas.alternatives(schema)))


def _time_kind(schema: Node) -> str | None:
    types = _all_types(schema)
    if "integer" in types or "number" in types:
        return "integer"
    is_text = any(schemas.keywords(node).get("format") == "date-time" for node in schemas.alternatives(schema))
    return "string" if is_text else None


def _is_marked(example: Example) -> bool:
    if not example.name:
        return False
    parent = example.node.spec.at(example.node.pointer[:-1])
    return parent.value.get(CREATE_MISSING) is True
