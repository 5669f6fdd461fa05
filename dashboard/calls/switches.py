"""Switches: what runs on a call, by what Telnyx reports.

Three things move a switch: a request, the answer to it (in the order this dashboard made them), and a report. Reports
are ordered by Telnyx's clock and may come late, twice, or before the answer to the request that caused them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

# Text may go on for this long after a stop was accepted (Telnyx contract: accept late events for 10 s).
LATE_TEXT_TOLERANCE = timedelta(seconds=10)


class SwitchName(StrEnum):
    TRANSCRIPTION = "transcription"
    STREAMING = "streaming"
    FORK = "fork"


class SwitchState(StrEnum):
    OFF = "off"
    STARTING = "starting"
    ON = "on"
    STOPPING = "stopping"
    FAILED = "failed"


PENDING_STATES = (SwitchState.STARTING, SwitchState.STOPPING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Switch:
    """The state of transcription, streaming or forking on one call.

    `since` is when `state` began, `on_since` when it last came on. `reason` says why it failed, or why a stop failed.
    `command_id` is the command without an outcome yet. `reported` is the newest report: (time, event id). Text before
    `ignore_text_until` belongs to a transcription that was stopped. `by` is the last requester: a role, `script` or
    `rule`. `stopped_because` is the reason of a stop that a rule made. `ran_s` is how long it ran before it last came
    on, in seconds.
    """

    state: SwitchState = SwitchState.OFF
    since: datetime | None = None
    on_since: datetime | None = None
    reason: str | None = None
    command_id: str | None = None
    reported: tuple[datetime, str] | None = None
    ignore_text_until: datetime | None = None
    by: str | None = None
    stopped_because: str | None = None
    ran_s: float = 0.0

    @property
    def is_pending(self) -> bool:
        return self.state in PENDING_STATES


def request(
    switch: Switch, *, on: bool, command_id: str, at: datetime, by: str | None = None, reason: str | None = None
) -> Switch:
    """Request a change: the state becomes starting or stopping. `reason` is given for automatic commands."""
    return replace(
        switch,
        state=SwitchState.STARTING if on else SwitchState.STOPPING,
        since=at,
        reason=None,
        command_id=command_id,
        by=by,
        stopped_because=None if on else reason,
    )


def confirm(switch: Switch, *, on: bool, at: datetime) -> Switch:
    """Set the state from the answer to a command that no webhook follows."""
    if on:
        began = switch.on_since or at  # a second start finds it running: it did not begin again
        return replace(switch, state=SwitchState.ON, since=began, on_since=began, reason=None, command_id=None)
    return replace(
        switch,
        state=SwitchState.OFF,
        since=at,
        on_since=None,
        reason=None,
        command_id=None,
        ignore_text_until=at + LATE_TEXT_TOLERANCE,
        ran_s=_total_run_s(switch, at),
    )


def fail(switch: Switch, *, reason: str, at: datetime) -> Switch:
    """The command failed. What ran still runs, with the reason; what did not run has failed."""
    if switch.on_since is not None:
        return replace(switch, state=SwitchState.ON, since=switch.on_since, reason=reason, command_id=None)
    return replace(switch, state=SwitchState.FAILED, since=at, on_since=None, reason=reason, command_id=None)


def report(switch: Switch, *, state: SwitchState, at: datetime, event_id: str, reason: str | None = None) -> Switch:
    """Apply a state reported by Telnyx; the newest report wins.

    While a command is pending, an older contradicting report does not change the state, but is kept: it applies if the
    command fails. A report that agrees always counts, because the two clocks may differ by seconds.
    """
    word = (at, event_id)
    if switch.reported is not None and word <= switch.reported:
        return switch
    awaited = {SwitchState.STARTING: SwitchState.ON, SwitchState.STOPPING: SwitchState.OFF}.get(switch.state)
    on_since = at if state is SwitchState.ON else None
    if awaited is not None and state is not awaited and switch.since is not None and at < switch.since:
        return replace(switch, on_since=on_since, reported=word)
    return replace(switch, state=state, since=at, on_since=on_since, reason=reason, command_id=None, reported=word)


def observe_text(switch: Switch, *, at: datetime) -> Switch:
    """Text arrived, so transcription runs, even if this dashboard did not start it."""
    if switch.state is SwitchState.STOPPING or (
        switch.ignore_text_until is not None and at <= switch.ignore_text_until
    ):
        return switch
    if switch.state is SwitchState.ON:
        earlier = switch.on_since is None or at < switch.on_since
        return replace(switch, since=at, on_since=at) if earlier else switch
    return replace(switch, state=SwitchState.ON, since=at, on_since=at, reason=None, command_id=None)


def close(switch: Switch, ended_at: datetime) -> Switch:
    """Nothing runs on a call that is over."""
    if switch.state is SwitchState.OFF:
        return switch
    return Switch(since=ended_at, by=switch.by, ran_s=_total_run_s(switch, ended_at))


def _total_run_s(switch: Switch, at: datetime) -> float:
    running = 0.0 if switch.on_since is None else (at - switch.on_since).total_seconds()
    return switch.ran_s + max(0.0, running)
