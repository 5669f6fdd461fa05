"""Deletes old webhook bodies. Transcripts and event ids stay."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from dashboard.store import Store
from dashboard.store.event_log import DeleteBodies

BATCH_SIZE = 200
# Between batches, so that webhooks get their turns at the database.
BATCH_PAUSE_S = 0.2


class Retention:
    """Deletes bodies beyond the newest `kept` and older than `kept_for`."""

    def __init__(
        self, store: Store, *, kept: int, kept_for: timedelta, sleep: Callable[[float], Any] = lambda seconds: None
    ) -> None:
        self._store = store
        self._kept = kept
        self._kept_for = kept_for
        self._sleep = sleep
        # No event before this has a body, so that a round does not read through all of them again.
        self._done_until: datetime | None = None

    def prune(self, *, now: datetime | None = None) -> int:
        """Delete what is due in small batches; returns the number of bodies."""
        now = now or datetime.now(UTC)
        until = max(filter(None, (now - self._kept_for, self._store.oldest_kept_event_at(self._kept))))
        forgotten = 0
        while batch := self._store.events_with_body(until, since=self._done_until, limit=BATCH_SIZE):
            self._store.delete_bodies(DeleteBodies(event_ids=tuple(event_id for event_id, _ in batch)))
            self._done_until = batch[-1][1]
            forgotten += len(batch)
            self._sleep(BATCH_PAUSE_S)
        return forgotten
