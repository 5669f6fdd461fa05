"""The WebSocket server that Telnyx streams the media of calls to.

Sound is measured and dropped. The reading loop waits for no database, writes no log and keeps no frame.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from time import monotonic, sleep
from typing import Any, NoReturn

from dashboard.errors import DashboardError, PayloadError
from dashboard.media.meter import StreamLevels, StreamMeter
from dashboard.media.registry import StreamRegistry
from dashboard.media.tokens import StreamTokens
from dashboard.media.websocket import CloseCode, ConnectionClosed, HandshakeError, WebSocket, accept_websocket
from dashboard.telnyx.media_frames import Dtmf, Frame, Media, StreamStarted, StreamStopped, parse_frame

log = logging.getLogger(__name__)

PATH = "/media/telnyx"
# The raw token, without a scheme (Telnyx docs, "Media Streaming over WebSockets", authentication).
TOKEN_HEADER = "x-telnyx-streaming-auth-token"

# After so long without a frame the levels are taken back.
IDLE_S = 1.0

PING_AFTER_S = 20
DEAD_AFTER_S = 45
START_WITHIN_S = 10
MAX_UNREADABLE_FRAMES = 100
PAUSE_PER_STREAM_S = 0.0005
# With 100 streams 50 ms, which their jitter then shows. Without the rest webhooks waited four times as long.
MAX_PAUSE_S = 0.05

Publish = Callable[[Sequence[StreamLevels]], None]


class StreamRejected(Exception):
    """A connection is not taken. `status` is the HTTP status to answer with."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


class MediaReceiver:
    """Checks the token of a stream, then reads the stream to its end."""

    def __init__(
        self, *, tokens: StreamTokens, is_known: Callable[[str], bool], publish: Publish, streams: StreamRegistry
    ) -> None:
        self.tokens = tokens
        self.is_known = is_known
        self.publish = publish
        self.streams = streams

    def serve_stream(self, environ: Mapping[str, Any], token: str) -> str:
        """Serve a WSGI request until its stream ends; returns the kind of server. Raises StreamRejected."""
        call_id = self.tokens.verify(token)
        if call_id is None:
            log.warning("media stream refused: %s", "its token is not valid" if token else "it brings no token")
            raise StreamRejected(403, "not allowed")
        if not self.streams.acquire():
            log.error("media stream refused: %d are open", self.streams.count)
            raise StreamRejected(503, "too many streams")
        stream = _Stream(self, call_id)
        try:
            websocket = accept_websocket(environ, idle_s=IDLE_S)
            try:
                stream.run(websocket)
            finally:
                websocket.release()
        except HandshakeError:
            raise StreamRejected(400, "not a WebSocket") from None
        finally:
            self.streams.release(call_id, stream)
        if stream.has_ended:
            self.tokens.revoke(token)
        return websocket.mode


class _Stream:
    """One connection, from the handshake to its end."""

    def __init__(self, receiver: MediaReceiver, call_id: str) -> None:
        self.has_ended = False
        self._receiver = receiver
        self._call_id = call_id
        self._websocket: WebSocket | None = None
        self._meter: StreamMeter | None = None
        self._replaced = False
        self._unreadable = 0

    def run(self, websocket: WebSocket) -> None:
        self._websocket = websocket
        try:
            self._read_until_end(websocket)
            websocket.close(CloseCode.NORMAL)
        except ConnectionClosed:
            pass
        self._publish_final()

    def _read_until_end(self, websocket: WebSocket) -> None:
        began_s = heard_s = pinged_s = monotonic()
        while not self.has_ended:
            messages = websocket.read_messages()
            now_s = monotonic()
            if messages is not None:
                heard_s = pinged_s = now_s
                for text in messages:
                    self._handle_message(text, now_s)
            elif now_s - heard_s > DEAD_AFTER_S:
                self._close_with(CloseCode.GOING_AWAY)
            elif now_s - pinged_s > PING_AFTER_S:
                pinged_s = now_s
                websocket.send_ping()
            if self._meter is None and now_s - began_s > START_WITHIN_S:
                self._close_with(CloseCode.POLICY)
            if self._meter is not None and (measured := self._meter.snapshot_if_due(now_s)) is not None:
                self._receiver.publish([measured])
            # A green thread whose socket always has more to read would never let others run. And the more streams there
            # are, the more frames each reading should take along: waking up costs more than a frame.
            sleep(min(MAX_PAUSE_S, PAUSE_PER_STREAM_S * self._receiver.streams.count))

    def make_way(self) -> None:
        """Make way for a newer stream of the same call. A normal close: any other might bring the sender back."""
        self._replaced = True
        if self._websocket is not None:
            self._websocket.close(CloseCode.NORMAL)

    def _handle_message(self, text: str, now_s: float) -> None:
        try:
            frame = parse_frame(text)
        except PayloadError:
            self._unreadable += 1
            if self._unreadable > MAX_UNREADABLE_FRAMES:
                self._close_with(CloseCode.NOT_TEXT)
            return
        if type(frame) is not Media:
            self._handle_control(frame)
        elif self._meter is not None:
            self._meter.add_frame(
                frame.track, frame.payload, number=frame.chunk, timestamp_ms=frame.timestamp_ms, at_s=now_s
            )

    def _handle_control(self, frame: Frame) -> None:
        match frame:
            case StreamStarted():
                if self._meter is None:
                    self._begin_call(frame)
            case Dtmf():
                if self._meter is not None:
                    self._meter.add_digit(frame.digit, frame.occurred_at or datetime.now(UTC))
            case StreamStopped():
                self.has_ended = True
            case _:
                # Marks and errors answer what we send, and we send nothing.
                return

    def _begin_call(self, started: StreamStarted) -> None:
        if started.call_id != self._call_id:
            log.warning("media stream closed: its token is for another call")
            self._close_with(CloseCode.POLICY)
        try:
            known = self._receiver.is_known(started.call_id)
        except DashboardError as error:
            log.error("media stream closed: it cannot be told whether its call is known: %s", error)
            self._close_with(CloseCode.TRY_LATER)
        if not known:
            log.warning("media stream rejected: reason=unknown_call")
            self._close_with(CloseCode.POLICY)
        self._meter = StreamMeter(
            call_id=started.call_id,
            stream_id=started.stream_id,
            codec=started.encoding,
            sample_rate_hz=started.sample_rate_hz,
        )
        self._receiver.streams.assign(started.call_id, self)
        log.info("media stream %s begins: %s, %s Hz", started.stream_id, started.encoding, started.sample_rate_hz)

    def _close_with(self, code: CloseCode) -> NoReturn:
        """Close for a reason that the other side should read."""
        assert self._websocket is not None
        self._websocket.close(code)
        raise ConnectionClosed

    def _publish_final(self) -> None:
        """Numbers without levels. A newer stream of the call speaks for itself."""
        if self._meter is None:
            return
        now_s = monotonic()
        self._meter.take_snapshot(now_s)
        if not self._replaced:
            self._receiver.publish([self._meter.take_snapshot(now_s)])
        log.info("media stream ended%s, %d frames unreadable", ", replaced" if self._replaced else "", self._unreadable)
