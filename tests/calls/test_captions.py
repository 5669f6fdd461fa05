"""Cue times: as good an estimate as there is, and always such that a player can use them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.calls.call import Call
from dashboard.calls.captions import CHARACTERS_PER_S, MAX_CUE_DURATION, MIN_CUE_DURATION, build_cues
from dashboard.calls.events import Track
from dashboard.calls.transcript import Segment, build_segment
from tests.calls.stories import CALL_IDS, time_at, transcribed_event

CALL = Call(call_id=CALL_IDS[0], started_at=time_at(0), answered_at=time_at(10))


def line(
    text: str, seconds: float, *, heard: float | None = None, track: Track | None = Track.INBOUND, name: str = ""
) -> Segment:
    event = transcribed_event(text, seconds, track=track, event_id=name or f"{track}-{seconds}")
    return build_segment(event, seq=1, started_at=None if heard is None else time_at(heard))


def times(call: Call, *segments: Segment) -> list[tuple[float, float]]:
    return [(cue.start.total_seconds(), cue.end.total_seconds()) for cue in build_cues(call, segments)]


def test_a_line_starts_when_it_was_first_heard_and_ends_when_it_was_final() -> None:
    assert times(CALL, line("My order is late.", 16, heard=13.5)) == [(3.5, 6.0)]


def test_a_line_that_nobody_heard_begin_starts_by_its_length() -> None:
    text = "x" * int(CHARACTERS_PER_S * 4)
    assert times(CALL, line(text, 30)) == [(16.0, 20.0)]


def test_no_line_is_estimated_longer_than_the_bound() -> None:
    assert times(CALL, line("x" * 100_000, 100)) == [(90 - MAX_CUE_DURATION.total_seconds(), 90.0)]


def test_an_estimate_does_not_reach_into_the_line_before_on_its_track() -> None:
    long = "x" * 300
    first, second, other = line("yes", 20, heard=19), line(long, 24), line(long, 24, track=Track.OUTBOUND)
    assert times(CALL, first, second, other) == [(2.0, 14.0), (9.0, 10.0), (10.0, 14.0)]


def test_times_count_from_the_answer_or_else_from_the_start() -> None:
    ringing = replace(CALL, answered_at=None)
    unknown = replace(ringing, started_at=None)
    words = line("yes", 20, heard=18)
    assert times(CALL, words) == [(8.0, 10.0)]
    assert times(ringing, words) == [(18.0, 20.0)]
    assert times(unknown, words) == [(0.0, MIN_CUE_DURATION.total_seconds())]


def test_cues_come_in_order_of_their_starts() -> None:
    sentence = line("A long sentence that goes on.", 30, heard=20)
    yes = line("Yes.", 25, heard=24.5, track=Track.OUTBOUND)
    assert [cue.segment.text for cue in build_cues(CALL, [yes, sentence])] == [sentence.text, yes.text]


def test_a_call_without_words_has_no_cues() -> None:
    assert build_cues(Call(call_id="v3:alice"), []) == []


_segments = st.builds(
    line,
    st.text(max_size=80),
    st.integers(0, 90),
    heard=st.none() | st.integers(0, 90),
    track=st.sampled_from([None, *Track]),
    name=st.uuids().map(str),
)


@pytest.mark.parametrize("call", [CALL, Call(call_id="v3:alice")], ids=["known", "unknown"])
@given(segments=st.lists(_segments, max_size=12))
def test_any_transcript_makes_cues_a_player_can_use(call: Call, segments: list[Segment]) -> None:
    found = build_cues(call, segments)
    assert sorted(cue.segment.event_id for cue in found) == sorted(segment.event_id for segment in segments)
    assert all(timedelta(0) <= cue.start < cue.end for cue in found)
    assert [cue.start for cue in found] == sorted(cue.start for cue in found)
    for track in (None, *Track):
        lane = [cue for cue in found if cue.segment.track is track]
        assert all(one.end <= other.start for one, other in zip(lane, lane[1:], strict=False))
