"""Connections nobody waits at: what is written goes out at once or waits in line, what comes in is handed on.

Knows no protocol. `hub` tells when a socket can be read or written, in the words of eventlet's hubs.
"""

from __future__ import annotations

import contextlib
import socket
from collections import deque
from collections.abc import Callable
from typing import Any

READ_BYTES = 16 * 1024


class Wire:
    """One connected socket that does not block. All of it runs in the thread of the hub, where nothing may wait."""

    __slots__ = ("_hub", "_reading", "_receive", "_socket", "_waiting", "_writing")

    def __init__(self, connected: socket.socket, hub: Any) -> None:
        self._socket = connected
        self._hub = hub
        self._receive: Callable[[bytes], None] | None = None
        self._reading: Any = None
        self._writing: Any = None
        # Nearly nobody is ever behind, and there are thousands of these.
        self._waiting: deque[bytes] | None = None

    @property
    def lag(self) -> int:
        """How many writes wait for the other side to read."""
        return 0 if self._waiting is None else len(self._waiting)

    def follow(self, receive: Callable[[bytes], None]) -> None:
        """Hand on what comes in; b"" is the end."""
        self._receive = receive
        self._reading = self._listen(self._hub.READ, self._readable)

    def write(self, data: bytes) -> None:
        """Send now, or after what waits already. What goes to a broken connection is lost, and the reader sees it."""
        if self._waiting:
            self._waiting.append(data)
            return
        rest = self._sent(data)
        if rest:
            self._waiting = deque((rest,))
            self._writing = self._listen(self._hub.WRITE, self._writable)

    def close(self) -> None:
        """End it now: what still waits is dropped."""
        for listener in (self._reading, self._writing):
            if listener is not None:
                with contextlib.suppress(KeyError):  # the hub has dropped it by itself
                    self._hub.remove(listener)
        self._reading = self._writing = self._waiting = self._receive = None
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _listen(self, kind: str, ready: Callable[[int], None]) -> Any:
        return self._hub.add(kind, self._socket.fileno(), ready, _nobody_waits, _nobody_waits)

    def _readable(self, _fileno: int) -> None:
        if self._receive is None:  # closed by what else was ready at the same moment
            return
        try:
            data = self._socket.recv(READ_BYTES)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._hub.remove(self._reading)
            self._reading = None
        self._receive(data)

    def _writable(self, _fileno: int) -> None:
        while self._waiting:
            rest = self._sent(self._waiting[0])
            if rest:
                self._waiting[0] = rest
                return
            self._waiting.popleft()
        self._waiting = None
        if self._writing is not None:
            self._hub.remove(self._writing)
            self._writing = None

    def _sent(self, data: bytes) -> bytes:
        """What did not go out."""
        try:
            return data[self._socket.send(data) :]
        except BlockingIOError:
            return data
        except OSError:
            return b""


def _nobody_waits(*_: object) -> None:
    """A hub wakes a thread up with an error when its socket is gone; here is no thread."""
