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

from dashboard.store.schema import Moment, micros

CHUNKS = (64, 16, 4, 1)
"""Rows of one statement. Few sizes, so that the driver keeps each one prepared."""

Rows = Sequence[dict[str, Any]]


class Insert:
    """Adds rows to a table. `rest` is what follows VALUES, such as what to do about a row that is there already."""

    def __init__(self, table: Table, rest: str = "") -> None:
        self._names = tuple(column.name for column in table.c)
        self._moments = tuple(column.name for column in table.c if isinstance(column.type, Moment))
        self._pick = itemgetter(*self._names)
        self._head = f"INSERT INTO {table.name} ({', '.join(self._names)}) VALUES "
        self._rest = rest

    def run(self, connection: Connection, rows: Rows) -> None:
        sign = placeholder(connection)
        for chunk in chunks(rows):
            values = tuple(chain.from_iterable(map(self._values, chunk)))
            connection.exec_driver_sql(self._text(len(chunk), sign), values)

    def _values(self, row: dict[str, Any]) -> tuple[Any, ...]:
        kept = {name: micros(at) for name in self._moments if (at := row[name]) is not None}
        values: tuple[Any, ...] = self._pick(row | kept)
        return values

    def _text(self, count: int, sign: str) -> str:
        return _repeated(self._head, f"({', '.join([sign] * len(self._names))})", count) + self._rest


def existing(connection: Connection, table: str, column: str, values: Sequence[str]) -> set[str]:
    """Those of the values that a column holds."""
    found: set[str] = set()
    sign = placeholder(connection)
    head = f"SELECT {column} FROM {table} WHERE {column} IN ("
    for chunk in chunks(values):
        rows = connection.exec_driver_sql(_repeated(head, sign, len(chunk)) + ")", tuple(chunk))
        found.update(rows.scalars())
    return found


def placeholder(connection: Connection) -> str:
    return "?" if connection.dialect.name == "sqlite" else "%s"


def chunks(rows: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """The rows in as few pieces as the sizes allow."""
    at = 0
    for size in CHUNKS:
        while len(rows) - at >= size:
            yield rows[at : at + size]
            at += size


@cache
def _repeated(head: str, part: str, count: int) -> str:
    return head + ", ".join([part] * count)
