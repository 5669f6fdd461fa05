"""A socket that calls back instead of blocking a thread.

What is written goes out at once or waits in a queue; what comes in is passed to a function. It knows no protocol.
"""

from __future__ import annotations

import contextlib
import logging
import socket
from collections import deque
from collections.abc import Callable
from typing import Any, Final

_READ_BYTES: Final = 16 * 1024

log = logging.getLogger(__name__)


class CallbackSocket:
    """One connected, non-blocking socket.

    `hub` calls back when the socket can be read or written, in the words of eventlet's hubs. Everything runs in the
    hub's thread, so nothing here may wait. `on_close` is called once, at the end.
    """

    __slots__ = ("_hub", "_on_bytes", "_on_close", "_pending", "_reading", "_socket", "_writing")

    def __init__(self, connected: socket.socket, hub: Any, on_close: Callable[[], None] | None = None) -> None:
        self._socket = connected
        self._hub = hub
        self._on_close = on_close
        self._on_bytes: Callable[[bytes], None] | None = None
        self._reading: Any = None
        self._writing: Any = None
        # None while nothing waits, because there are thousands of sockets and few are ever behind.
        self._pending: deque[bytes] | None = None

    def qsize(self) -> int:
        """How many writes wait for the other side to read. Named as a queue's, which this replaces."""
        return 0 if self._pending is None else len(self._pending)

    def start_reading(self, on_bytes: Callable[[bytes], None]) -> None:
        """Pass on what comes in; b"" is the end."""
        self._on_bytes = on_bytes
        self._reading = self._listen(self._hub.READ, self._on_readable)

    def write(self, data: bytes) -> None:
        """Send now, or after what waits already. On a broken connection it is dropped; the reader finds the end."""
        if self._pending:
            self._pending.append(data)
            return
        rest = self._send(data)
        if rest:
            self._pending = deque((rest,))
            self._writing = self._listen(self._hub.WRITE, self._on_writable)

    def close(self) -> None:
        """Close at once. What still waits is dropped."""
        for listener in (self._reading, self._writing):
            if listener is not None:
                with contextlib.suppress(KeyError):  # the hub has dropped it by itself
                    self._hub.remove(listener)
        self._reading = self._writing = self._pending = self._on_bytes = None
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        if self._on_close is not None:
            on_close, self._on_close = self._on_close, None
            on_close()

    def _listen(self, kind: str, on_ready: Callable[[int], None]) -> Any:
        return self._hub.add(kind, self._socket.fileno(), on_ready, _ignore, _ignore)

    def _on_readable(self, _fileno: int) -> None:
        if self._on_bytes is None:  # closed by another callback of the same round
            return
        try:
            data = self._socket.recv(_READ_BYTES)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._hub.remove(self._reading)
            self._reading = None
        try:
            self._on_bytes(data)
        except Exception:
            # The hub would print it past the log.
            log.exception("live socket failed")
            self.close()

    def _on_writable(self, _fileno: int) -> None:
        while self._pending:
            rest = self._send(self._pending[0])
            if rest:
                self._pending[0] = rest
                return
            self._pending.popleft()
        self._pending = None
        if self._writing is not None:
            self._hub.remove(self._writing)
            self._writing = None

    def _send(self, data: bytes) -> bytes:
        """Send what the network takes; the rest is returned."""
        try:
            return data[self._socket.send(data) :]
        except BlockingIOError:
            return data
        except OSError:
            return b""


def _ignore(*_: object) -> None:
    """A hub wakes a thread with an error when its socket is gone. No thread waits here."""
