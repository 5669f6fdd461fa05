"""What the answer to a command says about the switch it was meant to move."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from dashboard.calls.switches import SwitchName
from dashboard.errors import ProviderError

SWITCHED: Mapping[str, tuple[SwitchName, bool]] = {
    "transcription_start": (SwitchName.TRANSCRIPTION, True),
    "transcription_stop": (SwitchName.TRANSCRIPTION, False),
    "streaming_start": (SwitchName.STREAMING, True),
    "streaming_stop": (SwitchName.STREAMING, False),
    "fork_start": (SwitchName.FORK, True),
    "fork_stop": (SwitchName.FORK, False),
}
"""Which switch a command moves, and where to."""

CALL_GONE = frozenset({"90018", "10005", "90015"})
ALREADY_ON = {"transcription_start": frozenset({"90054"})}
STOP_REFUSED = frozenset({"90045", "90055"})
"""Codes that really refuse a stop; any other 422 to one means that nothing was running (Telnyx contract, section 8)."""


class Outcome(Enum):
    ON = "on"
    OFF = "off"
    AWAITED = "awaited"  # a webhook will tell
    DONE = "done"  # accepted, and no switch is meant
    REFUSED = "refused"


def outcome_of(name: str, error: ProviderError | None) -> Outcome:
    """What is so after the provider answered `name`, with `error` or (None) with success."""
    switch, on = SWITCHED.get(name, (None, False))
    if error is None:
        if switch is None:
            return Outcome.DONE
        # Transcription has no started or stopped webhook: the answer is all there is (Telnyx contract 1.3.5, 1.3.6).
        told_by_answer = switch is SwitchName.TRANSCRIPTION
        return (Outcome.ON if on else Outcome.OFF) if told_by_answer else Outcome.AWAITED
    if error.code in ALREADY_ON.get(name, ()):
        return Outcome.ON
    if switch is not None and not on and _nothing_ran(error):
        return Outcome.OFF
    if name == "hangup" and error.code in CALL_GONE:
        return Outcome.DONE
    return Outcome.REFUSED


def _nothing_ran(error: ProviderError) -> bool:
    return error.code in CALL_GONE or (error.status == 422 and error.code not in STOP_REFUSED)
