"""What Telnyx's answer to a command means: for the switch, and for a call that was dialled.

Reads codes, never texts.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import Enum

from dashboard.calls.events import CallInitiated, Direction
from dashboard.calls.switches import SwitchName
from dashboard.errors import ProviderError
from dashboard.messages import _
from dashboard.telnyx.api.client import CommandAccepted
from dashboard.telnyx.commands import Command

# Which switch a command moves, and where to.
SWITCH_COMMANDS: Mapping[str, tuple[SwitchName, bool]] = {
    "transcription_start": (SwitchName.TRANSCRIPTION, True),
    "transcription_stop": (SwitchName.TRANSCRIPTION, False),
    "streaming_start": (SwitchName.STREAMING, True),
    "streaming_stop": (SwitchName.STREAMING, False),
    "fork_start": (SwitchName.FORK, True),
    "fork_stop": (SwitchName.FORK, False),
}

# Stored: do not rename. The type of the event that a dial makes, and the prefix of its id.
DIAL_EVENT_TYPE = "dashboard.dialled"

CALL_GONE = frozenset({"90018", "10005", "90015"})
ALREADY_ON = {"transcription_start": frozenset({"90054"})}
# Codes that say why a stop was not done. Any other 422 to one means that nothing was running (Telnyx contract, section
# 8: what a stop of nothing is answered with is not documented).
STOP_REFUSED = frozenset(
    {"10003", "10004", "10015", "10016", "10032", "10033", "10038", "10039", "90017", "90045", "90053", "90055"}
)


class Outcome(Enum):
    ON = "on"
    OFF = "off"
    AWAITED = "awaited"  # a webhook will tell
    DONE = "done"  # accepted, and no switch is meant
    REFUSED = "refused"


def outcome_of(command: Command, error: ProviderError | None) -> Outcome:
    """What is true after Telnyx answered `command`, with `error` or (None) with success."""
    switch, on = SWITCH_COMMANDS.get(command.name, (None, False))
    if error is None:
        if switch is None:
            return Outcome.DONE
        # Transcription has no started or stopped webhook: the answer is all there is (Telnyx contract 1.3.5, 1.3.6).
        told_by_answer = switch is SwitchName.TRANSCRIPTION
        return (Outcome.ON if on else Outcome.OFF) if told_by_answer else Outcome.AWAITED
    if error.code in ALREADY_ON.get(command.name, ()):
        return Outcome.ON
    if switch is not None and not on and _is_nothing_running(command, error):
        return Outcome.OFF
    if command.name == "hangup" and error.code in CALL_GONE:
        return Outcome.DONE
    return Outcome.REFUSED


def _is_nothing_running(command: Command, error: ProviderError) -> bool:
    if error.code in CALL_GONE:
        return True
    if _stops_one_of_several(command):
        return False
    return error.status == 422 and error.code not in STOP_REFUSED


def _stops_one_of_several(command: Command) -> bool:
    """Whether a command stops one stream or a raw fork: another one may still run."""
    return "stream_id" in command.body or command.body.get("stream_type") == "raw"


def parse_dial_result(accepted: CommandAccepted, command: Command, *, now: datetime) -> CallInitiated:
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
        event_id=f"{DIAL_EVENT_TYPE}:{command.command_id}",
        call_id=call_id,
        occurred_at=now,
        leg_id=_text_or_none(accepted.data.get("call_leg_id")),
        session_id=_text_or_none(accepted.data.get("call_session_id")),
        connection_id=_text_or_none(command.body.get("connection_id")),
        from_number=_text_or_none(command.body.get("from")),
        to_number=_text_or_none(to[0] if isinstance(to, list) and to else to),
        direction=Direction.OUTBOUND,
    )


def _text_or_none(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
