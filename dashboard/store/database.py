"""Connections that never stop the event loop: one for whoever writes all the time, one for writing now and then, a few
for reading, each used by one caller at a time.

`offload` runs a function where blocking is harmless: an OS thread under a green server, right here under plain threads.
What runs there must not wait for a lock that another thread holds: no logging, no queues. Waiting for a free connection
happens on the caller's side of it, where waiting is cheap.
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
Transaction = Callable[[Callable[[Connection], Any]], Any]
"""Runs a function in one transaction; it is committed when this returns."""

READER_COUNT = 4
BUSY_TIMEOUT_MS = 5_000
POSTGRES_KEEPALIVE = {
    "connect_timeout": 5,
    "tcp_user_timeout": 10_000,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 2,
}
"""How soon it is noticed that the other end of a connection to PostgreSQL is gone: else after a quarter of an hour.
In seconds, but for the second one in ms (libpq, "Parameter Key Words")."""

READER_CACHE_KB = 500
"""Of pages, for a reader: they are thrown away with every commit of somebody else, so a large one would come and go."""

WRITER_CACHE_KB = 16_000
WRITER_OPTIONS = {"writes": True}
"""An option of connections."""


def call_directly(function: Callable[..., T], *args: Any) -> T:
    return function(*args)


def normalize_url(url: str) -> URL:
    """The address as SQLAlchemy wants it; a PaaS hands out `postgres://…` (Heroku Postgres, "Connecting in Python")."""
    for prefix in ("postgres://", "postgresql://"):
        if url.startswith(prefix):
            url = "postgresql+psycopg://" + url.removeprefix(prefix)
    return make_url(url)


class Database:
    def __init__(
        self, url: str, *, run_blocking: RunBlocking = call_directly, reader_count: int = READER_COUNT
    ) -> None:
        self.url = normalize_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.engine = _build_engine(self.url, is_sqlite=self.is_sqlite)
        # What SQLAlchemy does once, at the first connection, it does under a lock. A green server's locks do not work
        # between OS threads: two first connections at once would wait for each other for ever.
        self._connect_first()
        self._run_blocking = run_blocking
        self._is_closed = False
        self._readers: LifoQueue[_Connection] = _build_pool(self.engine, reader_count, self._reader_options())
        self._writers: LifoQueue[_Connection] = _build_pool(self.engine, 1, WRITER_OPTIONS)

    def _connect_first(self) -> None:
        """SQLite does not wait for others when it turns a new file to WAL: two who start together try again."""
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
        """A page reads a call and its segments: both must be of one moment. SQLite's transactions are so by nature."""
        return {} if self.is_sqlite else {"isolation_level": "REPEATABLE READ"}

    def read(self, function: Callable[[Connection], T]) -> T:
        return self._run_transaction(self._readers, function)

    def write(self, function: Callable[[Connection], T]) -> T:
        """Run `work` in one transaction; it is committed when this returns."""
        return self._run_transaction(self._writers, function)

    def run_writer(self, session: Callable[[Transaction], None]) -> None:
        """Run `session` where blocking is harmless, with a connection of its own, for as long as it likes.

        It is given what `write` does, to use there as often as it likes.
        """
        slot = _Connection(self.engine, WRITER_OPTIONS)
        try:
            self._run_blocking(session, slot.run_transaction)
        finally:
            slot.close()

    def _run_transaction(self, connections: LifoQueue[_Connection], function: Callable[[Connection], T]) -> T:
        if self._is_closed:
            raise StoreBusyError(_("The server is shutting down."))
        slot = connections.get()
        try:
            result: T = self._run_blocking(slot.run_transaction, function)
            return result
        finally:
            connections.put(slot)

    def close(self) -> None:
        self._is_closed = True
        for slots in (self._readers, self._writers):
            while not slots.empty():
                slots.get().close()
        self.engine.dispose()


class _Connection:
    """One connection, opened on first use and again after it broke."""

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
    slots: LifoQueue[_Connection] = LifoQueue()
    for _index in range(count):
        slots.put(_Connection(engine, options))
    return slots


def _build_engine(url: URL, *, is_sqlite: bool) -> Engine:
    connect_args = {"check_same_thread": False} if is_sqlite else POSTGRES_KEEPALIVE
    engine = create_engine(url, poolclass=NullPool, connect_args=connect_args)
    if is_sqlite:
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    """WAL lets readers go on while one writes; FULL means that a commit survives the power cord (sqlite.org, "WAL")."""
    connection.isolation_level = None
    patience, cache = f"busy_timeout={BUSY_TIMEOUT_MS}", f"cache_size=-{READER_CACHE_KB}"
    for pragma in ("journal_mode=WAL", "synchronous=FULL", patience, cache):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin_sqlite(connection: Connection) -> None:
    """A writer takes the lock at once: taking it half-way can fail with no way to wait (sqlite.org, "Transactions")."""
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
