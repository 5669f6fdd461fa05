"""A button: validated, written down, sent once, answered by truth. In this order a double press is one command."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from dashboard.calls.events import CallInitiated
from dashboard.errors import NoApiKeyError, ProviderError, StoreBusyError
from dashboard.media.stream_endpoint import OwnStream
from dashboard.services.reconciliation import event_of_ours
from dashboard.store import FinishCommand, StartCommand, StartDial, Store
from dashboard.telnyx.api.client import Accepted, TelnyxClient
from dashboard.telnyx.commands import Command, build
from dashboard.telnyx.commands.results import DIALLED, SWITCHED, Outcome, dialled, outcome_of

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandResult:
    """How a command ended. `error` is Telnyx's refusal; `is_new` is false for a repeated `command_id`."""

    command_id: str
    name: str
    status: str
    http_status: int | None
    attempts: int | None
    elapsed_ms: int | None
    notes: Sequence[str] = ()
    error: ProviderError | None = None
    is_new: bool = True


class Controls:
    """Runs commands on calls. `client` is None where no API key is set: then nothing can be pressed."""

    def __init__(
        self, *, store: Store, client: TelnyxClient | None, own_stream: OwnStream, connection_id: str | None = None
    ) -> None:
        self._store = store
        self._client = client
        self._own_stream = own_stream
        self._connection_id = connection_id

    def run(
        self,
        name: str,
        call_id: str,
        parameters: Mapping[str, Any],
        *,
        command_id: str,
        requested_by: str,
        reason: str | None = None,
        request_url: str | None = None,
    ) -> CommandResult:
        """Send one command. CommandError before anything is written, CallNotFoundError before anything is sent.

        `reason` says why, for commands that no person asked for: in the log, and beside a switch that was stopped.
        `request_url` is the address that the browser used; a stream goes there where PUBLIC_URL is not set.
        """
        client = self._ready()
        parameters = self._own_stream.filled(name, call_id, parameters, request_url=request_url)
        command = build(name, call_id, parameters, command_id=command_id)
        switch, on = SWITCHED.get(name, (None, False))
        pressed = self._store.start_command(
            StartCommand(
                command_id=command_id,
                call_id=call_id,
                name=name,
                requested_by=requested_by,
                at=datetime.now(UTC),
                parameters=command.public_body(),
                switch=switch,
                on=on,
                because=reason,
            )
        )
        if not pressed.should_send:
            return _repeated(pressed.command)
        return self._send(client, command, call_id, reason)

    def dial(
        self, parameters: Mapping[str, Any], *, command_id: str, requested_by: str
    ) -> tuple[CommandResult, str | None]:
        """Place a call; its id too, once it has one. The same `command_id` again places no second one."""
        client = self._ready()
        command = build("dial", None, self.dial_parameters(parameters), command_id=command_id)
        logged = self._store.start_dial(
            StartDial(
                command_id=command_id,
                name="dial",
                requested_by=requested_by,
                at=datetime.now(UTC),
                parameters=command.public_body(),
            )
        )
        if not logged.should_send:
            return _repeated(logged.command), logged.command["call_id"]
        settle = _unsettled(command, "")
        try:
            accepted = client.execute(command)
            call = dialled(accepted, command, now=datetime.now(UTC))
        except ProviderError as error:
            settle = _failed(settle, error)
            self._write_down(settle)
            return _result(command, settle, error=error), None
        self._remember(call)
        settle = _succeeded(replace(settle, call_id=call.call_id), accepted)
        self._write_down(settle)
        return _result(command, settle), call.call_id

    def dial_parameters(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """What a dial is sent with: this dashboard's own application, unless another one is given."""
        return {"connection_id": self._connection_id, **parameters}

    def _ready(self) -> TelnyxClient:
        if self._client is None:
            raise NoApiKeyError
        return self._client

    def _send(self, client: TelnyxClient, command: Command, call_id: str, reason: str | None) -> CommandResult:
        settle = replace(_unsettled(command, call_id), reason=reason)
        error: ProviderError | None = None
        try:
            settle = _succeeded(settle, client.execute(command))
        except ProviderError as refused:
            error = refused
            settle = _failed(settle, error)
        outcome = outcome_of(command, error)
        settle = replace(
            settle,
            status="failed" if outcome is Outcome.REFUSED else "accepted",
            has_failed=outcome is Outcome.REFUSED,
            outcome={Outcome.ON: True, Outcome.OFF: False}.get(outcome),
        )
        self._write_down(settle)
        return _result(command, settle, error=error if outcome is Outcome.REFUSED else None)

    def _remember(self, call: CallInitiated) -> None:
        """The call was placed, whatever the store says: its webhooks tell of it once more."""
        try:
            self._store.record_event(event_of_ours(DIALLED, call, received_at=call.occurred_at))
        except StoreBusyError as error:
            log.error("a dialled call could not be stored: %s", error)

    def _write_down(self, settle: FinishCommand) -> None:
        """The command was sent, whatever the store says: a lost note is repaired by the webhook or by giving up."""
        try:
            self._store.finish_command(settle)
        except StoreBusyError as error:
            log.error("the answer to command %s could not be stored: %s", settle.command_id, error)


def _result(command: Command, settle: FinishCommand, *, error: ProviderError | None = None) -> CommandResult:
    return CommandResult(
        command_id=command.command_id,
        name=command.name,
        status=settle.status,
        http_status=settle.http_status,
        attempts=settle.attempts,
        elapsed_ms=settle.elapsed_ms,
        notes=command.notes,
        error=error,
    )


def _repeated(row: Mapping[str, Any]) -> CommandResult:
    """The stored answer of the first command with this id, as far as it is known."""
    return CommandResult(
        command_id=row["command_id"],
        name=row["name"],
        status="accepted" if row["status"] == "sent" else row["status"],
        http_status=row.get("http_status"),
        attempts=row.get("attempts"),
        elapsed_ms=row.get("elapsed_ms"),
        is_new=False,
    )


def _unsettled(command: Command, call_id: str) -> FinishCommand:
    return FinishCommand(
        command_id=command.command_id,
        call_id=call_id,
        at=datetime.now(UTC),
        status="accepted",
        switch=SWITCHED.get(command.name, (None, False))[0],
    )


def _succeeded(settle: FinishCommand, accepted: Accepted) -> FinishCommand:
    return replace(
        settle,
        at=datetime.now(UTC),
        http_status=accepted.status,
        attempts=accepted.attempts,
        elapsed_ms=accepted.elapsed_ms,
    )


def _failed(settle: FinishCommand, error: ProviderError) -> FinishCommand:
    return replace(
        settle,
        at=datetime.now(UTC),
        status="failed",
        http_status=error.status,
        provider_code=error.code,
        attempts=error.attempts,
        elapsed_ms=error.elapsed_ms,
        reason=error.message,
    )
