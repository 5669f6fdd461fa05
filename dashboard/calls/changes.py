"""Changes that watchers receive. Durable ones carry the call's next number, interims carry none."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.calls.call import Call
from dashboard.calls.events import Direction
from dashboard.calls.transcript import Interim, Segment


@dataclass(frozen=True, slots=True, kw_only=True)
class CallUpdated:
    call: Call


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentAdded:
    """A final became a segment. The call's direction comes along: it says who the speaker is."""

    segment: Segment
    direction: Direction | None


@dataclass(frozen=True, slots=True, kw_only=True)
class InterimHeard:
    interim: Interim
    direction: Direction | None


Change = CallUpdated | SegmentAdded | InterimHeard
