"""The sound of calls on its way out: WebSocket streams and RTP forks, all paced by one thread.

Knows frames and packets; whether a call may stream at all is decided elsewhere.
Sources: Telnyx docs, "Media Streaming over WebSockets" and "Forking start"; RFC 3550.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import random
import socket
import struct
import threading
import time
from collections.abc import Callable
from typing import Any, Protocol

from . import voice
from .websocket_client import ConnectionClosedError, WebSocketClient

logger = logging.getLogger(__name__)

_FRAME_S = voice.FRAME_MS / 1000
# After a stall (a suspended laptop, a busy machine) this many frames are made up for; the rest never happened.
_MAX_CATCH_UP_FRAMES = 50

IsSpeaking = Callable[[str], bool]


class MediaSink(Protocol):
    """Somewhere sound goes. `tick` sends frame `number`; it raises ClosedError when the receiver is gone."""

    def send_frame(self, number: int) -> None: ...

    def close(self) -> None: ...


class MediaPacer:
    """Ticks every sink every 20 ms by the clock: a late tick is followed by a quick one, so nothing drifts."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._sinks: dict[MediaSink, tuple[float, int, Callable[[], None]]] = {}
        self._closing: list[MediaSink] = []
        self._is_stopping = False
        self._thread = threading.Thread(target=self._pace_sinks, name="simulator-media", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        with self._condition:
            self._is_stopping = True
            self._condition.notify()
        if self._thread.ident is not None:
            self._thread.join()

    def add_sink(self, sink: MediaSink, on_disconnect: Callable[[], None]) -> None:
        """Begin to tick; `on_broken` is called once if the sink breaks by itself."""
        with self._condition:
            self._sinks[sink] = (time.monotonic(), 0, on_disconnect)
            self._condition.notify()

    def remove_sink(self, sink: MediaSink) -> None:
        """End a sink properly (its `finish` runs on the pacer's thread, which alone touches its sockets)."""
        with self._condition:
            if self._sinks.pop(sink, None) is not None:
                self._closing.append(sink)
                self._condition.notify()

    def _pace_sinks(self) -> None:
        due_s = time.monotonic()
        while not self._is_stopping:
            with self._condition:
                while not (self._sinks or self._closing or self._is_stopping):
                    self._condition.wait()
                    due_s = time.monotonic()
                playing, finishing = list(self._sinks.items()), self._closing
                self._closing = []
            for sink in finishing:
                self._close_sink(sink)
            for sink, (began_s, sent, on_broken) in playing:
                self._send_due_frames(sink, began_s, sent, on_broken)
            due_s = max(due_s + _FRAME_S, time.monotonic() - _MAX_CATCH_UP_FRAMES * _FRAME_S)
            time.sleep(max(0.0, due_s - time.monotonic()))
        for sink in [*self._sinks, *self._closing]:
            self._close_sink(sink)

    def _send_due_frames(
        self, sink: MediaSink, started_at: float, sent_count: int, on_disconnect: Callable[[], None]
    ) -> None:
        due = int((time.monotonic() - started_at) / _FRAME_S) + 1
        try:
            for number in range(max(sent_count, due - _MAX_CATCH_UP_FRAMES), due):
                sink.send_frame(number)
        except ConnectionClosedError:
            with self._condition:
                expected = self._sinks.pop(sink, None) is None
            self._close_sink(sink)
            if not expected:
                on_disconnect()
            return
        with self._condition:
            if sink in self._sinks:
                self._sinks[sink] = (started_at, due, on_disconnect)

    def _close_sink(self, sink: MediaSink) -> None:
        try:
            sink.close()
        except OSError:
            logger.warning("A media connection could not be closed properly.")


class MediaStream:
    """One media WebSocket: `connected`, `start`, then frames until `stop`.

    The numbers inside the frames are strings and the id is upper case, as captured.
    """

    def __init__(
        self, socket: WebSocketClient, *, stream_id: str, tracks: tuple[str, ...], start_payload: dict[str, Any],
        stop_payload: dict[str, Any], is_speaking: IsSpeaking,
    ) -> None:  # fmt: skip
        self._socket = socket
        self._stream_id = stream_id
        self._tracks = tracks
        self._start_payload = start_payload
        self._stop_payload = stop_payload
        self._is_speaking = is_speaking
        self._sequence_number = 0
        self._pending_digits: list[tuple[str, str]] = []
        self._has_started = False

    def send_dtmf(self, digit: str, occurred_at: str) -> None:
        """Let the next tick carry a DTMF frame. Safe from any thread."""
        self._pending_digits.append((digit, occurred_at))

    def send_frame(self, number: int) -> None:
        if not self._has_started:
            self._has_started = True
            self._socket.send(json.dumps({"event": "connected", "version": "1.0.0"}))
            self._send_event("start", {"start": self._start_payload})
        while self._pending_digits:
            digit, occurred_at = self._pending_digits.pop(0)
            self._send_event("dtmf", {"occurred_at": occurred_at, "dtmf": {"digit": digit}})
        for track in self._tracks:
            self._sequence_number += 1
            payload = voice.frame_base64(track, number, is_speaking=self._is_speaking(track))
            # Written by hand: at a hundred streams json.dumps alone would fill a processor.
            self._socket.send(
                f'{{"event":"media","sequence_number":"{self._sequence_number}","stream_id":"{self._stream_id}","media":'
                f'{{"track":"{track}","chunk":"{number + 1}","timestamp":"{number * voice.FRAME_MS}",'
                f'"payload":"{payload}"}}}}'
            )
        for message in self._socket.receive():
            self._handle_message(message)

    def close(self) -> None:
        with contextlib.suppress(ConnectionClosedError):  # the other side may have left before the goodbye
            if self._has_started:
                self._send_event("stop", {"stop": self._stop_payload})
        self._socket.close()

    def _send_event(self, event: str, fields: dict[str, Any]) -> None:
        self._sequence_number += 1
        frame = {"event": event, "sequence_number": str(self._sequence_number), "stream_id": self._stream_id} | fields
        self._socket.send(json.dumps(frame, ensure_ascii=False))

    def _handle_message(self, message: str) -> None:
        try:
            frame = json.loads(message)
            event = frame["event"]
            name = frame["mark"]["name"] if event == "mark" else None
        except (ValueError, TypeError, KeyError):
            problem = {"code": 100003, "title": "malformed_frame", "detail": "the frame could not be parsed"}
            self._socket.send(json.dumps({"event": "error", "stream_id": self._stream_id, "payload": problem}))
            return
        if name is not None:
            # Nothing is ever played here, so every mark is reached at once.
            self._send_event("mark", {"mark": {"name": name}})


class RtpFork:
    """Two RTP flows over UDP: `rx` carries what the provider receives from the leg, `tx` what it sends."""

    def __init__(self, rx: tuple[str, int], tx: tuple[str, int], is_speaking: IsSpeaking) -> None:
        self._flows = [_RtpFlow("inbound", rx), _RtpFlow("outbound", tx)]
        self._is_speaking = is_speaking

    def send_frame(self, number: int) -> None:
        for flow in self._flows:
            flow.send_packet(number, self._is_speaking(flow.track))

    def close(self) -> None:
        for flow in self._flows:
            flow.socket.close()


class _RtpFlow:
    def __init__(self, track: str, address: tuple[str, int]) -> None:
        self.track = track
        self.socket = socket.socket(socket.AF_INET6 if ":" in address[0] else socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setblocking(False)
        self._address = address
        self._ssrc = int.from_bytes(os.urandom(4), "big")
        self._sequence = random.randrange(1 << 16)
        self._timestamp = random.randrange(1 << 32)
        self._was_speaking = False

    def send_packet(self, number: int, is_speaking: bool) -> None:
        # The marker bit opens a talkspurt (RFC 3551, section 4.1); payload type 0 is PCMU.
        marker = 0x80 if is_speaking and not self._was_speaking else 0
        self._was_speaking = is_speaking
        header = struct.pack(
            "!BBHII", 0x80, marker, (self._sequence + number) & 0xFFFF,
            (self._timestamp + number * voice.FRAME_SAMPLES) & 0xFFFFFFFF, self._ssrc,
        )  # fmt: skip
        # UDP promises nothing: a full buffer or an absent listener loses this packet and no other.
        with contextlib.suppress(OSError):
            self.socket.sendto(header + voice.frame_bytes(self.track, number, is_speaking=is_speaking), self._address)
