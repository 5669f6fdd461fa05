"""How interims and finals share a lane."""

from __future__ import annotations

import pytest

from dashboard.calls.events import Direction, Track
from dashboard.calls.transcript import Lane, Speaker, build_interim, build_segment, speaker_of

from .stories import time_at, transcribed_event


def heard(lane: Lane, text: str, seconds: float, event_id: str | None = None) -> Lane:
    return lane.with_interim(build_interim(transcribed_event(text, seconds, final=False, event_id=event_id)))


def text_of(lane: Lane) -> str | None:
    return None if lane.interim is None else lane.interim.text


def test_a_newer_interim_replaces_the_one_before() -> None:
    assert text_of(heard(heard(Lane(), "my", 1), "my order", 2)) == "my order"


def test_an_older_interim_that_comes_late_is_not_shown() -> None:
    assert text_of(heard(heard(Lane(), "my order", 2), "my", 1)) == "my order"


def test_final_segment_replaces_interim() -> None:
    assert heard(Lane(), "my order", 2).with_final(time_at(3)).interim is None
    assert heard(Lane(), "my order", 3).with_final(time_at(3)).interim is None


def test_a_final_leaves_an_interim_that_is_newer_than_it() -> None:
    assert text_of(heard(Lane(), "and then", 4).with_final(time_at(3))) == "and then"


def test_an_interim_older_than_the_last_final_is_not_shown() -> None:
    closed = Lane().with_final(time_at(3))
    assert heard(closed, "my order", 2) is closed
    assert heard(closed, "my order", 3) is closed


def test_a_late_final_reopens_nothing() -> None:
    assert heard(Lane().with_final(time_at(5)).with_final(time_at(3)), "between", 4).interim is None


def test_interims_of_one_moment_end_the_same_in_both_orders() -> None:
    one_way = heard(heard(Lane(), "a", 1, "a"), "b", 1, "b")
    assert heard(heard(Lane(), "b", 1, "b"), "a", 1, "a") == one_way


def test_the_first_interim_says_when_the_words_began() -> None:
    lane = heard(heard(heard(Lane(), "my order", 2), "my", 1), "my order is", 3)
    assert lane.first_heard_before(time_at(4)) == time_at(1)
    assert lane.with_final(time_at(4)).first_heard_before(time_at(9)) is None


def test_words_cannot_begin_after_they_were_final() -> None:
    assert heard(Lane(), "next", 5).first_heard_before(time_at(4)) is None


def test_a_late_final_does_not_shorten_what_is_being_said() -> None:
    lane = heard(heard(Lane().with_final(time_at(5)), "so", 6), "so then", 8)
    assert lane.with_final(time_at(4)).first_heard_before(time_at(9)) == time_at(6)


def test_segments_are_ordered_by_time_and_then_by_event() -> None:
    later = build_segment(transcribed_event("b", 2, event_id="x"), seq=1, started_at=None)
    tied = build_segment(transcribed_event("c", 2, event_id="y"), seq=2, started_at=None)
    late = build_segment(transcribed_event("a", 1, event_id="z"), seq=3, started_at=None)
    assert [segment.text for segment in sorted([tied, later, late], key=lambda segment: segment.sort_key)] == [*"abc"]


@pytest.mark.parametrize(
    ("track", "direction", "speaker"),
    [
        (Track.INBOUND, Direction.INBOUND, Speaker.CALLER),
        (Track.OUTBOUND, Direction.INBOUND, Speaker.CALLEE),
        (Track.INBOUND, Direction.OUTBOUND, Speaker.CALLEE),
        (Track.OUTBOUND, Direction.OUTBOUND, Speaker.CALLER),
        (None, Direction.INBOUND, Speaker.UNKNOWN),
        (Track.INBOUND, None, Speaker.UNKNOWN),
    ],
)
def test_the_inbound_track_is_this_leg_s_own_party(
    track: Track | None, direction: Direction | None, speaker: Speaker
) -> None:
    assert speaker_of(track, direction) is speaker
