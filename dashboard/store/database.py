"""Database connections that do not block the event loop.

One connection belongs to the group-commit writer, one serves other writes and a few serve reads. Each is used by one
caller at a time. `run_blocking` runs a function where blocking is harmless: in an OS thread under a green server, in
the caller's own thread otherwise. Such a function must not wait for a lock of another thread, so it neither logs nor
uses queues. Callers wait for a free connection before that, in their own task.
"""

from __future__ import annotations

from collections.abc import Callable
from queue import LifoQueue
from time import sleep
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool

from dashboard.errors import DashboardError, StoreBusyError
from dashboard.messages import _

T = TypeVar("T")
RunBlocking = Callable[..., Any]
# Runs a function in one transaction and commits before it returns.
Transaction = Callable[[Callable[[Connection], Any]], Any]

READER_COUNT = 4
BUSY_TIMEOUT_MS = 5_000
# How soon a dead connection to PostgreSQL is detected; without it that takes a quarter of an hour. Seconds, but
# `tcp_user_timeout` in milliseconds (libpq, "Parameter Key Words").
POSTGRES_KEEPALIVE = {
    "connect_timeout": 5,
    "tcp_user_timeout": 10_000,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 2,
}

# SQLite empties a reader's page cache at every commit of another connection, so a large one would not pay.
READER_CACHE_KB = 500
WRITER_CACHE_KB = 16_000
# An execution option of our own; `_begin_sqlite` reads it.
WRITER_OPTIONS = {"writes": True}


def call_directly(function: Callable[..., T], *args: Any) -> T:
    return function(*args)


def normalize_url(url: str) -> URL:
    """The address for SQLAlchemy. A PaaS gives `postgres://…` (Heroku Postgres, "Connecting in Python")."""
    for prefix in ("postgres://", "postgresql://"):
        if url.startswith(prefix):
            url = "postgresql+psycopg://" + url.removeprefix(prefix)
    return make_url(url)


class Database:
    """The connections to one database. StoreBusyError after `close`."""

    def __init__(
        self, url: str, *, run_blocking: RunBlocking = call_directly, reader_count: int = READER_COUNT
    ) -> None:
        self.url = normalize_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.engine = _build_engine(self.url, is_sqlite=self.is_sqlite)
        # SQLAlchemy initializes the dialect at the first connection, under a lock. A green server's locks do not work
        # between OS threads, so two first connections at once would deadlock.
        self._connect_first()
        self._run_blocking = run_blocking
        self._is_closed = False
        self._readers: LifoQueue[_Connection] = _build_pool(self.engine, reader_count, self._reader_options())
        self._writers: LifoQueue[_Connection] = _build_pool(self.engine, 1, WRITER_OPTIONS)

    def _connect_first(self) -> None:
        """Open a first connection, with retries. SQLite does not wait while another process turns a new file to WAL."""
        for pause_s in (0.05, 0.1, 0.2, 0.4, 0.8):
            try:
                self.engine.connect().close()
                return
            except OperationalError:
                if not self.is_sqlite:
                    raise
                sleep(pause_s)
        self.engine.connect().close()

    def _reader_options(self) -> dict[str, Any]:
        """Execution options of readers: one snapshot for a call and its segments. SQLite needs none for that."""
        return {} if self.is_sqlite else {"isolation_level": "REPEATABLE READ"}

    def read(self, function: Callable[[Connection], T]) -> T:
        """Run a function in one read transaction."""
        return self._run_transaction(self._readers, function)

    def write(self, function: Callable[[Connection], T]) -> T:
        """Run a function in one transaction. It is committed on return."""
        return self._run_transaction(self._writers, function)

    def run_writer(self, session: Callable[[Transaction], None]) -> None:
        """Run a long session with a connection of its own. It gets a function like `write` to use there."""
        connection = _Connection(self.engine, WRITER_OPTIONS)
        try:
            self._run_blocking(session, connection.run_transaction)
        finally:
            connection.close()

    def _run_transaction(self, connections: LifoQueue[_Connection], function: Callable[[Connection], T]) -> T:
        if self._is_closed:
            raise StoreBusyError(_("The server is shutting down."))
        connection = connections.get()
        try:
            result: T = self._run_blocking(connection.run_transaction, function)
            return result
        finally:
            connections.put(connection)

    def close(self) -> None:
        self._is_closed = True
        for pool in (self._readers, self._writers):
            while not pool.empty():
                pool.get().close()
        self.engine.dispose()


class _Connection:
    """One connection. It is opened on first use and again after an error."""

    def __init__(self, engine: Engine, options: dict[str, Any]) -> None:
        self._engine = engine
        self._options = options
        self._connection: Connection | None = None

    def run_transaction(self, function: Callable[[Connection], T]) -> T:
        if self._connection is None:
            self._connection = _open_connection(self._engine, self._options)
        try:
            with self._connection.begin():
                return function(self._connection)
        except DashboardError:
            raise
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.invalidate()
            connection.close()


def _open_connection(engine: Engine, options: dict[str, Any]) -> Connection:
    connection = engine.connect().execution_options(**options)
    if engine.dialect.name == "sqlite" and "writes" in options:
        with connection.begin():
            connection.exec_driver_sql(f"PRAGMA cache_size=-{WRITER_CACHE_KB}")
    return connection


def _build_pool(engine: Engine, count: int, options: dict[str, Any]) -> LifoQueue[_Connection]:
    pool: LifoQueue[_Connection] = LifoQueue()
    for _index in range(count):
        pool.put(_Connection(engine, options))
    return pool


def _build_engine(url: URL, *, is_sqlite: bool) -> Engine:
    connect_args = {"check_same_thread": False} if is_sqlite else POSTGRES_KEEPALIVE
    engine = create_engine(url, poolclass=NullPool, connect_args=connect_args)
    if is_sqlite:
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    """Set the pragmas of a new connection.

    WAL lets readers run beside a writer. FULL makes a commit survive a power cut (sqlite.org, "WAL").
    """
    connection.isolation_level = None
    timeout, cache = f"busy_timeout={BUSY_TIMEOUT_MS}", f"cache_size=-{READER_CACHE_KB}"
    for pragma in ("journal_mode=WAL", "synchronous=FULL", timeout, cache):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin_sqlite(connection: Connection) -> None:
    """Begin a transaction.

    A writer locks at once, because a later lock can fail without any waiting (sqlite.org, "Transactions").
    """
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
