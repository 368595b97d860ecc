"""The common part of the stores in SQLite and PostgreSQL."""

import contextlib
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, ClassVar

import orjson

from thread_runs_mock import strict_json
from thread_runs_mock.stores.base import Change, Item, Key, Page, PageRequest, StoreError, UnknownCursorError

_PAGE = 1000
"""The number of resources that are read or written at a time."""
PATIENCE = 30
"""Seconds to wait for another process that writes, or for a server to answer."""


class SqlStore(ABC):
    """One table of resources, one of the positions of removed ones, and one of facts about the store.

    Statements are written with `?`, as SQLite has it.
    """

    name: ClassVar[str]
    blocking: ClassVar[bool] = True
    _begin = "BEGIN"
    _lock_row = ""
    _mark = "?"

    def __init__(self, location: str, driver_error: type[Exception], title: str) -> None:
        self._location = location
        self._driver_error = driver_error
        self._title = title
        self._connection: Any = None
        self._in_transaction = False
        # Connect here, so that a wrong location is reported at once.
        with self.transaction():
            pass

    @abstractmethod
    def _connect(self) -> Any:
        """A connection without autocommit, to a database that has the tables."""

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        if self._in_transaction:
            try:
                yield
            except self._driver_error as error:
                raise self._failure(error) from error
            return
        try:
            if self._connection is None:
                self._connection = self._connect()
            self._connection.execute(self._begin)
            self._in_transaction = True
            try:
                yield
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")
        except self._driver_error as error:
            # The next transaction starts on a new connection, once there is a server again.
            self.close()
            raise self._failure(error) from error
        finally:
            self._in_transaction = False

    def _failure(self, error: Exception) -> StoreError:
        reason = str(error).partition("\n")[0]
        return StoreError(f"{self._title} failed: {reason}")

    def _execute(self, statement: str, *values: object) -> Any:
        return self._connection.execute(statement.replace("?", self._mark), values)

    def get(self, key: Key) -> bytes | None:
        with self.transaction():
            return _body(self._execute("SELECT body FROM thread_runs_mock WHERE key = ?", key).fetchone())

    def add(self, items: Iterable[Item]) -> int:
        statement = (
            "INSERT INTO thread_runs_mock (key, collection, created, body) VALUES (?, ?, ?, ?) "
            "ON CONFLICT (key) DO NOTHING"
        ).replace("?", self._mark)
        added = 0
        with self.transaction():
            rows = ((item.key, _collection_of(item.key), item.created, item.body.decode()) for item in items)
            while page := list(islice(rows, _PAGE)):
                cursor = self._connection.cursor()
                cursor.executemany(statement, page)
                added += max(0, cursor.rowcount)
        return added

    def modify(self, key: Key, change: Change) -> bytes | None:
        with self.transaction():
            query = f"SELECT body FROM thread_runs_mock WHERE key = ?{self._lock_row}"
            body = _body(self._execute(query, key).fetchone())
            if body is not None:
                old = orjson.loads(body)
                new = change(old)
                if new is not old:
                    body = strict_json.encode(new)
                    self._execute("UPDATE thread_runs_mock SET body = ? WHERE key = ?", body.decode(), key)
            return body

    def delete(self, key: Key) -> bool:
        with self.transaction():
            keep = (
                "INSERT INTO thread_runs_mock_removed (key, created, number) "
                "SELECT key, created, number FROM thread_runs_mock WHERE {} "
                "ON CONFLICT (key) DO UPDATE SET created = excluded.created, number = excluded.number"
            )
            own, inner, below = "key = ?", "key > ? AND key < ?", _below(key)
            for where, values in ((inner, below), (own, (key,))):
                self._execute(keep.format(where), *values)
                found = self._execute(f"DELETE FROM thread_runs_mock WHERE {where}", *values)
            return bool(found.rowcount)

    def contains(self, key: Key) -> bool:
        query = "SELECT 1 FROM thread_runs_mock WHERE key = ? OR (key > ? AND key < ?) LIMIT 1"
        with self.transaction():
            return self._execute(query, key, *_below(key)).fetchone() is not None

    def has_held(self, key: Key) -> bool:
        query = "SELECT 1 FROM {} WHERE key > ? AND key < ? LIMIT 1"
        with self.transaction():
            return any(
                self._execute(query.format(table), *_below(key)).fetchone() is not None
                for table in ("thread_runs_mock", "thread_runs_mock_removed")
            )

    def page(self, collection: Key, request: PageRequest) -> Page:
        where, values = "collection = ?", [collection]
        with self.transaction():
            for cursor, follows in ((request.after, True), (request.before, False)):
                if cursor is not None:
                    sign = "<" if request.descending == follows else ">"
                    where += f" AND (created, number) {sign} (?, ?)"
                    values += self._position(cursor)
            direction = "ASC" if request.from_oldest else "DESC"
            query = f"SELECT body FROM thread_runs_mock WHERE {where} ORDER BY created {direction}, number {direction}"
            if request.limit is not None:
                query += f" LIMIT {request.limit + 1}"
            bodies = [row[0].encode() for row in self._execute(query, *values).fetchall()]
        has_more = request.limit is not None and len(bodies) > request.limit
        bodies = bodies[: request.limit]
        return Page(bodies[::-1] if request.from_oldest == request.descending else bodies, has_more)

    def _position(self, key: Key) -> list[Any]:
        for table in ("thread_runs_mock", "thread_runs_mock_removed"):
            row = self._execute(f"SELECT created, number FROM {table} WHERE key = ?", key).fetchone()
            if row is not None:
                return list(row)
        raise UnknownCursorError(key)

    def bodies(self) -> Iterator[bytes]:
        return (body for _, body in self.entries())

    def entries(self) -> Iterator[tuple[Key, bytes]]:
        """Yield key and JSON of every resource."""
        last = ""
        while True:
            with self.transaction():
                query = f"SELECT key, body FROM thread_runs_mock WHERE key > ? ORDER BY key LIMIT {_PAGE}"
                rows = self._execute(query, last).fetchall()
            if not rows:
                return
            last = rows[-1][0]
            for key, body in rows:
                yield key, body.encode()

    def replace(self, key: Key, item: Item) -> None:
        """Replace the resource with this key by an item."""
        with self.transaction():
            self._execute(
                "UPDATE thread_runs_mock SET key = ?, collection = ?, created = ?, body = ? WHERE key = ?",
                *(item.key, _collection_of(item.key), item.created, item.body.decode(), key),
            )

    def __len__(self) -> int:
        with self.transaction():
            count: int = self._execute("SELECT count(*) FROM thread_runs_mock").fetchone()[0]
            return count

    def check_writable(self) -> None:
        with self.transaction():
            self.contains("")
            row = self._execute("SELECT value FROM thread_runs_mock_facts WHERE name = ?", "health").fetchone()
            # A different value each time, because a database need not write an unchanged one.
            self._set_fact("health", str(int(row[0]) + 1) if row else "0")

    def remembered_spec(self) -> str | None:
        """Return the text that `remember_spec` stored, or None for a new store."""
        with self.transaction():
            row = self._execute("SELECT value FROM thread_runs_mock_facts WHERE name = ?", "spec").fetchone()
            return None if row is None else str(row[0])

    def remember_spec(self, text: str) -> None:
        """Store a text that identifies the spec that the resources conform to."""
        with self.transaction():
            self._set_fact("spec", text)

    def _set_fact(self, name: str, value: str) -> None:
        statement = (
            "INSERT INTO thread_runs_mock_facts (name, value) VALUES (?, ?) "
            "ON CONFLICT (name) DO UPDATE SET value = excluded.value"
        )
        self._execute(statement, name, value)

    def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(self._driver_error):
                connection.close()


def _body(row: Any) -> bytes | None:
    return None if row is None else row[0].encode()


def _collection_of(key: Key) -> Key:
    return key.rpartition("/")[0]


def _below(key: Key) -> tuple[str, str]:
    """The bounds of the keys below this one: 0 is the character after /."""
    return f"{key}/", f"{key}0"
