"""The queries of pages: calls, transcripts, segments after a number, lanes."""

from __future__ import annotations

import pytest

from dashboard.calls.events import CallHungUp, Direction, Track
from dashboard.errors import CallNotFoundError
from dashboard.store import Store
from dashboard.store.queries import Cursor
from tests.calls.stories import CALL_IDS, time_at, transcribed_event

from .records import (
    CALL_ID,
    call_answered,
    call_initiated,
    record_operation,
    segment_texts,
    stored_events,
    unknown_event_operation,
)


def hung_up(call_id: str, seconds: float = 90) -> CallHungUp:
    return CallHungUp(event_id=f"hung-up-{call_id}", call_id=call_id, occurred_at=time_at(seconds))


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 20])
def test_pages_show_every_call_once_newest_first(store: Store, limit: int) -> None:
    for number in range(7):
        # Some start at the same time.
        store.record_event(call_initiated(f"v3:{number}", seconds=number // 3))
    call_ids: list[str] = []
    cursor: Cursor | None = None
    for _ in range(8):
        page = store.calls_page(limit=limit, before=cursor)
        call_ids += [summary.call.call_id for summary in page.calls]
        assert len(page.calls) <= limit
        if (cursor := page.next) is None:
            break
    assert call_ids == ["v3:6", "v3:5", "v3:4", "v3:3", "v3:2", "v3:1", "v3:0"]


def test_a_summary_has_line_count_and_last_segment(store: Store) -> None:
    store.record_event(call_initiated())
    assert [(summary.line_count, summary.last_segment) for summary in store.calls_page(limit=5).calls] == [(0, None)]
    for text, seconds in (("second", 6), ("third", 7), ("first", 5)):
        store.record_event(record_operation(transcribed_event(text, seconds)))
    [summary] = store.calls_page(limit=5).calls
    assert summary.last_segment is not None
    assert (summary.line_count, summary.last_segment.text) == (3, "third")


def test_running_calls_are_oldest_first_without_ended_ones(store: Store) -> None:
    for number, call_id in enumerate(CALL_IDS):
        store.record_event(call_initiated(call_id, seconds=number))
    store.record_event(record_operation(hung_up(CALL_IDS[1])))
    assert [summary.call.call_id for summary in store.running_calls(limit=9)] == [CALL_IDS[0], CALL_IDS[2]]
    assert [summary.call.call_id for summary in store.running_calls(limit=1)] == [CALL_IDS[0]]


def test_a_late_final_is_placed_by_time(store: Store) -> None:
    for text, seconds in (("one", 5), ("three", 9), ("two", 7)):
        store.record_event(record_operation(transcribed_event(text, seconds)))
    segments = store.get_transcript(CALL_ID).segments
    assert segment_texts(segments) == ["one", "two", "three"]
    assert [segment.seq for segment in segments] == sorted([s.seq for s in segments], key=[2, 4, 3].index)


def test_segments_after_a_number_are_ordered_by_number(store: Store) -> None:
    for text, seconds in (("one", 5), ("three", 9), ("two", 7)):
        store.record_event(record_operation(transcribed_event(text, seconds)))
    transcript = store.get_transcript(CALL_ID, after_seq=2)
    assert segment_texts(transcript.segments) == ["three", "two"]
    assert store.get_transcript(CALL_ID, after_seq=transcript.call.seq).segments == []


@pytest.mark.parametrize("limit", [1, 2, 5, 50])
def test_segment_pages_miss_nothing_and_repeat_nothing(store: Store, limit: int) -> None:
    for number in range(5):
        store.record_event(record_operation(transcribed_event(f"line {number}", 20 - number)))
    texts: list[str] = []
    after: int | None = 0
    while after is not None:
        page = store.segments_after(CALL_ID, after, limit=limit)
        texts += segment_texts(page.segments)
        after = page.next
    assert texts == [f"line {number}" for number in range(5)]


def test_an_unknown_call_is_not_found(store: Store) -> None:
    with pytest.raises(CallNotFoundError):
        store.get_transcript("v3:unknown")
    with pytest.raises(CallNotFoundError):
        store.segments_after("v3:unknown", 0, limit=5)
    assert store.lane_positions("v3:unknown") is None


def test_lane_positions_have_the_newest_final_of_each_track(store: Store) -> None:
    store.record_event(call_initiated())
    for track, seconds in ((Track.INBOUND, 5), (Track.INBOUND, 4), (Track.OUTBOUND, 6), (None, 7)):
        store.record_event(record_operation(transcribed_event("words", seconds, track=track)))
    lanes = store.lane_positions(CALL_ID)
    assert lanes is not None
    assert (lanes.ended, lanes.direction) == (False, Direction.INBOUND)
    assert lanes.closed_at == {Track.INBOUND: time_at(5), Track.OUTBOUND: time_at(6), None: time_at(7)}
    store.record_event(record_operation(hung_up(CALL_ID)))
    lanes = store.lane_positions(CALL_ID)
    assert lanes is not None and lanes.ended


def test_events_are_newest_first_without_their_bodies(store: Store) -> None:
    store.record_event(call_initiated())
    store.record_event(call_answered())
    store.record_event(unknown_event_operation()._replace(received_at=time_at(60)))
    rows = stored_events(store, limit=2)
    assert [event["event_id"] for event in rows] == ["unknown-1", f"answered-{CALL_ID}"]
    assert all("body" not in event for event in rows)


def test_text_of_every_language_is_stored_unchanged(store: Store) -> None:
    line = "Zoë: 你好 👋 — ‮abc"
    store.record_event(record_operation(transcribed_event(line, 5)))
    assert segment_texts(store.get_transcript(CALL_ID).segments) == [line]


def test_times_are_stored_to_the_microsecond(store: Store) -> None:
    store.record_event(record_operation(transcribed_event("exact", 5.123457)))
    [segment] = store.get_transcript(CALL_ID).segments
    assert segment.occurred_at == time_at(5.123457)
    assert segment.occurred_at.utcoffset() is not None
