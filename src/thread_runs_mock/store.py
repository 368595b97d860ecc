"""Where resources are kept between requests."""

from collections.abc import Callable
from typing import Any, Protocol, TypeAlias

Resource: TypeAlias = dict[str, Any]
"""A JSON object. Never changed in place: a change makes a new one, so a reader can keep what it got."""

Key: TypeAlias = tuple[str, ...]
"""Literal path text and identifiers in turn: `("/threads/", "thread_abc123", "/runs/", "run_abc123")`.

Its beginnings of even length are the keys of the resources that it lies in.
"""


class Store(Protocol):
    """What the application needs of a store. Every method is atomic."""

    def get(self, key: Key) -> Resource | None:
        """The resource, or None if there is none."""

    def add(self, key: Key, resource: Resource) -> bool:
        """Keep the resource unless there is one already; tells whether it was kept."""

    def modify(self, key: Key, change: Callable[[Resource], Resource]) -> Resource | None:
        """Put `change(resource)` in the resource's place and return it, or None if there is no resource.

        What `change` raises is passed on, and nothing is changed.
        """

    def delete(self, key: Key) -> bool:
        """Remove the resource; tells whether there was one."""

    def contains(self, key: Key) -> bool:
        """Whether there is a resource with this key, or one that lies in it."""


class MemoryStore:
    """Keeps resources in this process, for one event loop or thread."""

    def __init__(self) -> None:
        self._resources: dict[Key, Resource] = {}
        self._inside: dict[Key, int] = {}

    def get(self, key: Key) -> Resource | None:
        return self._resources.get(key)

    def add(self, key: Key, resource: Resource) -> bool:
        if key in self._resources:
            return False
        self._resources[key] = resource
        for outer in _outer(key):
            self._inside[outer] = self._inside.get(outer, 0) + 1
        return True

    def modify(self, key: Key, change: Callable[[Resource], Resource]) -> Resource | None:
        resource = self._resources.get(key)
        if resource is not None:
            resource = self._resources[key] = change(resource)
        return resource

    def delete(self, key: Key) -> bool:
        if self._resources.pop(key, None) is None:
            return False
        for outer in _outer(key):
            self._inside[outer] -= 1
            if not self._inside[outer]:
                del self._inside[outer]
        return True

    def contains(self, key: Key) -> bool:
        return key in self._resources or key in self._inside


def _outer(key: Key) -> list[Key]:
    return [key[:length] for length in range(2, len(key), 2)]
