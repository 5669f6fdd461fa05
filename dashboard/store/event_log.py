"""The stored webhooks, as an inspector asks for them, and how their bodies are forgotten again.

A row stays when its body goes: its id is how a repetition is known, however late it comes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, or_, select

from dashboard.store.operations import Operation, OperationResult
from dashboard.store.schema import events
from dashboard.store.unit_of_work import UnitOfWork

Cursor = tuple[datetime, str]
"""Where a page ends: (received_at, event_id) of its last event."""

DELETED_BODY = ""
"""What a body is once it is forgotten."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventFilter:
    """Which events: of one type, of one call, with a text in an id or in the type; `mark` is in the ids, or not."""

    type: str | None = None
    call_id: str | None = None
    text: str | None = None
    only_replays: str | None = None
    no_replays: str | None = None

    def where_clauses(self) -> list[ColumnElement[bool]]:
        found: list[ColumnElement[bool]] = []
        if self.type is not None:
            found.append(events.c.type == self.type)
        if self.call_id is not None:
            found.append(events.c.call_id == self.call_id)
        if self.text is not None:
            columns = (events.c.event_id, events.c.type, events.c.call_id)
            found.append(or_(*(column.icontains(self.text, autoescape=True) for column in columns)))
        if self.only_replays is not None:
            found.append(events.c.event_id.contains(self.only_replays, autoescape=True))
        if self.no_replays is not None:
            found.append(~events.c.event_id.contains(self.no_replays, autoescape=True))
        return found


def events_page(
    connection: Connection, event_filter: EventFilter, *, limit: int, before: Cursor | None
) -> list[dict[str, Any]]:
    """The newest first, without their bodies. `before` is the cursor of the page above."""
    shown = [column for column in events.c if column.name != "body"]
    query = select(*shown).where(*event_filter.where_clauses()).order_by(events.c.received_at.desc(), events.c.event_id)
    if before is not None:
        at, event_id = before
        same_moment = and_(events.c.received_at == at, events.c.event_id > event_id)
        query = query.where(or_(events.c.received_at < at, same_moment))
    return [dict(row._mapping) for row in connection.execute(query.limit(limit))]


def get_event(connection: Connection, event_id: str) -> dict[str, Any] | None:
    """One event with its body; None in its place once that is forgotten."""
    row = connection.execute(select(events).where(events.c.event_id == event_id)).first()
    return None if row is None else {**row._mapping, "body": row.body or None}


def oldest_kept_event_at(connection: Connection, *, count: int) -> datetime | None:
    """When the newest event came that is not one of the newest `kept`; None if there are no more than these."""
    query = select(events.c.received_at).order_by(events.c.received_at.desc(), events.c.event_id)
    return connection.execute(query.offset(count).limit(1)).scalar()


def events_with_body(
    connection: Connection, until: datetime, *, since: datetime | None, limit: int
) -> list[tuple[str, datetime]]:
    """Events with a body that came up to `until`, oldest first, as (event_id, received_at)."""
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
