"""Executes commands: validate, store, send once, store the result. In this order a double press sends one command."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from dashboard.calls.events import CallInitiated
from dashboard.errors import NoApiKeyError, ProviderError, StoreBusyError
from dashboard.media.stream_endpoint import StreamEndpoint
from dashboard.services.reconciliation import synthetic_event
from dashboard.store import FinishCommand, StartCommand, StartDial, Store
from dashboard.telnyx.api.client import CommandAccepted, TelnyxClient
from dashboard.telnyx.commands import Command, build_command
from dashboard.telnyx.commands.results import DIAL_EVENT_TYPE, SWITCH_COMMANDS, Outcome, outcome_of, parse_dial_result

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


class CommandService:
    """Executes commands on calls. Without `client` (no API key) each command raises NoApiKeyError."""

    def __init__(
        self,
        *,
        store: Store,
        client: TelnyxClient | None,
        stream_endpoint: StreamEndpoint,
        connection_id: str | None = None,
    ) -> None:
        self._store = store
        self._client = client
        self._stream_endpoint = stream_endpoint
        self._connection_id = connection_id

    def execute(
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
        client = self._require_client()
        parameters = self._stream_endpoint.with_default_url(name, call_id, parameters, request_url=request_url)
        command = build_command(name, call_id, parameters, command_id=command_id)
        switch, on = SWITCH_COMMANDS.get(name, (None, False))
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
            return _repeated_result(pressed.command)
        return self._send_command(client, command, call_id, reason)

    def dial_number(
        self, parameters: Mapping[str, Any], *, command_id: str, requested_by: str
    ) -> tuple[CommandResult, str | None]:
        """Place a call; its id too, once it has one. The same `command_id` again places no second one."""
        client = self._require_client()
        command = build_command("dial", None, self.dial_parameters(parameters), command_id=command_id)
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
            return _repeated_result(logged.command), logged.command["call_id"]
        settle = _unfinished_command(command, "")
        try:
            accepted = client.execute_command(command)
            call = parse_dial_result(accepted, command, now=datetime.now(UTC))
        except ProviderError as error:
            settle = _with_error(settle, error)
            self._save_result(settle)
            return _build_result(command, settle, error=error), None
        self._record_dialled_call(call)
        settle = _with_answer(replace(settle, call_id=call.call_id), accepted)
        self._save_result(settle)
        return _build_result(command, settle), call.call_id

    def dial_parameters(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """The parameters of a dial, with this dashboard's application as the default."""
        return {"connection_id": self._connection_id, **parameters}

    def _require_client(self) -> TelnyxClient:
        if self._client is None:
            raise NoApiKeyError
        return self._client

    def _send_command(self, client: TelnyxClient, command: Command, call_id: str, reason: str | None) -> CommandResult:
        settle = replace(_unfinished_command(command, call_id), reason=reason)
        error: ProviderError | None = None
        try:
            settle = _with_answer(settle, client.execute_command(command))
        except ProviderError as refused:
            error = refused
            settle = _with_error(settle, error)
        outcome = outcome_of(command, error)
        settle = replace(
            settle,
            status="failed" if outcome is Outcome.REFUSED else "accepted",
            has_failed=outcome is Outcome.REFUSED,
            outcome={Outcome.ON: True, Outcome.OFF: False}.get(outcome),
        )
        self._save_result(settle)
        return _build_result(command, settle, error=error if outcome is Outcome.REFUSED else None)

    def _record_dialled_call(self, call: CallInitiated) -> None:
        """Record the new call. If the store is busy, the call's webhooks record it."""
        try:
            self._store.record_event(synthetic_event(DIAL_EVENT_TYPE, call, received_at=call.occurred_at))
        except StoreBusyError as error:
            log.error("a dialled call could not be stored: %s", error)

    def _save_result(self, settle: FinishCommand) -> None:
        """Store the result. A lost one is repaired by the webhook or by the time-out."""
        try:
            self._store.finish_command(settle)
        except StoreBusyError as error:
            log.error("the answer to command %s could not be stored: %s", settle.command_id, error)


def _build_result(command: Command, settle: FinishCommand, *, error: ProviderError | None = None) -> CommandResult:
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


def _repeated_result(row: Mapping[str, Any]) -> CommandResult:
    """The stored result of the first command with this id."""
    return CommandResult(
        command_id=row["command_id"],
        name=row["name"],
        status="accepted" if row["status"] == "sent" else row["status"],
        http_status=row.get("http_status"),
        attempts=row.get("attempts"),
        elapsed_ms=row.get("elapsed_ms"),
        is_new=False,
    )


def _unfinished_command(command: Command, call_id: str) -> FinishCommand:
    return FinishCommand(
        command_id=command.command_id,
        call_id=call_id,
        at=datetime.now(UTC),
        status="accepted",
        switch=SWITCH_COMMANDS.get(command.name, (None, False))[0],
    )


def _with_answer(settle: FinishCommand, accepted: CommandAccepted) -> FinishCommand:
    return replace(
        settle,
        at=datetime.now(UTC),
        http_status=accepted.status,
        attempts=accepted.attempts,
        elapsed_ms=accepted.elapsed_ms,
    )


def _with_error(settle: FinishCommand, error: ProviderError) -> FinishCommand:
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
