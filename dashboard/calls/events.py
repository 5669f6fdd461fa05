"""What can happen to a call, in the domain's words. Every event says when it happened by the provider's clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Track(StrEnum):
    """One direction of sound: received from this leg's party, or sent to it."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"


class Direction(StrEnum):
    INBOUND = "inbound"
    OUTBOUND = "outbound"


@dataclass(frozen=True, slots=True, kw_only=True)
class CallEvent:
    """Something that happened to one call.

    `event_id` is unique and survives re-delivery: the idempotency key. `occurred_at` is aware UTC, by the provider's
    clock. The ids beyond `call_id` and the numbers (E.164 or SIP URI) may be missing on any event.
    """

    event_id: str
    call_id: str
    occurred_at: datetime
    leg_id: str | None = None
    session_id: str | None = None
    connection_id: str | None = None
    from_number: str | None = None
    to_number: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallInitiated(CallEvent):
    """A call exists: it rings or is dialled. `started_at` is the provider's own start, if given."""

    direction: Direction | None = None
    started_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallAnswered(CallEvent):
    started_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallBridged(CallEvent):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class CallHungUp(CallEvent):
    """The call is over. `cause` is an open set of words (`normal_clearing`, `timeout`, …)."""

    cause: str | None = None
    source: str | None = None
    started_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamingStarted(CallEvent):
    stream_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamingStopped(CallEvent):
    stream_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamingFailed(CallEvent):
    """`reason` is the provider's free text, e.g. `connection_failed`."""

    reason: str | None = None
    stream_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ForkStarted(CallEvent):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class ForkStopped(CallEvent):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcribed(CallEvent):
    """Speech became text. An interim (`is_final` false) is replaced by the next one; a final stays.

    `text` is stripped and may be empty. `confidence` is in [0, 1] or None. `track` is None where the engine names none.
    """

    text: str
    is_final: bool
    confidence: float | None = None
    track: Track | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherCallEvent(CallEvent):
    """An event that changes nothing here. It is stored and shown."""


AnyCallEvent = (
    CallInitiated
    | CallAnswered
    | CallBridged
    | CallHungUp
    | StreamingStarted
    | StreamingStopped
    | StreamingFailed
    | ForkStarted
    | ForkStopped
    | Transcribed
    | OtherCallEvent
)
