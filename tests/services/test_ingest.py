"""The live path on a real store: interims to those who watch, finals to the disk first."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from dashboard.calls.changes import Change, SegmentAdded
from dashboard.errors import StoreBusyError
from dashboard.live.feed import ChangeFeed, call_room
from dashboard.live.interims import InterimTracker
from dashboard.services.ingest import EventIngest
from dashboard.store import Store
from dashboard.store.database import Database
from dashboard.web.serializers import JSON, change_to_json
from tests.calls.stories import CALL_IDS, time_at, transcribed_event
from tests.store.conftest import spawn
from tests.store.records import call_initiated, record_operation, stored_events

CALL_ID = CALL_IDS[0]


class Live:
    """The live path as the application wires it, with frames that leave when the test says so."""

    def __init__(self, url: str) -> None:
        self.frames: list[JSON] = []
        self.interims = InterimTracker(lambda call_id: self.store.lane_positions(call_id))
        self.feed = ChangeFeed(
            emit=lambda rooms, changes: self.frames.extend(changes),
            serialize=change_to_json,
            is_watched=lambda room: room == call_room(CALL_ID),
            spawn=lambda run: None,
            sleep=lambda seconds: None,
        )
        self.store = Store(Database(url), spawn=spawn)
        self.store.subscribe(self.interims.apply_changes, self.feed.publish)
        self.hearing = EventIngest(store=self.store, interims=self.interims, feed=self.feed)

    def told(self) -> list[str]:
        self.feed.flush()
        types, self.frames = [frame["type"] for frame in self.frames], []
        return types


@pytest.fixture
def live(database_url: str) -> Iterator[Live]:
    live = Live(database_url)
    live.hearing.store_event(call_initiated())
    live.told()
    yield live
    live.store.close()


def segments(changes: tuple[Change, ...]) -> list[SegmentAdded]:
    return [change for change in changes if isinstance(change, SegmentAdded)]


def test_an_interim_is_told_and_not_stored(live: Live) -> None:
    live.hearing.publish_interim(transcribed_event("my", 5, final=False))
    assert live.told() == ["segment.interim"]
    assert live.store.get_transcript(CALL_ID).segments == []
    assert len(stored_events(live.store)) == 1


def test_an_interim_that_comes_too_late_is_not_told(live: Live) -> None:
    live.hearing.store_event(record_operation(transcribed_event("My order.", 5)))
    live.told()
    live.hearing.publish_interim(transcribed_event("my", 4, final=False))
    assert live.told() == []


def test_a_final_is_on_disk_when_it_is_told_and_ends_its_interim(live: Live) -> None:
    live.hearing.publish_interim(transcribed_event("my", 4, final=False))
    live.hearing.store_event(record_operation(transcribed_event("My order.", 5)))
    assert [segment.text for segment in live.store.get_transcript(CALL_ID).segments] == ["My order."]
    assert live.told() == ["call.updated", "segment.final"]
    assert live.interims.for_call(CALL_ID) == []


def test_a_segment_remembers_when_its_first_interim_was_heard(live: Live) -> None:
    for seconds in (4, 3, 5):
        live.hearing.publish_interim(transcribed_event("my", seconds, final=False))
    first = live.hearing.store_event(record_operation(transcribed_event("My order.", 6)))
    second = live.hearing.store_event(record_operation(transcribed_event("It is late.", 8)))
    assert [added.segment.started_at for added in segments(first.changes + second.changes)] == [time_at(3), None]


def test_a_final_that_could_not_be_stored_is_not_told_and_ends_nothing(live: Live) -> None:
    live.hearing.publish_interim(transcribed_event("my", 4, final=False))
    live.told()
    live.store.close()
    with pytest.raises(StoreBusyError):
        live.hearing.store_event(record_operation(transcribed_event("My order.", 5)))
    assert live.told() == []
    assert live.interims.first_heard_at(transcribed_event("My order.", 5)) == time_at(4)
