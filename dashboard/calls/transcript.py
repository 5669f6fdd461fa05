"""How interim and final text become a transcript. The provider sends no segment ids, no numbers and no word times.

A lane is (call, track). A final becomes a segment, for good; an interim is what a lane says now, and is never kept.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from dashboard.calls.events import Direction, Track, Transcribed


class Speaker(StrEnum):
    CALLER = "caller"
    CALLEE = "callee"
    UNKNOWN = "unknown"


def speaker_of(track: Track | None, direction: Direction | None) -> Speaker:
    """Who talks on a track. The inbound track is this leg's own party: the caller if they rang us, else the callee."""
    if track is None or direction is None:
        return Speaker.UNKNOWN
    own = Speaker.CALLER if direction is Direction.INBOUND else Speaker.CALLEE
    other = Speaker.CALLEE if direction is Direction.INBOUND else Speaker.CALLER
    return own if track is Track.INBOUND else other


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """The place of a keyword in UTF-16 code units, as browsers slice text."""

    start: int
    end: int
    keyword: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """One final of one track; it never changes. `seq` says when it was stored, `sort_key` where it goes.

    `started_at` is when its first interim was heard, None if none came in time. It is the best start there is, because
    Telnyx sends no word times.
    """

    call_id: str
    seq: int
    event_id: str
    track: Track | None
    text: str
    confidence: float | None
    started_at: datetime | None
    occurred_at: datetime
    marks: tuple[Mark, ...] = ()

    @property
    def sort_key(self) -> tuple[datetime, str]:
        return self.occurred_at, self.event_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Interim:
    """What a lane is saying now. An empty text says that it is saying nothing."""

    call_id: str
    track: Track | None
    text: str
    occurred_at: datetime
    event_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """The open end of one track. `closed_at` is its newest final; `first_heard_at` its first interim since then."""

    closed_at: datetime | None = None
    interim: Interim | None = None
    first_heard_at: datetime | None = None

    def with_interim(self, interim: Interim) -> Lane:
        """The lane after an interim; unchanged if the interim is too old."""
        at = interim.occurred_at
        if self.closed_at is not None and at <= self.closed_at:
            return self
        first = at if self.first_heard_at is None else min(self.first_heard_at, at)
        current = self.interim
        if current is not None and (at, interim.event_id) <= (current.occurred_at, current.event_id):
            return self if first == self.first_heard_at else replace(self, first_heard_at=first)
        return replace(self, interim=interim, first_heard_at=first)

    def with_final(self, at: datetime) -> Lane:
        """The lane after a final, which ends every interim up to its own time."""
        if self.closed_at is not None and at <= self.closed_at:
            return self
        if self.interim is None or self.interim.occurred_at <= at:
            return Lane(closed_at=at)
        return replace(self, closed_at=at, first_heard_at=self.interim.occurred_at)

    def first_heard_before(self, at: datetime) -> datetime | None:
        """When the words that are final at `at` were first heard; None without an interim."""
        first = self.first_heard_at
        return first if first is not None and first < at else None


def build_interim(event: Transcribed) -> Interim:
    return Interim(
        call_id=event.call_id,
        track=event.track,
        text=event.text,
        occurred_at=event.occurred_at,
        event_id=event.event_id,
    )


def build_segment(
    event: Transcribed, *, seq: int, started_at: datetime | None, marks: tuple[Mark, ...] = ()
) -> Segment:
    return Segment(
        call_id=event.call_id,
        seq=seq,
        event_id=event.event_id,
        track=event.track,
        text=event.text,
        confidence=event.confidence,
        started_at=started_at,
        occurred_at=event.occurred_at,
        marks=marks,
    )
