"""A store in this process."""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from typing import ClassVar, TypeAlias

import orjson

from thread_runs_mock import strict_json
from thread_runs_mock.stores.base import Change, Item, Key, Page, PageRequest, Resource, UnknownCursorError

_OBJECTS = 256
"""The number of resources that are kept as objects in addition to their texts."""

_Position: TypeAlias = tuple[int, int]
"""When a resource was created, in Unix seconds, and the order of those of one second."""


class MemoryStore:
    """Keeps resources in this process, for one event loop or thread.

    It holds texts: objects would need three times the memory, and the text is what is sent. Those that were changed
    last are kept as objects too, so that they need not be parsed for the next change.
    """

    name: ClassVar[str] = "memory"
    blocking: ClassVar[bool] = False

    def __init__(self) -> None:
        self._bodies: dict[Key, bytes] = {}
        self._inside: dict[Key, int] = {}
        """How many resources lie in a key. What was emptied is kept, with 0."""
        self._objects: dict[Key, Resource] = {}
        self._created: dict[Key, int] = {}
        self._collections: dict[Key, _Collection] = {}

    def get(self, key: Key) -> bytes | None:
        return self._bodies.get(key)

    def add(self, items: Iterable[Item]) -> int:
        before = len(self._bodies)
        for item in items:
            if item.key in self._bodies:
                continue
            self._bodies[item.key] = item.body
            if item.created:
                self._created[item.key] = item.created
            for outer in _outer(item.key):
                self._inside[outer] = self._inside.get(outer, 0) + 1
            if collection := self._collections.get(_collection_of(item.key)):
                collection.add(item.key, item.created)
        return len(self._bodies) - before

    def modify(self, key: Key, change: Change) -> bytes | None:
        body = self._bodies.get(key)
        if body is None:
            return None
        old = self._objects.get(key) or orjson.loads(body)
        new = change(old)
        if new is not old:
            body = self._bodies[key] = strict_json.encode_to_keep(new)
        if len(self._objects) >= _OBJECTS:
            self._objects.clear()
        self._objects[key] = new
        return body

    def delete(self, key: Key) -> bool:
        found = self._remove(key)
        if self._inside.get(key):
            prefix = f"{key}/"
            for inner in [inner for inner in self._bodies if inner.startswith(prefix)]:
                self._remove(inner)
        return found

    def _remove(self, key: Key) -> bool:
        self._objects.pop(key, None)
        if self._bodies.pop(key, None) is None:
            return False
        self._created.pop(key, None)
        for outer in _outer(key):
            self._inside[outer] -= 1
        if collection := self._collections.get(_collection_of(key)):
            collection.remove(key)
        return True

    def contains(self, key: Key) -> bool:
        return key in self._bodies or bool(self._inside.get(key))

    def has_held(self, key: Key) -> bool:
        return key in self._inside

    def page(self, collection: Key, request: PageRequest) -> Page:
        if collection not in self._collections:
            # The order is computed only for collections that are listed.
            prefix = f"{collection}/"
            members = [key for key in self._bodies if key.startswith(prefix) and "/" not in key[len(prefix) :]]
            self._collections[collection] = _Collection((key, self._created.get(key, 0)) for key in members)
        keys, has_more = self._collections[collection].page(request)
        return Page([self._bodies[key] for key in keys], has_more)

    def bodies(self) -> Iterator[bytes]:
        return iter(list(self._bodies.values()))

    def __len__(self) -> int:
        return len(self._bodies)

    def transaction(self) -> AbstractContextManager[object]:
        return nullcontext()

    def check_writable(self) -> None:
        """Do nothing: memory is always readable and writable."""

    def close(self) -> None:
        """Nothing to close."""


class _Collection:
    """The keys of a collection in the order of their creation.

    The positions of removed keys are kept, so that a client that pages through the collection can go on from them.
    """

    def __init__(self, members: Iterable[tuple[Key, int]]) -> None:
        self._positions: dict[Key, _Position] = {key: (created, n) for n, (key, created) in enumerate(members)}
        self._next = len(self._positions)
        self._order = sorted((position, key) for key, position in self._positions.items())

    def add(self, key: Key, created: int) -> None:
        self._positions[key] = (created, self._next)
        self._next += 1
        insort(self._order, (self._positions[key], key))

    def remove(self, key: Key) -> None:
        del self._order[bisect_left(self._order, (self._positions[key], key))]

    def page(self, request: PageRequest) -> tuple[list[Key], bool]:
        lower, upper = request.after, request.before
        if request.descending:
            lower, upper = upper, lower
        first, end = 0, len(self._order)
        if lower is not None:
            first = bisect_right(self._order, self._entry(lower))
        if upper is not None:
            end = bisect_left(self._order, self._entry(upper))
        count = max(0, end - first)
        limit = count if request.limit is None else min(request.limit, count)
        found = self._order[first : first + limit] if request.from_oldest else self._order[end - limit : end]
        keys = [key for _, key in found]
        return keys[::-1] if request.descending else keys, limit < count

    def _entry(self, key: Key) -> tuple[_Position, Key]:
        if key not in self._positions:
            raise UnknownCursorError(key)
        return self._positions[key], key


def _collection_of(key: Key) -> Key:
    return key.rpartition("/")[0]


def _outer(key: Key) -> list[Key]:
    """The keys above the resource, outermost first."""
    parts = key.split("/")
    return ["/".join(parts[:count]) for count in range(2, len(parts))]
