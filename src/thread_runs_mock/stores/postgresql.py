"""A store in a PostgreSQL database."""

from typing import Any, ClassVar

from thread_runs_mock.stores.base import StoreError
from thread_runs_mock.stores.sql import PATIENCE, SqlStore

# The order of keys must be that of their bytes, whatever the database's language.
_TABLES = (
    'CREATE TABLE IF NOT EXISTS thread_runs_mock (number bigserial PRIMARY KEY, key text COLLATE "C" UNIQUE NOT NULL, '
    'collection text COLLATE "C" NOT NULL, created bigint NOT NULL, body text NOT NULL)',
    "CREATE INDEX IF NOT EXISTS thread_runs_mock_order ON thread_runs_mock (collection, created, number)",
    "CREATE TABLE IF NOT EXISTS thread_runs_mock_removed "
    '(key text COLLATE "C" PRIMARY KEY, created bigint NOT NULL, number bigint NOT NULL)',
    "CREATE TABLE IF NOT EXISTS thread_runs_mock_facts (name text PRIMARY KEY, value text NOT NULL)",
)


class PostgresqlStore(SqlStore):
    """Tables for many replicas. Each change locks the row of its resource first."""

    name: ClassVar[str] = "PostgreSQL"
    _lock_row = " FOR UPDATE"
    _mark = "%s"

    def __init__(self, url: str) -> None:
        try:
            import psycopg
        except ImportError:
            raise StoreError("a store at a PostgreSQL URL needs: pip install 'thread-runs[postgresql]'") from None
        self._psycopg = psycopg
        # The URL may hold a password.
        super().__init__(url, psycopg.Error, "the PostgreSQL store")

    def _connect(self) -> Any:
        connection = self._psycopg.connect(self._location, autocommit=True, connect_timeout=PATIENCE)
        try:
            with connection.transaction():
                # Replicas that start together must not create the tables together.
                connection.execute("SELECT pg_advisory_xact_lock(hashtext('thread_runs_mock'))")
                for statement in _TABLES:
                    connection.execute(statement)
        except self._psycopg.Error:
            connection.close()
            raise
        return connection
