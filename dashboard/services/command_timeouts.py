"""How long a switch may wait for its confirmation before it says that none came."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta

from dashboard.calls.switches import SwitchName
from dashboard.errors import DashboardError
from dashboard.messages import _
from dashboard.store import ExpireCommand, Store

log = logging.getLogger(__name__)

PATIENCE = timedelta(seconds=10)
"""For a webhook that tells what became of a command."""

ANSWER_PATIENCE = timedelta(seconds=45)
"""Where the answer to the command is all that will tell. It is waited for through every repetition of the command, and
who gives up before would show the opposite of what it says."""

REASON = _("No confirmation from Telnyx after 10 s. If it comes after all, this switch puts itself right.")
ANSWER_REASON = _("Nothing is known of the answer from Telnyx. Press again.")
WAITS = {
    SwitchName.TRANSCRIPTION: (ANSWER_PATIENCE, ANSWER_REASON),
    SwitchName.STREAMING: (PATIENCE, REASON),
    SwitchName.FORK: (PATIENCE, REASON),
}


def expire_overdue_commands(store: Store, *, now: datetime | None = None) -> int:
    """Settle every press that nobody will confirm any more; how many there were."""
    now = now or datetime.now(UTC)
    overdue = [
        press
        for press in store.unconfirmed_commands(since_before=now - PATIENCE)
        if now - press.since > WAITS[press.switch][0]
    ]
    for press in overdue:
        _, reason = WAITS[press.switch]
        try:
            store.expire_command(
                ExpireCommand(
                    command_id=press.command_id, call_id=press.call_id, switch=press.switch, at=now, reason=reason
                )
            )
        except DashboardError as error:
            log.error("cannot settle an unconfirmed press: %s", error)
    return len(overdue)
