"""The one media stream of a call, from the request to its end. Says what became of it through three callbacks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..context import World
from ..ids import new_stream_id
from .sinks import Speaking, Stream
from .websocket_client import ClosedError, WebSocket, connect

_CONNECT_TIMEOUT_S = 3.0
# A made-up account, the same in every frame.
_USER_ID = "0d6f3a9e-3c0f-4a1b-9a55-6a1d2c3b4e5f"


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamRequest:
    """`track` is the provider's word (`both_tracks`); the token stays out of the repr."""

    url: str
    track: str
    auth_token: str | None
    custom_parameters: dict[str, str]

    def __repr__(self) -> str:
        return f"StreamRequest(track={self.track!r})"

    @property
    def tracks(self) -> tuple[str, ...]:
        return ("inbound", "outbound") if self.track == "both_tracks" else (self.track.removesuffix("_track"),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcomes:
    """Called with the lock of the world held."""

    opened: Callable[[], None]
    failed: Callable[[], None]
    closed: Callable[[], None]


class Streaming:
    """Opening, open or over. Every method is called with the lock of the world held."""

    def __init__(
        self, world: World, request: StreamRequest, *, about: dict[str, Any], speaking: Speaking, outcomes: Outcomes
    ) -> None:
        self.request = request
        self.stream_id = new_stream_id()
        self.is_open = False
        self._world = world
        self._about = about
        self._speaking = speaking
        self._outcomes = outcomes
        self._over = False
        self._stream: Stream | None = None

    def open(self) -> None:
        self._world.in_background(self._connect, "streaming")

    def stop(self) -> None:
        self._over = True
        self.is_open = False
        if self._stream is not None:
            self._world.pacer.remove(self._stream)

    def press(self, digit: str, occurred_at: str) -> None:
        if self._stream is not None:
            self._stream.press(digit, occurred_at)

    def _connect(self) -> None:
        token = self.request.auth_token
        headers = {} if token is None else {"x-telnyx-streaming-auth-token": token}
        socket: WebSocket | None
        try:
            socket = connect(self.request.url, headers, timeout_s=_CONNECT_TIMEOUT_S)
        except ClosedError:
            socket = None
        with self._world.changed:
            if self._over:
                # Stopped while it was still opening: nobody waits for this connection any more.
                if socket is not None:
                    socket.close()
            elif socket is None:
                self._over = True
                self._outcomes.failed()
            else:
                self._play(socket)

    def _play(self, socket: WebSocket) -> None:
        start = self._about | {
            "user_id": _USER_ID,
            "tags": [],
            "custom_parameters": self.request.custom_parameters,
            "media_format": {"encoding": "PCMU", "sample_rate": 8000, "channels": 1},
        }
        self._stream = Stream(
            socket,
            stream_id=self.stream_id,
            tracks=self.request.tracks,
            start=start,
            stop={"user_id": _USER_ID, "call_control_id": self._about["call_control_id"]},
            speaking=self._speaking,
        )
        self.is_open = True
        self._outcomes.opened()
        self._world.pacer.add(self._stream, self._broken)

    def _broken(self) -> None:
        with self._world.changed:
            if not self._over:
                self._over = True
                self.is_open = False
                self._outcomes.closed()
