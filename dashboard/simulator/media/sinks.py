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
from .websocket_client import ClosedError, WebSocket

logger = logging.getLogger(__name__)

_FRAME_S = voice.FRAME_MS / 1000
# After a stall (a suspended laptop, a busy machine) this many frames are made up for; the rest never happened.
_MAX_CATCH_UP = 50

Speaking = Callable[[str], bool]


class Sink(Protocol):
    """Somewhere sound goes. `tick` sends frame `number`; it raises ClosedError when nobody is there any more."""

    def tick(self, number: int) -> None: ...

    def finish(self) -> None: ...


class Pacer:
    """Ticks every sink every 20 ms by the clock: a late tick is followed by a quick one, so nothing drifts."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._sinks: dict[Sink, tuple[float, int, Callable[[], None]]] = {}
        self._finishing: list[Sink] = []
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="simulator-media", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        with self._condition:
            self._stopping = True
            self._condition.notify()
        if self._thread.ident is not None:
            self._thread.join()

    def add(self, sink: Sink, on_broken: Callable[[], None]) -> None:
        """Begin to tick; `on_broken` is called once if the sink breaks by itself."""
        with self._condition:
            self._sinks[sink] = (time.monotonic(), 0, on_broken)
            self._condition.notify()

    def remove(self, sink: Sink) -> None:
        """End a sink properly (its `finish` runs on the pacer's thread, which alone touches its sockets)."""
        with self._condition:
            if self._sinks.pop(sink, None) is not None:
                self._finishing.append(sink)
                self._condition.notify()

    def _run(self) -> None:
        due_s = time.monotonic()
        while not self._stopping:
            with self._condition:
                while not (self._sinks or self._finishing or self._stopping):
                    self._condition.wait()
                    due_s = time.monotonic()
                playing, finishing = list(self._sinks.items()), self._finishing
                self._finishing = []
            for sink in finishing:
                self._finish(sink)
            for sink, (began_s, sent, on_broken) in playing:
                self._play(sink, began_s, sent, on_broken)
            due_s = max(due_s + _FRAME_S, time.monotonic() - _MAX_CATCH_UP * _FRAME_S)
            time.sleep(max(0.0, due_s - time.monotonic()))
        for sink in [*self._sinks, *self._finishing]:
            self._finish(sink)

    def _play(self, sink: Sink, began_s: float, sent: int, on_broken: Callable[[], None]) -> None:
        due = int((time.monotonic() - began_s) / _FRAME_S) + 1
        try:
            for number in range(max(sent, due - _MAX_CATCH_UP), due):
                sink.tick(number)
        except ClosedError:
            with self._condition:
                expected = self._sinks.pop(sink, None) is None
            self._finish(sink)
            if not expected:
                on_broken()
            return
        with self._condition:
            if sink in self._sinks:
                self._sinks[sink] = (began_s, due, on_broken)

    def _finish(self, sink: Sink) -> None:
        try:
            sink.finish()
        except OSError:
            logger.warning("A media connection could not be closed properly.")


class Stream:
    """One media WebSocket: `connected`, `start`, then frames until `stop`.

    The numbers inside the frames are strings and the id is upper case, as captured.
    """

    def __init__(
        self, socket: WebSocket, *, stream_id: str, tracks: tuple[str, ...], start: dict[str, Any],
        stop: dict[str, Any], speaking: Speaking,
    ) -> None:  # fmt: skip
        self._socket = socket
        self._stream_id = stream_id
        self._tracks = tracks
        self._start = start
        self._stop = stop
        self._speaking = speaking
        self._sequence = 0
        self._digits: list[tuple[str, str]] = []
        self._begun = False

    def press(self, digit: str, occurred_at: str) -> None:
        """Let the next tick carry a DTMF frame. Safe from any thread."""
        self._digits.append((digit, occurred_at))

    def tick(self, number: int) -> None:
        if not self._begun:
            self._begun = True
            self._socket.send(json.dumps({"event": "connected", "version": "1.0.0"}))
            self._send("start", {"start": self._start})
        while self._digits:
            digit, occurred_at = self._digits.pop(0)
            self._send("dtmf", {"occurred_at": occurred_at, "dtmf": {"digit": digit}})
        for track in self._tracks:
            self._sequence += 1
            payload = voice.frame_text(track, number, speaking=self._speaking(track))
            # Written by hand: at a hundred streams json.dumps alone would fill a processor.
            self._socket.send(
                f'{{"event":"media","sequence_number":"{self._sequence}","stream_id":"{self._stream_id}","media":'
                f'{{"track":"{track}","chunk":"{number + 1}","timestamp":"{number * voice.FRAME_MS}",'
                f'"payload":"{payload}"}}}}'
            )
        for message in self._socket.receive():
            self._answer(message)

    def finish(self) -> None:
        with contextlib.suppress(ClosedError):  # the other side may have left before the goodbye
            if self._begun:
                self._send("stop", {"stop": self._stop})
        self._socket.close()

    def _send(self, event: str, rest: dict[str, Any]) -> None:
        self._sequence += 1
        frame = {"event": event, "sequence_number": str(self._sequence), "stream_id": self._stream_id} | rest
        self._socket.send(json.dumps(frame, ensure_ascii=False))

    def _answer(self, message: str) -> None:
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
            self._send("mark", {"mark": {"name": name}})


class Fork:
    """Two RTP flows over UDP: `rx` carries what the provider receives from the leg, `tx` what it sends."""

    def __init__(self, rx: tuple[str, int], tx: tuple[str, int], speaking: Speaking) -> None:
        self._flows = [_Flow("inbound", rx), _Flow("outbound", tx)]
        self._speaking = speaking

    def tick(self, number: int) -> None:
        for flow in self._flows:
            flow.send(number, self._speaking(flow.track))

    def finish(self) -> None:
        for flow in self._flows:
            flow.socket.close()


class _Flow:
    def __init__(self, track: str, address: tuple[str, int]) -> None:
        self.track = track
        self.socket = socket.socket(socket.AF_INET6 if ":" in address[0] else socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setblocking(False)
        self._address = address
        self._ssrc = int.from_bytes(os.urandom(4), "big")
        self._sequence = random.randrange(1 << 16)
        self._timestamp = random.randrange(1 << 32)
        self._was_speaking = False

    def send(self, number: int, speaking: bool) -> None:
        # The marker bit opens a talkspurt (RFC 3551, section 4.1); payload type 0 is PCMU.
        marker = 0x80 if speaking and not self._was_speaking else 0
        self._was_speaking = speaking
        header = struct.pack(
            "!BBHII", 0x80, marker, (self._sequence + number) & 0xFFFF,
            (self._timestamp + number * voice.FRAME_SAMPLES) & 0xFFFFFFFF, self._ssrc,
        )  # fmt: skip
        # UDP promises nothing: a full buffer or an absent listener loses this packet and no other.
        with contextlib.suppress(OSError):
            self.socket.sendto(header + voice.frame(self.track, number, speaking=speaking), self._address)
