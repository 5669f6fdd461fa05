"""The clock of one conversation: where it is now, and what is heard next. Knows no webhooks."""

from __future__ import annotations

import time

from .script import RecognitionResult, SpokenScript


class SpeechPlayback:
    """A performance that runs `speed` times as fast as people talk. Positions are seconds of its own clock."""

    def __init__(self, spoken_script: SpokenScript, *, speed: float, start_at_s: float) -> None:
        self.spoken_script = spoken_script
        self._speed = speed
        self._start_at_s = start_at_s
        self._started_at: float | None = None
        self._next_index = 0

    def start(self) -> None:
        """Start talking; words before the starting position count as said."""
        self._started_at = time.monotonic()
        heard = self.spoken_script.results
        while self._next_index < len(heard) and heard[self._next_index].at_s < self._start_at_s:
            self._next_index += 1

    def position_s(self) -> float:
        if self._started_at is None:
            return 0.0
        return self._start_at_s + (time.monotonic() - self._started_at) * self._speed

    def time_at_position(self, position_s: float) -> float:
        """The moment, on `time.monotonic()`, at which a position is reached."""
        return (self._started_at or time.monotonic()) + (position_s - self._start_at_s) / self._speed

    def is_speaking(self, track: str) -> bool:
        return self._started_at is not None and self.spoken_script.is_speaking(
            track, self.position_s() % self.spoken_script.duration_s
        )

    def next_result(self) -> RecognitionResult | None:
        heard = self.spoken_script.results
        return heard[self._next_index] if self._next_index < len(heard) else None

    def advance(self) -> None:
        self._next_index += 1

    def rewind(self) -> None:
        self._next_index = 0
