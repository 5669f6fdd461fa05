"""The writes of the store: events, commands and speaker names."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, NamedTuple, cast

from dashboard.calls import switches
from dashboard.calls.call import apply_event
from dashboard.calls.changes import Change
from dashboard.calls.events import AnyCallEvent, CallEvent, Transcribed
from dashboard.calls.switches import SwitchName
from dashboard.calls.transcript import Mark, Speaker, build_segment
from dashboard.errors import CallNotFoundError, CommandError, FieldProblem
from dashboard.messages import _
from dashboard.store.unit_of_work import Operation, UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class _CallOperation(Operation):
    call_id: str

    def call_ids(self) -> Iterable[str]:
        # PostgreSQL rejects a NUL in a parameter, and no call id has one.
        return (self.call_id,) if self.call_id and "\0" not in self.call_id else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationResult:
    """The result of a write. `is_new` is false where it changed nothing, such as a repeated event."""

    is_new: bool
    changes: tuple[Change, ...] = ()


class RecordEvent(NamedTuple):
    """Store one webhook and apply it to its call. `first_heard_at` is when the first interim of a final arrived."""

    event_id: str
    type: str
    is_known_type: bool
    call_id: str | None
    event: CallEvent | None
    attempt: int | None
    occurred_at: datetime
    received_at: datetime
    body: str
    first_heard_at: datetime | None = None
    marks: tuple[Mark, ...] = ()

    @property
    def commits_after_timeout(self) -> bool:
        return True

    def call_ids(self) -> Iterable[str]:
        return () if self.event is None else (self.event.call_id,)

    def event_rows(self) -> Iterable[dict[str, Any]]:
        return (
            {
                "event_id": self.event_id,
                "call_id": self.call_id,
                "type": self.type,
                "known": self.is_known_type,
                "attempt": self.attempt,
                "occurred_at": self.occurred_at,
                "received_at": self.received_at,
                "body": self.body,
            },
        )

    def execute(self, unit: UnitOfWork) -> OperationResult:
        if not unit.claim_event(self.event_id):
            return OperationResult(is_new=False)
        if self.event is None:
            return OperationResult(is_new=True)
        event = cast(AnyCallEvent, self.event)
        changes = unit.save_call(apply_event(unit.get_call(event.call_id), event))
        if isinstance(event, Transcribed) and event.is_final and event.text:
            seq = unit.next_seq(event.call_id)
            changes += unit.add_segment(build_segment(event, seq=seq, started_at=self.first_heard_at, marks=self.marks))
        return OperationResult(is_new=True, changes=tuple(changes))


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandStarted:
    """The result of a new command. `should_send` is false where it repeats an earlier one."""

    command: Mapping[str, Any]
    should_send: bool
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StartCommand(_CallOperation):
    """Store a command to a call before it is sent.

    `switch` and `on` name the switch that becomes pending, if any. `because` is the reason of an automatic command.
    The same `command_id`, or the same command while one is pending, counts as a repetition. Raises CallNotFoundError,
    and CommandError where the id belongs to another command.
    """

    command_id: str
    name: str
    requested_by: str
    at: datetime
    parameters: Mapping[str, Any] = field(default_factory=dict)
    switch: SwitchName | None = None
    on: bool = False
    because: str | None = None
    commits_after_timeout: ClassVar[bool] = False

    def execute(self, unit: UnitOfWork) -> CommandStarted:
        call = unit.get_call(self.call_id)
        if call is None:
            raise CallNotFoundError(self.call_id)
        repeated = unit.get_command(self._pending_command_id(call.raw_switches))
        if repeated is not None:
            if (repeated["call_id"], repeated["name"]) != (self.call_id, self.name):
                raise CommandError([FieldProblem(field="command_id", reason=_("was used for another command"))])
            return CommandStarted(command=repeated, should_send=False)
        command = _command_row(self)
        unit.add_command(command)
        if self.switch is None:
            return CommandStarted(command=command, should_send=True)
        switch = switches.request(
            call.raw_switches[self.switch],
            on=self.on,
            command_id=self.command_id,
            at=self.at,
            by=self.requested_by,
            reason=self.because,
        )
        changes = unit.save_call(call.with_switch(self.switch, switch))
        return CommandStarted(command=command, should_send=True, changes=tuple(changes))

    def _pending_command_id(self, states: Mapping[SwitchName, switches.Switch]) -> str:
        if self.switch is None:
            return self.command_id
        switch = states[self.switch]
        pending_state = switches.SwitchState.STARTING if self.on else switches.SwitchState.STOPPING
        return switch.command_id or self.command_id if switch.state is pending_state else self.command_id


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishCommand(_CallOperation):
    """Store the result of a command.

    `outcome` is True or False where the provider's answer itself confirms the new state, and None where a webhook will
    confirm it. `has_failed` means that the command had no effect. `call_id` is empty where a dial made no call.
    """

    command_id: str
    at: datetime
    status: str
    switch: SwitchName | None = None
    outcome: bool | None = None
    has_failed: bool = False
    reason: str | None = None
    http_status: int | None = None
    provider_code: str | None = None
    attempts: int | None = None
    elapsed_ms: int | None = None

    def result_fields(self) -> dict[str, Any]:
        """The provider's answer, by column of the command log."""
        names = ("status", "reason", "http_status", "provider_code", "attempts", "elapsed_ms")
        return {name: getattr(self, name) for name in names}

    def execute(self, unit: UnitOfWork) -> OperationResult:
        row = {"settled_at": self.at, "call_id": self.call_id or None, **self.result_fields()}
        unit.finish_command(self.command_id, row)
        call = unit.get_call(self.call_id)
        if call is None or self.switch is None:
            return OperationResult(is_new=True)
        switch = call.raw_switches[self.switch]
        # A webhook may have confirmed the command already, or a later command may have replaced it.
        if switch.command_id != self.command_id:
            return OperationResult(is_new=False)
        if self.has_failed:
            switch = switches.fail(switch, reason=self.reason or "unknown", at=self.at)
        elif self.outcome is not None:
            switch = switches.confirm(switch, on=self.outcome, at=self.at)
        return OperationResult(is_new=True, changes=tuple(unit.save_call(call.with_switch(self.switch, switch))))


@dataclass(frozen=True, slots=True, kw_only=True)
class StartDial(Operation):
    """Store a dial before it is sent. The same `command_id` counts as a repetition."""

    command_id: str
    name: str
    requested_by: str
    at: datetime
    parameters: Mapping[str, Any] = field(default_factory=dict)
    commits_after_timeout: ClassVar[bool] = False

    def execute(self, unit: UnitOfWork) -> CommandStarted:
        row = _command_row(self)
        if unit.claim_command(row):
            return CommandStarted(command=row, should_send=True)
        return CommandStarted(command=unit.get_command(self.command_id) or row, should_send=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpireCommand(_CallOperation):
    """Fail a command that was not confirmed in time. A later confirmation still corrects the switch."""

    command_id: str
    switch: SwitchName
    at: datetime
    reason: str

    def execute(self, unit: UnitOfWork) -> OperationResult:
        call = unit.get_call(self.call_id)
        if call is None or call.raw_switches[self.switch].command_id != self.command_id:
            return OperationResult(is_new=False)
        switch = switches.fail(call.raw_switches[self.switch], reason=self.reason, at=self.at)
        return OperationResult(is_new=True, changes=tuple(unit.save_call(call.with_switch(self.switch, switch))))


@dataclass(frozen=True, slots=True, kw_only=True)
class NameSpeakers(_CallOperation):
    """Set the names of speakers. None removes a name; a missing speaker keeps it. `is_new` says whether any changed."""

    names: Mapping[Speaker, str | None]

    def execute(self, unit: UnitOfWork) -> OperationResult:
        call = unit.get_call(self.call_id)
        if call is None:
            raise CallNotFoundError(self.call_id)
        changes = unit.save_call(call.with_speaker_names(self.names))
        return OperationResult(is_new=bool(changes), changes=tuple(changes))


def _command_row(operation: StartCommand | StartDial) -> dict[str, Any]:
    return {
        "command_id": operation.command_id,
        "call_id": operation.call_id if isinstance(operation, StartCommand) else None,
        "name": operation.name,
        "requested_by": operation.requested_by,
        "requested_at": operation.at,
        "parameters": json.dumps(operation.parameters, ensure_ascii=False),
        "status": "sent",
    }
