"""What happened to a call, as lines between the lines of speech: answered, what was switched on and off, how it ended.

Pure: it reads the call, its events and what was asked for, and knows neither where they are kept nor how they look.
"""

from __future__ import annotations

from collections.abc import Iterable
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


class NoteKind(StrEnum):
    ANSWERED = "answered"
    STARTED = "started"
    STOPPED = "stopped"
    FAILED = "failed"
    ENDED = "ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """One line of the story. `event_id` is the event that told of it, if one did."""

    at: datetime
    kind: NoteKind
    text: str
    about: SwitchName | None = None
    event_id: str | None = None

    @property
    def order(self) -> tuple[datetime, str, str]:
        return self.at, self.kind, self.text


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A command that was answered. `title` names it in a sentence; `about` is the switch it moves, `on` which way.

    `settings` says in a few words what it was started with; `reason` and `code` why it was refused.
    """

    at: datetime
    title: str
    accepted: bool
    about: SwitchName | None = None
    on: bool = False
    settings: str = ""
    code: str | None = None
    reason: str | None = None


def story(call: Call, events: Iterable[CallEvent], asked: Iterable[Asked]) -> list[Note]:
    """In order of time. Any order and any repetition of the same events ends in the same story."""
    known = sorted(events, key=lambda event: (event.occurred_at, event.event_id))
    told = [note for event in known if (note := _of_event(event)) is not None]
    told += [note for each in asked if (note := _of_answer(each)) is not None]
    told += _of_call(call, known)
    told += _given_up(call, told) + _heard(call, told)
    # The first of its kind and moment: a replayed event happened once.
    once = {note.order: note for note in reversed(told)}
    return sorted(once.values(), key=lambda note: note.order)


def _of_event(event: CallEvent) -> Note | None:
    match event:
        case StreamingStarted() | ForkStarted():
            kind, word = NoteKind.STARTED, "started"
        case StreamingStopped() | ForkStopped():
            kind, word = NoteKind.STOPPED, "stopped"
        case StreamingFailed():
            kind, word = NoteKind.FAILED, f"failed: {event.reason or 'no reason was given'}"
        case _:
            return None
    about = SwitchName.FORK if isinstance(event, ForkStarted | ForkStopped) else SwitchName.STREAMING
    text = f"{about.capitalize()} {word}"
    return Note(at=event.occurred_at, kind=kind, about=about, text=text, event_id=event.event_id)


def _of_answer(asked: Asked) -> Note | None:
    """A refusal; and for transcription, of which no event tells, also what was accepted."""
    if not asked.accepted:
        why = ", ".join(filter(None, (asked.code, asked.reason)))
        text = f"{asked.title} refused" + (f": {why}" if why else "")
        return Note(at=asked.at, kind=NoteKind.FAILED, about=asked.about, text=text)
    if asked.about is not SwitchName.TRANSCRIPTION:
        return None
    kind = NoteKind.STARTED if asked.on else NoteKind.STOPPED
    text = f"Transcription {kind}" + (f": {asked.settings}" if asked.on and asked.settings else "")
    return Note(at=asked.at, kind=kind, about=asked.about, text=text)


def _of_call(call: Call, events: list[CallEvent]) -> list[Note]:
    found = []
    if call.answered_at is not None:
        source = next((each for each in events if each.occurred_at == call.answered_at), None)
        found.append(_note(call.answered_at, NoteKind.ANSWERED, _answered_after(call), source))
    if call.ended_at is not None:
        ends = (each for each in events if isinstance(each, CallHungUp) and each.occurred_at == call.ended_at)
        found.append(_note(call.ended_at, NoteKind.ENDED, _ended_because(call), next(ends, None)))
    return found


def _given_up(call: Call, told: list[Note]) -> list[Note]:
    """A press that nobody answered: only the switch itself says so."""
    known = {(note.at, note.about) for note in told if note.kind is NoteKind.FAILED}
    return [
        Note(at=switch.since, kind=NoteKind.FAILED, about=name, text=f"{name.capitalize()} failed: {switch.reason}")
        for name, switch in call.raw_switches.items()
        if switch.state is SwitchState.FAILED and switch.since and (switch.since, name) not in known
    ]


def _heard(call: Call, told: list[Note]) -> list[Note]:
    """Words that nobody here asked for prove a transcription that was started elsewhere."""
    switch = call.raw_switches[SwitchName.TRANSCRIPTION]
    if switch.on_since is None or any(note.about is SwitchName.TRANSCRIPTION for note in told):
        return []
    text, about = "Transcription was started elsewhere", SwitchName.TRANSCRIPTION
    return [Note(at=switch.on_since, kind=NoteKind.STARTED, about=about, text=text)]


def _note(at: datetime, kind: NoteKind, text: str, source: CallEvent | None) -> Note:
    return Note(at=at, kind=kind, text=text, event_id=source.event_id if source else None)


def _answered_after(call: Call) -> str:
    if call.answered_at is None or call.started_at is None or call.answered_at <= call.started_at:
        return "Answered"
    return f"Answered after {(call.answered_at - call.started_at).total_seconds():.1f} s"


# The causes that Telnyx documents for call.hangup, an open set: others are shown as they are.
_CAUSES = {
    "call_rejected": "The call was rejected",
    "originator_cancel": "The caller gave up before anybody answered",
    "timeout": "Nobody answered in time",
    "no_answer": "Nobody answered",
    "time_limit": "The call reached its time limit",
    "user_busy": "The line was busy",
    "not_found": "The number was not found",
}


def _ended_because(call: Call) -> str:
    cause = call.hangup_cause
    if cause == "normal_clearing":
        return f"The {call.hangup_source} hung up" if call.hangup_source in ("caller", "callee") else "Hung up"
    if cause is None or cause == "unspecified":
        return "The call ended"
    return _CAUSES.get(cause) or f"The call ended: {cause.replace('_', ' ')}"
