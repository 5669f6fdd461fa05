"""Events for tests: short builders, and stories of several calls as hypothesis strategies."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from dashboard.calls.events import (
    AnyCallEvent,
    CallAnswered,
    CallBridged,
    CallHungUp,
    CallInitiated,
    Direction,
    ForkStarted,
    ForkStopped,
    OtherCallEvent,
    StreamingFailed,
    StreamingStarted,
    StreamingStopped,
    Track,
    Transcribed,
)

T0 = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
CALL_IDS = ("v3:alice", "v3:bob", "v3:charlie")


def time_at(seconds: float) -> datetime:
    return T0 + timedelta(seconds=seconds)


def transcribed_event(
    text: str,
    seconds: float,
    *,
    final: bool = True,
    track: Track | None = Track.INBOUND,
    call_id: str = CALL_IDS[0],
    event_id: str | None = None,
    confidence: float | None = 0.9,
) -> Transcribed:
    return Transcribed(
        event_id=event_id or f"{'final' if final else 'interim'}-{track}-{seconds}",
        call_id=call_id,
        occurred_at=time_at(seconds),
        text=text,
        is_final=final,
        confidence=confidence if final else None,
        track=track,
    )


_FACT_VALUES: dict[str, tuple[Any, ...]] = {
    "leg_id": (None, "leg-1", "leg-2"),
    "session_id": (None, "session-1"),
    "connection_id": (None, "1001"),
    "from_number": (None, "+15550100", "+15550199"),
    "to_number": (None, "+15550100", "+15550199"),
    "direction": (None, *Direction),
    "started_at": (None, time_at(-5), time_at(3)),
    "cause": (None, "normal_clearing", "timeout"),
    "source": (None, "caller", "callee"),
    "reason": (None, "connection_failed"),
    "stream_id": (None,),
    "text": ("", "yes", "my order is late", "Zoë 👋"),
    "is_final": (False, True),
    "confidence": (None, 0.5, 0.97),
    "track": (None, *Track),
}
_EVENT_TYPES: tuple[type[Any], ...] = (
    CallInitiated,
    CallAnswered,
    CallBridged,
    CallHungUp,
    StreamingStarted,
    StreamingStopped,
    StreamingFailed,
    ForkStarted,
    ForkStopped,
    Transcribed,
    Transcribed,
    Transcribed,
    OtherCallEvent,
)


def _build_event(event_type: type[Any], call_id: str, seconds: int, choice: int) -> AnyCallEvent:
    """One number chooses all the facts: drawing each on its own makes a thousand stories take a minute."""
    facts = {}
    for item in fields(event_type):
        if item.name in _FACT_VALUES:
            choice, index = divmod(choice, len(_FACT_VALUES[item.name]))
            facts[item.name] = _FACT_VALUES[item.name][index]
    event: AnyCallEvent = event_type(event_id="", call_id=call_id, occurred_at=time_at(seconds), **facts)
    return event


def _number_events(events: list[AnyCallEvent]) -> list[AnyCallEvent]:
    return [replace(event, event_id=f"event-{number:02}") for number, event in enumerate(events)]


_SECONDS = st.integers(0, 12)
"""Few enough that events share one: ties are where order could leak in."""

_event_strategy = st.builds(
    _build_event, st.sampled_from(_EVENT_TYPES), st.sampled_from(CALL_IDS), _SECONDS, st.integers(0, 2**20)
)

stories = st.lists(_event_strategy, min_size=1, max_size=20).map(_number_events)
"""What happened to a few calls: every kind of event, late ones, silent ones and several at one moment."""


@st.composite
def deliveries(draw: st.DrawFn) -> tuple[list[AnyCallEvent], list[AnyCallEvent]]:
    """One story as it was, and as it may arrive: in any order, with any of it repeated."""
    story = draw(stories)
    repeated = draw(st.lists(st.sampled_from(story), max_size=6))
    return story, draw(st.permutations(story + repeated))
