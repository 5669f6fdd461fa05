"""Accepts WebSockets beside Flask, whichever server runs.

simple-websocket finds the server's socket and shakes hands. wsproto reads and builds the frames. Reading starts no
thread, because a thread and a hand-over for each stream cost 30 µs a frame (100 streams, 10,000 frames a second).
"""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Mapping
from enum import IntEnum
from time import monotonic
from typing import Any

import simple_websocket
from wsproto.frame_protocol import CloseReason, Frame, FrameProtocol, Opcode, ParseFailed
from wsproto.utilities import RemoteProtocolError

MAX_MESSAGE_BYTES = 64 * 1024
_READ_BYTES = 16 * 1024
_CLOSE_TIMEOUT_S = 1.0


class CloseCode(IntEnum):
    """Why a WebSocket is closed (RFC 6455, section 7.4.1)."""

    NORMAL = 1000
    GOING_AWAY = 1001
    PROTOCOL = 1002
    UNSUPPORTED = 1003
    NOT_TEXT = 1007
    POLICY = 1008
    TOO_BIG = 1009
    TRY_LATER = 1013


class HandshakeError(Exception):
    """The request is no WebSocket handshake that this server supports."""


class ConnectionClosed(Exception):
    """The connection is over."""


class WebSocket:
    """One accepted connection. `close` may be called from any thread, the rest belongs to one."""

    def __init__(self, connection: socket.socket, *, mode: str, idle_s: float) -> None:
        self.mode = mode
        self._connection = connection
        self._connection.settimeout(idle_s)
        self._protocol = FrameProtocol(client=False, extensions=[])
        self._parts: list[str] = []
        self._message_bytes = 0
        self._said_goodbye = False

    def read_messages(self) -> list[str] | None:
        """The next text messages; None if nothing came for `idle_s`. Raises ConnectionClosed."""
        received = None if self._said_goodbye else self._receive_bytes()
        if self._said_goodbye:
            raise ConnectionClosed
        if received is None:
            return None
        self._protocol.receive_bytes(received)
        texts: list[str] = []
        try:
            # After a close frame wsproto reads no more. Messages before it still count: they often arrive together.
            for frame in self._protocol.received_frames():
                if (text := self._handle_frame(frame)) is not None:
                    texts.append(text)
        except ParseFailed as error:
            self.close(CloseCode(error.code))
        return texts

    def send_ping(self) -> None:
        self._send_bytes(self._protocol.ping())

    def close(self, code: CloseCode) -> None:
        """Send a close frame, once. A reader finds the connection closed within `idle_s`."""
        if not self._said_goodbye:
            self._said_goodbye = True
            with contextlib.suppress(ConnectionClosed, OSError):  # the other side may have been faster
                self._send_bytes(self._protocol.close(code))
                self._connection.shutdown(socket.SHUT_WR)

    def release(self) -> None:
        """End the connection and return its socket to the server."""
        self.close(CloseCode.NORMAL)
        # Closing with unread bytes would send a reset, and a reset takes the goodbye along.
        deadline = monotonic() + _CLOSE_TIMEOUT_S
        with contextlib.suppress(OSError):
            self._connection.settimeout(_CLOSE_TIMEOUT_S)
            while self._connection.recv(_READ_BYTES) and monotonic() < deadline:
                continue
        with contextlib.suppress(OSError):
            self._connection.shutdown(socket.SHUT_RDWR)
        if self.mode == "gevent":
            # A copy of the server's socket, which the server does not close.
            self._connection.close()

    def _receive_bytes(self) -> bytes | None:
        try:
            received = self._connection.recv(_READ_BYTES)
        except TimeoutError:
            return None
        except OSError:
            raise ConnectionClosed from None
        if not received:
            raise ConnectionClosed
        return received

    def _handle_frame(self, frame: Frame) -> str | None:
        """Return the text message that the frame completes."""
        match frame.opcode, frame.payload:
            case Opcode.TEXT, str(part):
                return self._add_part(part, is_last=frame.message_finished)
            case Opcode.BINARY, _:
                raise ParseFailed("binary message", CloseReason.UNSUPPORTED_DATA)
            case Opcode.PING, bytes(content):
                self._send_bytes(self._protocol.pong(content))
            case Opcode.CLOSE, _:
                self.close(CloseCode.NORMAL)
        return None

    def _add_part(self, part: str, *, is_last: bool) -> str | None:
        # wsproto passes parts on as they arrive, so that at most one message is held.
        self._message_bytes += len(part.encode())
        if self._message_bytes > MAX_MESSAGE_BYTES:
            raise ParseFailed("message too big", CloseReason.MESSAGE_TOO_BIG)
        # Empty parts are dropped, because their number has no limit.
        if part:
            self._parts.append(part)
        if not is_last:
            return None
        text = "".join(self._parts)
        self._parts.clear()
        self._message_bytes = 0
        return text

    def _send_bytes(self, content: bytes | bytearray) -> None:
        try:
            self._connection.sendall(content)
        except OSError:
            raise ConnectionClosed from None


class _NoThread:
    """Stands in for simple-websocket's reading thread."""

    name = ""

    def __init__(self, target: Any) -> None:
        pass

    def start(self) -> None:
        pass


def accept_websocket(environ: Mapping[str, Any], *, idle_s: float) -> WebSocket:
    """Answer the handshake of a request, without compression. Raises HandshakeError."""
    plain = {name: value for name, value in environ.items() if name != "HTTP_SEC_WEBSOCKET_EXTENSIONS"}
    try:
        server = simple_websocket.Server(plain, thread_class=_NoThread)
    except (simple_websocket.ConnectionError, RemoteProtocolError, RuntimeError, OSError) as error:
        raise HandshakeError(str(error)) from None
    return WebSocket(server.sock, mode=server.mode, idle_s=idle_s)
