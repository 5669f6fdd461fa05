"""Database outages: refused writes, no lost events, no speech in logs."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from sqlalchemy import Connection, make_url, text
from sqlalchemy.exc import SQLAlchemyError

from dashboard.calls.changes import Change
from dashboard.errors import StoreBusyError
from dashboard.store import Store
from dashboard.store.migrate import upgrade
from dashboard.store.operations import OperationResult
from dashboard.store.unit_of_work import Operation, UnitOfWork
from tests.calls.stories import transcribed_event

from .records import CALL_ID, call_initiated, record_operation, segment_texts, stored_events

SECRET = "my card number is four two four two"


def run(store: Store, statement: str) -> None:
    def execute(connection: Connection) -> None:
        connection.execute(text(statement))

    store.database.write(execute)


@dataclass(frozen=True)
class Statement(Operation):
    """Runs a statement on the writer's connection."""

    text: str

    def execute(self, unit: UnitOfWork) -> OperationResult:
        unit._connection.execute(text(self.text))
        return OperationResult(is_new=True)


def test_a_refused_write_succeeds_when_the_database_is_back(store: Store, published: list[Change]) -> None:
    store.record_event(call_initiated())
    published_before = list(published)
    run(store, "ALTER TABLE segments RENAME TO lost")
    final = record_operation(transcribed_event("kept after all", 5))
    with pytest.raises(StoreBusyError):
        store.record_event(final)
    assert published == published_before
    run(store, "ALTER TABLE lost RENAME TO segments")
    assert store.record_event(final).is_new
    assert segment_texts(store.get_transcript(CALL_ID).segments) == ["kept after all"]


def test_a_failed_write_leaves_no_rows(store: Store) -> None:
    store.record_event(call_initiated())
    run(store, "ALTER TABLE segments RENAME TO lost")
    with pytest.raises(StoreBusyError):
        store.record_event(record_operation(transcribed_event("half", 5)))
    run(store, "ALTER TABLE lost RENAME TO segments")
    assert store.get_transcript(CALL_ID).call.seq == 1
    assert [event["event_id"] for event in stored_events(store)] == [f"initiated-{CALL_ID}"]


def test_a_failed_write_logs_no_speech_and_no_numbers(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    run(store, "ALTER TABLE segments RENAME TO lost")
    final = record_operation(transcribed_event(SECRET, 5))
    with pytest.raises(StoreBusyError) as raised:
        store.record_event(final)
    assert "write failed: operation=RecordEvent" in caplog.text
    for output in (caplog.text, str(raised.value), repr(raised.value.__context__)):
        assert SECRET not in output
        assert "+1555" not in output


def test_readiness_fails_while_the_tables_are_gone(store: Store) -> None:
    assert store.is_reachable()
    run(store, "ALTER TABLE calls RENAME TO lost")
    with pytest.raises(SQLAlchemyError):
        store.is_reachable()
    run(store, "ALTER TABLE lost RENAME TO calls")
    assert store.is_reachable()


def test_a_read_only_database_still_answers_reads(database_url: str, new_store: Callable[..., Store]) -> None:
    store = new_store(database_url)
    store.record_event(call_initiated())
    store._writer.submit(Statement("PRAGMA query_only = ON"))
    with pytest.raises(StoreBusyError):
        store.record_event(record_operation(transcribed_event("later", 5)))
    assert store.get_transcript(CALL_ID).call.seq == 1
    assert store.record_event(record_operation(transcribed_event("later", 5))).is_new, "a broken connection is replaced"


def test_a_locked_database_refuses_in_time_and_loses_nothing(
    database_url: str, new_store: Callable[..., Store]
) -> None:
    store = new_store(database_url)
    store.record_event(call_initiated())
    path = make_url(database_url).database
    assert path is not None
    blocker = sqlite3.connect(path, isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    final = record_operation(transcribed_event("patience", 5))
    try:
        with pytest.raises(StoreBusyError):
            store.record_event(final)
    finally:
        blocker.execute("ROLLBACK")
        blocker.close()
    store.record_event(final)
    assert segment_texts(store.get_transcript(CALL_ID).segments) == ["patience"]


def test_a_connection_ended_by_postgres_is_opened_again(
    new_store: Callable[..., Store], empty_postgres_url: str
) -> None:
    upgrade(empty_postgres_url)
    store, admin = new_store(empty_postgres_url), new_store(empty_postgres_url)
    store.record_event(call_initiated())
    terminate = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
    run(admin, f"{terminate} AND pid <> pg_backend_pid()")
    assert store.record_event(record_operation(transcribed_event("after the fall", 5))).is_new
    assert segment_texts(store.get_transcript(CALL_ID).segments) == ["after the fall"]
