"""The queries of pages and scripts. Each runs inside one read transaction."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Executable,
    String,
    and_,
    column,
    func,
    literal,
    or_,
    select,
    table,
    tuple_,
)

from dashboard.calls.call import Call
from dashboard.calls.events import Direction, Track
from dashboard.calls.switches import PENDING_STATES, SwitchName
from dashboard.calls.transcript import Segment
from dashboard.errors import CallNotFoundError
from dashboard.store.keywords import count_keywords
from dashboard.store.row_mapping import call_from_row, segment_from_row
from dashboard.store.schema import calls, commands, events, segments

# Where a page ends: (started_at, call_id) of its last call.
Cursor = tuple[datetime, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class CallSummary:
    call: Call
    line_count: int
    last_segment: Segment | None
    # How often each keyword occurs.
    keyword_counts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallPage:
    calls: list[CallSummary]
    next: Cursor | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcript:
    call: Call
    segments: list[Segment]


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentPage:
    call: Call
    segments: list[Segment]
    next: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LanePositions:
    """How far each track is. `closed_at` is the time of its newest final; a newer interim is open."""

    ended: bool
    direction: Direction | None
    closed_at: Mapping[Track | None, datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class UnconfirmedCommand:
    call_id: str
    switch: SwitchName
    command_id: str
    since: datetime


def calls_page(connection: Connection, *, limit: int, before: Cursor | None) -> CallPage:
    """Calls, newest first. `before` is the previous page's cursor."""
    query = select(calls).order_by(calls.c.started_at.desc(), calls.c.call_id.desc()).limit(limit + 1)
    if before is not None:
        query = query.where(tuple_(calls.c.started_at, calls.c.call_id) < tuple_(*_bind_cursor(before)))
    rows = connection.execute(query).all()
    page = rows[:limit]
    cursor = (page[-1].started_at, page[-1].call_id) if len(rows) > limit else None
    return CallPage(calls=_summarize_calls(connection, page), next=cursor)


def running_calls(connection: Connection, *, limit: int) -> list[CallSummary]:
    """Running calls, oldest first. A new call does not move the others."""
    query = select(calls).where(calls.c.ended_at.is_(None)).order_by(calls.c.started_at, calls.c.call_id).limit(limit)
    return _summarize_calls(connection, list(connection.execute(query)))


def get_transcript(connection: Connection, call_id: str, *, after_seq: int | None) -> Transcript:
    query = select(segments).where(segments.c.call_id == call_id)
    if after_seq is None:
        query = query.order_by(segments.c.occurred_at, segments.c.event_id)
    else:
        query = query.where(segments.c.seq > after_seq).order_by(segments.c.seq)
    call = get_call(connection, call_id)
    return Transcript(call=call, segments=_fetch_segments(connection, query))


def segments_after(connection: Connection, call_id: str, after_seq: int, *, limit: int) -> SegmentPage:
    """Segments after a number, by `seq`. `next` is the number to go on after, None at the end."""
    call = get_call(connection, call_id)
    is_newer = and_(segments.c.call_id == call_id, segments.c.seq > after_seq)
    rows = _fetch_segments(connection, select(segments).where(is_newer).order_by(segments.c.seq).limit(limit + 1))
    page = rows[:limit]
    return SegmentPage(call=call, segments=page, next=page[-1].seq if len(rows) > limit else None)


def lane_positions(connection: Connection, call_id: str) -> LanePositions | None:
    """The lanes of a call, None for an unknown call."""
    row = connection.execute(select(calls.c.ended_at, calls.c.direction).where(calls.c.call_id == call_id)).first()
    if row is None:
        return None
    newest = select(segments.c.track, func.max(segments.c.occurred_at, type_=segments.c.occurred_at.type))
    newest = newest.where(segments.c.call_id == call_id).group_by(segments.c.track)
    closed_at = {None if track is None else Track(track): at for track, at in connection.execute(newest)}
    direction = None if row.direction is None else Direction(row.direction)
    return LanePositions(ended=row.ended_at is not None, direction=direction, closed_at=closed_at)


def unconfirmed_commands(connection: Connection, *, since_before: datetime) -> list[UnconfirmedCommand]:
    """Commands on running calls, pending since before `since_before`."""
    query = select(calls).where(calls.c.ended_at.is_(None), _has_pending_switch())
    unconfirmed = []
    for call in map(call_from_row, connection.execute(query)):
        for name, switch in call.switches.items():
            if switch.is_pending and switch.command_id and switch.since and switch.since < since_before:
                unconfirmed.append(
                    UnconfirmedCommand(
                        call_id=call.call_id, switch=name, command_id=switch.command_id, since=switch.since
                    )
                )
    return unconfirmed


def events_of_call(connection: Connection, call_id: str, *, types: Collection[str], limit: int) -> list[dict[str, Any]]:
    """The newest events of these types with bodies, oldest first. A deleted body is empty."""
    query = select(events).where(events.c.call_id == call_id, events.c.type.in_(types))
    query = query.order_by(events.c.occurred_at.desc(), events.c.event_id.desc()).limit(limit)
    return [dict(row._mapping) for row in reversed(connection.execute(query).all())]


def commands_of_call(connection: Connection, call_id: str) -> list[dict[str, Any]]:
    """The commands of a call, oldest first."""
    query = select(commands).where(commands.c.call_id == call_id).order_by(commands.c.requested_at)
    return [dict(row._mapping) for row in connection.execute(query)]


def last_parameters(connection: Connection, name: str) -> str | None:
    """The parameters of the newest accepted command, as JSON text."""
    newest_first = commands.c.requested_at.desc()
    query = select(commands.c.parameters).where(commands.c.name == name, commands.c.status == "accepted")
    return connection.execute(query.order_by(newest_first).limit(1)).scalar()


def all_running_calls(connection: Connection) -> list[Call]:
    """Every running call, oldest first."""
    query = select(calls).where(calls.c.ended_at.is_(None)).order_by(calls.c.started_at)
    return [call_from_row(row) for row in connection.execute(query)]


def last_speech_at(connection: Connection, call_ids: list[str]) -> dict[str, datetime]:
    """When the newest segment of each call was received. By this server's clock; silent calls are left out."""
    of_call = segments.c.call_id == calls.c.call_id
    newest_first = (segments.c.occurred_at.desc(), segments.c.event_id.desc())
    newest = select(segments.c.event_id).where(of_call).order_by(*newest_first).limit(1).scalar_subquery()
    received_at = select(events.c.received_at).where(events.c.event_id == newest.correlate(calls)).scalar_subquery()
    query = select(calls.c.call_id, received_at.correlate(calls)).where(calls.c.call_id.in_(call_ids))
    return {call_id: at for call_id, at in connection.execute(query) if at is not None}


def is_reachable(connection: Connection) -> bool:
    """True if the tables can be read; otherwise the driver's error is raised."""
    connection.execute(select(calls.c.call_id).limit(1)).all()
    return True


def schema_version(connection: Connection) -> str | None:
    """The newest migration applied, from Alembic's table."""
    return connection.execute(select(column("version_num", String)).select_from(table("alembic_version"))).scalar()


def _bind_cursor(cursor: Cursor) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    started_at, call_id = cursor
    return literal(started_at, calls.c.started_at.type), literal(call_id)


def _has_pending_switch() -> ColumnElement[bool]:
    return or_(*(calls.c.switches.contains(f'"state":"{state}"') for state in PENDING_STATES))


def get_call(connection: Connection, call_id: str) -> Call:
    """A call without its segments. CallNotFoundError for an unknown call."""
    query = select(calls).where(calls.c.call_id == call_id)
    # PostgreSQL rejects a NUL in a parameter, and no call id has one.
    row = None if "\0" in call_id else connection.execute(query).first()
    if row is None:
        raise CallNotFoundError(call_id)
    return call_from_row(row)


def _fetch_segments(connection: Connection, query: Executable) -> list[Segment]:
    return [segment_from_row(row) for row in connection.execute(query)]


def _summarize_calls(connection: Connection, rows: Iterable[Any]) -> list[CallSummary]:
    calls_of_rows = [call_from_row(row) for row in rows]
    call_ids = [call.call_id for call in calls_of_rows]
    line_counts, keyword_counts = _line_counts(connection, call_ids), count_keywords(connection, call_ids)
    return [
        CallSummary(
            call=call,
            line_count=line_counts.get(call.call_id, 0),
            last_segment=_last_segment(connection, call.call_id, line_counts),
            keyword_counts=keyword_counts.get(call.call_id, {}),
        )
        for call in calls_of_rows
    ]


def _line_counts(connection: Connection, call_ids: list[str]) -> dict[str, int]:
    query = select(segments.c.call_id, func.count()).where(segments.c.call_id.in_(call_ids))
    return {call_id: count for call_id, count in connection.execute(query.group_by(segments.c.call_id))}


def _last_segment(connection: Connection, call_id: str, line_counts: Mapping[str, int]) -> Segment | None:
    if call_id not in line_counts:
        return None
    newest_first = (segments.c.occurred_at.desc(), segments.c.event_id.desc())
    query = select(segments).where(segments.c.call_id == call_id).order_by(*newest_first).limit(1)
    return next(iter(_fetch_segments(connection, query)), None)
