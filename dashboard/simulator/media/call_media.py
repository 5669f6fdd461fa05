"""What is copied of a call's sound: at most one stream or one fork, and the webhooks that tell of it."""

from __future__ import annotations

from typing import Any, Protocol

from ..context import World
from ..webhooks import payloads
from ..webhooks.delivery import Webhook
from .sinks import Fork, Speaking
from .stream_session import Outcomes, Streaming, StreamRequest


class Source(payloads.Leg, Protocol):
    """The call whose sound is copied."""

    def emit(self, event_type: str, payload: dict[str, Any]) -> Webhook: ...


class Copies:
    """The stream and the fork of one call. Every method takes the lock of the world itself."""

    def __init__(self, world: World, source: Source, speaking: Speaking) -> None:
        self.stream: Streaming | None = None
        self.fork: Fork | None = None
        self._world = world
        self._source = source
        self._speaking = speaking

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
        outcomes = Outcomes(opened=self._opened, failed=self._failed, closed=self._closed)
        with self._world.changed:
            self.stream = Streaming(self._world, request, about=about, speaking=self._speaking, outcomes=outcomes)
            self.stream.open()

    def stop_streaming(self) -> None:
        with self._world.changed:
            if self.stream is not None:
                self.stream.stop()
                self._closed()

    def start_fork(self, rx: tuple[str, int], tx: tuple[str, int]) -> None:
        with self._world.changed:
            self.fork = Fork(rx, tx, self._speaking)
            # A fork has no other side that could leave, so it never breaks by itself.
            self._world.pacer.add(self.fork, lambda: None)
            self._source.emit("call.fork.started", payloads.fork(self._source))

    def stop_fork(self) -> None:
        with self._world.changed:
            if self.fork is not None:
                self._world.pacer.remove(self.fork)
                self.fork = None
                self._source.emit("call.fork.stopped", payloads.fork(self._source))

    def stop(self) -> None:
        self.stop_streaming()
        self.stop_fork()

    def press(self, digit: str, occurred_at: str) -> None:
        with self._world.changed:
            if self.stream is not None:
                self.stream.press(digit, occurred_at)

    def _opened(self) -> None:
        if self.stream is not None:
            self._source.emit("streaming.started", payloads.streaming(self._source, self.stream.request.url))

    def _failed(self) -> None:
        if (stream := self.stream) is not None:
            self.stream = None
            failure = payloads.streaming_failed(
                self._source, stream_id=stream.stream_id, stream_url=stream.request.url, track=stream.request.track
            )
            self._source.emit("streaming.failed", failure)

    def _closed(self) -> None:
        if (stream := self.stream) is not None:
            self.stream = None
            self._source.emit("streaming.stopped", payloads.streaming(self._source, stream.request.url))
