"""Presses buttons nobody pressed: starts what the rules say, stops what has run for too long, stops all when asked.

It decides nothing itself: `calls.policy` does. The id of a command is made of the reason for it, so that several
processes that see the same reason still send one command.
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

from dashboard.calls.automation_rules import Guard, Rule, Wish, to_start, to_stop
from dashboard.calls.call import Call, CallState
from dashboard.calls.changes import CallUpdated, Change
from dashboard.calls.switches import SwitchName, SwitchState
from dashboard.errors import DashboardError
from dashboard.messages import _
from dashboard.services.commands import Controls
from dashboard.store import Store
from dashboard.telnyx.commands.results import SWITCHED

log = logging.getLogger(__name__)

AGAIN_S = 60
"""A stop that came to nothing is tried once a minute, by whichever process comes first."""

STOPPERS = 16
STOP_ALL_S = 3.0
"""What a shutdown has for its stops. A PaaS kills 10 s after SIGTERM, and requests and the store come first."""

NAMESPACE = uuid.UUID("5f1c7a52-8a35-4c53-9f5c-1f6f6ad5b6c1")
COMMANDS = {moved: name for name, moved in SWITCHED.items()}
SHUT_DOWN = _("It was stopped because the dashboard shut down.")
RUNS = (SwitchState.ON, SwitchState.STARTING)


class Steward:
    """`parameters(command name)` gives what to send; `spawn` runs a press beside everything else."""

    def __init__(
        self,
        *,
        store: Store,
        controls: Controls,
        rules: Sequence[Rule],
        guard: Guard,
        parameters: Callable[[str], Mapping[str, Any]],
        spawn: Callable[..., Any],
    ) -> None:
        self._store = store
        self._controls = controls
        self._rules = rules
        self._guard = guard
        self._parameters = parameters
        self._spawn = spawn
        self._has_caught_up = False

    def run(self) -> None:
        """One round: what was missed while no process ran, then the time limits."""
        if not self._has_caught_up:
            self.catch_up()
            self._has_caught_up = True
        self.look(now=datetime.now(UTC))

    def follow(self, changes: Iterable[Change]) -> None:
        """See what was just stored. Never blocks: presses run on their own."""
        if not self._rules:
            return
        for change in changes:
            if isinstance(change, CallUpdated) and change.call.state is CallState.ANSWERED:
                for wish in to_start(change.call, self._rules):
                    self._spawn(self.start, wish)

    def catch_up(self) -> None:
        """Start what the rules wanted of calls that were answered while nobody was here to press."""
        if self._rules:
            for call in self._store.all_running_calls():
                for wish in to_start(call, self._rules):
                    self.start(wish)

    def look(self, *, now: datetime) -> None:
        """Stop what has run for too long."""
        if self._guard == Guard():
            return
        transcribed = [call for call in self._store.all_running_calls() if _may_be_too_long(call, self._guard, now)]
        heard = self._store.last_speech_at([call.call_id for call in transcribed]) if transcribed else {}
        for call in transcribed:
            wish = to_stop(call, self._guard, last_words_at=heard.get(call.call_id), now=now)
            if wish is not None:
                began, turn = call.switches[wish.switch].on_since, int(now.timestamp()) // AGAIN_S
                self._spawn(self._press, wish, f"{wish.call_id} {wish.switch} {began} {turn}")

    def stop_all(self, *, within_s: float = STOP_ALL_S) -> None:
        """Stop everything that runs on any call: asked for at shutdown. What is not done in time is left running."""
        wishes = deque(
            Wish(call_id=call.call_id, switch=name, on=False, reason=SHUT_DOWN)
            for call in self._store.all_running_calls()
            for name in SwitchName
            if call.switches[name].state in RUNS
        )
        stoppers = min(STOPPERS, len(wishes))
        done = Semaphore(0)

        def stop_some() -> None:
            try:
                while wishes:
                    wish = wishes.popleft()
                    self._press(wish, str(uuid.uuid4()))
            finally:
                done.release()

        deadline = monotonic() + within_s
        for _index in range(stoppers):
            self._spawn(stop_some)
        finished = [done.acquire(timeout=max(0.0, deadline - monotonic())) for _index in range(stoppers)]
        if not all(finished):
            log.error("not everything could be stopped in %.0f s: %d stops were not sent", within_s, len(wishes))
        wishes.clear()

    def start(self, wish: Wish) -> None:
        """A rule starts a switch of a call once, whoever sees the call first."""
        self._press(wish, f"{wish.call_id} {wish.switch}")

    def _press(self, wish: Wish, occasion: str) -> None:
        name = COMMANDS[wish.switch, wish.on]
        try:
            answered = self._controls.run(
                name,
                wish.call_id,
                self._parameters(name) if wish.on else {},
                command_id=str(uuid.uuid5(NAMESPACE, occasion)),
                requested_by="rule",
                reason=wish.reason,
            )
        except DashboardError as error:
            log.warning("%s was not sent: %s", name, error)
            return
        if answered.error is not None:
            log.warning("%s came to nothing: %s", name, answered.error)
        elif answered.is_new:
            log.info("%s: %s", name, wish.reason)


def _may_be_too_long(call: Call, guard: Guard, now: datetime) -> bool:
    """Whether transcription has run long enough for anything: spares the question when words last came."""
    since = call.switches[SwitchName.TRANSCRIPTION].on_since
    limits = [limit for limit in (guard.most, guard.silence) if limit is not None]
    return since is not None and now - since >= min(limits)
