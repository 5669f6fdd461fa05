"""Wake-up calls between the tasks of a server and the one thread of the system that commits.

What a green server offers for waiting works between its own tasks only. A socket wakes all of them.
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
        """Never waits: where so many strokes wait that no more find room, whoever is to hear them will."""
        with suppress(BlockingIOError):
            self._writer.send(b"!")


class TaskWakeup(_Wakeup):
    """Heard by a background task, also when a thread of the system rings it."""

    def wait(self) -> None:
        """Until it has rung since the last time. For one caller at a time."""
        self._reader.recv(_MAX_BYTES)

    def close(self) -> None:
        self._writer.close()
        self._reader.close()


class ThreadWakeup(_Wakeup):
    """Heard in a thread of the system, and rung by tasks."""

    def __init__(self) -> None:
        super().__init__()
        # A green socket belongs to the thread that made it, a number to nobody.
        self._reader_fd = self._reader.detach()
        os.set_blocking(self._reader_fd, True)

    def wait(self) -> None:
        """Until it has rung since the last time."""
        os.read(self._reader_fd, _MAX_BYTES)

    def close(self) -> None:
        self._writer.close()
        os.close(self._reader_fd)
