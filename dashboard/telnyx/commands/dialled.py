"""What the answer to a dial tells about the call that now exists, as the event that a webhook will tell again."""

from __future__ import annotations

from datetime import datetime

from dashboard.calls.events import CallInitiated, Direction
from dashboard.errors import ProviderError
from dashboard.messages import _
from dashboard.telnyx.api.client import Accepted
from dashboard.telnyx.commands import Command

DIALLED = "dashboard.dialled"


def dialled(accepted: Accepted, command: Command, *, now: datetime) -> CallInitiated:
    """The new call (Telnyx API reference, Dial: `data.call_control_id`). ProviderError if the answer names none.

    `now` is after the answer: the webhook's own, earlier time then stays the start of the call.
    """
    call_id = accepted.data.get("call_control_id")
    if not isinstance(call_id, str) or not call_id:
        raise ProviderError(
            permanent=True,
            status=accepted.status,
            code=None,
            title=_("The answer to the call names no call"),
            detail=None,
            hint=_("Look in the Telnyx portal whether it was placed before you dial again."),
            attempts=accepted.attempts,
            elapsed_ms=accepted.elapsed_ms,
        )
    to = command.body.get("to")
    return CallInitiated(
        event_id=f"{DIALLED}:{command.command_id}",
        call_id=call_id,
        occurred_at=now,
        leg_id=_text(accepted.data.get("call_leg_id")),
        session_id=_text(accepted.data.get("call_session_id")),
        connection_id=_text(command.body.get("connection_id")),
        from_number=_text(command.body.get("from")),
        to_number=_text(to[0] if isinstance(to, list) and to else to),
        direction=Direction.OUTBOUND,
    )


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
