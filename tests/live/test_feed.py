"""Changes become frames: at once when idle, many in one under load, and never more than a watcher needs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from queue import Empty, Queue
from threading import Event, Thread
from typing import Any

import pytest

from dashboard.calls.call import Call
from dashboard.calls.changes import CallUpdated, Change, InterimHeard, SegmentAdded
from dashboard.calls.events import Track
from dashboard.calls.transcript import build_interim, build_segment
from dashboard.live.feed import CALLS_ROOM, MAX_PAUSE_S, Batch, ChangeFeed, call_room
from dashboard.web.serializers import JSON, change_to_json
from tests.calls.stories import CALL_IDS, time_at, transcribed_event

CALL_ID = CALL_IDS[0]
ROOM = call_room(CALL_ID)


def interim(text: str, seconds: float, track: Track | None = Track.INBOUND, call_id: str = CALL_ID) -> InterimHeard:
    heard = build_interim(transcribed_event(text, seconds, final=False, track=track, call_id=call_id))
    return InterimHeard(interim=heard, direction=None)


def final(text: str, seconds: float, seq: int = 1, track: Track | None = Track.INBOUND) -> SegmentAdded:
    return SegmentAdded(
        segment=build_segment(transcribed_event(text, seconds, track=track), seq=seq, started_at=None), direction=None
    )


def updated(seq: int, call_id: str = CALL_ID) -> CallUpdated:
    return CallUpdated(call=Call(call_id=call_id, started_at=time_at(0), seq=seq))


class Watchers:
    """Rooms with somebody in them, and every frame they were sent; `addressed` has each frame's rooms."""

    def __init__(self, *rooms: str) -> None:
        self.rooms = set(rooms)
        self.frames: list[tuple[str, list[JSON]]] = []
        self.addressed: list[list[str]] = []

    def send(self, rooms: list[str], changes: list[JSON]) -> None:
        self.addressed.append(rooms)
        self.frames.extend((room, changes) for room in rooms)

    def said(self, room: str = ROOM) -> list[str]:
        """The words of all frames of a room, in order."""
        changes = [change for to, frame in self.frames if to == room for change in frame]
        return [
            (change.get("segment") or change.get("interim") or {}).get("text", change["type"]) for change in changes
        ]


def still_feed(watchers: Watchers, **others: Any) -> ChangeFeed:
    """A feed whose own task never runs: frames leave when the test says `flush`."""
    wiring: dict[str, Any] = {
        "emit": watchers.send,
        "serialize": change_to_json,
        "is_watched": watchers.rooms.__contains__,
        "spawn": lambda run: None,
        "sleep": lambda seconds: None,
    }
    return ChangeFeed(**(wiring | others))


def test_what_waits_leaves_in_one_frame_and_in_order() -> None:
    watchers = Watchers(ROOM)
    feed = still_feed(watchers)
    feed.publish([updated(1), final("one", 1, seq=2)])
    feed.publish([final("two", 2, seq=3)])
    feed.flush()
    assert len(watchers.frames) == 1
    assert watchers.said() == ["call.updated", "one", "two"]


def test_only_the_newest_interim_of_a_lane_leaves() -> None:
    watchers = Watchers(ROOM)
    feed = still_feed(watchers)
    feed.publish([interim("my", 1), interim("yes", 1, Track.OUTBOUND), interim("hm", 1, None)])
    feed.publish([interim("my order", 2)])
    feed.flush()
    assert watchers.said() == ["yes", "hm", "my order"]


def test_a_final_drops_the_interim_it_ends() -> None:
    watchers = Watchers(ROOM)
    feed = still_feed(watchers)
    feed.publish([interim("my order", 2), final("My order is late.", 3)])
    feed.flush()
    assert watchers.said() == ["My order is late."]


def test_a_final_drops_no_interim_of_another_lane_and_none_that_is_newer() -> None:
    watchers = Watchers(ROOM)
    feed = still_feed(watchers)
    feed.publish([interim("yes", 2, Track.OUTBOUND), interim("and then", 4), final("My order is late.", 3)])
    feed.flush()
    assert watchers.said() == ["My order is late.", "yes", "and then"]


def test_durable_changes_are_never_coalesced() -> None:
    watchers = Watchers(ROOM)
    feed = still_feed(watchers)
    feed.publish([updated(seq) for seq in range(1, 6)])
    feed.flush()
    [(_, frame)] = watchers.frames
    assert [change["call"]["seq"] for change in frame] == [1, 2, 3, 4, 5]


def test_the_list_hears_durable_changes_of_every_call_and_no_interims() -> None:
    watchers = Watchers(CALLS_ROOM)
    feed = still_feed(watchers)
    feed.publish([updated(1), updated(1, CALL_IDS[1]), interim("my", 1), final("My.", 2)])
    feed.flush()
    assert watchers.said(CALLS_ROOM) == ["call.updated", "call.updated", "My."]


def test_a_call_s_watchers_hear_nothing_of_other_calls() -> None:
    watchers = Watchers(ROOM)
    feed = still_feed(watchers)
    feed.publish([updated(1, CALL_IDS[1]), interim("secret", 1, call_id=CALL_IDS[1])])
    feed.flush()
    assert watchers.frames == []


def test_what_nobody_watches_is_neither_kept_nor_rendered() -> None:
    watchers = Watchers()
    rendered: list[Change] = []
    feed = still_feed(watchers, serialize=lambda change, timing: rendered.append(change))
    feed.publish([updated(1), final("one", 1)])
    watchers.rooms.add(ROOM)
    feed.flush()
    assert (watchers.frames, rendered) == ([], [])


def test_a_change_for_two_rooms_is_rendered_once() -> None:
    rendered: list[Change] = []

    def render(change: Change, timing: object) -> JSON:
        rendered.append(change)
        return {"type": "call.updated"}

    watchers = Watchers(ROOM, CALLS_ROOM)
    feed = still_feed(watchers, serialize=render)
    feed.publish([updated(1), updated(1, CALL_IDS[1])])
    feed.flush()
    assert watchers.addressed == [[ROOM], [CALLS_ROOM]]
    assert [len(frame) for _, frame in watchers.frames] == [1, 2]
    assert len(rendered) == 2


def test_what_the_list_hears_too_is_one_frame_for_both() -> None:
    watchers = Watchers(ROOM, CALLS_ROOM)
    feed = still_feed(watchers)
    feed.publish([interim("and", 4), updated(1), final("My order is late.", 3, seq=2)])
    feed.flush()
    assert watchers.addressed == [[ROOM, CALLS_ROOM], [ROOM]]
    assert watchers.said(CALLS_ROOM) == ["call.updated", "My order is late."]
    assert watchers.said() == ["call.updated", "My order is late.", "and"]


def test_an_interim_that_was_overtaken_is_counted_where_nothing_else_is_left() -> None:
    watchers = Watchers(ROOM, CALLS_ROOM)
    feed = still_feed(watchers)
    feed.publish([interim("my order", 2), final("My order is late.", 3)])
    feed.flush()
    assert watchers.addressed == [[ROOM, CALLS_ROOM]]
    assert feed.interims_overtaken == 1


def test_a_frame_is_for_both_only_if_the_list_hears_no_more() -> None:
    other = call_room(CALL_IDS[1])
    watchers = Watchers(ROOM, other, CALLS_ROOM)
    feed = still_feed(watchers)
    feed.publish([updated(1), updated(1, CALL_IDS[1]), interim("my", 1)])
    feed.flush()
    assert watchers.addressed == [[ROOM], [other], [CALLS_ROOM]]
    assert watchers.said() == ["call.updated", "my"]
    feed.publish([interim("my order", 2)])
    feed.publish([updated(2, CALL_IDS[1])])
    feed.flush()
    assert watchers.addressed[3:] == [[ROOM], [other, CALLS_ROOM]]


def test_a_frame_that_cannot_be_sent_harms_no_other_room(caplog: pytest.LogCaptureFixture) -> None:
    other = call_room(CALL_IDS[1])
    watchers = Watchers(ROOM, other)

    def send(rooms: list[str], changes: list[JSON]) -> None:
        if ROOM in rooms:
            raise ConnectionError("broker away")
        watchers.send(rooms, changes)

    feed = still_feed(watchers, emit=send)
    feed.publish([final("a secret of the caller", 1), updated(1, CALL_IDS[1])])
    feed.flush()
    assert [room for room, _ in watchers.frames] == [other]
    assert "could not be sent" in caplog.text
    assert "a secret" not in caplog.text


def test_closing_sends_what_waits() -> None:
    watchers = Watchers(ROOM)
    feed = still_feed(watchers)
    feed.publish([final("last words", 1)])
    feed.close()
    assert watchers.said() == ["last words"]


class Clockwork:
    """A running feed whose rests end when the test says so."""

    def __init__(self) -> None:
        self.frames: Queue[list[JSON]] = Queue()
        self.rests: Queue[float] = Queue()
        self.may_go_on = Event()
        self.send: Callable[[list[str], list[JSON]], None] = lambda rooms, changes: self.frames.put(changes)
        self.feed = ChangeFeed(
            emit=lambda rooms, changes: self.send(rooms, changes),
            serialize=change_to_json,
            is_watched=lambda room: room == ROOM,
            spawn=self._spawn,
            sleep=self._sleep,
        )

    def _spawn(self, run: Callable[[], None]) -> None:
        self.thread = Thread(target=run, daemon=True)
        self.thread.start()

    def _sleep(self, seconds: float) -> None:
        if seconds:
            self.rests.put(seconds)
            assert self.may_go_on.wait(10)

    def end(self) -> None:
        self.may_go_on.set()
        self.feed.close()
        self.thread.join(5)


@pytest.fixture
def clockwork() -> Iterator[Clockwork]:
    clockwork = Clockwork()
    yield clockwork
    clockwork.end()


def test_an_idle_feed_sends_at_once(clockwork: Clockwork) -> None:
    clockwork.feed.publish([final("one", 1)])
    assert len(clockwork.frames.get(timeout=5)) == 1


def test_what_comes_during_the_rest_leaves_together_after_it(clockwork: Clockwork) -> None:
    clockwork.feed.publish([final("one", 1)])
    clockwork.frames.get(timeout=5)
    clockwork.rests.get(timeout=5)
    for number in range(50):
        clockwork.feed.publish([final(f"line {number}", number, seq=number)])
    with pytest.raises(Empty):
        clockwork.frames.get_nowait()
    clockwork.may_go_on.set()
    assert len(clockwork.frames.get(timeout=5)) == 50


def test_the_rest_is_bounded_and_grows_with_what_the_frame_cost(
    clockwork: Clockwork, monkeypatch: pytest.MonkeyPatch
) -> None:
    times = iter([0.0, 0.03, 0.0, 30.0])
    monkeypatch.setattr("dashboard.live.feed.perf_counter", lambda: next(times, 0.0))
    clockwork.feed.publish([final("cheap", 1)])
    assert clockwork.rests.get(timeout=5) == pytest.approx(0.03)
    clockwork.feed.publish([final("dear", 2)])
    clockwork.may_go_on.set()
    assert clockwork.rests.get(timeout=5) == MAX_PAUSE_S


def test_a_failing_send_does_not_stop_the_feed(clockwork: Clockwork, caplog: pytest.LogCaptureFixture) -> None:
    works, failed = clockwork.send, Event()

    def fail(room: str, changes: list[JSON]) -> None:
        clockwork.send = works
        failed.set()
        raise ConnectionError("broker away")

    clockwork.send = fail
    clockwork.may_go_on.set()
    clockwork.feed.publish([final("lost", 1)])
    assert failed.wait(5)
    clockwork.feed.publish([final("told", 2)])
    [change] = clockwork.frames.get(timeout=5)
    assert change["segment"]["text"] == "told"


def test_a_flush_in_the_middle_of_publishing_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    watchers = Watchers(ROOM)
    feed = still_feed(watchers)
    add = Batch.add

    def add_interrupted(frame: Batch, change: Change) -> None:
        flushing = Thread(target=feed.flush, daemon=True)
        flushing.start()
        flushing.join(0.1)  # it gets through only where nothing is locked
        add(frame, change)

    monkeypatch.setattr(Batch, "add", add_interrupted)
    feed.publish([final("one", 1), final("two", 2)])
    feed.flush()
    assert sorted(watchers.said()) == ["one", "two"]
