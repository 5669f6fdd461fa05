"""The tables. Times are whole microseconds since 1970 in UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import BigInteger, Boolean, Column, Dialect, Float, Index, Integer, MetaData, String, Table, Text
from sqlalchemy.types import TypeDecorator

from dashboard.messages import dump, load

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def to_micros(at: datetime) -> int:
    return (at - EPOCH) // _MICROSECOND


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC time, stored as microseconds: exact, and sorted alike in every database."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        return None if value is None else to_micros(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        return None if value is None else EPOCH + timedelta(microseconds=value)


class MessageText(TypeDecorator[str]):
    """A message for people. Its parts are stored, so that it can be translated later."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return dump(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        return load(value)


metadata = MetaData()

calls = Table(
    "calls",
    metadata,
    Column("call_id", String, primary_key=True),
    Column("leg_id", String),
    Column("session_id", String),
    Column("connection_id", String),
    Column("direction", String),
    Column("from_number", String),
    Column("to_number", String),
    Column("started_at", UtcDateTime, nullable=False),
    Column("answered_at", UtcDateTime),
    Column("ended_at", UtcDateTime),
    Column("hangup_cause", String),
    Column("hangup_source", String),
    Column("switches", Text, nullable=False),
    Column("caller_name", String),
    Column("callee_name", String),
    Column("seq", Integer, nullable=False),
)
Index("calls_by_start", calls.c.started_at, calls.c.call_id)
_RUNNING = calls.c.ended_at.is_(None)
Index("calls_running", calls.c.started_at, sqlite_where=_RUNNING, postgresql_where=_RUNNING)

segments = Table(
    "segments",
    metadata,
    Column("event_id", String, primary_key=True),
    Column("call_id", String, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("track", String),
    Column("text", Text, nullable=False),
    Column("confidence", Float),
    Column("started_at", UtcDateTime),
    Column("occurred_at", UtcDateTime, nullable=False),
    Column("marks", Text),
)
_MARKED = segments.c.marks.is_not(None)
Index("segments_marked", segments.c.call_id, sqlite_where=_MARKED, postgresql_where=_MARKED)
Index("segments_by_seq", segments.c.call_id, segments.c.seq, unique=True)
Index("segments_by_time", segments.c.call_id, segments.c.occurred_at, segments.c.event_id)

events = Table(
    "events",
    metadata,
    Column("event_id", String, primary_key=True),
    Column("call_id", String),
    Column("type", String, nullable=False),
    Column("known", Boolean, nullable=False),
    Column("attempt", Integer),
    Column("occurred_at", UtcDateTime, nullable=False),
    Column("received_at", UtcDateTime, nullable=False),
    Column("body", Text, nullable=False),
)
Index("events_by_arrival", events.c.received_at.desc(), events.c.event_id)
Index("events_by_call", events.c.call_id, events.c.occurred_at)

commands = Table(
    "commands",
    metadata,
    Column("command_id", String, primary_key=True),
    Column("call_id", String),
    Column("name", String, nullable=False),
    Column("requested_by", String, nullable=False),
    Column("requested_at", UtcDateTime, nullable=False),
    Column("parameters", Text, nullable=False),
    Column("status", String, nullable=False),
    Column("settled_at", UtcDateTime),
    Column("http_status", Integer),
    Column("provider_code", String),
    Column("reason", MessageText),
    Column("attempts", Integer),
    Column("elapsed_ms", Integer),
)
Index("commands_by_call", commands.c.call_id, commands.c.requested_at)
Index("commands_by_name", commands.c.name, commands.c.requested_at)

presets = Table(
    "presets",
    metadata,
    Column("command", String, primary_key=True),
    Column("name", String, primary_key=True),
    Column("parameters", Text, nullable=False),
)

keywords = Table(
    "keywords",
    metadata,
    Column("keyword_id", String, primary_key=True),
    Column("kind", String, nullable=False),
    Column("text", Text, nullable=False),
)
