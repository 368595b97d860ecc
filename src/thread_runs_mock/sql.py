"""Stores that keep what was acknowledged: SQLite for one machine, PostgreSQL for many."""

import contextlib
import re
import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, ClassVar

from thread_runs_mock.store import Change, Item, Key, Store, StoreError, changed

_PAGE = 1000
"""Resources that are read or written at a time."""
_PATIENCE = 30
"""Seconds to wait for another process that writes, or for a server to answer."""


class SqlStore(ABC):
    """One table of keys and JSON texts. Statements are written with `?`, as SQLite has it."""

    name: ClassVar[str]
    blocking: ClassVar[bool] = True
    _begin = "BEGIN"
    _lock_row = ""
    _mark = "?"

    def __init__(self, location: str, driver_error: type[Exception]) -> None:
        self._location = location
        self._driver_error = driver_error
        self._connection: Any = None
        self._in_transaction = False
        # Here, so that what is wrong with the location is told at once.
        with self.transaction():
            pass

    @abstractmethod
    def _connect(self) -> Any:
        """A connection that commits only when told, to a database that has the table."""

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
        return StoreError(f"the {self.name} store failed: {reason}")

    def _execute(self, statement: str, *values: object) -> Any:
        return self._connection.execute(statement.replace("?", self._mark), values)

    def get(self, key: Key) -> bytes | None:
        with self.transaction():
            return _body(self._execute("SELECT body FROM thread_runs_mock WHERE key = ?", key).fetchone())

    def add(self, items: Iterable[Item]) -> None:
        statement = "INSERT INTO thread_runs_mock (key, body) VALUES (?, ?) ON CONFLICT (key) DO NOTHING"
        with self.transaction():
            page: list[tuple[str, str]] = []
            for key, _, body in items:
                page.append((key, body.decode()))
                if len(page) == _PAGE:
                    self._connection.cursor().executemany(statement.replace("?", self._mark), page)
                    page.clear()
            if page:
                self._connection.cursor().executemany(statement.replace("?", self._mark), page)

    def modify(self, key: Key, change: Change) -> bytes | None:
        with self.transaction():
            query = f"SELECT body FROM thread_runs_mock WHERE key = ?{self._lock_row}"
            body = _body(self._execute(query, key).fetchone())
            if body is not None:
                old, body = body, changed(body, change)
                if body != old:
                    self._execute("UPDATE thread_runs_mock SET body = ? WHERE key = ?", body.decode(), key)
            return body

    def delete(self, key: Key) -> bool:
        with self.transaction():
            return bool(self._execute("DELETE FROM thread_runs_mock WHERE key = ?", key).rowcount)

    def contains(self, key: Key) -> bool:
        # 0 is the character after /.
        query = "SELECT 1 FROM thread_runs_mock WHERE key = ? OR (key > ? AND key < ?) LIMIT 1"
        with self.transaction():
            return self._execute(query, key, f"{key}/", f"{key}0").fetchone() is not None

    def bodies(self) -> Iterator[bytes]:
        last = ""
        while True:
            with self.transaction():
                query = f"SELECT key, body FROM thread_runs_mock WHERE key > ? ORDER BY key LIMIT {_PAGE}"
                rows = self._execute(query, last).fetchall()
            if not rows:
                return
            last = rows[-1][0]
            for _, body in rows:
                yield body.encode()

    def __len__(self) -> int:
        with self.transaction():
            count: int = self._execute("SELECT count(*) FROM thread_runs_mock").fetchone()[0]
            return count

    def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(self._driver_error):
                connection.close()


def _body(row: Any) -> bytes | None:
    return None if row is None else row[0].encode()


class SqliteStore(SqlStore):
    """A file for the processes of one machine. What was committed survives the process and a power cut."""

    name: ClassVar[str] = "SQLite"
    # A transaction that reads first and writes then would fail where another process wrote in between.
    _begin = "BEGIN IMMEDIATE"

    def __init__(self, path: str) -> None:
        super().__init__(path, sqlite3.Error)

    def _connect(self) -> sqlite3.Connection:
        # The application's worker thread uses it, and the thread that loads: never both at a time.
        connection = sqlite3.connect(self._location, timeout=_PATIENCE, isolation_level=None, check_same_thread=False)
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            # In WAL mode only FULL waits for the disk at each commit.
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA cache_size = -65536")
            connection.execute("CREATE TABLE IF NOT EXISTS thread_runs_mock (key TEXT PRIMARY KEY, body TEXT NOT NULL)")
        except sqlite3.Error:
            connection.close()
            raise
        return connection


class PostgresqlStore(SqlStore):
    """A table for many replicas. Whoever changes a resource locks its row first."""

    name: ClassVar[str] = "PostgreSQL"
    _lock_row = " FOR UPDATE"
    _mark = "%s"

    def __init__(self, url: str) -> None:
        try:
            import psycopg
        except ImportError:
            raise StoreError("a store at a PostgreSQL URL needs: pip install 'thread-runs[postgresql]'") from None
        self._psycopg = psycopg
        super().__init__(url, psycopg.Error)

    def _connect(self) -> Any:
        connection = self._psycopg.connect(self._location, autocommit=True, connect_timeout=_PATIENCE)
        with connection.transaction():
            # Replicas that start together must not create the table together.
            connection.execute("SELECT pg_advisory_xact_lock(hashtext('thread_runs_mock'))")
            # The order of keys must be that of their bytes, whatever the database's language.
            connection.execute(
                'CREATE TABLE IF NOT EXISTS thread_runs_mock (key text COLLATE "C" PRIMARY KEY, body text NOT NULL)'
            )
        return connection


def open_store(location: str) -> Store:
    """The store at a URL (`postgresql://`), or in the SQLite file at a path.

    Raises:
        StoreError: It cannot be opened.
    """
    if re.match(r"postgres(ql)?://", location):
        return PostgresqlStore(location)
    if "://" in location:
        scheme = location.partition("://")[0]
        raise StoreError(f"a store is a file or a postgresql:// URL, but got '{scheme}://'")
    if not Path(location).absolute().parent.is_dir():
        raise StoreError(f"{location}: no such directory")
    return SqliteStore(location)
