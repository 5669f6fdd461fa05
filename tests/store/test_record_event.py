"""Events are stored once, without gaps, then published."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dashboard.calls.call import CallState
from dashboard.calls.changes import CallUpdated, Change, SegmentAdded
from dashboard.calls.events import Direction, OtherCallEvent, Track
from dashboard.store import Store
from tests.calls.stories import CALL_IDS, time_at, transcribed_event

from .records import (
    CALL_ID,
    call_answered,
    call_initiated,
    change_numbers,
    record_operation,
    run_in_threads,
    segment_texts,
    stored_events,
    unknown_event_operation,
)


def test_an_event_creates_a_call_and_is_published(store: Store, published: list[Change]) -> None:
    result = store.record_event(call_initiated())
    assert result.is_new
    assert tuple(published) == result.changes
    [change] = published
    assert isinstance(change, CallUpdated)
    assert store.get_transcript(CALL_ID).call == change.call
    assert (change.call.state, change.call.seq) == (CallState.RINGING, 1)


def test_a_final_is_numbered_after_its_call_update(store: Store, published: list[Change]) -> None:
    store.record_event(call_initiated())
    store.record_event(record_operation(transcribed_event("my order is late", 5), first_heard_at=time_at(4)))
    update, added = published[1:]
    assert isinstance(update, CallUpdated) and isinstance(added, SegmentAdded)
    assert (update.call.seq, added.segment.seq) == (2, 3)
    assert (added.segment.text, added.segment.track) == ("my order is late", Track.INBOUND)
    assert (added.segment.started_at, added.segment.occurred_at) == (time_at(4), time_at(5))
    assert added.direction is Direction.INBOUND
    assert store.get_transcript(CALL_ID).segments == [added.segment]


def test_a_repeated_event_changes_nothing(store: Store, published: list[Change]) -> None:
    final = record_operation(transcribed_event("once", 5))
    assert store.record_event(final).is_new
    published_before = list(published)
    repetition = store.record_event(final)
    assert (repetition.is_new, repetition.changes) == (False, ())
    assert published == published_before
    assert len(store.get_transcript(CALL_ID).segments) == 1


def test_concurrent_copies_are_one_event(store: Store, published: list[Change]) -> None:
    final = record_operation(transcribed_event("once", 5))
    results = run_in_threads(*[lambda: store.record_event(final)] * 8)
    assert sorted(result.is_new for result in results) == [False] * 7 + [True]
    assert change_numbers(published) == [1, 2]


def test_unknown_types_are_stored_and_change_nothing(store: Store, published: list[Change]) -> None:
    assert store.record_event(unknown_event_operation()).is_new
    assert not store.record_event(unknown_event_operation()).is_new
    assert published == []
    [row] = stored_events(store)
    assert (row["event_id"], row["type"], row["known"], row["call_id"]) == ("unknown-1", "call.cost", False, None)


def test_an_event_that_changes_nothing_takes_no_number(store: Store, published: list[Change]) -> None:
    store.record_event(call_initiated())
    event = record_operation(OtherCallEvent(event_id="other", call_id=CALL_ID, occurred_at=time_at(3)))
    assert store.record_event(event).changes == ()
    assert store.get_transcript(CALL_ID).call.seq == 1
    assert len(stored_events(store)) == 2


def test_empty_finals_make_no_segment(store: Store) -> None:
    store.record_event(record_operation(transcribed_event("", 5)))
    assert store.get_transcript(CALL_ID).segments == []


def test_many_callers_get_numbers_without_gaps(store: Store, published: list[Change]) -> None:
    operations = [call_initiated(call_id) for call_id in CALL_IDS]
    operations += [
        record_operation(transcribed_event(f"line {number}", number, call_id=call_id, event_id=f"{call_id}-{number}"))
        for number in range(20)
        for call_id in CALL_IDS
    ]

    def caller(share: list[Any]) -> Callable[[], None]:
        return lambda: [store.record_event(operation) for operation in share] and None

    assert run_in_threads(*[caller(operations[start::6]) for start in range(6)]) == [None] * 6
    for call_id in CALL_IDS:
        numbers = change_numbers(published, call_id)
        assert numbers == list(range(1, len(numbers) + 1))
        transcript = store.get_transcript(call_id)
        assert transcript.call.seq == numbers[-1]
        assert len(transcript.segments) == 20
        assert segment_texts(transcript.segments) == [f"line {number}" for number in range(20)]


def test_a_restart_loses_nothing(store: Store, url: str, new_store: Callable[..., Store]) -> None:
    for operation in (call_initiated(), call_answered(), record_operation(transcribed_event("still here", 5))):
        store.record_event(operation)
    before = store.get_transcript(CALL_ID)
    store.close()
    restarted = new_store(url)
    assert restarted.get_transcript(CALL_ID) == before
    assert not restarted.record_event(record_operation(transcribed_event("still here", 5))).is_new
