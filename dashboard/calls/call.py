"""A call, and `apply_event`, which alone changes it.

`apply_event` is a join: the same events, in any order and repeated, end in the same call. So every rule here takes an
earliest, a latest or a first-known value, never the last one that arrived.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, assert_never

from dashboard.calls import switches
from dashboard.calls.events import (
    AnyCallEvent,
    CallAnswered,
    CallBridged,
    CallHungUp,
    CallInitiated,
    Direction,
    ForkStarted,
    ForkStopped,
    OtherCallEvent,
    StreamingFailed,
    StreamingStarted,
    StreamingStopped,
    Transcribed,
)
from dashboard.calls.speaker_names import SpeakerNames
from dashboard.calls.switches import Switch, SwitchName, SwitchState
from dashboard.calls.transcript import Speaker


class CallState(StrEnum):
    RINGING = "ringing"
    ANSWERED = "answered"
    ENDED = "ended"


def _default_switches() -> Mapping[SwitchName, Switch]:
    return {name: Switch() for name in SwitchName}


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One leg of a phone call.

    `seq` is the number of the newest durable change. `raw_switches` is what was reported about each switch; `switches`
    is what is true, because nothing runs on a call that is over. `speakers` are the names that people gave; they alone
    follow the order of arrival, because no event carries them.
    """

    call_id: str
    leg_id: str | None = None
    session_id: str | None = None
    connection_id: str | None = None
    direction: Direction | None = None
    from_number: str | None = None
    to_number: str | None = None
    started_at: datetime | None = None
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    hangup_cause: str | None = None
    hangup_source: str | None = None
    raw_switches: Mapping[SwitchName, Switch] = field(default_factory=_default_switches)
    speakers: SpeakerNames = SpeakerNames()
    seq: int = 0

    @property
    def state(self) -> CallState:
        if self.ended_at is not None:
            return CallState.ENDED
        return CallState.ANSWERED if self.answered_at is not None else CallState.RINGING

    @property
    def switches(self) -> Mapping[SwitchName, Switch]:
        ended_at = self.ended_at
        if ended_at is None:
            return self.raw_switches
        return {name: switches.close(switch, ended_at) for name, switch in self.raw_switches.items()}

    def with_switch(self, name: SwitchName, switch: Switch) -> Call:
        if switch is self.raw_switches[name]:
            return self
        return replace(self, raw_switches={**self.raw_switches, name: switch})

    def with_speaker_names(self, names: Mapping[Speaker, str | None]) -> Call:
        """The call with these names. A speaker that is not in `names` keeps its name."""
        return replace(self, speakers=replace(self.speakers, **{side.value: name for side, name in names.items()}))


def apply_event(call: Call | None, event: AnyCallEvent) -> Call:
    """The call after `event`. Never touches `seq`: what is numbered is the caller's business."""
    call = _merge_facts(call or Call(call_id=event.call_id), event)
    match event:
        case CallInitiated():
            return replace(call, direction=_merge_fact(call.direction, event.direction))
        case CallAnswered() | CallBridged():
            return _with_answer(call, event.occurred_at)
        case CallHungUp():
            return _with_end(call, event)
        case StreamingStarted():
            return _apply_switch_report(call, SwitchName.STREAMING, event, SwitchState.ON)
        case StreamingStopped():
            return _apply_switch_report(call, SwitchName.STREAMING, event, SwitchState.OFF)
        case StreamingFailed():
            return _apply_switch_report(
                call, SwitchName.STREAMING, event, SwitchState.FAILED, event.reason or "unknown"
            )
        case ForkStarted():
            return _apply_switch_report(call, SwitchName.FORK, event, SwitchState.ON)
        case ForkStopped():
            return _apply_switch_report(call, SwitchName.FORK, event, SwitchState.OFF)
        case Transcribed():
            heard = switches.observe_text(call.raw_switches[SwitchName.TRANSCRIPTION], at=event.occurred_at)
            return _with_answer(call.with_switch(SwitchName.TRANSCRIPTION, heard), event.occurred_at)
        case OtherCallEvent():
            return call
        case _:
            assert_never(event)


def _merge_facts(call: Call, event: AnyCallEvent) -> Call:
    told_start: datetime | None = getattr(event, "started_at", None)
    facts = {
        "leg_id": _merge_fact(call.leg_id, event.leg_id),
        "session_id": _merge_fact(call.session_id, event.session_id),
        "connection_id": _merge_fact(call.connection_id, event.connection_id),
        "from_number": _merge_fact(call.from_number, event.from_number),
        "to_number": _merge_fact(call.to_number, event.to_number),
        "started_at": _earliest_time(call.started_at, _earliest_time(event.occurred_at, told_start)),
    }
    # Most events say nothing new of a call, and a copy of it is dear.
    return call if all(getattr(call, name) == fact for name, fact in facts.items()) else replace(call, **facts)


def _merge_fact(current: Any, incoming: Any) -> Any:
    """The current value, else the incoming one. Two events that disagree give the same value in either order."""
    if current is None or incoming is None:
        return incoming if current is None else current
    return min(current, incoming)


def _earliest_time(first: datetime | None, second: datetime | None) -> datetime | None:
    if first is None or second is None:
        return first or second
    return min(first, second)


def _with_answer(call: Call, at: datetime) -> Call:
    """Record an answer. Words and bridges prove one; the real event is earlier and replaces it."""
    if call.answered_at is not None and call.answered_at <= at:
        return call
    return replace(call, answered_at=at)


def _with_end(call: Call, event: CallHungUp) -> Call:
    if call.ended_at is not None and event.occurred_at > call.ended_at:
        return call
    if call.ended_at == event.occurred_at:
        cause, source = _merge_fact(call.hangup_cause, event.cause), _merge_fact(call.hangup_source, event.source)
    else:
        cause, source = event.cause, event.source
    return replace(call, ended_at=event.occurred_at, hangup_cause=cause, hangup_source=source)


def _apply_switch_report(
    call: Call, name: SwitchName, event: AnyCallEvent, state: SwitchState, reason: str | None = None
) -> Call:
    switch = call.raw_switches[name]
    said = switches.report(switch, state=state, at=event.occurred_at, event_id=event.event_id, reason=reason)
    return call.with_switch(name, said)
