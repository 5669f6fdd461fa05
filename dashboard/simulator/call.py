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
from .context import SimulationContext
from .ids import new_call_control_id, new_event_id, new_leg_id, shorten_number, to_iso
from .media.call_media import CallMedia
from .media.stream_session import StreamSession
from .rest.engines import TranscriptionOptions
from .speech.playback import SpeechPlayback
from .speech.script import RecognitionResult
from .webhooks import payloads
from .webhooks.delivery import Webhook, new_webhook

# The provider ignores a second command with the same command_id within this time.
_COMMAND_ID_TTL_S = 60.0


class SimCall:
    """A call leg. Reading its state is safe from any thread; `wait_until` waits for one."""

    def __init__(self, context: SimulationContext, plan: CallPlan, rng: random.Random) -> None:
        self.call_control_id = new_call_control_id()
        self.call_leg_id = new_leg_id()
        self.call_session_id = new_leg_id()
        self.connection_id = context.application.connection_id
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
        self.transcription: TranscriptionOptions | None = None
        self._context = context
        self._rng = rng
        self._playback = SpeechPlayback(plan.spoken_script, speed=context.speed, start_at_s=plan.start_at_s)
        self.media = CallMedia(context, self, self._playback.is_speaking)
        self._transcribing_since_s = -math.inf
        self._last_event_at = 0.0
        self._command_times: dict[str, float] = {}

    @property
    def is_alive(self) -> bool:
        return self.ended_at is None

    @property
    def is_answered(self) -> bool:
        return self.answered_at is not None

    @property
    def is_transcribing(self) -> bool:
        return self.transcription is not None

    @property
    def stream_session(self) -> StreamSession | None:
        """The media stream, opening or open."""
        return self.media.stream_session

    @property
    def is_streaming(self) -> bool:
        """The media socket is open."""
        return self.stream_session is not None and self.stream_session.is_open

    @property
    def is_forking(self) -> bool:
        return self.media.fork is not None

    @property
    def duration_s(self) -> int:
        return int((self.ended_at or time.time()) - self.started_at)

    def wait_until(self, predicate: Callable[[SimCall], bool], timeout: float = 5.0) -> bool:
        """Wait for a state of this call; False if it did not come in time."""
        with self._context.state_changed:
            return self._context.state_changed.wait_for(lambda: predicate(self), timeout)

    def emit_webhook(self, event_type: str, payload: dict[str, Any]) -> Webhook:
        """Send a webhook of this call, stamped now. No two events of a call happen in the same microsecond."""
        with self._context.state_changed:
            self._last_event_at = max(time.time(), self._last_event_at + 2e-6)
            webhook = new_webhook(
                id=new_event_id(),
                event_type=event_type,
                occurred_at=to_iso(self._last_event_at),
                payload=payload,
                call_control_id=self.call_control_id,
                url=self.webhook_url or self._context.application.webhook_url,
            )
            self._context.delivery.send(webhook)
            self._context.state_changed.notify_all()
            return webhook

    def is_new_command(self, command_id: str | None) -> bool:
        """Whether this command is new to the call; it is remembered for as long as the provider does."""
        if command_id is None:
            return True
        now = time.monotonic()
        self._command_times = {known: at for known, at in self._command_times.items() if now - at < _COMMAND_ID_TTL_S}
        return command_id not in self._command_times

    def remember_command(self, command_id: str | None) -> None:
        if command_id is not None:
            self._command_times[command_id] = time.monotonic()

    # What happens. Every method below takes the lock itself, so a test or a timer may call it at any time.

    def ring(self) -> None:
        with self._context.state_changed:
            self._context.log(f"call {shorten_number(self.from_number)} -> {shorten_number(self.to_number)} rings")
            self.emit_webhook("call.initiated", payloads.call_initiated(self))
            answer_after_s = self.plan.answer_after_s
            if answer_after_s is not None and answer_after_s <= self.plan.ring_timeout_s:
                self._context.scheduler.run_after(answer_after_s, self.answer)
            else:
                self._context.scheduler.run_after(self.plan.ring_timeout_s, self._expire_ringing)

    def answer(self) -> None:
        with self._context.state_changed:
            if not self.is_alive or self.is_answered:
                return
            self.answered_at = time.time()
            self._context.log(f"call {shorten_number(self.from_number)} is answered")
            self._playback.start()
            if self.plan.transcription is not None and self.transcription is None:
                self.transcription = self.plan.transcription
            self.emit_webhook("call.answered", payloads.call_answered(self))
            if self.plan.stream_request is not None:
                self.media.start_streaming(self.plan.stream_request)
            if self.plan.has_extras:
                self._schedule_extras()
            if self.plan.is_paced:
                self._schedule_next_result()

    def hang_up(self, cause: str = "normal_clearing", source: str = "caller", sip_code: str = "200") -> None:
        with self._context.state_changed:
            if not self.is_alive:
                return
            self.transcription = None
            self.media.stop_all()
            self.ended_at = time.time()
            self.hangup_cause = cause
            talked_s = self.ended_at - self.answered_at if self.answered_at is not None else 0.0
            ending = payloads.call_hangup(
                self, cause=cause, source=source, sip_code=sip_code, ended_at=self.ended_at, talked_s=talked_s
            )
            self.emit_webhook("call.hangup", ending)
            if self.plan.has_extras and self.is_answered:
                self.emit_webhook("call.cost", payloads.call_cost(self, talked_s=talked_s, ended_at=self.ended_at))
            self._context.log(f"call {shorten_number(self.from_number)} ended after {self.duration_s} s: {cause}")
            self._context.state_changed.notify_all()

    def start_transcription(self, options: TranscriptionOptions) -> None:
        with self._context.state_changed:
            self.transcription = options
            self._transcribing_since_s = self._playback.position_s() if self.plan.is_paced else -math.inf
            self._context.state_changed.notify_all()

    def stop_transcription(self) -> None:
        with self._context.state_changed:
            self.transcription = None
            self._context.state_changed.notify_all()

    def press_key(self, digit: str) -> None:
        """The far end presses a key: a webhook, and a frame on the stream if there is one."""
        with self._context.state_changed:
            if self.is_alive:
                webhook = self.emit_webhook("call.dtmf.received", payloads.dtmf_received(self, digit))
                self.media.send_dtmf(digit, webhook.event["occurred_at"])

    def say_next(self) -> bool:
        """Say the next word at once, from the beginning again after the last; True if a webhook came of it."""
        with self._context.state_changed:
            if (heard := self._playback.next_result()) is None:
                self._playback.rewind()
                heard = self._playback.spoken_script.results[0]
            self._playback.advance()
            return self.is_alive and self._emit_transcription(heard)

    def _emit_transcription(self, result: RecognitionResult) -> bool:
        listening = self.transcription
        if listening is None or result.track not in listening.tracks or not (result.is_final or listening.has_interims):
            return False
        text = result.text_since(self._transcribing_since_s)
        if not text:
            return False
        told = payloads.call_transcription(
            self,
            text=text,
            is_final=result.is_final,
            confidence=result.confidence if listening.has_confidence else None,
            track=result.track,
        )
        self.emit_webhook("call.transcription", told)
        return True

    def _schedule_next_result(self) -> None:
        heard = self._playback.next_result()
        at_s = heard.at_s if heard is not None else self._playback.spoken_script.duration_s
        self._context.scheduler.run_at(self._playback.time_at_position(at_s), self._play_next_result)

    def _play_next_result(self) -> None:
        with self._context.state_changed:
            if not self.is_alive:
                return
            if (heard := self._playback.next_result()) is None:
                self.hang_up("normal_clearing", self._rng.choice(("caller", "callee")))
                return
            self._playback.advance()
            self._emit_transcription(heard)
            self._schedule_next_result()

    def _schedule_extras(self) -> None:
        length_s = self._playback.spoken_script.duration_s / self._context.speed
        if self._rng.random() < 0.1:
            self._context.scheduler.run_after(0.05 * length_s, self.emit_bridged)
        if self._rng.random() < 0.3:
            digit = self._rng.choice("0123456789*#")
            self._context.scheduler.run_after(self._rng.uniform(0.1, 0.6) * length_s, lambda: self.press_key(digit))

    def emit_bridged(self) -> None:
        """Say that the call was joined with another one."""
        with self._context.state_changed:
            if self.is_alive:
                self.emit_webhook("call.bridged", payloads.call_bridged(self))

    def _expire_ringing(self) -> None:
        with self._context.state_changed:
            if not self.is_answered:
                source = "caller" if self.direction == "incoming" else "callee"
                cause, sip = ("originator_cancel", "487") if self.direction == "incoming" else ("timeout", "408")
                self.hang_up(cause, source, sip)
