"""Same events, same transcript: no order and no repetition of a story may end differently, in the pure rules alone."""

from __future__ import annotations

from collections.abc import Iterable

from hypothesis import given, settings

from dashboard.calls.call import Call, apply_event
from dashboard.calls.events import AnyCallEvent, Track, Transcribed
from dashboard.calls.transcript import Interim, Lane, build_interim, build_segment

from .stories import deliveries

LaneId = tuple[str, Track | None]


def calls_after(events: Iterable[AnyCallEvent]) -> dict[str, Call]:
    calls: dict[str, Call] = {}
    for event in events:
        calls[event.call_id] = apply_event(calls.get(event.call_id), event)
    return calls


def transcripts_after(events: Iterable[AnyCallEvent]) -> dict[str, list[tuple[object, ...]]]:
    """Without `started_at`: it tells which interims were heard in time, and interims may be lost."""
    finals = {
        event.event_id: build_segment(event, seq=0, started_at=None)
        for event in events
        if isinstance(event, Transcribed) and event.is_final and event.text
    }
    found: dict[str, list[tuple[object, ...]]] = {}
    for segment in sorted(finals.values(), key=lambda segment: segment.sort_key):
        found.setdefault(segment.call_id, []).append(
            (*segment.sort_key, segment.track, segment.text, segment.confidence)
        )
    return found


def open_interims_after(events: Iterable[AnyCallEvent]) -> dict[LaneId, Interim | None]:
    lanes: dict[LaneId, Lane] = {}
    for event in events:
        if isinstance(event, Transcribed):
            lane = lanes.get((event.call_id, event.track), Lane())
            after = lane.with_final(event.occurred_at) if event.is_final else lane.with_interim(build_interim(event))
            lanes[event.call_id, event.track] = after
    return {lane_id: lane.interim for lane_id, lane in lanes.items()}


Delivery = tuple[list[AnyCallEvent], list[AnyCallEvent]]


@settings(max_examples=500, deadline=None)
@given(deliveries())
def test_any_order_and_repetition_ends_in_the_same_calls_and_transcripts(delivery: Delivery) -> None:
    story, arrived = delivery
    assert calls_after(arrived) == calls_after(story)
    assert transcripts_after(arrived) == transcripts_after(story)


@settings(max_examples=500, deadline=None)
@given(deliveries())
def test_any_order_and_repetition_leaves_the_same_interims_open(delivery: Delivery) -> None:
    story, arrived = delivery
    assert open_interims_after(arrived) == open_interims_after(story)
