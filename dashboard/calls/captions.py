"""Caption times of a transcript. They are estimates, because Telnyx sends no word times."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from dashboard.calls.call import Call
from dashboard.calls.events import Track
from dashboard.calls.transcript import Segment

# About 150 words a minute, the pace of an unhurried phone call.
CHARACTERS_PER_S = 15.0

MIN_CUE_DURATION = timedelta(seconds=0.5)
MAX_CUE_DURATION = timedelta(seconds=12)
_ZERO_DURATION = timedelta(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cue:
    """A segment with its time from the start of the call: 0 <= start < end."""

    start: timedelta
    end: timedelta
    segment: Segment


def build_cues(call: Call, segments: Iterable[Segment]) -> list[Cue]:
    """One cue for each segment, ordered by start.

    A cue ends when its final was heard. It starts when its first interim was heard; without one, as long before the end
    as saying that many characters takes, but not before the previous cue of the same track ends. Both are estimates,
    and late by the engine's own delay.
    """
    ordered = sorted(segments, key=lambda segment: segment.sort_key)
    began_at = call.answered_at or call.started_at or (ordered[0].occurred_at if ordered else None)
    lane_ends: dict[Track | None, timedelta] = {}
    found = []
    for segment in ordered:
        assert began_at is not None
        cue = _build_cue(segment, began_at, lane_ends.get(segment.track, _ZERO_DURATION))
        lane_ends[segment.track] = cue.end
        found.append(cue)
    return sorted(found, key=lambda cue: (cue.start, cue.segment.sort_key))


def _build_cue(segment: Segment, call_started_at: datetime, earliest_start: timedelta) -> Cue:
    end = segment.occurred_at - call_started_at
    start = _estimate_start(segment.text, end) if segment.started_at is None else segment.started_at - call_started_at
    start = max(earliest_start, min(start, end - MIN_CUE_DURATION))
    return Cue(start=start, end=max(end, start + MIN_CUE_DURATION), segment=segment)


def _estimate_start(text: str, end: timedelta) -> timedelta:
    # The bound comes first: a text may be long enough to overflow what a timedelta holds exactly.
    seconds = min(len(text) / CHARACTERS_PER_S, MAX_CUE_DURATION.total_seconds())
    return end - max(MIN_CUE_DURATION, timedelta(seconds=seconds))
