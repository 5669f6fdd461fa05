"""Many rows in few statements.

A statement of SQLite's runs without the interpreter, and has to ask for it back from the loop when it is done: under
load that takes longer than the statement. So what counts is how often the database is called, not for how much.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from itertools import chain
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Table

from dashboard.store.schema import UtcDateTime, to_micros

CHUNK_SIZES = (64, 16, 4, 1)
"""Rows of one statement. Few sizes, so that the driver keeps each one prepared."""

Rows = Sequence[dict[str, Any]]


class BulkInsert:
    """Adds rows to a table. `rest` is what follows VALUES, such as what to do about a row that is there already."""

    def __init__(self, table: Table, suffix: str = "") -> None:
        self._columns = tuple(column.name for column in table.c)
        self._time_columns = tuple(column.name for column in table.c if isinstance(column.type, UtcDateTime))
        self._pick_values = itemgetter(*self._columns)
        self._head = f"INSERT INTO {table.name} ({', '.join(self._columns)}) VALUES "
        self._suffix = suffix

    def insert_rows(self, connection: Connection, rows: Rows) -> None:
        sign = parameter_placeholder(connection)
        for chunk in split_into_chunks(rows):
            values = tuple(chain.from_iterable(map(self._row_values, chunk)))
            connection.exec_driver_sql(self._build_statement(len(chunk), sign), values)

    def _row_values(self, row: dict[str, Any]) -> tuple[Any, ...]:
        kept = {name: to_micros(at) for name in self._time_columns if (at := row[name]) is not None}
        values: tuple[Any, ...] = self._pick_values(row | kept)
        return values

    def _build_statement(self, count: int, placeholder: str) -> str:
        return _repeat_part(self._head, f"({', '.join([placeholder] * len(self._columns))})", count) + self._suffix


def existing_values(connection: Connection, table: str, column: str, values: Sequence[str]) -> set[str]:
    """Those of the values that a column holds."""
    found: set[str] = set()
    sign = parameter_placeholder(connection)
    head = f"SELECT {column} FROM {table} WHERE {column} IN ("
    for chunk in split_into_chunks(values):
        rows = connection.exec_driver_sql(_repeat_part(head, sign, len(chunk)) + ")", tuple(chunk))
        found.update(rows.scalars())
    return found


def parameter_placeholder(connection: Connection) -> str:
    return "?" if connection.dialect.name == "sqlite" else "%s"


def split_into_chunks(rows: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """The rows in as few pieces as the sizes allow."""
    at = 0
    for size in CHUNK_SIZES:
        while len(rows) - at >= size:
            yield rows[at : at + size]
            at += size


@cache
def _repeat_part(head: str, part: str, count: int) -> str:
    return head + ", ".join([part] * count)
