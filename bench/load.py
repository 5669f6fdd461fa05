"""The load: keep-alive HTTP and Socket.IO clients on raw sockets, all in one thread that waits with epoll (Linux).

Nothing here comes from the dashboard or from a Socket.IO library. It knows no server and measures nothing by itself.
"""

from __future__ import annotations

import base64
import os
import re
import select
import socket
import time
import zlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Any

HOST = "127.0.0.1"
CONNECT_S = 10.0
READ_BYTES = 256 * 1024
LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
OFFER = b"permessage-deflate; client_max_window_bits"
"""What every browser offers (RFC 7692). A server that takes the offer pays for it, as it would with browsers."""

TEXT, PING, PONG = 0x1, 0x9, 0xA


class Loop:
    """Tells each socket's owner when there is something to read."""

    def __init__(self) -> None:
        self._epoll = select.epoll()
        self._readers: dict[int, Callable[[], None]] = {}

    def add(self, wire: socket.socket, read: Callable[[], None]) -> None:
        wire.setblocking(False)
        self._readers[wire.fileno()] = read
        self._epoll.register(wire.fileno(), select.EPOLLIN)

    def remove(self, wire: socket.socket) -> None:
        self._epoll.unregister(wire.fileno())
        del self._readers[wire.fileno()]

    def turn(self, timeout_s: float = 0.05) -> None:
        for number, _ in self._epoll.poll(timeout_s):
            reader = self._readers.get(number)
            if reader is not None:
                reader()

    def run_until(self, done: Callable[[], bool], *, timeout_s: float) -> bool:
        """Whether it came to be in time."""
        deadline = time.monotonic() + timeout_s
        while not done():
            if time.monotonic() > deadline:
                return False
            self.turn()
        return True


class Line:
    """One keep-alive connection: a request out, its answer in, and then `answered(line, status)`."""

    def __init__(self, loop: Loop, port: int, answered: Callable[[Line, int], None]) -> None:
        self._loop = loop
        self._answered = answered
        self._buffer = b""
        self._wire = _connected(port)
        loop.add(self._wire, self._read)

    def send(self, request: bytes) -> None:
        # One request at a time, and smaller than any socket buffer: it never has to wait.
        if self._wire.send(request) != len(request):
            raise ConnectionError("the server does not read what it is sent")

    def close(self) -> None:
        self._loop.remove(self._wire)
        self._wire.close()

    def _read(self) -> None:
        piece = self._wire.recv(READ_BYTES)
        if not piece:
            raise ConnectionError("the server closed a connection in the middle of the load")
        self._buffer += piece
        head, found, rest = self._buffer.partition(b"\r\n\r\n")
        length = LENGTH.search(head)
        if found and len(rest) >= (int(length[1]) if length else 0):
            self._buffer = b""
            self._answered(self, int(head[9:12]))


class Senders:
    """A pool of connections. A request for which none is free waits, and `answered` gets its number when it is done."""

    def __init__(self, loop: Loop, port: int, count: int, answered: Callable[[int, int], None]) -> None:
        self._lines = [Line(loop, port, self._take) for _ in range(count)]
        self._free = list(self._lines)
        self._waiting: deque[tuple[int, bytes]] = deque()
        self._under_way: dict[Line, int] = {}
        self._answered = answered

    @property
    def busy(self) -> int:
        return len(self._under_way) + len(self._waiting)

    def send(self, number: int, request: bytes) -> None:
        if self._free:
            line = self._free.pop()
            self._under_way[line] = number
            line.send(request)
        else:
            self._waiting.append((number, request))

    def send_all(self, requests: Iterable[bytes]) -> None:
        for number, request in enumerate(requests):
            self.send(number, request)

    def drop_waiting(self) -> int:
        """Forget what was not sent yet; how much that was."""
        dropped = len(self._waiting)
        self._waiting.clear()
        return dropped

    def close(self) -> None:
        for line in self._lines:
            line.close()

    def _take(self, line: Line, status: int) -> None:
        number = self._under_way.pop(line)
        self._free.append(line)
        if self._waiting:
            self.send(*self._waiting.popleft())
        self._answered(number, status)


class Watcher:
    """A browser's socket: Engine.IO 4 and Socket.IO 5 over WebSocket. `heard(watcher, payload)` gets every event."""

    def __init__(self, loop: Loop, port: int, heard: Callable[[Watcher, bytes], None]) -> None:
        self._loop = loop
        self._heard = heard
        self._buffer = bytearray()
        self._wire = _connected(port)
        self.is_open = True
        self._inflate = self._upgrade(port)
        self._await(b"0")
        self._send(b"40")
        self._await(b"40")
        self._asked = 0

    def ask(self, event: str, wish: str) -> bytes:
        """Send an event, with its data as JSON text, and wait for the acknowledgement. Only before `listen`."""
        self._asked += 1
        self._send(b'42%d["%s",%s]' % (self._asked, event.encode(), wish.encode()))
        return self._await(b"43%d" % self._asked)

    def listen(self) -> None:
        """From now on the loop reads."""
        self._loop.add(self._wire, self._read)

    def close(self) -> None:
        if self.is_open:
            self._loop.remove(self._wire)
        self._wire.close()
        self.is_open = False

    def _upgrade(self, port: int) -> Any:
        """The decompressor of what comes, if the server chose to compress."""
        key = base64.b64encode(os.urandom(16))
        self._wire.sendall(
            b"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: %s:%d\r\nUpgrade: websocket\r\n"
            b"Connection: Upgrade\r\nSec-WebSocket-Key: %s\r\nSec-WebSocket-Version: 13\r\n"
            b"Sec-WebSocket-Extensions: %s\r\n\r\n" % (HOST.encode(), port, key, OFFER)
        )
        while b"\r\n\r\n" not in self._buffer:
            self._receive()
        head, _, rest = bytes(self._buffer).partition(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 101"):
            raise ConnectionError(f"no WebSocket: {head[:80]!r}")
        self._buffer = bytearray(rest)
        if b"permessage-deflate" not in head.lower():
            return None
        if b"server_no_context_takeover" in head.lower():
            return lambda piece: zlib.decompress(piece + b"\0\0\xff\xff", wbits=-15)
        stream = zlib.decompressobj(wbits=-15)
        return lambda piece: stream.decompress(piece + b"\0\0\xff\xff")

    def _receive(self) -> None:
        piece = self._wire.recv(READ_BYTES)
        if not piece:
            raise ConnectionError("the server closed a WebSocket")
        self._buffer += piece

    def _await(self, beginning: bytes) -> bytes:
        while True:
            for opcode, payload in self._frames():
                if payload.startswith(beginning):
                    return payload
                self._take(opcode, payload)
            self._receive()

    def _read(self) -> None:
        try:
            self._receive()
        except ConnectionError:
            self.close()
            return
        for opcode, payload in self._frames():
            self._take(opcode, payload)

    def _take(self, opcode: int, payload: bytes) -> None:
        if opcode == TEXT:
            if payload.startswith(b"42"):
                self._heard(self, payload)
            elif payload == b"2":
                self._send(b"3")
        elif opcode == PING:
            self._send(payload, PONG)

    def _frames(self) -> Iterator[tuple[int, bytes]]:
        """The whole frames of the buffer (RFC 6455, section 5.2), taken out one by one."""
        while len(self._buffer) >= 2:
            first, length, start = self._buffer[0], self._buffer[1] & 0x7F, 2
            if length > 125:
                start = 4 if length == 126 else 10
                length = int.from_bytes(self._buffer[2:start], "big")
            if len(self._buffer) < start + length:
                return
            payload = bytes(self._buffer[start : start + length])
            del self._buffer[: start + length]
            if first & 0x40:
                payload = self._inflate(payload)
            yield first & 0x0F, payload

    def _send(self, payload: bytes, opcode: int = TEXT) -> None:
        # A client must mask (RFC 6455, section 5.3); a mask of zeros leaves the bytes as they are.
        length = bytes([0x80 | len(payload)]) if len(payload) < 126 else b"\xfe" + len(payload).to_bytes(2, "big")
        self._wire.sendall(bytes([0x80 | opcode]) + length + b"\0\0\0\0" + payload)


def _connected(port: int) -> socket.socket:
    wire = socket.create_connection((HOST, port), timeout=CONNECT_S)
    wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return wire
