"""Moves bytes over a green socket, with as little between as eventlet allows."""

from __future__ import annotations

import contextlib
import socket
from typing import Any, Final

from eventlet.hubs import trampoline

_READ_BYTES: Final = 16 * 1024
_MAX_READS_IN_A_ROW: Final = 32


class GreenTransport:
    """One connected green socket."""

    __slots__ = ("_raw", "_reads_in_a_row", "socket")

    def __init__(self, connected: Any) -> None:
        # For WebSocket libraries, which use it as a socket of the standard library.
        self.socket = connected
        self._raw = connected.fd
        self._reads_in_a_row = 0

    def receive(self) -> bytes:
        """The next bytes; b"" at the end. Raises OSError where the connection is broken."""
        # Under load the next request is often there already. But a fast client must not keep the loop to itself.
        if self._reads_in_a_row < _MAX_READS_IN_A_ROW:
            self._reads_in_a_row += 1
            try:
                data: bytes = self._raw.recv(_READ_BYTES)
                return data
            except BlockingIOError:
                pass
        self._reads_in_a_row = 0
        trampoline(self._raw, read=True)
        return self.receive()

    def send(self, data: bytes | memoryview, timeout_s: float) -> None:
        """Send everything. Raises OSError, also where the other side takes nothing for `timeout_s`."""
        try:
            sent = self._raw.send(data)
        except BlockingIOError:
            sent = 0
        if sent < len(data):
            self.socket.settimeout(timeout_s)
            self.socket.sendall(memoryview(data)[sent:])

    def shut_down(self, how: int) -> None:
        with contextlib.suppress(OSError):
            self._raw.shutdown(how)

    def close(self) -> None:
        self.shut_down(socket.SHUT_RDWR)
        self._raw.close()

    def detach(self) -> int:
        """The file number of the socket, which is empty from then on."""
        return int(self._raw.detach())
