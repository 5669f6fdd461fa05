"""How long a switch may wait for its confirmation before it says that none came."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from dashboard.errors import DashboardError
from dashboard.store import GiveUp, Store
from dashboard.texts import said

log = logging.getLogger(__name__)

PATIENCE = timedelta(seconds=10)
ROUND_S = 1.0
REASON = said("No confirmation from Telnyx after 10 s. If it comes after all, this switch puts itself right.")


def give_up_for_ever(store: Store, sleep: Callable[[float], Any]) -> None:
    while True:
        sleep(ROUND_S)
        try:
            give_up(store, now=datetime.now(UTC))
        except Exception as error:
            # The store may be away for a while; the next round comes anyway.
            log.error("cannot look for unconfirmed presses: %s", type(error).__name__)


def give_up(store: Store, *, now: datetime) -> int:
    """Settle every press older than the patience; how many there were."""
    waiting = store.pending(since_before=now - PATIENCE)
    for press in waiting:
        try:
            store.give_up(
                GiveUp(command_id=press.command_id, call_id=press.call_id, switch=press.switch, at=now, reason=REASON)
            )
        except DashboardError as error:
            log.error("cannot settle an unconfirmed press: %s", error)
    return len(waiting)
