"""Ingests call events: finals are stored, interims are only broadcast."""

from __future__ import annotations

from collections.abc import Callable

from dashboard.calls.events import Transcribed
from dashboard.calls.transcript import Mark
from dashboard.live.feed import ChangeFeed
from dashboard.live.interims import InterimTracker
from dashboard.live.latency import LatencyTracker
from dashboard.store import OperationResult, RecordEvent, Store


class EventIngest:
    """Ingests events. `find_marks(text)` gives the keywords in a text."""

    def __init__(
        self,
        *,
        store: Store,
        interims: InterimTracker,
        feed: ChangeFeed,
        latency: LatencyTracker | None = None,
        find_marks: Callable[[str], tuple[Mark, ...]] = lambda text: (),
    ) -> None:
        """`marks` finds the keywords in what was said."""
        self._store = store
        self._interims = interims
        self._feed = feed
        self._latency = latency
        self._find_marks = find_marks
        self.late_interims = 0

    def publish_interim(self, interim: Transcribed) -> None:
        """Show an interim, unless it comes too late. It is never stored."""
        heard = self._interims.update(interim)
        if heard is not None:
            self._feed.publish([heard])
        else:
            self.late_interims += 1

    def store_event(self, record: RecordEvent) -> OperationResult:
        """Keep an event. When this returns it is on disk, and on its way to those who watch."""
        event = record.event
        if isinstance(event, Transcribed):
            heard_at = self._interims.first_heard_at(event)
            record = record._replace(first_heard_at=heard_at, marks=self._find_marks(event.text))
            if self._latency is not None:
                self._latency.mark_received(event.event_id, at=record.received_at)
        recorded = self._store.record_event(record)
        if isinstance(event, Transcribed) and not event.text:
            self._interims.clear(event)
        return recorded
