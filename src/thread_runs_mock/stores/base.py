"""The interface of a store of resources: JSON texts by key, in the order of their creation within a collection."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol, TypeAlias

Resource: TypeAlias = dict[str, Any]
"""A JSON object. It is never changed in place: a change makes a new one, so that whoever holds it can keep it."""

Key: TypeAlias = str
"""The path of a resource below the base path, identifiers escaped: `/threads/thread_abc123/runs/run_abc123`.

What precedes the last slash is the key of its collection.
"""

Change: TypeAlias = Callable[[Resource], Resource]


class StoreError(Exception):
    """The store cannot be opened, read or written. The message gives the reason in one line."""


class UnknownCursorError(Exception):
    """A page was requested from a resource that was never in the collection."""

    def __init__(self, key: Key) -> None:
        super().__init__(key)
        self.key = key


@dataclass(frozen=True, slots=True)
class Item:
    """A resource to be stored: its key, its JSON, and its time of creation in Unix seconds (0 if unknown)."""

    key: Key
    body: bytes
    created: int = 0


@dataclass(frozen=True, slots=True)
class PageRequest:
    """The requested part of a collection.

    Attributes:
        limit: The number of resources; None for all.
        descending: Newest first.
        after: The key that the page follows. It may have been deleted since.
        before: The key that the page precedes.
    """

    limit: int | None = None
    descending: bool = False
    after: Key | None = None
    before: Key | None = None

    @property
    def from_oldest(self) -> bool:
        """Whether the page is cut at the older end of the range: a page before a cursor lies next to it."""
        return self.descending == (self.before is not None and self.after is None)


@dataclass(frozen=True, slots=True)
class Page:
    """Part of a collection, and whether there is more of it in the direction of the request."""

    bodies: list[bytes]
    has_more: bool


class Store(Protocol):
    """The methods of a store that the application needs. Every method is atomic.

    A store whose methods wait for a disk or a network is `blocking`: it is used from one thread, which puts several
    calls into one `transaction`. If that fails with a `StoreError`, none of them has happened.
    """

    name: ClassVar[str]
    blocking: ClassVar[bool]

    def get(self, key: Key) -> bytes | None:
        """Return the resource's JSON, or None if there is none."""

    def add(self, items: Iterable[Item]) -> int:
        """Store the resources, all or none, except where the key exists; return how many were added."""

    def modify(self, key: Key, change: Change) -> bytes | None:
        """Replace the resource by `change(resource)` and return its JSON, or None if there is no resource.

        What `change` raises is passed on, and nothing is changed. It may be called again after a failure.
        """

    def delete(self, key: Key) -> bool:
        """Remove the resource and everything below it; return whether there was one."""

    def contains(self, key: Key) -> bool:
        """Return whether there is a resource with this key or below it."""

    def has_held(self, key: Key) -> bool:
        """Return whether there is, or ever was, a resource below this key."""

    def page(self, collection: Key, request: PageRequest) -> Page:
        """Return part of a collection in the order of creation. Raises UnknownCursorError."""

    def bodies(self) -> Iterator[bytes]:
        """Yield the JSON of every resource. Those added or removed meanwhile may be missing."""

    def __len__(self) -> int: ...

    def transaction(self) -> AbstractContextManager[object]:
        """Make the operations in the block one transaction."""

    def check_writable(self) -> None:
        """Raise StoreError if the resources cannot be read, or nothing can be written."""

    def close(self) -> None: ...
