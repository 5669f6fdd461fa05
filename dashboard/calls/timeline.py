"""The timeline of a call: answered, switched on and off, ended, and why.

Pure: reads the call, its events and its commands.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from dashboard.calls.call import Call
from dashboard.calls.events import (
    CallEvent,
    CallHungUp,
    ForkStarted,
    ForkStopped,
    StreamingFailed,
    StreamingStarted,
    StreamingStopped,
)
from dashboard.calls.switches import SwitchName, SwitchState
from dashboard.messages import Message, _, join


class TimelineKind(StrEnum):
    ANSWERED = "answered"
    STARTED = "started"
    STOPPED = "stopped"
    FAILED = "failed"
    ENDED = "ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineEntry:
    """One line of the timeline. `event_id` names the event behind it, if there is one."""

    at: datetime
    kind: TimelineKind
    text: str
    switch: SwitchName | None = None
    event_id: str | None = None

    @property
    def sort_key(self) -> tuple[datetime, str, str]:
        return self.at, self.kind, self.text


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandRecord:
    """A command that was answered. `title` names it in a sentence; `about` is the switch it moves, `on` which way.

    `settings` says in a few words what it was started with. `reason` and `code` say why it was refused; of what was
    accepted, `reason` says why it was asked for, where no person asked.
    """

    at: datetime
    title: str
    is_accepted: bool
    switch: SwitchName | None = None
    on: bool = False
    settings: str = ""
    code: str | None = None
    reason: str | None = None


def build_timeline(call: Call, events: Iterable[CallEvent], commands: Iterable[CommandRecord]) -> list[TimelineEntry]:
    """In order of time. Any order and any repetition of the same events ends in the same story."""
    known = sorted(events, key=lambda event: (event.occurred_at, event.event_id))
    told = [note for event in known if (note := _event_entry(event)) is not None]
    told += [note for each in commands if (note := _command_entry(each)) is not None]
    told += _call_entries(call, known)
    told += _expired_entries(call, told) + _started_elsewhere_entries(call, told)
    # The first of its kind and moment: a replayed event happened once.
    once = {note.sort_key: note for note in reversed(told)}
    return sorted(once.values(), key=lambda note: note.sort_key)


def _event_entry(event: CallEvent) -> TimelineEntry | None:
    match event:
        case StreamingStarted():
            kind, about, text = TimelineKind.STARTED, SwitchName.STREAMING, _("Streaming started")
        case StreamingStopped():
            kind, about, text = TimelineKind.STOPPED, SwitchName.STREAMING, _("Streaming stopped")
        case StreamingFailed():
            reason = event.reason or _("no reason was given")
            kind, about, text = (
                TimelineKind.FAILED,
                SwitchName.STREAMING,
                _failure_message(SwitchName.STREAMING, reason),
            )
        case ForkStarted():
            kind, about, text = TimelineKind.STARTED, SwitchName.FORK, _("Fork started")
        case ForkStopped():
            kind, about, text = TimelineKind.STOPPED, SwitchName.FORK, _("Fork stopped")
        case _:
            return None
    return TimelineEntry(at=event.occurred_at, kind=kind, switch=about, text=text, event_id=event.event_id)


def _failure_message(name: SwitchName, reason: str) -> Message:
    match name:
        case SwitchName.TRANSCRIPTION:
            return _("Transcription failed: %(reason)s", reason=reason)
        case SwitchName.STREAMING:
            return _("Streaming failed: %(reason)s", reason=reason)
        case SwitchName.FORK:
            return _("Fork failed: %(reason)s", reason=reason)


def _command_entry(command: CommandRecord) -> TimelineEntry | None:
    """A refused command; for transcription, which has no event, also an accepted one."""
    if not command.is_accepted:
        why = join((command.code, command.reason))
        text = _("%(command)s refused", command=command.title)
        if why:
            text = _("%(command)s refused: %(why)s", command=command.title, why=why)
        return TimelineEntry(at=command.at, kind=TimelineKind.FAILED, switch=command.switch, text=text)
    if command.switch is not SwitchName.TRANSCRIPTION:
        return None
    kind = TimelineKind.STARTED if command.on else TimelineKind.STOPPED
    text = _("Transcription started") if command.on else _("Transcription stopped")
    if command.on and command.settings:
        text = _("Transcription started: %(settings)s", settings=command.settings)
    if command.reason:
        text = _("%(what)s. %(why)s", what=text, why=command.reason)
    return TimelineEntry(at=command.at, kind=kind, switch=command.switch, text=text)


def _call_entries(call: Call, events: list[CallEvent]) -> list[TimelineEntry]:
    found = []
    if call.answered_at is not None:
        source = next((each for each in events if each.occurred_at == call.answered_at), None)
        found.append(_build_entry(call.answered_at, TimelineKind.ANSWERED, _answer_message(call), source))
    if call.ended_at is not None:
        ends = (each for each in events if isinstance(each, CallHungUp) and each.occurred_at == call.ended_at)
        found.append(_build_entry(call.ended_at, TimelineKind.ENDED, _end_message(call), next(ends, None)))
    return found


def _expired_entries(call: Call, entries: list[TimelineEntry]) -> list[TimelineEntry]:
    """Whether a command got no answer: then only the switch says so."""
    known = {(note.at, note.switch) for note in entries if note.kind is TimelineKind.FAILED}
    return [
        TimelineEntry(
            at=switch.since,
            kind=TimelineKind.FAILED,
            switch=name,
            text=_failure_message(name, switch.reason or _("no reason was given")),
        )
        for name, switch in call.raw_switches.items()
        if switch.state is SwitchState.FAILED and switch.since and (switch.since, name) not in known
    ]


def _started_elsewhere_entries(call: Call, entries: list[TimelineEntry]) -> list[TimelineEntry]:
    """Whether words prove a transcription that was started elsewhere."""
    switch = call.raw_switches[SwitchName.TRANSCRIPTION]
    if switch.on_since is None or any(note.switch is SwitchName.TRANSCRIPTION for note in entries):
        return []
    text, about = _("Transcription was started elsewhere"), SwitchName.TRANSCRIPTION
    return [TimelineEntry(at=switch.on_since, kind=TimelineKind.STARTED, switch=about, text=text)]


def _build_entry(at: datetime, kind: TimelineKind, text: str, source: CallEvent | None) -> TimelineEntry:
    return TimelineEntry(at=at, kind=kind, text=text, event_id=source.event_id if source else None)


def _answer_message(call: Call) -> str:
    if call.answered_at is None or call.started_at is None or call.answered_at <= call.started_at:
        return _("Answered")
    seconds = (call.answered_at - call.started_at).total_seconds()
    return _("Answered after %(seconds)s s", seconds=round(seconds, 1))


# The causes that Telnyx documents for call.hangup, an open set: others are shown as they are.
_CAUSES: Mapping[str, str] = {
    "call_rejected": _("The call was rejected"),
    "originator_cancel": _("The caller gave up before anybody answered"),
    "timeout": _("Nobody answered in time"),
    "no_answer": _("Nobody answered"),
    "time_limit": _("The call reached its time limit"),
    "user_busy": _("The line was busy"),
    "not_found": _("The number was not found"),
    # Ours, for an end that no webhook told of.
    "end_missed": _("The call ended; the time is unknown"),
}


_HUNG_UP: Mapping[str, str] = {"caller": _("The caller hung up"), "callee": _("The callee hung up")}


def _end_message(call: Call) -> str:
    cause = call.hangup_cause
    if cause == "normal_clearing":
        return _HUNG_UP.get(call.hangup_source or "") or _("Hung up")
    if cause is None or cause == "unspecified":
        return _("The call ended")
    return _CAUSES.get(cause) or _("The call ended: %(cause)s", cause=cause.replace("_", " "))
