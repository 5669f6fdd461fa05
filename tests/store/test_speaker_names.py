"""Names of speakers are part of the call: numbered like every change, kept, and no event ever loses them."""

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


def named(call_id: str = CALL_ID, **names: str | None) -> NameSpeakers:
    return NameSpeakers(call_id=call_id, names={Speaker(side): name for side, name in names.items()})


def names_of(store: Store) -> SpeakerNames:
    return store.get_call(CALL_ID).speakers


def test_a_name_is_a_numbered_change_of_the_call(store: Store, published: list[Change]) -> None:
    store.record_event(call_initiated())
    recorded_name = store.name_speakers(named(caller="Ana"))
    assert recorded_name.is_new
    assert change_numbers(published) == [1, 2]
    told = published[-1]
    assert isinstance(told, CallUpdated)
    assert told.call == store.get_call(CALL_ID)
    assert told.call.speakers == SpeakerNames(caller="Ana")


def test_the_same_name_again_changes_nothing(store: Store, published: list[Change]) -> None:
    store.record_event(call_initiated())
    store.name_speakers(named(caller="Ana"))
    assert not store.name_speakers(named(caller="Ana")).is_new
    assert change_numbers(published) == [1, 2]


def test_a_call_nobody_has_told_of_has_no_speakers(store: Store, published: list[Change]) -> None:
    for call_id in (CALL_ID, "", "v3:\0"):
        with pytest.raises(CallNotFoundError):
            store.name_speakers(named(call_id, caller="Ana"))
    assert published == []


def test_every_event_that_comes_later_leaves_the_names(store: Store) -> None:
    store.record_event(said_late := record_operation(transcribed_event("Hello", 5)))
    store.name_speakers(named(caller="Ana", callee="Luis"))
    ended = CallHungUp(event_id="end", call_id=CALL_ID, occurred_at=time_at(60))
    for work in (
        call_initiated(),
        call_answered(),
        record_operation(transcribed_event("My order", 7)),
        said_late,
        record_operation(ended),
    ):
        store.record_event(work)
    assert store.get_call(CALL_ID).state is CallState.ENDED
    assert names_of(store) == SpeakerNames(caller="Ana", callee="Luis")
    assert len(store.get_transcript(CALL_ID).segments) == 2


def test_names_outlive_the_process(url: str, new_store: Callable[..., Store]) -> None:
    first = new_store(url)
    first.record_event(call_initiated())
    first.name_speakers(named(caller="Ana 👋"))
    first.name_speakers(named(callee="Luis"))
    first.name_speakers(named(callee=None))
    first.close()
    second = new_store(url)
    assert names_of(second) == SpeakerNames(caller="Ana 👋")
    assert [summary.call.speakers.caller for summary in second.calls_page(limit=10).calls] == ["Ana 👋"]


def test_two_who_name_one_speaker_each_do_not_undo_each_other(store: Store, published: list[Change]) -> None:
    store.record_event(call_initiated())
    works = [
        named(caller="Ana"),
        named(callee="Luis"),
        *(record_operation(transcribed_event(f"line {n}", n)) for n in range(20)),
    ]
    run_in_threads(*[lambda work=work: store._writer.submit(work) for work in works])
    assert names_of(store) == SpeakerNames(caller="Ana", callee="Luis")
    assert sorted(change_numbers(published)) == list(range(1, store.get_call(CALL_ID).seq + 1))


def test_a_database_from_before_there_were_names_gets_them(database_url: str, new_store: Callable[..., Store]) -> None:
    def taken_back(connection: Connection) -> None:
        for side in ("caller", "callee"):
            connection.exec_driver_sql(f"ALTER TABLE calls DROP COLUMN {side}_name")
        connection.exec_driver_sql(
            "INSERT INTO calls (call_id, started_at, switches, seq) VALUES (?, 0, '{}', 7)", (CALL_ID,)
        )
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0003'")

    database = Database(database_url)
    database.write(taken_back)
    database.close()
    upgrade(database_url)
    store = new_store(database_url)
    assert (names_of(store), store.schema_version()) == (SpeakerNames(), newest_version())
    store.name_speakers(named(caller="Ana"))
    assert (names_of(store), store.get_call(CALL_ID).seq) == (SpeakerNames(caller="Ana"), 8)
