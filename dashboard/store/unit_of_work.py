"""The unit of work: many operations in one transaction.

It reads everything first, changes it in memory and writes it at the end. A statement costs more than the change it
makes, so a hundred webhooks in one transaction need only a handful of statements.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Protocol

from sqlalchemy import Connection, bindparam, delete, select, update
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
    """The insert statement that supports ON CONFLICT."""
    return sqlite.insert if dialect == "sqlite" else postgresql.insert


class Operation(Protocol):
    """A write that shares a transaction with others. Without overrides it needs no rows fetched for it."""

    __slots__ = ()

    @property
    def commits_after_timeout(self) -> bool:
        """Whether it is committed although its caller has timed out."""
        return True

    def call_ids(self) -> Iterable[str]:
        """The calls that must be loaded before `execute`."""
        return ()

    def event_rows(self) -> Iterable[dict[str, Any]]:
        """The events that must be claimed before `execute`."""
        return ()

    def execute(self, unit: UnitOfWork) -> Any:
        """Make the changes; the result has `changes`."""
        ...


class UnitOfWork:
    """The calls and new rows of one transaction. Only this class assigns `seq`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._insert = _insert_for_dialect(connection.dialect.name)
        self._calls: dict[str, Call] = {}
        self._seqs: dict[str, int] = {}
        self._changed_call_ids: set[str] = set()
        self._segments: list[Segment] = []
        self._new_event_ids: set[str] = set()

    def prepare(self, operations: Iterable[Operation]) -> None:
        """Claim the events and load the calls of all operations."""
        operations = list(operations)
        self._new_event_ids = self._claim_events([row for operation in operations for row in operation.event_rows()])
        self._load_calls({call_id for operation in operations for call_id in operation.call_ids()})

    def claim_event(self, event_id: str) -> bool:
        """Whether this event is new. True once, because two copies of a webhook may share a transaction."""
        if event_id in self._new_event_ids:
            self._new_event_ids.remove(event_id)
            return True
        return False

    def get_call(self, call_id: str) -> Call | None:
        return self._calls.get(call_id)

    def next_seq(self, call_id: str) -> int:
        """A new number for the next change of a call."""
        self._changed_call_ids.add(call_id)
        self._seqs[call_id] = seq = self._seqs.get(call_id, 0) + 1
        return seq

    def save_call(self, call: Call) -> list[Change]:
        """Save a call under the next `seq`. No change where it is equal to the stored one."""
        before = self._calls.get(call.call_id)
        if call is before or call == before:
            return []
        after = self._calls[call.call_id] = replace(call, seq=self.next_seq(call.call_id))
        return [CallUpdated(call=after)]

    def add_segment(self, segment: Segment) -> list[Change]:
        """Add a segment that has its `seq`."""
        self._segments.append(segment)
        return [SegmentAdded(segment=segment, direction=self._calls[segment.call_id].direction)]

    def get_command(self, command_id: str) -> dict[str, Any] | None:
        row = self._connection.execute(select(commands).where(commands.c.command_id == command_id)).first()
        return None if row is None else dict(row._mapping)

    def add_command(self, fields: dict[str, Any]) -> None:
        self._connection.execute(commands.insert(), fields)

    def claim_command(self, fields: dict[str, Any]) -> bool:
        """Store a command unless its id is taken. Safe between processes."""
        insert = self._insert(commands).values(fields).on_conflict_do_nothing(index_elements=["command_id"])
        return self._connection.execute(insert).rowcount > 0

    def finish_command(self, command_id: str, fields: dict[str, Any]) -> None:
        self._connection.execute(update(commands).where(commands.c.command_id == command_id).values(**fields))

    def save_preset(self, row: dict[str, Any]) -> None:
        insert = self._insert(presets).values(row)
        columns = {"parameters": insert.excluded["parameters"]}
        self._connection.execute(insert.on_conflict_do_update(index_elements=["command", "name"], set_=columns))

    def delete_preset(self, command: str, name: str) -> bool:
        """True if there was one."""
        is_preset = (presets.c.command == command) & (presets.c.name == name)
        return self._connection.execute(delete(presets).where(is_preset)).rowcount > 0

    def save_keyword(self, row: dict[str, Any]) -> None:
        insert = self._insert(keywords).values(row)
        columns = {name: insert.excluded[name] for name in ("kind", "text")}
        self._connection.execute(insert.on_conflict_do_update(index_elements=["keyword_id"], set_=columns))

    def delete_keyword(self, keyword_id: str) -> bool:
        """True if there was one."""
        return self._connection.execute(delete(keywords).where(keywords.c.keyword_id == keyword_id)).rowcount > 0

    def delete_bodies(self, event_ids: Iterable[str]) -> None:
        self._connection.execute(update(events).where(events.c.event_id.in_(sorted(event_ids))).values(body=""))

    def flush(self) -> None:
        """Write the changed calls and the new segments."""
        if self._changed_call_ids:
            rows = [call_row(self._calls[call_id]) | {"seq": self._seqs[call_id]} for call_id in self._changed_call_ids]
            _UPSERT_CALLS.insert_rows(self._connection, rows)
        if self._segments:
            _INSERT_SEGMENTS.insert_rows(self._connection, [segment_row(segment) for segment in self._segments])
            search.index_segments(self._connection, [(segment.event_id, segment.text) for segment in self._segments])

    def _claim_events(self, rows: list[dict[str, Any]]) -> set[str]:
        """Insert the new events; returns their ids."""
        if not rows:
            return set()
        # Sorted, because two processes that insert the same events in different orders would deadlock.
        unique = dict(sorted({row["event_id"]: row for row in rows}.items()))
        if self._connection.dialect.name == "postgresql":
            return set(self._connection.execute(_CLAIM_EVENTS, list(unique.values())).scalars())
        # SQLite has one writer at a time, so no other process can insert these events before this transaction ends.
        new_ids = unique.keys() - existing_values(self._connection, "events", "event_id", list(unique))
        _INSERT_EVENTS.insert_rows(self._connection, [row for event_id, row in unique.items() if event_id in new_ids])
        return set(new_ids)

    def _load_calls(self, call_ids: set[str]) -> None:
        if not call_ids:
            return
        if self._connection.dialect.name == "postgresql":
            self._lock_calls(call_ids)
        rows = self._connection.execute(_SELECT_CALLS, {"call_ids": sorted(call_ids)})
        self._calls = {row.call_id: call_from_row(row) for row in rows}
        self._seqs = {call_id: call.seq for call_id, call in self._calls.items()}

    def _lock_calls(self, call_ids: set[str]) -> None:
        """Take an advisory lock on each call until the commit.

        Two processes must not number the same call at once, and a new call has no row to lock. The order is fixed, so
        that no two transactions wait for each other.
        """
        for call_id in sorted(call_ids):
            self._connection.exec_driver_sql("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (call_id,))
