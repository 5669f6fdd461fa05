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

_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_TEXT, _CLOSE, _PING, _PONG = 0x1, 0x8, 0x9, 0xA
# A reader this far behind (about 15 s of one track) is taken for gone.
_MAX_UNSENT_BYTES = 256 * 1024
_MAX_HANDSHAKE_BYTES = 16 * 1024


class ClosedError(Exception):
    """The connection is over, or was never made."""


class WebSocket:
    """A connected client socket. Not thread-safe: after `connect` it belongs to one thread."""

    def __init__(self, connection: socket.socket, rest: bytes) -> None:
        connection.setblocking(False)
        self._connection = connection
        self._received = bytearray(rest)
        self._unsent = bytearray()
        self._fragments = bytearray()

    def send(self, text: str) -> None:
        """Send as much as the socket takes and keep the rest for `flush`. Raises ClosedError."""
        self._queue(_TEXT, text.encode())
        self.flush()

    def flush(self) -> None:
        while self._unsent:
            try:
                sent = self._connection.send(self._unsent)
            except (BlockingIOError, ssl.SSLWantWriteError, ssl.SSLWantReadError):
                if len(self._unsent) > _MAX_UNSENT_BYTES:
                    raise ClosedError("the reader does not keep up") from None
                return
            except OSError as error:
                raise ClosedError("the connection is broken") from error
            del self._unsent[:sent]

    def receive(self) -> list[str]:
        """The messages that have arrived, without waiting; pings are answered on the way. Raises ClosedError."""
        try:
            while chunk := self._connection.recv(65_536):
                self._received += chunk
                if len(chunk) < 65_536:
                    break
            else:
                raise ClosedError("closed by the other side")
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            if not self._received:
                return []
        except OSError as error:
            raise ClosedError("the connection is broken") from error
        return self._messages()

    def close(self) -> None:
        """Say goodbye without a status, as the provider does (code 1005 at the other end), and let go."""
        try:
            self._queue(_CLOSE, b"")
            self.flush()
        except ClosedError:
            self._unsent.clear()  # the other side left first
        self._connection.close()

    def _queue(self, opcode: int, payload: bytes) -> None:
        size = len(payload)
        if size < 126:
            head = bytes((0x80 | opcode, 0x80 | size))
        elif size < 65_536:
            head = bytes((0x80 | opcode, 0x80 | 126)) + size.to_bytes(2, "big")
        else:
            head = bytes((0x80 | opcode, 0x80 | 127)) + size.to_bytes(8, "big")
        # Clients must mask. A mask of zeros is a valid one and costs nothing for 10,000 frames a second.
        self._unsent += head + b"\0\0\0\0" + payload

    def _messages(self) -> list[str]:
        messages: list[str] = []
        while (frame := self._next_frame()) is not None:
            final, opcode, payload = frame
            if opcode == _CLOSE:
                raise ClosedError("closed by the other side")
            if opcode == _PING:
                self._queue(_PONG, payload)
                self.flush()
            elif opcode != _PONG:
                self._fragments += payload
                if final:
                    messages.append(self._fragments.decode("utf-8", "replace"))
                    self._fragments.clear()
        return messages

    def _next_frame(self) -> tuple[bool, int, bytes] | None:
        received = self._received
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


def connect(url: str, headers: dict[str, str], *, timeout_s: float) -> WebSocket:
    """Open a `ws://` or `wss://` address. Blocks up to `timeout_s` for each step; raises ClosedError."""
    address = urlsplit(url)
    secure = address.scheme == "wss"
    try:
        host, port = address.hostname or "", address.port or (443 if secure else 80)
        connection = socket.create_connection((host, port), timeout_s)
    except (OSError, ValueError) as error:
        raise ClosedError("no connection") from error
    try:
        if secure:
            connection = ssl.create_default_context().wrap_socket(connection, server_hostname=address.hostname)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        path = (address.path or "/") + (f"?{address.query}" if address.query else "")
        return WebSocket(connection, _shake_hands(connection, path, address.netloc.rpartition("@")[2], headers))
    except (OSError, ClosedError) as error:
        connection.close()
        raise ClosedError("no WebSocket there") from error


def _shake_hands(connection: socket.socket, path: str, host: str, headers: dict[str, str]) -> bytes:
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
            raise ClosedError("the handshake was cut off")
        answer += chunk
    head, _, rest = bytes(answer).partition(b"\r\n\r\n")
    status, *lines = head.decode("latin-1").split("\r\n")
    accepted = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    expected = base64.b64encode(hashlib.sha1((key + _GUID).encode()).digest()).decode("ascii")
    if status.split(" ")[1:2] != ["101"] or accepted.get("sec-websocket-accept") != expected:
        raise ClosedError("the upgrade was refused")
    return rest
