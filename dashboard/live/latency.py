"""How long lines take: occurred, received, stored, sent. The browser measures the rest.

Keeps times and no words, in memory, bounded, for this process only.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from threading import Lock
from typing import NamedTuple

from dashboard.calls.changes import Change, SegmentAdded
from dashboard.calls.transcript import Segment

WINDOW_LINES = 500
# Lines received and not sent: most belong to calls without watchers.
MAX_LINES_IN_FLIGHT = 2_000

MAX_CALLS = 200
_MILLISECOND = timedelta(milliseconds=1)


class Stage(StrEnum):
    RECEIVED = "occurred_to_received"
    STORED = "received_to_stored"
    SENT = "received_to_sent"


class Timing(NamedTuple):
    """When one line was where, all on this server's clock."""

    received_at: datetime
    stored_at: datetime
    sent_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DelayStats:
    """Delays of one stage. `count` and `total_ms` are since the start, percentiles of the last `WINDOW_LINES`."""

    count: int
    total_ms: float
    p50_ms: float | None
    p95_ms: float | None


class DelayWindow:
    """The newest delays of one stage."""

    __slots__ = ("_count", "_newest", "_total_ms")

    def __init__(self) -> None:
        self._newest: deque[float] = deque(maxlen=WINDOW_LINES)
        self._count = 0
        self._total_ms = 0.0

    def add_delay(self, delay_ms: float) -> None:
        self._newest.append(delay_ms)
        self._count += 1
        self._total_ms += delay_ms

    def stats(self) -> DelayStats:
        ranked = sorted(self._newest)
        return DelayStats(
            count=self._count, total_ms=self._total_ms, p50_ms=_percentile(ranked, 50), p95_ms=_percentile(ranked, 95)
        )


class _StageWindows:
    """The delays of one call, or of all."""

    __slots__ = ("received", "sent", "stored")

    def __init__(self) -> None:
        self.received = DelayWindow()
        self.stored = DelayWindow()
        self.sent = DelayWindow()

    def stats_by_stage(self) -> dict[Stage, DelayStats]:
        return {
            Stage.RECEIVED: self.received.stats(),
            Stage.STORED: self.stored.stats(),
            Stage.SENT: self.sent.stats(),
        }


class _LineTimes:
    """Where a line is. Made for each of them, so it is small."""

    __slots__ = ("received_at", "stored_at")

    def __init__(self, received_at: datetime) -> None:
        self.received_at = received_at
        self.stored_at: datetime | None = None


class LatencyTracker:
    """Follows each final on its way. `now` is this server's clock, aware UTC."""

    def __init__(self, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._now = now
        self._lines: OrderedDict[str, _LineTimes] = OrderedDict()
        self._overall = _StageWindows()
        self._calls: OrderedDict[str, _StageWindows] = OrderedDict()
        self._lock = Lock()

    def mark_received(self, event_id: str, *, at: datetime) -> None:
        """A final came in. The first copy counts: what its repetitions say is older news."""
        with self._lock:
            self._lines.setdefault(event_id, _LineTimes(at))
            if len(self._lines) > MAX_LINES_IN_FLIGHT:
                self._lines.popitem(last=False)

    def mark_stored(self, changes: Sequence[Change]) -> None:
        """What was just committed."""
        stored_at = self._now()
        with self._lock:
            for change in changes:
                if isinstance(change, SegmentAdded):
                    self._mark_segment_stored(change.segment, stored_at)

    def mark_sent(self, segment: Segment) -> Timing | None:
        """The line leaves now, for the first time. None for a line that did not come in here."""
        sent_at = self._now()
        with self._lock:
            line = self._lines.pop(segment.event_id, None)
            if line is None or line.stored_at is None:
                return None
            delay_ms = (sent_at - line.received_at) / _MILLISECOND
            self._windows_of_call(segment.call_id).sent.add_delay(delay_ms)
            self._overall.sent.add_delay(delay_ms)
        return Timing(received_at=line.received_at, stored_at=line.stored_at, sent_at=sent_at)

    def overall_stats(self) -> dict[Stage, DelayStats]:
        with self._lock:
            return self._overall.stats_by_stage()

    def call_stats(self, call_id: str) -> dict[Stage, DelayStats] | None:
        """The stats of one call; None without a line here, or too many calls ago."""
        with self._lock:
            stages = self._calls.get(call_id)
            return None if stages is None else stages.stats_by_stage()

    def _mark_segment_stored(self, segment: Segment, stored_at: datetime) -> None:
        line = self._lines.get(segment.event_id)
        if line is None:
            return
        line.stored_at = stored_at
        for stages in (self._windows_of_call(segment.call_id), self._overall):
            stages.received.add_delay((line.received_at - segment.occurred_at) / _MILLISECOND)
            stages.stored.add_delay((stored_at - line.received_at) / _MILLISECOND)

    def _windows_of_call(self, call_id: str) -> _StageWindows:
        stages = self._calls.get(call_id)
        if stages is None:
            stages = self._calls[call_id] = _StageWindows()
            if len(self._calls) > MAX_CALLS:
                self._calls.popitem(last=False)
        else:
            self._calls.move_to_end(call_id)
        return stages


def _percentile(ranked: Sequence[float], percent: int) -> float | None:
    if not ranked:
        return None
    return ranked[max(0, -(-len(ranked) * percent // 100) - 1)]
