"""The roles of operations, by the conventions of REST and the schemas of their responses."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from thread_runs_mock.operation_parts import Role
from thread_runs_spec import operations as written
from thread_runs_spec import schemas
from thread_runs_spec.document import Node, canonical

EXTENSION = "x-mock"
"""The field of an operation that describes an action."""

_BY_METHOD = {"GET": Role.READ, "PUT": Role.REPLACE, "POST": Role.MODIFY, "PATCH": Role.MODIFY}


@dataclass(frozen=True)
class Place:
    """The role of an operation, and the path template of the resource that it works on."""

    role: Role
    resource_path: str


class Roles:
    """Determines the roles of the operations of one document."""

    def __init__(self, operations: Sequence[written.Operation]) -> None:
        self._by_path: dict[str, list[written.Operation]] = {}
        for operation in operations:
            self._by_path.setdefault(operation.path, []).append(operation)
        # What a collection holds: the paths that end with one more identifier.
        self._item_paths: Mapping[str, str] = {
            path.rpartition("/")[0]: path for path in self._by_path if _is_item(path)
        }

    def place(self, operation: written.Operation) -> Place:
        """Return the role of an operation."""
        path, response = operation.path, response_schema(operation)
        if _is_item(path):
            if operation.method == "DELETE":
                return Place(Role.DELETE, path)
            role = _BY_METHOD.get(operation.method, Role.EXAMPLE)
            return Place(Role.EXAMPLE if response is None else role, path)
        item_path = self._item_paths.get(path, f"{path}/{{id}}")
        held = self.held(path)
        if held is not None and response is not None:
            if operation.method == "POST" and _same(response, held):
                return Place(Role.CREATE, item_path)
            if operation.method == "GET" and list_property(response, held) is not None:
                return Place(Role.LIST, item_path)
        resource_path, _, action = path.rpartition("/")
        if "/" in path and _is_item(resource_path) and "{" not in action:
            if EXTENSION in operation.node.value and operation.method != "GET":
                return Place(Role.ACTION, resource_path)
            # An action without an extension changes nothing: it responds with what it would have changed.
            if self.returns_resource(operation, resource_path):
                return Place(Role.READ, resource_path)
        return Place(Role.EXAMPLE, _up_to_identifier(path))

    def resource(self, path: str) -> Node | None:
        """Return the schema of the resource at a path, from the operations on it, or None."""
        return next(iter(self._responses(path)), None)

    def returns_resource(self, operation: written.Operation, path: str) -> bool:
        """Return whether an operation responds with the resource at a path."""
        response = response_schema(operation)
        return response is not None and any(_same(response, schema) for schema in self._responses(path))

    def is_stored(self, path: str) -> bool:
        """Return whether resources of this path are stored, so that what lies in them needs them to exist."""
        collection = path.rpartition("/")[0]
        roles = {self.place(operation).role for operation in self._by_path.get(path, ())}
        if not roles.isdisjoint({Role.READ, Role.MODIFY, Role.REPLACE}):
            return True
        return any(self.place(operation).role is Role.CREATE for operation in self._by_path.get(collection, ()))

    def holds_stored(self, path: str) -> bool:
        """Return whether resources that lie in what this path names are stored."""
        return any(each.startswith(f"{path}/") and _is_item(each) and self.is_stored(each) for each in self._by_path)

    def held(self, path: str) -> Node | None:
        """Return the schema of what a collection holds: from the operations on a member, else from list and create."""
        if (item_path := self._item_paths.get(path)) is not None:
            schema = self.resource(item_path)
            if schema is not None:
                return schema
        created = self._response_of(path, "POST")
        listed = self._response_of(path, "GET")
        if created is None or listed is None or list_property(listed, created) is None:
            return None
        return created if "id" in schemas.properties(created) else None

    def _responses(self, path: str) -> list[Node]:
        """The response schemas of the operations on a resource, but for its deletion."""
        found = [
            response_schema(operation) for operation in self._by_path.get(path, ()) if operation.method in _BY_METHOD
        ]
        return [schema for schema in found if schema is not None]

    def _response_of(self, path: str, method: str) -> Node | None:
        matching = [operation for operation in self._by_path.get(path, ()) if operation.method == method]
        return response_schema(matching[0]) if matching else None


def response_schema(operation: written.Operation) -> Node | None:
    """Return the schema of the JSON body of the success response, references followed, or None."""
    success = operation.success
    media = success.content.json if success is not None else None
    return None if media is None or media.schema is None else media.schema.resolve()


def list_property(response: Node, held: Node) -> str | None:
    """Return the property of a list response that holds the resources; empty if the response is the array itself."""
    for name, schema in {"": response, **schemas.properties(response)}.items():
        for node in schemas.alternatives(schema):
            items = node.get("items")
            if items is not None and _same(items, held):
                return name
    return None


def _same(one: Node, other: Node) -> bool:
    one, other = one.resolve(), other.resolve()
    return one.pointer == other.pointer or canonical(one.value) == canonical(other.value)


def _is_item(path: str) -> bool:
    last = path.rpartition("/")[2]
    return last.startswith("{") and last.endswith("}")


def _up_to_identifier(path: str) -> str:
    return "".join(path.rpartition("}")[:2])
