"""Open media streams of this process, one for each call."""

from __future__ import annotations

from threading import Lock
from typing import Protocol

MAX_STREAMS = 500


class Stream(Protocol):
    def make_way(self) -> None:
        """Make way for a newer stream of the same call."""


class StreamRegistry:
    """The streams that are open here, at most `limit`. For one call the newest wins."""

    def __init__(self, limit: int = MAX_STREAMS) -> None:
        self._limit = limit
        self._count = 0
        self._by_call: dict[str, Stream] = {}
        self._lock = Lock()

    @property
    def count(self) -> int:
        return self._count

    def acquire(self) -> bool:
        """Take a place before the call is known; False if there is none."""
        with self._lock:
            if self._count >= self._limit:
                return False
            self._count += 1
            return True

    def assign(self, call_id: str, stream: Stream) -> None:
        """This stream is the call's from now on."""
        with self._lock:
            older = self._by_call.get(call_id)
            self._by_call[call_id] = stream
        if older is not None:
            older.make_way()

    def release(self, call_id: str, stream: Stream) -> None:
        """Give the place back, and the call if no newer stream has it."""
        with self._lock:
            self._count -= 1
            if self._by_call.get(call_id) is stream:
                del self._by_call[call_id]
