"""One simulated call: it rings, is answered, talks and hangs up, and every change becomes a webhook.

Says what happens; whether a command is allowed at all is decided in `commands.py`.
"""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable
from typing import Any

from .call_plan import CallPlan
from .context import World
from .ids import iso, new_call_control_id, new_event_id, new_leg_id, shortened
from .media.call_media import Copies
from .media.stream_session import Streaming
from .rest.engines import Recognition
from .speech.playback import Speech
from .speech.script import Heard
from .webhooks import payloads
from .webhooks.delivery import Webhook, new_webhook

# The provider ignores a second command with the same command_id within this time.
_COMMAND_MEMORY_S = 60.0


class SimCall:
    """A call leg. Reading its state is safe from any thread; `wait_until` waits for one."""

    def __init__(self, world: World, plan: CallPlan, rng: random.Random) -> None:
        self.call_control_id = new_call_control_id()
        self.call_leg_id = new_leg_id()
        self.call_session_id = new_leg_id()
        self.connection_id = world.application.connection_id
        self.client_state = plan.client_state
        self.direction = plan.direction
        self.from_number = plan.from_number
        self.to_number = plan.to_number
        self.webhook_url = plan.webhook_url
        self.plan = plan
        self.started_at = time.time()
        self.answered_at: float | None = None
        self.ended_at: float | None = None
        self.hangup_cause: str | None = None
        self.recognition: Recognition | None = None
        self._world = world
        self._rng = rng
        self._speech = Speech(plan.performance, speed=world.speed, start_at_s=plan.start_at_s)
        self.copies = Copies(world, self, self._speech.speaking)
        self._listening_since_s = -math.inf
        self._last_event_at = 0.0
        self._commands: dict[str, float] = {}

    @property
    def alive(self) -> bool:
        return self.ended_at is None

    @property
    def answered(self) -> bool:
        return self.answered_at is not None

    @property
    def transcribing(self) -> bool:
        return self.recognition is not None

    @property
    def stream(self) -> Streaming | None:
        """The media stream, opening or open."""
        return self.copies.stream

    @property
    def streaming(self) -> bool:
        """The media socket is open."""
        return self.stream is not None and self.stream.is_open

    @property
    def forking(self) -> bool:
        return self.copies.fork is not None

    @property
    def duration_s(self) -> int:
        return int((self.ended_at or time.time()) - self.started_at)

    def wait_until(self, predicate: Callable[[SimCall], bool], timeout: float = 5.0) -> bool:
        """Wait for a state of this call; False if it did not come in time."""
        with self._world.changed:
            return self._world.changed.wait_for(lambda: predicate(self), timeout)

    def emit(self, event_type: str, payload: dict[str, Any]) -> Webhook:
        """Send a webhook of this call, stamped now. No two events of a call happen in the same microsecond."""
        with self._world.changed:
            self._last_event_at = max(time.time(), self._last_event_at + 2e-6)
            webhook = new_webhook(
                id=new_event_id(),
                event_type=event_type,
                occurred_at=iso(self._last_event_at),
                payload=payload,
                call_control_id=self.call_control_id,
                url=self.webhook_url or self._world.application.webhook_url,
            )
            self._world.deliveries.send(webhook)
            self._world.changed.notify_all()
            return webhook

    def first_time(self, command_id: str | None) -> bool:
        """Whether this command is new to the call; it is remembered for as long as the provider does."""
        if command_id is None:
            return True
        now = time.monotonic()
        self._commands = {known: at for known, at in self._commands.items() if now - at < _COMMAND_MEMORY_S}
        return command_id not in self._commands

    def remember(self, command_id: str | None) -> None:
        if command_id is not None:
            self._commands[command_id] = time.monotonic()

    # What happens. Every method below takes the lock itself, so a test or a timer may call it at any time.

    def ring(self) -> None:
        with self._world.changed:
            self._world.log(f"call {shortened(self.from_number)} -> {shortened(self.to_number)} rings")
            self.emit("call.initiated", payloads.initiated(self))
            answer_after_s = self.plan.answer_after_s
            if answer_after_s is not None and answer_after_s <= self.plan.ring_timeout_s:
                self._world.timeline.after(answer_after_s, self.answer)
            else:
                self._world.timeline.after(self.plan.ring_timeout_s, self._give_up)

    def answer(self) -> None:
        with self._world.changed:
            if not self.alive or self.answered:
                return
            self.answered_at = time.time()
            self._world.log(f"call {shortened(self.from_number)} is answered")
            self._speech.begin()
            if self.plan.transcription is not None and self.recognition is None:
                self.recognition = self.plan.transcription
            self.emit("call.answered", payloads.answered(self))
            if self.plan.stream is not None:
                self.copies.start_streaming(self.plan.stream)
            if self.plan.extras:
                self._plan_extras()
            if self.plan.paced:
                self._plan_next_word()

    def hang_up(self, cause: str = "normal_clearing", source: str = "caller", sip: str = "200") -> None:
        with self._world.changed:
            if not self.alive:
                return
            self.recognition = None
            self.copies.stop()
            self.ended_at = time.time()
            self.hangup_cause = cause
            talked_s = self.ended_at - self.answered_at if self.answered_at is not None else 0.0
            ending = payloads.hangup(
                self, cause=cause, source=source, sip=sip, ended_at=self.ended_at, talked_s=talked_s
            )
            self.emit("call.hangup", ending)
            if self.plan.extras and self.answered:
                self.emit("call.cost", payloads.cost(self, talked_s=talked_s, ended_at=self.ended_at))
            self._world.log(f"call {shortened(self.from_number)} ended after {self.duration_s} s: {cause}")
            self._world.changed.notify_all()

    def start_transcription(self, recognition: Recognition) -> None:
        with self._world.changed:
            self.recognition = recognition
            self._listening_since_s = self._speech.position_s() if self.plan.paced else -math.inf
            self._world.changed.notify_all()

    def stop_transcription(self) -> None:
        with self._world.changed:
            self.recognition = None
            self._world.changed.notify_all()

    def press(self, digit: str) -> None:
        """The far end presses a key: a webhook, and a frame on the stream if there is one."""
        with self._world.changed:
            if self.alive:
                webhook = self.emit("call.dtmf.received", payloads.dtmf(self, digit))
                self.copies.press(digit, webhook.event["occurred_at"])

    def say_next(self) -> bool:
        """Say the next word at once, from the beginning again after the last; True if a webhook came of it."""
        with self._world.changed:
            if (heard := self._speech.upcoming()) is None:
                self._speech.rewind()
                heard = self._speech.performance.heard[0]
            self._speech.advance()
            return self.alive and self._transcribe(heard)

    def _transcribe(self, heard: Heard) -> bool:
        listening = self.recognition
        if listening is None or heard.track not in listening.tracks or not (heard.is_final or listening.interims):
            return False
        text = heard.text_since(self._listening_since_s)
        if not text:
            return False
        told = payloads.transcription(
            self,
            text=text,
            is_final=heard.is_final,
            confidence=heard.confidence if listening.confident else None,
            track=heard.track,
        )
        self.emit("call.transcription", told)
        return True

    def _plan_next_word(self) -> None:
        heard = self._speech.upcoming()
        at_s = heard.at_s if heard is not None else self._speech.performance.duration_s
        self._world.timeline.at(self._speech.moment_of(at_s), self._next_word)

    def _next_word(self) -> None:
        with self._world.changed:
            if not self.alive:
                return
            if (heard := self._speech.upcoming()) is None:
                self.hang_up("normal_clearing", self._rng.choice(("caller", "callee")))
                return
            self._speech.advance()
            self._transcribe(heard)
            self._plan_next_word()

    def _plan_extras(self) -> None:
        length_s = self._speech.performance.duration_s / self._world.speed
        if self._rng.random() < 0.1:
            self._world.timeline.after(0.05 * length_s, self.bridge)
        if self._rng.random() < 0.3:
            digit = self._rng.choice("0123456789*#")
            self._world.timeline.after(self._rng.uniform(0.1, 0.6) * length_s, lambda: self.press(digit))

    def bridge(self) -> None:
        """Say that the call was joined with another one."""
        with self._world.changed:
            if self.alive:
                self.emit("call.bridged", payloads.bridged(self))

    def _give_up(self) -> None:
        with self._world.changed:
            if not self.answered:
                source = "caller" if self.direction == "incoming" else "callee"
                cause, sip = ("originator_cancel", "487") if self.direction == "incoming" else ("timeout", "408")
                self.hang_up(cause, source, sip)
