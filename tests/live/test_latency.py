"""Each line's way through the server, in times; bounded, and honest about whose clock."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from dashboard.calls.call import Call
from dashboard.calls.changes import CallUpdated, SegmentAdded
from dashboard.calls.transcript import build_segment
from dashboard.live import latency
from dashboard.live.feed import ChangeFeed, call_room
from dashboard.live.latency import DelayWindow, LatencyTracker, Stage, Timing
from dashboard.web.serializers import JSON, change_to_json
from tests.calls.stories import CALL_IDS, time_at, transcribed_event
from tests.conftest import CALL_ID, transcription_payload

MS = timedelta(milliseconds=1)


class Clock:
    def __init__(self) -> None:
        self.now = time_at(5)

    def __call__(self) -> datetime:
        return self.now

    def go(self, milliseconds: float) -> None:
        self.now += milliseconds * MS


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def known(clock: Clock) -> LatencyTracker:
    return LatencyTracker(now=clock)


def line(seconds: float = 5, call_id: str = CALL_IDS[0]) -> SegmentAdded:
    event = transcribed_event(f"words at {seconds}", seconds, call_id=call_id)
    return SegmentAdded(segment=build_segment(event, seq=1, started_at=None), direction=None)


def walk(known: LatencyTracker, clock: Clock, added: SegmentAdded) -> Timing | None:
    """40 ms to get here, 3 ms to the disk, 2 ms more to the sockets."""
    clock.now = added.segment.occurred_at + 40 * MS
    known.mark_received(added.segment.event_id, at=clock.now)
    clock.go(3)
    known.mark_stored([added])
    clock.go(2)
    return known.mark_sent(added.segment)


def test_a_line_is_timed_at_every_stage(known: LatencyTracker, clock: Clock) -> None:
    assert walk(known, clock, line()) == Timing(
        received_at=time_at(5) + 40 * MS, stored_at=time_at(5) + 43 * MS, sent_at=time_at(5) + 45 * MS
    )
    for figures in (known.overall_stats(), known.call_stats(CALL_IDS[0])):
        assert figures is not None
        assert {stage: told.p50_ms for stage, told in figures.items()} == {
            Stage.RECEIVED: 40.0,
            Stage.STORED: 3.0,
            Stage.SENT: 5.0,
        }


def test_a_line_is_timed_once(known: LatencyTracker, clock: Clock) -> None:
    added = line()
    walk(known, clock, added)
    assert known.mark_sent(added.segment) is None
    assert known.overall_stats()[Stage.SENT].count == 1


def test_a_repetition_does_not_make_a_line_look_fast(known: LatencyTracker, clock: Clock) -> None:
    added = line()
    known.mark_received(added.segment.event_id, at=clock.now)
    clock.go(500)
    known.mark_received(added.segment.event_id, at=clock.now)
    known.mark_stored([added])
    assert known.overall_stats()[Stage.STORED].p50_ms == 500.0


def test_a_line_that_came_elsewhere_has_no_times(known: LatencyTracker) -> None:
    added = line()
    known.mark_stored([added])
    assert known.mark_sent(added.segment) is None
    assert known.call_stats(CALL_IDS[0]) is None


def test_calls_are_kept_apart(known: LatencyTracker, clock: Clock) -> None:
    walk(known, clock, line(1, CALL_IDS[0]))
    walk(known, clock, line(2, CALL_IDS[0]))
    walk(known, clock, line(3, CALL_IDS[1]))
    counts = [(known.call_stats(call_id) or {})[Stage.SENT].count for call_id in CALL_IDS[:2]]
    assert counts == [2, 1] and known.overall_stats()[Stage.SENT].count == 3


def test_percentiles_are_of_the_newest_and_counts_of_all() -> None:
    window = DelayWindow()
    for delay in (10_000, *range(1, 501)):
        window.add_delay(delay)
    figures = window.stats()
    assert (figures.p50_ms, figures.p95_ms) == (250.0, 475.0)
    assert (figures.count, figures.total_ms) == (501, 10_000 + 500 * 501 / 2)


def test_an_empty_window_has_no_percentiles() -> None:
    assert DelayWindow().stats().p50_ms is None


@pytest.mark.parametrize("limit", ["MAX_LINES_IN_FLIGHT", "MAX_CALLS"])
def test_memory_is_bounded(limit: str, known: LatencyTracker, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(latency, limit, 2)
    lines = [line(number, f"v3:call-{number}") for number in range(1, 5)]
    for added in lines:
        known.mark_received(added.segment.event_id, at=clock.now)
        if limit == "MAX_CALLS":
            known.mark_stored([added])
    if limit == "MAX_LINES_IN_FLIGHT":
        known.mark_stored(lines)
    assert [known.call_stats(added.segment.call_id) is None for added in lines] == [True, True, False, False]


def test_both_rooms_get_the_same_times(known: LatencyTracker, clock: Clock) -> None:
    frames: list[tuple[list[str], list[JSON]]] = []
    feed = ChangeFeed(
        emit=lambda rooms, changes: frames.append((rooms, changes)),
        serialize=change_to_json,
        is_watched=lambda room: True,
        spawn=lambda run: None,
        sleep=lambda seconds: None,
        timing_of=known.mark_sent,
    )
    added = line()
    known.mark_received(added.segment.event_id, at=clock.now)
    known.mark_stored([added])
    feed.publish([added, CallUpdated(call=Call(call_id=CALL_IDS[1]))])
    clock.go(7)
    feed.flush()
    assert [rooms for rooms, _ in frames] == [[call_room(CALL_IDS[0])], [call_room(CALL_IDS[1])], ["calls"]]
    [(_, [one]), _, (_, [other, _])] = frames
    moments = {"received_at": time_at(5), "stored_at": time_at(5), "sent_at": time_at(5) + 7 * MS}
    assert one["timing"] == {name: f"{moment:%Y-%m-%dT%H:%M:%S.%f}Z" for name, moment in moments.items()}
    assert other["timing"] == one["timing"]
    assert "timing" not in one["segment"]


# In the application


@pytest.fixture
def watcher(app: Flask, deliver: Callable[..., Any]) -> Iterator[Any]:
    deliver("call.initiated", {"direction": "incoming"})
    watcher = app.extensions["socketio"].test_client(app)
    watcher.emit("watch", {"call_id": CALL_ID}, callback=True)
    watcher.get_received()
    yield watcher
    watcher.disconnect()


def told_finals(watcher: Any) -> list[JSON]:
    changes = [change for event in watcher.get_received() for change in event["args"][0]]
    return [change for change in changes if change["type"] == "segment.final"]


def test_a_live_line_carries_its_times(deliver: Callable[..., Any], watcher: Any) -> None:
    deliver("call.transcription", transcription_payload("hello"))
    # The feed's own task sends it, at its own time; the test's time-out ends a wait for nothing.
    while not (finals := told_finals(watcher)):
        continue
    [final] = finals
    times = [final["timing"][name] for name in ("received_at", "stored_at", "sent_at")]
    assert times == sorted(times) and final["segment"]["occurred_at"] < times[0]


def test_the_api_tells_the_delays_overall_and_of_a_call(client: FlaskClient, deliver: Callable[..., Any]) -> None:
    deliver("call.initiated", {"direction": "incoming"})
    deliver("call.transcription", transcription_payload("hello"))
    overall = client.get("/api/latency").get_json()
    assert overall["received_to_stored"]["count"] == 1
    assert 0 <= overall["received_to_stored"]["p50_ms"] <= overall["received_to_stored"]["p95_ms"]
    assert "two clocks" in overall["note"] and abs(overall["clock_ahead_s"]) < 5
    of_call = client.get("/api/latency", query_string={"call_id": CALL_ID}).get_json()
    assert of_call["received_to_stored"] == overall["received_to_stored"]
    unknown = client.get("/api/latency?call_id=v3:unknown").get_json()
    assert unknown["call_id"] == "v3:unknown" and unknown["received_to_stored"] is None
