"""Speaker names are numbered changes that events never undo."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import Connection

from dashboard.calls.call import CallState
from dashboard.calls.changes import CallUpdated, Change
from dashboard.calls.events import CallHungUp
from dashboard.calls.speaker_names import SpeakerNames
from dashboard.calls.transcript import Speaker
from dashboard.errors import CallNotFoundError
from dashboard.store import NameSpeakers, Store
from dashboard.store.database import Database
from dashboard.store.migrate import newest_version, upgrade
from tests.calls.stories import time_at, transcribed_event

from .records import CALL_ID, call_answered, call_initiated, change_numbers, record_operation, run_in_threads


def name_operation(call_id: str = CALL_ID, **names: str | None) -> NameSpeakers:
    return NameSpeakers(call_id=call_id, names={Speaker(side): name for side, name in names.items()})


def names_of(store: Store) -> SpeakerNames:
    return store.get_call(CALL_ID).speakers


def test_a_name_is_a_numbered_change_of_the_call(store: Store, published: list[Change]) -> None:
    store.record_event(call_initiated())
    result = store.name_speakers(name_operation(caller="Ana"))
    assert result.is_new
    assert change_numbers(published) == [1, 2]
    update = published[-1]
    assert isinstance(update, CallUpdated)
    assert update.call == store.get_call(CALL_ID)
    assert update.call.speakers == SpeakerNames(caller="Ana")


def test_an_equal_name_changes_nothing(store: Store, published: list[Change]) -> None:
    store.record_event(call_initiated())
    store.name_speakers(name_operation(caller="Ana"))
    assert not store.name_speakers(name_operation(caller="Ana")).is_new
    assert change_numbers(published) == [1, 2]


def test_an_unknown_call_has_no_speakers(store: Store, published: list[Change]) -> None:
    for call_id in (CALL_ID, "", "v3:\0"):
        with pytest.raises(CallNotFoundError):
            store.name_speakers(name_operation(call_id, caller="Ana"))
    assert published == []


def test_later_events_keep_the_names(store: Store) -> None:
    store.record_event(line := record_operation(transcribed_event("Hello", 5)))
    store.name_speakers(name_operation(caller="Ana", callee="Luis"))
    hangup = CallHungUp(event_id="end", call_id=CALL_ID, occurred_at=time_at(60))
    for operation in (
        call_initiated(),
        call_answered(),
        record_operation(transcribed_event("My order", 7)),
        line,
        record_operation(hangup),
    ):
        store.record_event(operation)
    assert store.get_call(CALL_ID).state is CallState.ENDED
    assert names_of(store) == SpeakerNames(caller="Ana", callee="Luis")
    assert len(store.get_transcript(CALL_ID).segments) == 2


def test_names_survive_a_restart(url: str, new_store: Callable[..., Store]) -> None:
    first = new_store(url)
    first.record_event(call_initiated())
    first.name_speakers(name_operation(caller="Ana 👋"))
    first.name_speakers(name_operation(callee="Luis"))
    first.name_speakers(name_operation(callee=None))
    first.close()
    second = new_store(url)
    assert names_of(second) == SpeakerNames(caller="Ana 👋")
    assert [summary.call.speakers.caller for summary in second.calls_page(limit=10).calls] == ["Ana 👋"]


def test_concurrent_names_of_two_speakers_are_both_kept(store: Store, published: list[Change]) -> None:
    store.record_event(call_initiated())
    operations = [
        name_operation(caller="Ana"),
        name_operation(callee="Luis"),
        *(record_operation(transcribed_event(f"line {n}", n)) for n in range(20)),
    ]
    run_in_threads(*[lambda operation=operation: store._writer.submit(operation) for operation in operations])
    assert names_of(store) == SpeakerNames(caller="Ana", callee="Luis")
    assert sorted(change_numbers(published)) == list(range(1, store.get_call(CALL_ID).seq + 1))


def test_a_database_without_names_is_migrated(database_url: str, new_store: Callable[..., Store]) -> None:
    def revert_migration(connection: Connection) -> None:
        for side in ("caller", "callee"):
            connection.exec_driver_sql(f"ALTER TABLE calls DROP COLUMN {side}_name")
        connection.exec_driver_sql(
            "INSERT INTO calls (call_id, started_at, switches, seq) VALUES (?, 0, '{}', 7)", (CALL_ID,)
        )
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0003'")

    database = Database(database_url)
    database.write(revert_migration)
    database.close()
    upgrade(database_url)
    store = new_store(database_url)
    assert (names_of(store), store.schema_version()) == (SpeakerNames(), newest_version())
    store.name_speakers(name_operation(caller="Ana"))
    assert (names_of(store), store.get_call(CALL_ID).seq) == (SpeakerNames(caller="Ana"), 8)
