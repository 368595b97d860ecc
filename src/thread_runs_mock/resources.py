"""Execute checked requests on the store, by the role of their operation."""

from collections.abc import Callable, Iterable
from functools import partial
from random import Random
from typing import Any

from thread_runs_mock import changes, errors, strict_json
from thread_runs_mock.checking import query_values
from thread_runs_mock.clock import Clock
from thread_runs_mock.errors import ApiError
from thread_runs_mock.messages import Checked
from thread_runs_mock.operation_parts import STORED, Parent, Role
from thread_runs_mock.operations import Operation
from thread_runs_mock.service import Service
from thread_runs_mock.stores import Key, Page, PageRequest, Resource, Store, UnknownCursorError
from thread_runs_spec.document import SpecError

_DEFAULT_LIMIT = 20
"""The number of resources on a page, if neither the request nor the spec sets it."""


class Resources:
    """The resources in a store, as the operations of a service see them.

    Args:
        create_missing: Make a resource on first use, from the spec's example.
        merge: Merge maps such as `metadata` key by key; otherwise replace them.
    """

    def __init__(
        self, service: Service, store: Store, clock: Clock, random: Random, *, create_missing: bool, merge: bool
    ) -> None:
        self._store = store
        self._clock = clock
        self._random = random
        self._merge = merge
        self._templates: dict[str, Resource] = {}
        if create_missing:
            self._templates = {
                operation.resource_path: operation.examples[0]
                for operation in reversed(service.operations)
                if operation.role in STORED and operation.examples and isinstance(operation.examples[0], dict)
            }
            if not self._templates:
                raise SpecError(service.document.name, "there is no example that missing resources could be made from")
        by_role: dict[Role, Callable[[Checked, bytes, Any], bytes | None]] = {
            Role.MODIFY: self._modify,
            Role.REPLACE: self._modify,
            Role.READ: self._read,
            Role.DELETE: self._delete,
            Role.CREATE: self._create,
            Role.LIST: self._list,
            Role.ACTION: self._act,
            Role.EXAMPLE: self._example,
        }
        shown = {item.key for item in service.seeds()}
        self._parents = {operation: _parents(operation, shown) for operation in service.operations}
        self._handlers = {operation: by_role[operation.role] for operation in service.operations}

    def perform(self, checked: Checked, query: bytes, body: Any) -> bytes:
        """Execute the request and return the body of the response.

        Raises:
            ApiError: There is no such resource, or it cannot be changed so.
        """
        operation = checked.operation
        if self._templates:
            self._make_missing(checked)
        found = self._handlers[operation](checked, query, body)
        if found is None:
            raise self._unknown(operation, checked.texts)
        return found

    def _make_missing(self, checked: Checked) -> None:
        operation = checked.operation
        template = self._templates.get(operation.resource_path)
        if template is not None and len(checked.texts) == len(operation.identifier_names):
            self._store.add([operation.item(checked.texts, operation.identified(template, checked.values))])

    def _modify(self, checked: Checked, query: bytes, body: Any) -> bytes | None:
        change = partial(changes.modified, checked.operation, checked.values, body, merge=self._merge)
        return self._store.modify(checked.key, change)

    def _read(self, checked: Checked, query: bytes, body: Any) -> bytes | None:
        return self._store.get(checked.key)

    def _delete(self, checked: Checked, query: bytes, body: Any) -> bytes | None:
        return _shown(checked) if self._store.delete(checked.key) else None

    def _act(self, checked: Checked, query: bytes, body: Any) -> bytes | None:
        operation = checked.operation
        assert operation.action is not None
        found = self._store.modify(checked.key, partial(self._acted, operation))
        if found is None or operation.returns_resource:
            return found
        return _shown(checked)

    def _acted(self, operation: Operation, stored: Resource) -> Resource:
        assert operation.action is not None
        return changes.acted(operation, operation.action, stored, self._clock.now())

    def _create(self, checked: Checked, query: bytes, body: Any) -> bytes | None:
        operation = checked.operation
        if not self._has_parents(checked):
            return None
        keeps_identifier = True
        while True:
            made = changes.created(
                operation, checked.values, body, self._random, self._clock.now(), keeps_identifier=keeps_identifier
            )
            own = str(made[operation.identifier_field(made)])
            item = operation.item([*checked.texts, own], made)
            if self._store.add([item]):
                return item.body
            if keeps_identifier and operation.documents(409) and changes.sent_identifier(operation, body) is not None:
                raise errors.already_exists(operation.kind(), own)
            keeps_identifier = False

    def _list(self, checked: Checked, query: bytes, body: Any) -> bytes | None:
        operation = checked.operation
        if not self._has_parents(checked):
            return None
        assert operation.listing is not None
        declared = {parameter.name: parameter for parameter in operation.queries}
        sent = query_values(operation, query)

        def value(name: str, default: Any) -> Any:
            if name not in declared:
                return None
            given = declared[name].default
            return sent.get(name, default if given is None else given)

        after, before = value("after", None), value("before", None)
        request = PageRequest(
            limit=value("limit", _DEFAULT_LIMIT),
            # Lists with an order begin with the newest, as those of the vendor's API.
            descending=str(value("order", "desc") or "asc").lower() in ("desc", "descending"),
            after=None if after is None else operation.key([*checked.texts, str(after)]),
            before=None if before is None else operation.key([*checked.texts, str(before)]),
        )
        try:
            page = self._store.page(operation.collection_key(checked.texts), request)
        except UnknownCursorError as error:
            name, cursor = ("after", after) if error.key == request.after else ("before", before)
            raise errors.unknown_cursor(name, operation.kind(), str(cursor)) from None
        return _list_body(operation, page)

    def _example(self, checked: Checked, query: bytes, body: Any) -> bytes | None:
        return _shown(checked) if self._has_parents(checked) else None

    def _has_parents(self, checked: Checked) -> bool:
        operation = checked.operation
        return all(
            # A parent that is not a resource cannot be created. With `create_missing` it need not exist.
            (self._templates and not parent.is_resource) or self._exists(operation, parent, checked.texts)
            for parent in self._parents[operation]
        )

    def _exists(self, operation: Operation, parent: Parent, texts: list[str]) -> bool:
        key = operation.key(texts[: parent.identifiers])
        return self._store.contains(key) if parent.is_resource else self._store.has_held(key)

    def _unknown(self, operation: Operation, texts: list[str]) -> ApiError:
        """The error that names the outermost resource of the path that does not exist."""
        parents = {parent.identifiers: parent for parent in self._parents[operation]}

        def exists(count: int) -> bool:
            if count in parents:
                return self._exists(operation, parents[count], texts)
            return self._store.contains(operation.key(texts[:count]))

        count = next((count for count in range(1, len(texts)) if not exists(count)), len(texts))
        return errors.unknown_resource(operation.kind(count - 1), texts[count - 1])


def _shown(checked: Checked) -> bytes:
    """The example of the success, with the identifiers of the path."""
    examples = checked.operation.examples
    return strict_json.encode(checked.operation.identified(examples[0], checked.values)) if examples else b""


def _parents(operation: Operation, shown: Iterable[Key]) -> tuple[Parent, ...]:
    """What must exist. Nothing could be found in what no example of the spec shows anything in."""
    return tuple(
        parent for parent in operation.parents if parent.is_resource or any(_lies_in(key, parent.path) for key in shown)
    )


def _lies_in(key: Key, path: str) -> bool:
    """Whether a resource is below a path template."""
    segments, parts = path.split("/"), key.split("/")
    return len(parts) > len(segments) and all(
        segment.startswith("{") or segment == part for segment, part in zip(segments, parts, strict=False)
    )


def _list_body(operation: Operation, page: Page) -> bytes:
    listing = operation.listing
    assert listing is not None
    array = b"[" + b",".join(page.bodies) + b"]"
    if listing.envelope is None:
        return array
    ends = [page.bodies[index] for index in (0, -1)] if page.bodies else []
    identifiers = [_identifier(operation, body) for body in ends] or [None, None]
    fields = {"first_id": identifiers[0], "last_id": identifiers[1], "has_more": page.has_more}
    envelope = dict(listing.envelope)
    for name in listing.fields:
        envelope[name] = fields[name]
        if fields[name] is None and name not in listing.nullable:
            if name in listing.required:
                envelope[name] = ""
            else:
                del envelope[name]
    return strict_json.encode({**envelope, listing.items: strict_json.Fragment(array)})


def _identifier(operation: Operation, body: bytes) -> Any:
    resource = strict_json.decode(body)
    return resource.get(operation.identifier_field(resource))
