"""The clock of one conversation: where it is now, and what is heard next. Knows no webhooks."""

from __future__ import annotations

import time

from .script import Heard, Performance


class Speech:
    """A performance that runs `speed` times as fast as people talk. Positions are seconds of its own clock."""

    def __init__(self, performance: Performance, *, speed: float, start_at_s: float) -> None:
        self.performance = performance
        self._speed = speed
        self._start_at_s = start_at_s
        self._began_s: float | None = None
        self._next = 0

    def begin(self) -> None:
        """Start talking; words before the starting position count as said."""
        self._began_s = time.monotonic()
        heard = self.performance.heard
        while self._next < len(heard) and heard[self._next].at_s < self._start_at_s:
            self._next += 1

    def position_s(self) -> float:
        if self._began_s is None:
            return 0.0
        return self._start_at_s + (time.monotonic() - self._began_s) * self._speed

    def moment_of(self, position_s: float) -> float:
        """The moment, on `time.monotonic()`, at which a position is reached."""
        return (self._began_s or time.monotonic()) + (position_s - self._start_at_s) / self._speed

    def speaking(self, track: str) -> bool:
        return self._began_s is not None and self.performance.speaking(
            track, self.position_s() % self.performance.duration_s
        )

    def upcoming(self) -> Heard | None:
        heard = self.performance.heard
        return heard[self._next] if self._next < len(heard) else None

    def advance(self) -> None:
        self._next += 1

    def rewind(self) -> None:
        self._next = 0
