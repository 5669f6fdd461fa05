"""Expires commands that Telnyx has not confirmed."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta

from dashboard.calls.switches import SwitchName
from dashboard.errors import DashboardError
from dashboard.messages import _
from dashboard.store import ExpireCommand, Store

log = logging.getLogger(__name__)

# For a webhook that tells what became of a command.
CONFIRMATION_TIMEOUT = timedelta(seconds=10)

# Where the answer to the command is all that will tell. It is waited for through every repetition of the command, and
# who gives up before would show the opposite of what it says.
ANSWER_TIMEOUT = timedelta(seconds=45)

NO_CONFIRMATION = _("No confirmation from Telnyx after 10 s. If it comes after all, this switch puts itself right.")
NO_ANSWER = _("Nothing is known of the answer from Telnyx. Press again.")
TIMEOUT_BY_SWITCH = {
    SwitchName.TRANSCRIPTION: (ANSWER_TIMEOUT, NO_ANSWER),
    SwitchName.STREAMING: (CONFIRMATION_TIMEOUT, NO_CONFIRMATION),
    SwitchName.FORK: (CONFIRMATION_TIMEOUT, NO_CONFIRMATION),
}


def expire_overdue_commands(store: Store, *, now: datetime | None = None) -> int:
    """Expire every overdue command; returns how many there were."""
    now = now or datetime.now(UTC)
    overdue = [
        press
        for press in store.unconfirmed_commands(since_before=now - CONFIRMATION_TIMEOUT)
        if now - press.since > TIMEOUT_BY_SWITCH[press.switch][0]
    ]
    for press in overdue:
        _, reason = TIMEOUT_BY_SWITCH[press.switch]
        try:
            store.expire_command(
                ExpireCommand(
                    command_id=press.command_id, call_id=press.call_id, switch=press.switch, at=now, reason=reason
                )
            )
        except DashboardError as error:
            log.error("cannot settle an unconfirmed press: %s", error)
    return len(overdue)
