"""Events in any order give the same stored transcript."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, delete

from dashboard.calls.call import Call, CallState
from dashboard.calls.changes import CallUpdated, Change, SegmentAdded
from dashboard.calls.events import AnyCallEvent, Transcribed
from dashboard.calls.transcript import Interim
from dashboard.live.feed import ChangeFeed
from dashboard.live.interims import InterimTracker
from dashboard.services.ingest import EventIngest
from dashboard.store import Store
from dashboard.store.database import Database
from dashboard.store.migrate import upgrade
from dashboard.store.schema import metadata
from tests.calls.stories import CALL_IDS, deliveries
from tests.calls.test_any_order import calls_after, open_interims_after, transcripts_after

from .conftest import spawn
from .records import change_numbers, record_operation

Delivery = tuple[list[AnyCallEvent], list[AnyCallEvent]]


def is_interim(event: AnyCallEvent) -> bool:
    return isinstance(event, Transcribed) and not event.is_final


def without_interims(events: Sequence[AnyCallEvent]) -> list[AnyCallEvent]:
    """The events that are stored."""
    return [event for event in events if not is_interim(event)]


def stored_calls(store: Store) -> dict[str, Call]:
    return {summary.call.call_id: replace(summary.call, seq=0) for summary in store.calls_page(limit=100).calls}


def stored_transcripts(store: Store) -> dict[str, list[tuple[object, ...]]]:
    return {
        summary.call.call_id: [
            (*segment.sort_key, segment.track, segment.text, segment.confidence)
            for segment in store.get_transcript(summary.call.call_id).segments
        ]
        for summary in store.calls_page(limit=100).calls
        if summary.line_count
    }


def expected_interims(story: Sequence[AnyCallEvent]) -> set[Interim]:
    """The open interims of running calls. An empty text means silence."""
    calls = calls_after(without_interims(story))
    ended = {call_id for call_id, call in calls.items() if call.state is CallState.ENDED}
    interims = [interim for interim in open_interims_after(story).values() if interim is not None and interim.text]
    return {interim for interim in interims if interim.call_id not in ended}


class Stage:
    """A store with its live path, emptied between stories."""

    def __init__(self, url: str) -> None:
        self.published: list[Change] = []
        self.feed = ChangeFeed(
            emit=lambda *_: None,
            serialize=lambda *_: {},
            is_watched=lambda _: False,
            spawn=lambda _: None,
            sleep=lambda _: None,
        )
        self.store = Store(Database(url), spawn=spawn, commit_pause_s=0.0)
        self.store.subscribe(self._publish)
        self.clear()

    def clear(self) -> None:
        self.published.clear()
        self.interims = InterimTracker(self.store.lane_positions)
        self.ingest = EventIngest(store=self.store, interims=self.interims, feed=self.feed)
        self.store.database.write(_delete_rows)

    def _publish(self, changes: Sequence[Change]) -> None:
        self.published.extend(changes)
        self.interims.apply_changes(changes)
        self.feed.publish(changes)

    def deliver(self, event: AnyCallEvent) -> None:
        if isinstance(event, Transcribed) and not event.is_final:
            self.ingest.publish_interim(event)
        else:
            self.ingest.store_event(record_operation(event))

    def commit_together(self, batch: Sequence[AnyCallEvent]) -> None:
        """Execute a batch in one transaction, as the writer does."""
        operations = [record_operation(event) for event in batch]
        results = self.store.database.write(lambda connection: self.store._execute_operations(connection, operations))
        self.published.extend(change for result in results for change in result.changes)

    def open_interims(self) -> set[Interim]:
        return {entry.interim for call_id in CALL_IDS for entry in self.interims.for_call(call_id)}


def _delete_rows(connection: Connection) -> None:
    for table in metadata.tables.values():
        connection.execute(delete(table))


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    folder: Path = tmp_path_factory.mktemp("any-order")
    url = f"sqlite:///{folder / 'dashboard.sqlite3'}"
    upgrade(url)
    stage = Stage(url)
    yield stage
    stage.store.close()


def assert_numbered_without_gaps(changes: Sequence[Change], store: Store) -> None:
    for call_id in {_call_id(change) for change in changes}:
        assert change_numbers(changes, call_id) == list(range(1, store.get_transcript(call_id).call.seq + 1))


def _call_id(change: Change) -> str:
    if isinstance(change, CallUpdated):
        return change.call.call_id
    assert isinstance(change, SegmentAdded)
    return change.segment.call_id


@settings(max_examples=500, deadline=None)
@given(delivery=deliveries())
def test_the_live_path_ends_the_same_in_any_order(stage: Stage, delivery: Delivery) -> None:
    story, arrived = delivery
    stage.clear()
    for event in arrived:
        stage.deliver(event)
    assert stored_calls(stage.store) == calls_after(without_interims(story))
    assert stored_transcripts(stage.store) == transcripts_after(story)
    assert stage.open_interims() == expected_interims(story)
    assert_numbered_without_gaps(stage.published, stage.store)


@st.composite
def batches(draw: st.DrawFn) -> tuple[list[AnyCallEvent], list[list[AnyCallEvent]]]:
    story, arrived = draw(deliveries())
    events, cuts = without_interims(arrived), draw(st.integers(0, 2**12))
    grouped: list[list[AnyCallEvent]] = [[]]
    for index, event in enumerate(events):
        if cuts >> (index % 12) & 1:
            grouped.append([])
        grouped[-1].append(event)
    return story, [batch for batch in grouped if batch]


@settings(max_examples=500, deadline=None)
@given(grouped=batches())
def test_transactions_of_any_size_end_the_same(
    stage: Stage, grouped: tuple[list[AnyCallEvent], list[list[AnyCallEvent]]]
) -> None:
    story, arrived = grouped
    stage.clear()
    for batch in arrived:
        stage.commit_together(batch)
    assert stored_calls(stage.store) == calls_after(without_interims(story))
    assert stored_transcripts(stage.store) == transcripts_after(story)
    assert_numbered_without_gaps(stage.published, stage.store)
