"""What every lane says now: in memory, bounded, and never older than what is stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from dashboard.calls.call import Call
from dashboard.calls.changes import CallUpdated, Change, SegmentAdded
from dashboard.calls.events import Direction, Track
from dashboard.calls.transcript import build_segment
from dashboard.live.interims import InterimTracker
from tests.calls.stories import CALL_IDS, time_at, transcribed_event

CALL_ID = CALL_IDS[0]


@dataclass
class Stored:
    ended: bool = False
    direction: Direction | None = Direction.INBOUND
    closed_at: Mapping[Track | None, datetime] = field(default_factory=dict)


class Memory:
    """What the store would say, and how often it was asked."""

    def __init__(self, **calls: Stored) -> None:
        self.calls = calls
        self.asked: list[str] = []

    def recall(self, call_id: str) -> Stored | None:
        self.asked.append(call_id)
        return self.calls.get(call_id)


def interims_of(memory: Memory | None = None, **options: int) -> InterimTracker:
    return InterimTracker((memory or Memory()).recall, **options)


def texts(interims: InterimTracker, call_id: str = CALL_ID) -> list[str]:
    return [heard.interim.text for heard in interims.for_call(call_id)]


def final_added(seconds: float, track: Track | None = Track.INBOUND) -> SegmentAdded:
    segment = build_segment(transcribed_event("final", seconds, track=track), seq=1, started_at=None)
    return SegmentAdded(segment=segment, direction=None)


def test_an_interim_is_a_change_and_stays_open() -> None:
    interims = interims_of(Memory(**{CALL_ID: Stored()}))
    heard = interims.update(transcribed_event("my", 1, final=False))
    assert heard is not None
    assert (heard.interim.text, heard.direction) == ("my", Direction.INBOUND)
    assert texts(interims) == ["my"]


def test_lanes_do_not_touch_each_other_and_the_oldest_comes_first() -> None:
    interims = interims_of()
    for text, seconds, track in (("me", 3, Track.INBOUND), ("you", 2, Track.OUTBOUND), ("who", 1, None)):
        interims.update(transcribed_event(text, seconds, final=False, track=track))
    assert texts(interims) == ["who", "you", "me"]
    interims.apply_changes([final_added(9, Track.OUTBOUND)])
    assert texts(interims) == ["who", "me"]


def test_a_late_interim_is_dropped() -> None:
    interims = interims_of()
    interims.update(transcribed_event("my order", 2, final=False))
    assert interims.update(transcribed_event("my", 1, final=False)) is None
    assert texts(interims) == ["my order"]


def test_an_empty_interim_clears_the_lane_and_says_so() -> None:
    interims = interims_of()
    interims.update(transcribed_event("my", 1, final=False))
    cleared = interims.update(transcribed_event("", 2, final=False))
    assert cleared is not None and cleared.interim.text == ""
    assert texts(interims) == []


def test_an_interim_older_than_a_stored_final_is_dropped_after_a_restart() -> None:
    interims = interims_of(Memory(**{CALL_ID: Stored(closed_at={Track.INBOUND: time_at(5)})}))
    assert interims.update(transcribed_event("old", 5, final=False)) is None
    assert interims.update(transcribed_event("new", 6, final=False)) is not None


def test_a_call_that_is_over_says_nothing() -> None:
    ended = interims_of(Memory(**{CALL_ID: Stored(ended=True)}))
    assert ended.update(transcribed_event("late", 1, final=False)) is None
    interims = interims_of()
    interims.update(transcribed_event("my", 1, final=False))
    interims.apply_changes([CallUpdated(call=Call(call_id=CALL_ID, ended_at=time_at(5)))])
    assert texts(interims) == []
    assert interims.update(transcribed_event("late", 6, final=False)) is None


def test_a_silent_final_ends_the_interims_before_it_also_of_a_call_not_heard_of() -> None:
    interims = interims_of()
    interims.clear(transcribed_event("", 5))
    assert interims.update(transcribed_event("before", 4, final=False)) is None
    interims.update(transcribed_event("after", 6, final=False))
    interims.clear(transcribed_event("", 7, event_id="again"))
    assert texts(interims) == []


def test_the_direction_becomes_known_when_the_call_does() -> None:
    interims = interims_of()
    interims.update(transcribed_event("my", 1, final=False))
    interims.apply_changes([CallUpdated(call=Call(call_id=CALL_ID, direction=Direction.OUTBOUND))])
    [heard] = interims.for_call(CALL_ID)
    assert heard.direction is Direction.OUTBOUND


def test_what_another_process_stored_ends_an_interim_here() -> None:
    memory = Memory(**{CALL_ID: Stored()})
    interims = interims_of(memory)
    interims.update(transcribed_event("me", 3, final=False))
    interims.update(transcribed_event("you", 3, final=False, track=Track.OUTBOUND))
    memory.calls[CALL_ID] = Stored(closed_at={Track.INBOUND: time_at(4)})
    assert texts(interims) == ["you"]
    memory.calls[CALL_ID] = Stored(ended=True)
    assert texts(interims) == []


def test_the_store_is_asked_once_for_each_call() -> None:
    memory = Memory()
    interims = interims_of(memory)
    for seconds in range(5):
        interims.update(transcribed_event("my", seconds, final=False))
    assert memory.asked == [CALL_ID]


def test_the_start_of_the_words_is_when_they_were_first_heard() -> None:
    interims = interims_of()
    for seconds in (2, 1, 3):
        interims.update(transcribed_event("my", seconds, final=False))
    assert interims.first_heard_at(transcribed_event("My.", 4)) == time_at(1)
    assert interims.first_heard_at(transcribed_event("My.", 4, track=Track.OUTBOUND)) is None
    assert interims.first_heard_at(transcribed_event("My.", 4, call_id=CALL_IDS[1])) is None


def test_memory_is_bounded_and_forgets_who_was_silent_longest() -> None:
    memory = Memory()
    interims = interims_of(memory, calls_limit=2)
    for call_id in (CALL_IDS[0], CALL_IDS[1], CALL_IDS[0], CALL_IDS[2]):
        interims.update(transcribed_event("here", 1 + len(memory.asked), final=False, call_id=call_id))
    assert [texts(interims, call_id) for call_id in CALL_IDS] == [["here"], [], ["here"]]


def test_a_forgotten_call_is_recalled_when_it_speaks_again() -> None:
    memory = Memory(**{CALL_ID: Stored(closed_at={Track.INBOUND: time_at(5)})})
    interims = interims_of(memory, calls_limit=1)
    interims.update(transcribed_event("one", 6, final=False))
    interims.update(transcribed_event("other", 6, final=False, call_id=CALL_IDS[1]))
    assert interims.update(transcribed_event("stale", 4, final=False)) is None
    assert interims.update(transcribed_event("two", 7, final=False)) is not None


def test_what_is_stored_while_the_store_is_asked_still_counts() -> None:
    """Its answer may be older than a final that was committed meanwhile, and than the end of the call."""
    told: list[Change] = [final_added(5)]

    def recall(call_id: str) -> Stored:
        interims.apply_changes(told)
        return Stored()

    interims = InterimTracker(recall)
    assert interims.update(transcribed_event("final", 4, final=False)) is None
    assert interims.update(transcribed_event("and", 6, final=False)) is not None

    told = [CallUpdated(call=Call(call_id=CALL_ID, started_at=time_at(0), ended_at=time_at(5), seq=7))]
    interims = InterimTracker(recall)
    assert interims.update(transcribed_event("hello?", 6, final=False)) is None
