"""Stores, which keep resources between requests."""

import re

from thread_runs_mock.stores.base import Item, Key, Page, PageRequest, Resource, Store, StoreError, UnknownCursorError
from thread_runs_mock.stores.memory import MemoryStore

__all__ = [
    "Item",
    "Key",
    "Page",
    "PageRequest",
    "Resource",
    "Store",
    "StoreError",
    "UnknownCursorError",
    "open_store",
]


def open_store(location: str | None) -> Store:
    """Return a store in memory, or the one at a path (SQLite) or URL (`postgresql://`).

    Raises:
        StoreError: It cannot be opened.
    """
    if location is None:
        return MemoryStore()
    if re.match(r"postgres(ql)?://", location):
        from thread_runs_mock.stores.postgresql import PostgresqlStore

        return PostgresqlStore(location)
    if "://" in location:
        scheme = location.partition("://")[0]
        raise StoreError(f"a store is a file or a postgresql:// URL, but got '{scheme}://'")
    from thread_runs_mock.stores.sqlite import SqliteStore

    return SqliteStore(location)
