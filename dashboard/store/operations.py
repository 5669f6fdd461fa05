"""The pieces of work a transaction is made of: a webhook, a press of a button, its answer, and what people set."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, NamedTuple, cast

from dashboard.calls import switches
from dashboard.calls.call import apply
from dashboard.calls.changes import Change
from dashboard.calls.events import AnyCallEvent, CallEvent, Transcribed
from dashboard.calls.switches import SwitchName
from dashboard.calls.transcript import Mark, Speaker, segment_from
from dashboard.errors import CallNotFoundError, CommandError, FieldProblem
from dashboard.messages import said
from dashboard.store.unit_of_work import Unit


class OfNoCall:
    """Work that needs no rows fetched for it."""

    __slots__ = ()
    is_true_anyway: ClassVar[bool] = True

    def call_ids(self) -> Iterable[str]:
        return ()

    def event_rows(self) -> Iterable[dict[str, Any]]:
        return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _OfOneCall(OfNoCall):
    call_id: str

    def call_ids(self) -> Iterable[str]:
        # Postgres refuses a NUL outright, and no call is called so.
        return (self.call_id,) if self.call_id and "\0" not in self.call_id else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What came of one event. `is_new` is false for a repetition, which changes nothing."""

    is_new: bool
    changes: tuple[Change, ...] = ()


class RecordEvent(NamedTuple):
    """Keep one webhook and let it change its call. `first_heard_at` is when the interims of a final began, if heard."""

    event_id: str
    type: str
    known: bool
    call_id: str | None
    event: CallEvent | None
    attempt: int | None
    occurred_at: datetime
    received_at: datetime
    body: str
    first_heard_at: datetime | None = None
    marks: tuple[Mark, ...] = ()

    @property
    def is_true_anyway(self) -> bool:
        return True

    def call_ids(self) -> Iterable[str]:
        return () if self.event is None else (self.event.call_id,)

    def event_rows(self) -> Iterable[dict[str, Any]]:
        return (
            {
                "event_id": self.event_id,
                "call_id": self.call_id,
                "type": self.type,
                "known": self.known,
                "attempt": self.attempt,
                "occurred_at": self.occurred_at,
                "received_at": self.received_at,
                "body": self.body,
            },
        )

    def run(self, unit: Unit) -> Recorded:
        if not unit.claim(self.event_id):
            return Recorded(is_new=False)
        if self.event is None:
            return Recorded(is_new=True)
        event = cast(AnyCallEvent, self.event)
        changes = unit.put(apply(unit.call(event.call_id), event))
        if isinstance(event, Transcribed) and event.is_final and event.text:
            seq = unit.next_seq(event.call_id)
            changes += unit.add(segment_from(event, seq=seq, started_at=self.first_heard_at, marks=self.marks))
        return Recorded(is_new=True, changes=tuple(changes))


@dataclass(frozen=True, slots=True, kw_only=True)
class Pressed:
    """What came of a press. `send` is false when this press is one that was made before."""

    command: Mapping[str, Any]
    send: bool
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Press(_OfOneCall):
    """Somebody asks for something. `switch` and `on` say which knob moves to the middle, if any.

    `because` says why, where it is not a person who asks.

    The same `command_id`, or the same wish while it is already under way, is the same press.
    """

    command_id: str
    name: str
    requested_by: str
    at: datetime
    parameters: Mapping[str, Any] = field(default_factory=dict)
    switch: SwitchName | None = None
    on: bool = False
    because: str | None = None
    is_true_anyway: ClassVar[bool] = False

    def run(self, unit: Unit) -> Pressed:
        call = unit.call(self.call_id)
        if call is None:
            raise CallNotFoundError(self.call_id)
        repeated = unit.command(self._id_under_way(call.raw_switches))
        if repeated is not None:
            if (repeated["call_id"], repeated["name"]) != (self.call_id, self.name):
                raise CommandError([FieldProblem(field="command_id", reason=said("was used for another command"))])
            return Pressed(command=repeated, send=False)
        command = _sent_row(self)
        unit.add_command(command)
        if self.switch is None:
            return Pressed(command=command, send=True)
        before = call.raw_switches[self.switch]
        pressed = switches.press(
            before, on=self.on, command_id=self.command_id, at=self.at, by=self.requested_by, because=self.because
        )
        return Pressed(command=command, send=True, changes=tuple(unit.put(call.with_switch(self.switch, pressed))))

    def _id_under_way(self, states: Mapping[SwitchName, switches.Switch]) -> str:
        if self.switch is None:
            return self.command_id
        waiting = states[self.switch]
        wanted = switches.SwitchState.STARTING if self.on else switches.SwitchState.STOPPING
        return waiting.command_id or self.command_id if waiting.state is wanted else self.command_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Settle(_OfOneCall):
    """The provider answered a command, or did not.

    `outcome`: True or False where the answer itself says whether the thing now runs (no webhook will), None where a
    webhook will tell, and `refused` where the press came to nothing. `call_id` is empty where a dial made no call.
    """

    command_id: str
    at: datetime
    status: str
    switch: SwitchName | None = None
    outcome: bool | None = None
    refused: bool = False
    reason: str | None = None
    http_status: int | None = None
    provider_code: str | None = None
    attempts: int | None = None
    elapsed_ms: int | None = None

    def answer(self) -> dict[str, Any]:
        """What the provider said, as the command log keeps it."""
        names = ("status", "reason", "http_status", "provider_code", "attempts", "elapsed_ms")
        return {name: getattr(self, name) for name in names}

    def run(self, unit: Unit) -> Recorded:
        answer = {"settled_at": self.at, "call_id": self.call_id or None, **self.answer()}
        unit.settle_command(self.command_id, answer)
        call = unit.call(self.call_id)
        if call is None or self.switch is None:
            return Recorded(is_new=True)
        switch = call.raw_switches[self.switch]
        # A webhook may have told the outcome already, and a later press may have taken its place.
        if switch.command_id != self.command_id:
            return Recorded(is_new=False)
        if self.refused:
            switch = switches.refuse(switch, reason=self.reason or "unknown", at=self.at)
        elif self.outcome is not None:
            switch = switches.confirm(switch, on=self.outcome, at=self.at)
        return Recorded(is_new=True, changes=tuple(unit.put(call.with_switch(self.switch, switch))))


@dataclass(frozen=True, slots=True, kw_only=True)
class LogCommand(OfNoCall):
    """Write down a command to no call yet, before it is sent. The same `command_id` again is not to be sent."""

    command_id: str
    name: str
    requested_by: str
    at: datetime
    parameters: Mapping[str, Any] = field(default_factory=dict)
    is_true_anyway: ClassVar[bool] = False

    def run(self, unit: Unit) -> Pressed:
        row = _sent_row(self)
        if unit.claim_command(row):
            return Pressed(command=row, send=True)
        return Pressed(command=unit.command(self.command_id) or row, send=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveUp(_OfOneCall):
    """Nobody confirmed this press in time. A confirmation that comes after all still puts the switch right."""

    command_id: str
    switch: SwitchName
    at: datetime
    reason: str

    def run(self, unit: Unit) -> Recorded:
        call = unit.call(self.call_id)
        if call is None or call.raw_switches[self.switch].command_id != self.command_id:
            return Recorded(is_new=False)
        switch = switches.refuse(call.raw_switches[self.switch], reason=self.reason, at=self.at)
        return Recorded(is_new=True, changes=tuple(unit.put(call.with_switch(self.switch, switch))))


@dataclass(frozen=True, slots=True, kw_only=True)
class NameSpeakers(_OfOneCall):
    """Somebody says who speaks. None takes a name back; who is left out keeps theirs. `is_new` if that changed any."""

    names: Mapping[Speaker, str | None]

    def run(self, unit: Unit) -> Recorded:
        call = unit.call(self.call_id)
        if call is None:
            raise CallNotFoundError(self.call_id)
        changes = unit.put(call.with_names(self.names))
        return Recorded(is_new=bool(changes), changes=tuple(changes))


@dataclass(frozen=True, slots=True, kw_only=True)
class SavePreset(OfNoCall):
    """Keep parameters under a name, in place of those that had it."""

    command: str
    name: str
    parameters: str

    def run(self, unit: Unit) -> Recorded:
        unit.save_preset({"command": self.command, "name": self.name, "parameters": self.parameters})
        return Recorded(is_new=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeletePreset(OfNoCall):
    command: str
    name: str

    def run(self, unit: Unit) -> Recorded:
        return Recorded(is_new=unit.delete_preset(self.command, self.name))


def _sent_row(press: Press | LogCommand) -> dict[str, Any]:
    return {
        "command_id": press.command_id,
        "call_id": press.call_id if isinstance(press, Press) else None,
        "name": press.name,
        "requested_by": press.requested_by,
        "requested_at": press.at,
        "parameters": json.dumps(press.parameters, ensure_ascii=False),
        "status": "sent",
    }
