"""The log of stored webhooks: filters, pages and deletion of bodies.

A row outlives its body, because its id is what identifies a repeated webhook later.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, or_, select

from dashboard.store.operations import OperationResult
from dashboard.store.schema import events
from dashboard.store.unit_of_work import Operation, UnitOfWork

# Where a page ends: (received_at, event_id) of its last event.
Cursor = tuple[datetime, str]

# Stored: do not rename. Stands in the id of a replayed event, after the id of the first.
REPLAY_MARK = ":replay:"
DELETED_BODY = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventFilter:
    """Which events a page holds. `text` is looked for in the ids and the type."""

    type: str | None = None
    call_id: str | None = None
    text: str | None = None
    only_replays: bool = False
    no_replays: bool = False

    def where_clauses(self) -> list[ColumnElement[bool]]:
        clauses: list[ColumnElement[bool]] = []
        is_replay = events.c.event_id.contains(REPLAY_MARK, autoescape=True)
        if self.type is not None:
            clauses.append(events.c.type == self.type)
        if self.call_id is not None:
            clauses.append(events.c.call_id == self.call_id)
        if self.text is not None:
            columns = (events.c.event_id, events.c.type, events.c.call_id)
            clauses.append(or_(*(column.icontains(self.text, autoescape=True) for column in columns)))
        if self.only_replays:
            clauses.append(is_replay)
        if self.no_replays:
            clauses.append(~is_replay)
        return clauses


def events_page(
    connection: Connection, event_filter: EventFilter, *, limit: int, before: Cursor | None
) -> list[dict[str, Any]]:
    """Events without their bodies, newest first. `before` is the previous page's cursor."""
    columns = [column for column in events.c if column.name != "body"]
    query = select(*columns).where(*event_filter.where_clauses())
    query = query.order_by(events.c.received_at.desc(), events.c.event_id)
    if before is not None:
        at, event_id = before
        same_time = and_(events.c.received_at == at, events.c.event_id > event_id)
        query = query.where(or_(events.c.received_at < at, same_time))
    return [dict(row._mapping) for row in connection.execute(query.limit(limit))]


def get_event(connection: Connection, event_id: str) -> dict[str, Any] | None:
    """One event with its body. A deleted body is None."""
    row = connection.execute(select(events).where(events.c.event_id == event_id)).first()
    return None if row is None else {**row._mapping, "body": row.body or None}


def oldest_kept_event_at(connection: Connection, *, count: int) -> datetime | None:
    """`received_at` of the newest event beyond the newest `count`. None if there are no more events than that."""
    query = select(events.c.received_at).order_by(events.c.received_at.desc(), events.c.event_id)
    return connection.execute(query.offset(count).limit(1)).scalar()


def events_with_body(
    connection: Connection, until: datetime, *, since: datetime | None, limit: int
) -> list[tuple[str, datetime]]:
    """(event_id, received_at) of events with a body, oldest first. `since` and `until` are inclusive."""
    query = select(events.c.event_id, events.c.received_at).where(
        events.c.received_at <= until, events.c.body != DELETED_BODY
    )
    if since is not None:
        query = query.where(events.c.received_at >= since)
    rows = connection.execute(query.order_by(events.c.received_at).limit(limit))
    return [(row.event_id, row.received_at) for row in rows]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteBodies(Operation):
    event_ids: tuple[str, ...]

    def execute(self, unit: UnitOfWork) -> OperationResult:
        unit.delete_bodies(self.event_ids)
        return OperationResult(is_new=True)
