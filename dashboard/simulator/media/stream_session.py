"""The one media stream of a call, from the request to its end. Says what became of it through three callbacks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..context import SimulationContext
from ..ids import new_stream_id
from .sinks import IsSpeaking, MediaStream
from .websocket_client import ConnectionClosedError, WebSocketClient, open_websocket

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
class StreamCallbacks:
    """Called with the lock of the world held."""

    on_opened: Callable[[], None]
    on_failed: Callable[[], None]
    on_closed: Callable[[], None]


class StreamSession:
    """Opening, open or over. Every method is called with the lock of the world held."""

    def __init__(
        self,
        context: SimulationContext,
        request: StreamRequest,
        *,
        call_fields: dict[str, Any],
        is_speaking: IsSpeaking,
        callbacks: StreamCallbacks,
    ) -> None:
        self.request = request
        self.stream_id = new_stream_id()
        self.is_open = False
        self._context = context
        self._call_fields = call_fields
        self._is_speaking = is_speaking
        self._callbacks = callbacks
        self._is_over = False
        self._media_stream: MediaStream | None = None

    def open(self) -> None:
        self._context.run_in_background(self._connect_socket, "streaming")

    def stop(self) -> None:
        self._is_over = True
        self.is_open = False
        if self._media_stream is not None:
            self._context.pacer.remove_sink(self._media_stream)

    def send_dtmf(self, digit: str, occurred_at: str) -> None:
        if self._media_stream is not None:
            self._media_stream.send_dtmf(digit, occurred_at)

    def _connect_socket(self) -> None:
        token = self.request.auth_token
        headers = {} if token is None else {"x-telnyx-streaming-auth-token": token}
        socket: WebSocketClient | None
        try:
            socket = open_websocket(self.request.url, headers, timeout_s=_CONNECT_TIMEOUT_S)
        except ConnectionClosedError:
            socket = None
        with self._context.state_changed:
            if self._is_over:
                # Stopped while it was still opening, so the connection is not needed any more.
                if socket is not None:
                    socket.close()
            elif socket is None:
                self._is_over = True
                self._callbacks.on_failed()
            else:
                self._start_media(socket)

    def _start_media(self, socket: WebSocketClient) -> None:
        start = self._call_fields | {
            "user_id": _USER_ID,
            "tags": [],
            "custom_parameters": self.request.custom_parameters,
            "media_format": {"encoding": "PCMU", "sample_rate": 8000, "channels": 1},
        }
        self._media_stream = MediaStream(
            socket,
            stream_id=self.stream_id,
            tracks=self.request.tracks,
            start_payload=start,
            stop_payload={"user_id": _USER_ID, "call_control_id": self._call_fields["call_control_id"]},
            is_speaking=self._is_speaking,
        )
        self.is_open = True
        self._callbacks.on_opened()
        self._context.pacer.add_sink(self._media_stream, self._on_disconnect)

    def _on_disconnect(self) -> None:
        with self._context.state_changed:
            if not self._is_over:
                self._is_over = True
                self.is_open = False
                self._callbacks.on_closed()
