"""The live path of an event: what must last goes to the store, what need not goes straight to those who watch."""

from __future__ import annotations

from collections.abc import Callable

from dashboard.calls.events import Transcribed
from dashboard.calls.transcript import Mark
from dashboard.live.feed import Feed
from dashboard.live.interims import OpenInterims
from dashboard.live.latency import Latency
from dashboard.store import OperationResult, RecordEvent, Store


class Hearing:
    def __init__(
        self,
        *,
        store: Store,
        interims: OpenInterims,
        feed: Feed,
        latency: Latency | None = None,
        marks: Callable[[str], tuple[Mark, ...]] = lambda text: (),
    ) -> None:
        """`marks` finds the keywords in what was said."""
        self._store = store
        self._interims = interims
        self._feed = feed
        self._latency = latency
        self._marks = marks
        self.interims_late = 0

    def hear(self, interim: Transcribed) -> None:
        """Show an interim, unless it comes too late. It is never stored."""
        heard = self._interims.hear(interim)
        if heard is not None:
            self._feed.publish([heard])
        else:
            self.interims_late += 1

    def record(self, record: RecordEvent) -> OperationResult:
        """Keep an event. When this returns it is on disk, and on its way to those who watch."""
        event = record.event
        if isinstance(event, Transcribed):
            heard_at = self._interims.heard_before(event)
            record = record._replace(first_heard_at=heard_at, marks=self._marks(event.text))
            if self._latency is not None:
                self._latency.receive(event.event_id, at=record.received_at)
        recorded = self._store.record_event(record)
        if isinstance(event, Transcribed) and not event.text:
            self._interims.silence(event)
        return recorded
