"""A WebSocket client (RFC 6455) that never blocks after its handshake, so one thread can feed a hundred of them.

It knows frames, not what they say.
"""

from __future__ import annotations

import base64
import hashlib
import os
import socket
import ssl
from urllib.parse import urlsplit

_WEBSOCKET_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_TEXT_OPCODE, _CLOSE_OPCODE, _PING_OPCODE, _PONG_OPCODE = 0x1, 0x8, 0x9, 0xA
# A reader this far behind (about 15 s of one track) is taken for gone.
_MAX_UNSENT_BYTES = 256 * 1024
_MAX_HANDSHAKE_BYTES = 16 * 1024


class ConnectionClosedError(Exception):
    """The connection is over, or was never made."""


class WebSocketClient:
    """A connected client socket. Not thread-safe: after `connect` it belongs to one thread."""

    def __init__(self, connection: socket.socket, initial_data: bytes) -> None:
        connection.setblocking(False)
        self._connection = connection
        self._receive_buffer = bytearray(initial_data)
        self._send_buffer = bytearray()
        self._fragments = bytearray()

    def send(self, text: str) -> None:
        """Send as much as the socket takes and keep the rest for `flush`. Raises ClosedError."""
        self._queue_frame(_TEXT_OPCODE, text.encode())
        self.flush()

    def flush(self) -> None:
        while self._send_buffer:
            try:
                sent = self._connection.send(self._send_buffer)
            except (BlockingIOError, ssl.SSLWantWriteError, ssl.SSLWantReadError):
                if len(self._send_buffer) > _MAX_UNSENT_BYTES:
                    raise ConnectionClosedError("the reader does not keep up") from None
                return
            except OSError as error:
                raise ConnectionClosedError("the connection is broken") from error
            del self._send_buffer[:sent]

    def receive(self) -> list[str]:
        """The messages that have arrived, without waiting; pings are answered on the way. Raises ClosedError."""
        try:
            while chunk := self._connection.recv(65_536):
                self._receive_buffer += chunk
                if len(chunk) < 65_536:
                    break
            else:
                raise ConnectionClosedError("closed by the other side")
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            if not self._receive_buffer:
                return []
        except OSError as error:
            raise ConnectionClosedError("the connection is broken") from error
        return self._read_messages()

    def close(self) -> None:
        """Say goodbye without a status, as the provider does (code 1005 at the other end), and let go."""
        try:
            self._queue_frame(_CLOSE_OPCODE, b"")
            self.flush()
        except ConnectionClosedError:
            self._send_buffer.clear()  # the other side left first
        self._connection.close()

    def _queue_frame(self, opcode: int, payload: bytes) -> None:
        size = len(payload)
        if size < 126:
            head = bytes((0x80 | opcode, 0x80 | size))
        elif size < 65_536:
            head = bytes((0x80 | opcode, 0x80 | 126)) + size.to_bytes(2, "big")
        else:
            head = bytes((0x80 | opcode, 0x80 | 127)) + size.to_bytes(8, "big")
        # Clients must mask. A mask of zeros is a valid one and costs nothing for 10,000 frames a second.
        self._send_buffer += head + b"\0\0\0\0" + payload

    def _read_messages(self) -> list[str]:
        messages: list[str] = []
        while (frame := self._read_frame()) is not None:
            final, opcode, payload = frame
            if opcode == _CLOSE_OPCODE:
                raise ConnectionClosedError("closed by the other side")
            if opcode == _PING_OPCODE:
                self._queue_frame(_PONG_OPCODE, payload)
                self.flush()
            elif opcode != _PONG_OPCODE:
                self._fragments += payload
                if final:
                    messages.append(self._fragments.decode("utf-8", "replace"))
                    self._fragments.clear()
        return messages

    def _read_frame(self) -> tuple[bool, int, bytes] | None:
        received = self._receive_buffer
        if len(received) < 2:
            return None
        size, at = received[1] & 0x7F, 2
        if size > 125:
            at += 2 if size == 126 else 8
            size = int.from_bytes(received[2:at], "big")
        if len(received) < at + size:
            return None
        frame = bool(received[0] & 0x80), received[0] & 0x0F, bytes(received[at : at + size])
        del received[: at + size]
        return frame


def open_websocket(url: str, headers: dict[str, str], *, timeout_s: float) -> WebSocketClient:
    """Open a `ws://` or `wss://` address. Blocks up to `timeout_s` for each step; raises ClosedError."""
    address = urlsplit(url)
    secure = address.scheme == "wss"
    try:
        host, port = address.hostname or "", address.port or (443 if secure else 80)
        connection = socket.create_connection((host, port), timeout_s)
    except (OSError, ValueError) as error:
        raise ConnectionClosedError("no connection") from error
    try:
        if secure:
            connection = ssl.create_default_context().wrap_socket(connection, server_hostname=address.hostname)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        path = (address.path or "/") + (f"?{address.query}" if address.query else "")
        return WebSocketClient(
            connection, _perform_handshake(connection, path, address.netloc.rpartition("@")[2], headers)
        )
    except (OSError, ConnectionClosedError) as error:
        connection.close()
        raise ConnectionClosedError("no WebSocket there") from error


def _perform_handshake(connection: socket.socket, path: str, host: str, headers: dict[str, str]) -> bytes:
    key = base64.b64encode(os.urandom(16)).decode("ascii")
    fields = {
        "Host": host,
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Key": key,
        "Sec-WebSocket-Version": "13",
    } | headers
    lines = [f"GET {path} HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items()), "", ""]
    connection.sendall("\r\n".join(lines).encode("latin-1"))
    answer = bytearray()
    while b"\r\n\r\n" not in answer:
        chunk = connection.recv(4_096)
        if not chunk or len(answer) > _MAX_HANDSHAKE_BYTES:
            raise ConnectionClosedError("the handshake was cut off")
        answer += chunk
    head, _, rest = bytes(answer).partition(b"\r\n\r\n")
    status, *lines = head.decode("latin-1").split("\r\n")
    accepted = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    expected = base64.b64encode(hashlib.sha1((key + _WEBSOCKET_GUID).encode()).digest()).decode("ascii")
    if status.split(" ")[1:2] != ["101"] or accepted.get("sec-websocket-accept") != expected:
        raise ConnectionClosedError("the upgrade was refused")
    return rest
