"""How long the bodies of webhooks are kept: so many, and so long. What was said stays, and so does every event's id."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from dashboard.store import Store
from dashboard.store.event_log import ForgetBodies

log = logging.getLogger(__name__)

ROUND_S = 60.0
BATCH = 200
REST_S = 0.2
"""Between batches, so that webhooks get their turns at the database."""


class Retention:
    """Forgets bodies beyond the newest `kept` and those older than `kept_for`."""

    def __init__(self, store: Store, *, kept: int, kept_for: timedelta) -> None:
        self._store = store
        self._kept = kept
        self._kept_for = kept_for
        self._done_until: datetime | None = None
        """No event before this has a body, so that a round does not read through all of them again."""

    def tidy(self, sleep: Callable[[float], Any], *, now: datetime) -> int:
        """Forget what is due, in small batches; how many bodies that were."""
        until = max(filter(None, (now - self._kept_for, self._store.first_event_beyond(self._kept))))
        forgotten = 0
        while batch := self._store.event_bodies(until, since=self._done_until, limit=BATCH):
            self._store.forget_bodies(ForgetBodies(event_ids=tuple(event_id for event_id, _ in batch)))
            self._done_until = batch[-1][1]
            forgotten += len(batch)
            sleep(REST_S)
        return forgotten

    def tidy_for_ever(self, sleep: Callable[[float], Any]) -> None:
        while True:
            sleep(ROUND_S)
            try:
                self.tidy(sleep, now=datetime.now(UTC))
            except Exception as error:
                # The store may be away for a while; the next round comes anyway.
                log.error("cannot forget old webhook bodies: %s", type(error).__name__)
