"""Wakes a green task from an OS thread, and back.

Green events do not work across OS threads; a socket pair does.
"""

from __future__ import annotations

import os
import socket
from contextlib import suppress

_MAX_BYTES = 64


class _Wakeup:
    def __init__(self) -> None:
        self._writer, self._reader = socket.socketpair()
        self._writer.setblocking(False)

    def notify(self) -> None:
        """Wake the waiter; never blocks. A full socket buffer already holds enough to wake it."""
        with suppress(BlockingIOError):
            self._writer.send(b"!")


class TaskWakeup(_Wakeup):
    """Wakes a background task. Any thread may call `notify`."""

    def wait(self) -> None:
        """Block until the next `notify`. For one caller at a time."""
        self._reader.recv(_MAX_BYTES)

    def close(self) -> None:
        self._writer.close()
        self._reader.close()


class ThreadWakeup(_Wakeup):
    """Wakes an OS thread. Tasks call `notify`."""

    def __init__(self) -> None:
        super().__init__()
        # A green socket belongs to the thread that made it; a file descriptor works in any thread.
        self._reader_fd = self._reader.detach()
        os.set_blocking(self._reader_fd, True)

    def wait(self) -> None:
        """Block until the next `notify`."""
        os.read(self._reader_fd, _MAX_BYTES)

    def close(self) -> None:
        self._writer.close()
        os.close(self._reader_fd)
