"""One transaction for many pieces of work: read everything at once, change it in memory, write it at once.

A statement costs more than the change it makes, so a hundred webhooks in one transaction cost a handful of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Protocol

from sqlalchemy import Connection, Table, bindparam, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from dashboard.calls.call import Call
from dashboard.calls.changes import CallUpdated, Change, SegmentAdded
from dashboard.calls.transcript import Segment
from dashboard.store import search
from dashboard.store.bulk_insert import BulkInsert, existing_values
from dashboard.store.row_mapping import call_from_row, call_row, segment_row
from dashboard.store.schema import calls, commands, events, keywords, presets, segments

_SELECT_CALLS = select(calls).where(calls.c.call_id.in_(bindparam("call_ids", expanding=True)))
_CLAIM_EVENTS = (
    postgresql.insert(events).on_conflict_do_nothing(index_elements=["event_id"]).returning(events.c.event_id)
)
_INSERT_EVENTS = BulkInsert(events)
_INSERT_SEGMENTS = BulkInsert(segments)
_UPSERT_CALLS = BulkInsert(
    calls,
    " ON CONFLICT (call_id) DO UPDATE SET "
    + ", ".join(f"{column.name} = excluded.{column.name}" for column in calls.c if not column.primary_key),
)


def _insert_for_dialect(dialect: str) -> Any:
    """Of the two that know what to do about a row that is there already."""
    return sqlite.insert if dialect == "sqlite" else postgresql.insert


class Operation(Protocol):
    """Something to do in a transaction. It says first which rows it needs, so that they can be fetched together.

    `is_true_anyway`: to be kept also when whoever brought it has been told that it was not.
    """

    @property
    def commits_after_timeout(self) -> bool: ...

    def call_ids(self) -> Iterable[str]: ...

    def event_rows(self) -> Iterable[dict[str, Any]]: ...

    def execute(self, unit: UnitOfWork) -> Any: ...


class UnitOfWork:
    """The calls in play, what is new, and the changes it comes to. Numbers (`seq`) are given here and nowhere else."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._insert = _insert_for_dialect(connection.dialect.name)
        self._calls: dict[str, Call] = {}
        self._seqs: dict[str, int] = {}
        self._changed_call_ids: set[str] = set()
        self._segments: list[Segment] = []
        self._new_event_ids: set[str] = set()

    def prepare(self, operations: Iterable[Operation]) -> None:
        operations = list(operations)
        self._new_event_ids = self._claim_events([row for work in operations for row in work.event_rows()])
        self._load_calls({call_id for work in operations for call_id in work.call_ids()})

    def claim_event(self, event_id: str) -> bool:
        """Whether this event is new. True once: two copies of one webhook may share a transaction."""
        if event_id in self._new_event_ids:
            self._new_event_ids.remove(event_id)
            return True
        return False

    def get_call(self, call_id: str) -> Call | None:
        return self._calls.get(call_id)

    def next_seq(self, call_id: str) -> int:
        """The number of this call's next change: to be used for one."""
        self._changed_call_ids.add(call_id)
        self._seqs[call_id] = seq = self._seqs.get(call_id, 0) + 1
        return seq

    def save_call(self, call: Call) -> list[Change]:
        """Keep the call; a change if it is not what it was. Its `seq` is the next number of this call."""
        before = self._calls.get(call.call_id)
        if call is before or call == before:
            return []
        after = self._calls[call.call_id] = replace(call, seq=self.next_seq(call.call_id))
        return [CallUpdated(call=after)]

    def add_segment(self, segment: Segment) -> list[Change]:
        """Keep a segment that has its number."""
        self._segments.append(segment)
        return [SegmentAdded(segment=segment, direction=self._calls[segment.call_id].direction)]

    def get_command(self, command_id: str) -> dict[str, Any] | None:
        row = self._connection.execute(select(commands).where(commands.c.command_id == command_id)).first()
        return None if row is None else dict(row._mapping)

    def add_command(self, fields: dict[str, Any]) -> None:
        self._connection.execute(commands.insert(), fields)

    def claim_command(self, fields: dict[str, Any]) -> bool:
        """Write it down unless its id was: also when two processes do so at once."""
        insert = self._insert(commands).values(fields).on_conflict_do_nothing(index_elements=["command_id"])
        return self._connection.execute(insert).rowcount > 0

    def finish_command(self, command_id: str, fields: dict[str, Any]) -> None:
        self._connection.execute(update(commands).where(commands.c.command_id == command_id).values(**fields))

    def save_preset(self, row: dict[str, Any]) -> None:
        insert = self._insert(presets).values(row)
        changed = {"parameters": insert.excluded["parameters"]}
        self._connection.execute(insert.on_conflict_do_update(index_elements=["command", "name"], set_=changed))

    def delete_preset(self, command: str, name: str) -> bool:
        """Whether there was one."""
        chosen = (presets.c.command == command) & (presets.c.name == name)
        return self._connection.execute(delete(presets).where(chosen)).rowcount > 0

    def save_keyword(self, row: dict[str, Any]) -> None:
        insert = self._insert(keywords).values(row)
        changed = {name: insert.excluded[name] for name in ("kind", "text")}
        self._connection.execute(insert.on_conflict_do_update(index_elements=["keyword_id"], set_=changed))

    def delete_keyword(self, keyword_id: str) -> bool:
        """Whether there was one."""
        return self._connection.execute(delete(keywords).where(keywords.c.keyword_id == keyword_id)).rowcount > 0

    def delete_bodies(self, event_ids: Iterable[str]) -> None:
        self._connection.execute(update(events).where(events.c.event_id.in_(sorted(event_ids))).values(body=""))

    def flush(self) -> None:
        if self._changed_call_ids:
            rows = [call_row(self._calls[call_id]) | {"seq": self._seqs[call_id]} for call_id in self._changed_call_ids]
            _UPSERT_CALLS.insert_rows(self._connection, rows)
        if self._segments:
            _INSERT_SEGMENTS.insert_rows(self._connection, [segment_row(segment) for segment in self._segments])
            search.index_segments(self._connection, [(segment.event_id, segment.text) for segment in self._segments])

    def _claim_events(self, rows: list[dict[str, Any]]) -> set[str]:
        """Keep the events that are new, and say which."""
        if not rows:
            return set()
        # In one order: two processes that were sent the same events otherwise wait for each other.
        unique = dict(sorted({row["event_id"]: row for row in rows}.items()))
        if self._connection.dialect.name == "postgresql":
            return set(self._connection.execute(_CLAIM_EVENTS, list(unique.values())).scalars())
        # SQLite has one writer at a time, and that is us: what is not there now will not be there before we are done.
        fresh = unique.keys() - existing_values(self._connection, "events", "event_id", list(unique))
        _INSERT_EVENTS.insert_rows(self._connection, [row for event_id, row in unique.items() if event_id in fresh])
        return set(fresh)

    def _load_calls(self, call_ids: set[str]) -> None:
        if not call_ids:
            return
        if self._connection.dialect.name == "postgresql":
            self._lock_calls(calls, call_ids)
        rows = self._connection.execute(_SELECT_CALLS, {"call_ids": sorted(call_ids)})
        self._calls = {row.call_id: call_from_row(row) for row in rows}
        self._seqs = {call_id: call.seq for call_id, call in self._calls.items()}

    def _lock_calls(self, table: Table, call_ids: set[str]) -> None:
        """Two processes must not number the same call at once, also when it has no row yet.

        Advisory locks, taken in one order so that no two transactions wait for each other, and gone with the commit.
        """
        for call_id in sorted(call_ids):
            self._connection.exec_driver_sql("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (call_id,))
