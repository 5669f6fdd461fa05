"""Runs commands automatically: by rule, at a time limit, at shutdown.

The id of a command is derived from its reason, so that several processes send one command.
"""

from __future__ import annotations

import logging
import uuid
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from threading import Semaphore
from time import monotonic
from typing import Any

from dashboard.calls.automation_rules import Limits, PlannedCommand, Rule, command_to_stop, commands_to_start
from dashboard.calls.call import Call, CallState
from dashboard.calls.changes import CallUpdated, Change
from dashboard.calls.switches import SwitchName, SwitchState
from dashboard.errors import DashboardError
from dashboard.messages import _
from dashboard.services.commands import CommandService
from dashboard.store import Store
from dashboard.telnyx.commands.results import SWITCH_COMMANDS

log = logging.getLogger(__name__)

# A stop that came to nothing is tried once a minute, by whichever process comes first.
RETRY_S = 60

STOP_TASKS = 16
# What a shutdown has for its stops. A PaaS kills 10 s after SIGTERM, and requests and the store come first.
STOP_ALL_TIMEOUT_S = 3.0

NAMESPACE = uuid.UUID("5f1c7a52-8a35-4c53-9f5c-1f6f6ad5b6c1")
COMMAND_BY_SWITCH = {moved: name for name, moved in SWITCH_COMMANDS.items()}
SHUTDOWN_REASON = _("It was stopped because the dashboard shut down.")
RUNNING_STATES = (SwitchState.ON, SwitchState.STARTING)


class Automation:
    """Runs planned commands.

    `parameters_for(command name)` gives the parameters; `spawn` runs a command in the background.
    """

    def __init__(
        self,
        *,
        store: Store,
        commands: CommandService,
        rules: Sequence[Rule],
        limits: Limits,
        parameters_for: Callable[[str], Mapping[str, Any]],
        spawn: Callable[..., Any],
    ) -> None:
        self._store = store
        self._commands = commands
        self._rules = rules
        self._limits = limits
        self._parameters_for = parameters_for
        self._spawn = spawn
        self._has_caught_up = False

    def run_round(self) -> None:
        """Start what was missed while no process ran, then enforce the limits."""
        if not self._has_caught_up:
            self.start_missed()
            self._has_caught_up = True
        self.enforce_limits(now=datetime.now(UTC))

    def on_changes(self, changes: Iterable[Change]) -> None:
        """Start what the rules want after a commit. Never blocks."""
        if not self._rules:
            return
        for change in changes:
            if isinstance(change, CallUpdated) and change.call.state is CallState.ANSWERED:
                for wish in commands_to_start(change.call, self._rules):
                    self._spawn(self.start_planned, wish)

    def start_missed(self) -> None:
        """Start what the rules want on calls that were answered while no process ran."""
        if self._rules:
            for call in self._store.all_running_calls():
                for wish in commands_to_start(call, self._rules):
                    self.start_planned(wish)

    def enforce_limits(self, *, now: datetime) -> None:
        """Stop what has run for too long."""
        if self._limits == Limits():
            return
        transcribed = [call for call in self._store.all_running_calls() if _may_exceed_limits(call, self._limits, now)]
        heard = self._store.last_speech_at([call.call_id for call in transcribed]) if transcribed else {}
        for call in transcribed:
            wish = command_to_stop(call, self._limits, last_speech_at=heard.get(call.call_id), now=now)
            if wish is not None:
                began, turn = call.switches[wish.switch].on_since, int(now.timestamp()) // RETRY_S
                self._spawn(self._execute, wish, f"{wish.call_id} {wish.switch} {began} {turn}")

    def stop_all(self, *, within_s: float = STOP_ALL_TIMEOUT_S) -> None:
        """Stop everything that runs on any call. Stops that do not finish in time are not sent."""
        wishes = deque(
            PlannedCommand(call_id=call.call_id, switch=name, on=False, reason=SHUTDOWN_REASON)
            for call in self._store.all_running_calls()
            for name in SwitchName
            if call.switches[name].state in RUNNING_STATES
        )
        stoppers = min(STOP_TASKS, len(wishes))
        done = Semaphore(0)

        def stop_some() -> None:
            try:
                while wishes:
                    wish = wishes.popleft()
                    self._execute(wish, str(uuid.uuid4()))
            finally:
                done.release()

        deadline = monotonic() + within_s
        for _index in range(stoppers):
            self._spawn(stop_some)
        finished = [done.acquire(timeout=max(0.0, deadline - monotonic())) for _index in range(stoppers)]
        if not all(finished):
            log.error("not everything could be stopped in %.0f s: %d stops were not sent", within_s, len(wishes))
        wishes.clear()

    def start_planned(self, planned: PlannedCommand) -> None:
        """Start a switch once per call, whichever process sees the call first."""
        self._execute(planned, f"{planned.call_id} {planned.switch}")

    def _execute(self, planned: PlannedCommand, idempotency_key: str) -> None:
        name = COMMAND_BY_SWITCH[planned.switch, planned.on]
        try:
            answered = self._commands.execute(
                name,
                planned.call_id,
                self._parameters_for(name) if planned.on else {},
                command_id=str(uuid.uuid5(NAMESPACE, idempotency_key)),
                requested_by="rule",
                reason=planned.reason,
            )
        except DashboardError as error:
            log.warning("%s was not sent: %s", name, error)
            return
        if answered.error is not None:
            log.warning("%s came to nothing: %s", name, answered.error)
        elif answered.is_new:
            log.info("%s: %s", name, planned.reason)


def _may_exceed_limits(call: Call, limits: Limits, now: datetime) -> bool:
    """Whether a limit may be reached, which saves a query for the last words."""
    since = call.switches[SwitchName.TRANSCRIPTION].on_since
    durations = [limit for limit in (limits.max_duration, limits.max_silence) if limit is not None]
    return since is not None and now - since >= min(durations)
