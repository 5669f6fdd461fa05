"""Wake-up calls between the tasks of a server and the one thread of the system that commits.

What a green server offers for waiting works between its own tasks only. A socket wakes all of them.
"""

from __future__ import annotations

import os
import socket
from contextlib import suppress

_STROKES = 64


class _Bell:
    def __init__(self) -> None:
        self._there, self._here = socket.socketpair()
        self._there.setblocking(False)

    def ring(self) -> None:
        """Never waits: where so many strokes wait that no more find room, whoever is to hear them will."""
        with suppress(BlockingIOError):
            self._there.send(b"!")


class TaskBell(_Bell):
    """Heard by a background task, also when a thread of the system rings it."""

    def wait(self) -> None:
        """Until it has rung since the last time. For one caller at a time."""
        self._here.recv(_STROKES)

    def close(self) -> None:
        self._there.close()
        self._here.close()


class ThreadBell(_Bell):
    """Heard in a thread of the system, and rung by tasks."""

    def __init__(self) -> None:
        super().__init__()
        # A green socket belongs to the thread that made it, a number to nobody.
        self._file = self._here.detach()
        os.set_blocking(self._file, True)

    def wait(self) -> None:
        """Until it has rung since the last time."""
        os.read(self._file, _STROKES)

    def close(self) -> None:
        self._there.close()
        os.close(self._file)
