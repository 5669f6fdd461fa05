"""What is copied of a call's sound: at most one stream or one fork, and the webhooks that tell of it."""

from __future__ import annotations

from typing import Any, Protocol

from ..context import SimulationContext
from ..webhooks import payloads
from ..webhooks.delivery import Webhook
from .sinks import IsSpeaking, RtpFork
from .stream_session import StreamCallbacks, StreamRequest, StreamSession


class MediaSource(payloads.Leg, Protocol):
    """The call whose sound is copied."""

    def emit_webhook(self, event_type: str, payload: dict[str, Any]) -> Webhook: ...


class CallMedia:
    """The stream and the fork of one call. Every method takes the lock of the world itself."""

    def __init__(self, context: SimulationContext, source: MediaSource, is_speaking: IsSpeaking) -> None:
        self.stream_session: StreamSession | None = None
        self.fork: RtpFork | None = None
        self._context = context
        self._source = source
        self._is_speaking = is_speaking

    def start_streaming(self, request: StreamRequest) -> None:
        source = self._source
        about: dict[str, Any] = {
            "call_control_id": source.call_control_id,
            "call_session_id": source.call_session_id,
            "from": source.from_number,
            "to": source.to_number,
        }
        if source.client_state is not None:
            about["client_state"] = source.client_state
        outcomes = StreamCallbacks(on_opened=self._on_opened, on_failed=self._on_failed, on_closed=self._on_closed)
        with self._context.state_changed:
            self.stream_session = StreamSession(
                self._context, request, call_fields=about, is_speaking=self._is_speaking, callbacks=outcomes
            )
            self.stream_session.open()

    def stop_streaming(self) -> None:
        with self._context.state_changed:
            if self.stream_session is not None:
                self.stream_session.stop()
                self._on_closed()

    def start_fork(self, rx: tuple[str, int], tx: tuple[str, int]) -> None:
        with self._context.state_changed:
            self.fork = RtpFork(rx, tx, self._is_speaking)
            # A fork has no other side that could leave, so it never breaks by itself.
            self._context.pacer.add_sink(self.fork, lambda: None)
            self._source.emit_webhook("call.fork.started", payloads.fork_changed(self._source))

    def stop_fork(self) -> None:
        with self._context.state_changed:
            if self.fork is not None:
                self._context.pacer.remove_sink(self.fork)
                self.fork = None
                self._source.emit_webhook("call.fork.stopped", payloads.fork_changed(self._source))

    def stop_all(self) -> None:
        self.stop_streaming()
        self.stop_fork()

    def send_dtmf(self, digit: str, occurred_at: str) -> None:
        with self._context.state_changed:
            if self.stream_session is not None:
                self.stream_session.send_dtmf(digit, occurred_at)

    def _on_opened(self) -> None:
        if self.stream_session is not None:
            self._source.emit_webhook(
                "streaming.started", payloads.streaming_changed(self._source, self.stream_session.request.url)
            )

    def _on_failed(self) -> None:
        if (stream := self.stream_session) is not None:
            self.stream_session = None
            failure = payloads.streaming_failed(
                self._source, stream_id=stream.stream_id, stream_url=stream.request.url, track=stream.request.track
            )
            self._source.emit_webhook("streaming.failed", failure)

    def _on_closed(self) -> None:
        if (stream := self.stream_session) is not None:
            self.stream_session = None
            self._source.emit_webhook("streaming.stopped", payloads.streaming_changed(self._source, stream.request.url))
