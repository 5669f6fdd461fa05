"""Inserts many rows with few statements.

SQLite runs a statement without the interpreter's lock and has to take it back from the event loop afterwards. Under
load that wait is longer than the statement, so the number of statements matters more than their size.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from itertools import chain
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Table

from dashboard.store.schema import UtcDateTime, to_micros

# Rows of one statement. Few sizes, so that the driver keeps each statement prepared.
CHUNK_SIZES = (64, 16, 4, 1)

Rows = Sequence[dict[str, Any]]


class BulkInsert:
    """Inserts rows into one table. `suffix` follows VALUES, such as an ON CONFLICT clause."""

    def __init__(self, table: Table, suffix: str = "") -> None:
        self._columns = tuple(column.name for column in table.c)
        self._time_columns = tuple(column.name for column in table.c if isinstance(column.type, UtcDateTime))
        self._pick_values = itemgetter(*self._columns)
        self._head = f"INSERT INTO {table.name} ({', '.join(self._columns)}) VALUES "
        self._suffix = suffix

    def insert_rows(self, connection: Connection, rows: Rows) -> None:
        placeholder = parameter_placeholder(connection)
        for chunk in split_into_chunks(rows):
            values = tuple(chain.from_iterable(map(self._row_values, chunk)))
            connection.exec_driver_sql(self._build_statement(len(chunk), placeholder), values)

    def _row_values(self, row: dict[str, Any]) -> tuple[Any, ...]:
        times = {name: to_micros(at) for name in self._time_columns if (at := row[name]) is not None}
        values: tuple[Any, ...] = self._pick_values(row | times)
        return values

    def _build_statement(self, count: int, placeholder: str) -> str:
        return _repeat_part(self._head, f"({', '.join([placeholder] * len(self._columns))})", count) + self._suffix


def existing_values(connection: Connection, table: str, column: str, values: Sequence[str]) -> set[str]:
    """Those of the values that a column already holds."""
    existing: set[str] = set()
    placeholder = parameter_placeholder(connection)
    head = f"SELECT {column} FROM {table} WHERE {column} IN ("
    for chunk in split_into_chunks(values):
        rows = connection.exec_driver_sql(_repeat_part(head, placeholder, len(chunk)) + ")", tuple(chunk))
        existing.update(rows.scalars())
    return existing


def parameter_placeholder(connection: Connection) -> str:
    return "?" if connection.dialect.name == "sqlite" else "%s"


def split_into_chunks(rows: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """The rows in as few chunks as CHUNK_SIZES allows."""
    start = 0
    for size in CHUNK_SIZES:
        while len(rows) - start >= size:
            yield rows[start : start + size]
            start += size


@cache
def _repeat_part(head: str, part: str, count: int) -> str:
    return head + ", ".join([part] * count)
