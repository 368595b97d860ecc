"""A store in an SQLite file."""

import sqlite3
from pathlib import Path
from typing import ClassVar

from thread_runs_mock.stores.base import StoreError
from thread_runs_mock.stores.sql import PATIENCE, SqlStore

_TABLES = (
    "CREATE TABLE IF NOT EXISTS thread_runs_mock (number INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT UNIQUE NOT NULL, "
    "collection TEXT NOT NULL, created INTEGER NOT NULL, body TEXT NOT NULL)",
    "CREATE INDEX IF NOT EXISTS thread_runs_mock_order ON thread_runs_mock (collection, created, number)",
    "CREATE TABLE IF NOT EXISTS thread_runs_mock_removed "
    "(key TEXT PRIMARY KEY, created INTEGER NOT NULL, number INTEGER NOT NULL)",
    "CREATE TABLE IF NOT EXISTS thread_runs_mock_facts (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
)


class SqliteStore(SqlStore):
    """A file for the processes of one machine. Committed changes survive the end of the process and a power failure."""

    name: ClassVar[str] = "SQLite"
    # A transaction that reads and then writes would fail if another process wrote in between.
    _begin = "BEGIN IMMEDIATE"

    def __init__(self, path: str) -> None:
        if not Path(path).absolute().parent.is_dir():
            raise StoreError(f"{path}: no such directory")
        super().__init__(path, sqlite3.Error, f"the SQLite store {path}")

    def _connect(self) -> sqlite3.Connection:
        # The application's store thread uses it, and the thread that loads: never both at a time.
        connection = sqlite3.connect(self._location, timeout=PATIENCE, isolation_level=None, check_same_thread=False)
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            # In WAL mode only FULL waits for the disk at each commit.
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA cache_size = -65536")
            for statement in _TABLES:
                connection.execute(statement)
        except sqlite3.Error:
            connection.close()
            raise
        return connection
