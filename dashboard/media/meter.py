"""Levels and delivery quality of one media stream. No sound is kept.

Pure arithmetic in constant memory; the clock is an argument.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from dashboard.calls.events import Track
from dashboard.media.levels import level_meter_for
from dashboard.media.sequence import FrameOrder, SequenceTracker

SNAPSHOT_INTERVAL_S = 0.1
MAX_DIGITS = 8
# One odd timestamp must not drown the jitter of a minute.
_MAX_DEVIATION_MS = 1_000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackLevel:
    """One track so far. Levels are RMS and peak in dBFS since the last snapshot: None if nothing came or is measured.

    `late` counts repeats too. A frame that comes after it was given up stands in `gaps` and in `late`. `jitter_ms` is
    the interarrival jitter of RFC 3550, None without timestamps.
    """

    level_db: float | None
    peak_db: float | None
    frames: int
    gaps: int
    late: int
    jitter_ms: float | None
    bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Digit:
    digit: str
    occurred_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamLevels:
    """How a stream is doing now. Volatile: it replaces the one before it and is never stored."""

    call_id: str
    stream_id: str
    codec: str | None
    sample_rate_hz: int | None
    tracks: Mapping[Track, TrackLevel]
    digits: tuple[Digit, ...]


class StreamMeter:
    """Measures the frames of one stream in order of arrival."""

    def __init__(self, *, call_id: str, stream_id: str, codec: str | None, sample_rate_hz: int | None) -> None:
        self._call_id = call_id
        self._stream_id = stream_id
        self._codec = codec
        self._sample_rate_hz = sample_rate_hz
        self._numbering = SequenceTracker()
        self._tracks: dict[Track, _TrackMeter] = {}
        self._digits: deque[Digit] = deque(maxlen=MAX_DIGITS)
        self._changed = False
        self._told_at_s: float | None = None

    def add_frame(
        self, track: Track, payload: bytes, *, number: int | None, timestamp_ms: int | None, at_s: float
    ) -> None:  # fmt: skip
        """Take one frame. `number` counts frames, `timestamp_ms` is the sender's clock; `at_s` is ours, monotonic."""
        meter = self._tracks.get(track)
        if meter is None:
            meter = self._tracks[track] = _TrackMeter(self._codec)
        self._changed = True
        meter.frames += 1
        meter.bytes += len(payload)
        placed = FrameOrder.NEWEST if number is None else self._numbering.classify_frame(track, number, at_s)
        if placed is FrameOrder.LATE:
            return
        if meter.loudness is not None:
            meter.loudness.add_payload(payload)
        if placed is FrameOrder.NEWEST and timestamp_ms is not None:
            meter.update_jitter(timestamp_ms, at_s)

    def add_digit(self, digit: str, occurred_at: datetime) -> None:
        self._digits.append(Digit(digit=digit, occurred_at=occurred_at))
        self._changed = True

    def snapshot_if_due(self, at_s: float) -> StreamLevels | None:
        """A snapshot if there is news and the last one is a tenth of a second old."""
        if not self._changed or (self._told_at_s is not None and at_s - self._told_at_s < SNAPSHOT_INTERVAL_S):
            return None
        return self.take_snapshot(at_s)

    def take_snapshot(self, at_s: float) -> StreamLevels:
        """How the stream is doing; its levels begin anew. After the last frame: no levels, and the final numbers."""
        self._numbering.expire(at_s)
        self._told_at_s = at_s
        levels = {track: self._track_level(track, meter) for track, meter in self._tracks.items()}
        # Levels that were told must be taken back once nothing comes any more.
        self._changed = any(level.level_db is not None for level in levels.values())
        return StreamLevels(
            call_id=self._call_id,
            stream_id=self._stream_id,
            codec=self._codec,
            sample_rate_hz=self._sample_rate_hz,
            tracks=levels,
            digits=tuple(sorted(self._digits, key=_occurred_at)),
        )

    def _track_level(self, track: Track, meter: _TrackMeter) -> TrackLevel:
        taken = None if meter.loudness is None else meter.loudness.read_and_reset()
        level_db, peak_db = (None, None) if taken is None else taken
        return TrackLevel(
            level_db=level_db,
            peak_db=peak_db,
            frames=meter.frames,
            gaps=self._numbering.missing.get(track, 0),
            late=self._numbering.late.get(track, 0),
            jitter_ms=None if meter.last is None else round(meter.jitter_ms, 1),
            bytes=meter.bytes,
        )


class _TrackMeter:
    __slots__ = ("bytes", "frames", "jitter_ms", "last", "loudness")

    def __init__(self, codec: str | None) -> None:
        self.frames = 0
        self.bytes = 0
        self.jitter_ms = 0.0
        self.last: tuple[int, float] | None = None
        self.loudness = level_meter_for(codec)

    def update_jitter(self, timestamp_ms: int, at_s: float) -> None:
        """RFC 3550, section 6.4.1."""
        if self.last is not None:
            sent_ms, came_s = self.last
            deviation_ms = abs((at_s - came_s) * 1_000 - (timestamp_ms - sent_ms))
            self.jitter_ms += (min(deviation_ms, _MAX_DEVIATION_MS) - self.jitter_ms) / 16
        self.last = timestamp_ms, at_s


def _occurred_at(digit: Digit) -> datetime:
    return digit.occurred_at
