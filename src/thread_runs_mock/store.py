"""Where resources are kept between requests."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from typing import Any, ClassVar, Protocol, TypeAlias

import orjson

from thread_runs_mock import strict_json

Resource: TypeAlias = dict[str, Any]
"""A JSON object. Never changed in place: a change makes a new one, so whoever holds it can keep it."""

Key: TypeAlias = str
"""The path of a resource below the base path, identifiers escaped: `/threads/thread_abc123/runs/run_abc123`."""

Item: TypeAlias = tuple[Key, tuple[Key, ...], bytes]
"""A resource to be kept: its key, the keys of the resources that it lies in, and its JSON."""

Change: TypeAlias = Callable[[Resource], Resource]


class StoreError(Exception):
    """The store cannot be opened, read or written; the message is one line that says why."""


class Store(Protocol):
    """What the application needs of a store: JSON texts by key. Every method is atomic.

    A store whose methods wait for a disk or a network is `blocking`: it is used from one thread, which puts
    several calls into one `transaction`. Where that fails with a `StoreError`, none of them has happened.
    """

    name: ClassVar[str]
    blocking: ClassVar[bool]

    def get(self, key: Key) -> bytes | None:
        """The resource's JSON, or None if there is none."""

    def add(self, items: Iterable[Item]) -> None:
        """Keep the resources, all or none, except where there is one with the key already."""

    def modify(self, key: Key, change: Change) -> bytes | None:
        """Put `change(resource)` in the resource's place and return its JSON, or None if there is no resource.

        What `change` raises is passed on, and nothing is changed. It may be called again after a failure.
        """

    def delete(self, key: Key) -> bool:
        """Remove the resource; tells whether there was one."""

    def contains(self, key: Key) -> bool:
        """Whether there is a resource with this key, or one that lies in it."""

    def bodies(self) -> Iterator[bytes]:
        """The JSON of every resource; which of those that come or go meanwhile is open."""

    def __len__(self) -> int: ...

    def transaction(self) -> AbstractContextManager[object]:
        """Makes one step of what is done inside."""

    def close(self) -> None: ...


_OBJECTS = 256
"""Resources that are kept as objects beside their texts."""


class MemoryStore:
    """Keeps resources in this process, for one event loop or thread.

    It holds texts: as objects they would need three times the memory, and the text is what is answered. Those that
    were changed last are kept as objects too, so that they need not be parsed for the next change.
    """

    name: ClassVar[str] = "memory"
    blocking: ClassVar[bool] = False

    def __init__(self) -> None:
        self._bodies: dict[Key, bytes] = {}
        self._inside: dict[Key, int] = {}
        self._objects: dict[Key, Resource] = {}

    def get(self, key: Key) -> bytes | None:
        return self._bodies.get(key)

    def add(self, items: Iterable[Item]) -> None:
        for key, outer, body in items:
            if key not in self._bodies:
                self._bodies[key] = body
                for outer_key in outer:
                    self._inside[outer_key] = self._inside.get(outer_key, 0) + 1

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
        self._objects.pop(key, None)
        if self._bodies.pop(key, None) is None:
            return False
        for end, character in enumerate(key):
            if character == "/" and (outer := key[:end]) in self._inside:
                self._inside[outer] -= 1
                if not self._inside[outer]:
                    del self._inside[outer]
        return True

    def contains(self, key: Key) -> bool:
        return key in self._bodies or key in self._inside

    def bodies(self) -> Iterator[bytes]:
        return iter(list(self._bodies.values()))

    def __len__(self) -> int:
        return len(self._bodies)

    def transaction(self) -> AbstractContextManager[object]:
        return nullcontext()

    def close(self) -> None:
        """Nothing to close."""


def open_store(location: str | None) -> Store:
    """A store in memory, or the one at a path (SQLite) or URL (`postgresql://`).

    Raises:
        StoreError: It cannot be opened.
    """
    if location is None:
        return MemoryStore()
    from thread_runs_mock import sql

    return sql.open_store(location)
