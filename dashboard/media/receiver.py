"""Where Telnyx streams the sound of calls to: a raw WebSocket on which Telnyx is the client.

The sound is measured and forgotten. Nothing in the loop waits for a database, writes a log or keeps a frame.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from time import monotonic, sleep
from typing import Any, NoReturn

from dashboard.errors import DashboardError, PayloadError
from dashboard.media.meter import StreamMeasured, StreamMeter
from dashboard.media.registry import OpenStreams
from dashboard.media.tokens import Tokens
from dashboard.media.websocket import Closed, Code, NoHandshake, WebSocket, accept
from dashboard.telnyx.media_frames import Dtmf, Frame, Media, Started, Stopped, parse

log = logging.getLogger(__name__)

PATH = "/media/telnyx"
TOKEN_HEADER = "x-telnyx-streaming-auth-token"
"""The raw token, without a scheme (Telnyx docs, "Media Streaming over WebSockets", authentication)."""

IDLE_S = 1.0
"""After so long without a frame the levels are taken back."""

PING_AFTER_S = 20
GONE_AFTER_S = 45
START_WITHIN_S = 10
UNREADABLE_LIMIT = 100
REST_PER_STREAM_S = 0.0005
LONGEST_REST_S = 0.05
"""With 100 streams 50 ms, which their jitter then shows. Without the rest webhooks waited four times as long."""

Publish = Callable[[Sequence[StreamMeasured]], None]


class StreamRefused(Exception):
    """A connection is not taken. `status` is the HTTP status to answer with."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


class Receiver:
    """Judges who connects, and listens to whoever may."""

    def __init__(
        self, *, tokens: Tokens, is_known: Callable[[str], bool], publish: Publish, streams: OpenStreams
    ) -> None:
        self.tokens = tokens
        self.is_known = is_known
        self.publish = publish
        self.streams = streams

    def receive(self, environ: Mapping[str, Any], token: str) -> str:
        """Serve a WSGI request until its stream is over; returns the kind of server. Raises StreamRefused."""
        call_id = self.tokens.redeem(token)
        if call_id is None:
            log.warning("media stream refused: %s", "its token is not valid" if token else "it brings no token")
            raise StreamRefused(403, "not allowed")
        if not self.streams.enter():
            log.error("media stream refused: %d are open", self.streams.count)
            raise StreamRefused(503, "too many streams")
        stream = _Stream(self, call_id)
        try:
            websocket = accept(environ, idle_s=IDLE_S)
            try:
                stream.listen(websocket)
            finally:
                websocket.release()
        except NoHandshake:
            raise StreamRefused(400, "not a WebSocket") from None
        finally:
            self.streams.leave(call_id, stream)
        if stream.has_ended:
            self.tokens.spend(token)
        return websocket.mode


class _Stream:
    """One connection, from the handshake to its end."""

    def __init__(self, receiver: Receiver, call_id: str) -> None:
        self.has_ended = False
        self._receiver = receiver
        self._call_id = call_id
        self._websocket: WebSocket | None = None
        self._meter: StreamMeter | None = None
        self._replaced = False
        self._unreadable = 0

    def listen(self, websocket: WebSocket) -> None:
        self._websocket = websocket
        try:
            self._listen(websocket)
            websocket.close(Code.NORMAL)
        except Closed:
            pass
        self._tell_the_end()

    def _listen(self, websocket: WebSocket) -> None:
        began_s = heard_s = pinged_s = monotonic()
        while not self.has_ended:
            messages = websocket.read()
            now_s = monotonic()
            if messages is not None:
                heard_s = pinged_s = now_s
                for text in messages:
                    self._take(text, now_s)
            elif now_s - heard_s > GONE_AFTER_S:
                self._end(Code.GOING_AWAY)
            elif now_s - pinged_s > PING_AFTER_S:
                pinged_s = now_s
                websocket.ping()
            if self._meter is None and now_s - began_s > START_WITHIN_S:
                self._end(Code.POLICY)
            if self._meter is not None and (measured := self._meter.due(now_s)) is not None:
                self._receiver.publish([measured])
            # A green thread whose socket always has more to read would never let others run. And the more streams there
            # are, the more frames each reading should take along: waking up costs more than a frame.
            sleep(min(LONGEST_REST_S, REST_PER_STREAM_S * self._receiver.streams.count))

    def replace(self) -> None:
        """Make way for a newer stream of the same call. A normal close: any other might bring the sender back."""
        self._replaced = True
        if self._websocket is not None:
            self._websocket.close(Code.NORMAL)

    def _take(self, text: str, now_s: float) -> None:
        try:
            frame = parse(text)
        except PayloadError:
            self._unreadable += 1
            if self._unreadable > UNREADABLE_LIMIT:
                self._end(Code.NOT_TEXT)
            return
        if type(frame) is not Media:
            self._follow(frame)
        elif self._meter is not None:
            self._meter.hear(
                frame.track, frame.payload, number=frame.chunk, timestamp_ms=frame.timestamp_ms, at_s=now_s
            )

    def _follow(self, frame: Frame) -> None:
        match frame:
            case Started():
                if self._meter is None:
                    self._start(frame)
            case Dtmf():
                if self._meter is not None:
                    self._meter.press(frame.digit, frame.occurred_at or datetime.now(UTC))
            case Stopped():
                self.has_ended = True
            case _:
                # Marks and errors answer what we send, and we send nothing.
                return

    def _start(self, started: Started) -> None:
        if started.call_id != self._call_id:
            log.warning("media stream closed: its token is for another call")
            self._end(Code.POLICY)
        try:
            known = self._receiver.is_known(started.call_id)
        except DashboardError as error:
            log.error("media stream closed: it cannot be told whether its call is known: %s", error)
            self._end(Code.TRY_LATER)
        if not known:
            log.warning("media stream closed: nobody has told us of its call")
            self._end(Code.POLICY)
        self._meter = StreamMeter(
            call_id=started.call_id,
            stream_id=started.stream_id,
            codec=started.encoding,
            sample_rate_hz=started.sample_rate_hz,
        )
        self._receiver.streams.claim(started.call_id, self)
        log.info("media stream %s begins: %s, %s Hz", started.stream_id, started.encoding, started.sample_rate_hz)

    def _end(self, code: Code) -> NoReturn:
        """Close for a reason that the other side should read."""
        assert self._websocket is not None
        self._websocket.close(code)
        raise Closed

    def _tell_the_end(self) -> None:
        """Numbers without levels. A newer stream of the call speaks for itself."""
        if self._meter is None:
            return
        now_s = monotonic()
        self._meter.snapshot(now_s)
        if not self._replaced:
            self._receiver.publish([self._meter.snapshot(now_s)])
        log.info("media stream ended%s, %d frames unreadable", ", replaced" if self._replaced else "", self._unreadable)
