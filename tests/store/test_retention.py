"""Retention deletes old and surplus bodies, never ids and transcripts."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dashboard.services import retention as retention_module
from dashboard.services.retention import Retention
from dashboard.store import Store
from dashboard.store.event_log import EventFilter
from tests.calls.stories import time_at, transcribed_event

from .records import CALL_ID, record_operation, segment_texts


def store_events(store: Store, count: int, first: int = 0) -> list[str]:
    for number in range(first, first + count):
        event = record_operation(transcribed_event(f"line {number}", number, event_id=f"event-{number:04}"))
        store.record_event(event._replace(received_at=time_at(number), body='{"a": "body"}'))
    return [f"event-{number:04}" for number in range(first, first + count)]


def ids_with_body(store: Store, event_ids: list[str]) -> list[str]:
    rows = {event_id: store.get_event(event_id) for event_id in event_ids}
    assert all(row is not None for row in rows.values())
    return [event_id for event_id, row in rows.items() if row is not None and row["body"] is not None]


def retention_of(store: Store, *, kept: int = 1_000, kept_for: timedelta = timedelta(days=30)) -> Retention:
    return Retention(store, kept=kept, kept_for=kept_for)


def test_the_newest_bodies_are_kept(store: Store) -> None:
    events = store_events(store, 7)
    assert retention_of(store, kept=3).prune(now=time_at(10)) == 4
    assert ids_with_body(store, events) == events[-3:]


def test_old_bodies_are_deleted(store: Store) -> None:
    events = store_events(store, 7)
    assert retention_of(store, kept_for=timedelta(seconds=10)).prune(now=time_at(14.5)) == 5
    assert ids_with_body(store, events) == events[-2:]


def test_few_and_new_bodies_are_kept(store: Store) -> None:
    events = store_events(store, 3)
    assert retention_of(store, kept=3).prune(now=time_at(10)) == 0
    assert ids_with_body(store, events) == events


def test_a_limit_of_zero_deletes_every_body(store: Store) -> None:
    events = store_events(store, 3)
    assert retention_of(store, kept=0).prune(now=time_at(10)) == 3
    assert ids_with_body(store, events) == []


def test_a_later_run_deletes_only_what_is_new(store: Store) -> None:
    events = store_events(store, 4)
    retention = retention_of(store, kept=2)
    assert [retention.prune(now=time_at(10)), retention.prune(now=time_at(10))] == [2, 0]
    events += store_events(store, 3, first=4)
    assert retention.prune(now=time_at(10)) == 3
    assert ids_with_body(store, events) == events[-2:]


def test_bodies_are_deleted_in_small_batches(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    store_events(store, 5)
    pauses: list[float] = []
    monkeypatch.setattr(retention_module, "BATCH_SIZE", 2)
    assert Retention(store, kept=0, kept_for=timedelta(days=1), sleep=pauses.append).prune(now=time_at(10)) == 5
    assert len(pauses) == 3


def test_transcripts_and_ids_outlive_the_bodies(store: Store) -> None:
    events = store_events(store, 3)
    retention_of(store, kept=0).prune(now=time_at(10))
    assert segment_texts(store.get_transcript(CALL_ID).segments) == ["line 0", "line 1", "line 2"]
    assert [row["event_id"] for row in store.events_page(EventFilter(), limit=9)] == list(reversed(events))
    repetition = store.record_event(record_operation(transcribed_event("line 0", 0, event_id=events[0])))
    assert not repetition.is_new
    assert len(store.get_transcript(CALL_ID).segments) == 3
