"""What each event makes of a call."""

from __future__ import annotations

from functools import reduce

import pytest

from dashboard.calls.call import Call, CallState, apply_event
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
)
from dashboard.calls.switches import SwitchName, SwitchState

from .stories import CALL_IDS, time_at, transcribed_event

CALL_ID = CALL_IDS[0]
INITIATED = CallInitiated(
    event_id="e1",
    call_id=CALL_ID,
    occurred_at=time_at(0),
    leg_id="leg",
    session_id="session",
    connection_id="1001",
    from_number="+15550100",
    to_number="+15550199",
    direction=Direction.INBOUND,
)
ANSWERED = CallAnswered(event_id="e2", call_id=CALL_ID, occurred_at=time_at(5))
HUNG_UP = CallHungUp(event_id="e9", call_id=CALL_ID, occurred_at=time_at(60), cause="normal_clearing", source="caller")


def after(*events: AnyCallEvent) -> Call:
    call = reduce(apply_event, events, None)
    assert call is not None
    return call


def state_of(call: Call, name: SwitchName) -> SwitchState:
    return call.switches[name].state


def test_a_new_call_rings_with_everything_off() -> None:
    call = after(INITIATED)
    assert call.state is CallState.RINGING
    assert (call.direction, call.from_number, call.to_number) == (Direction.INBOUND, "+15550100", "+15550199")
    assert {switch.state for switch in call.switches.values()} == {SwitchState.OFF}


def test_a_call_goes_from_ringing_to_answered_to_ended() -> None:
    call = after(INITIATED, ANSWERED, HUNG_UP)
    assert (call.state, call.answered_at, call.ended_at) == (CallState.ENDED, time_at(5), time_at(60))
    assert (call.hangup_cause, call.hangup_source) == ("normal_clearing", "caller")


def test_a_late_answer_does_not_revive_a_call_that_is_over() -> None:
    assert after(INITIATED, HUNG_UP, ANSWERED).state is CallState.ENDED


def test_the_provider_s_own_start_counts_where_it_is_earlier() -> None:
    late = CallHungUp(event_id="e9", call_id=CALL_ID, occurred_at=time_at(60), started_at=time_at(-3))
    assert after(INITIATED, late).started_at == time_at(-3)


@pytest.mark.parametrize(
    "proof",
    [CallBridged(event_id="e3", call_id=CALL_ID, occurred_at=time_at(8)), transcribed_event("hello", 8)],
    ids=["bridged", "transcribed"],
)
def test_bridges_and_words_prove_an_answer_nobody_told_us_of(proof: AnyCallEvent) -> None:
    assert after(INITIATED, proof).answered_at == time_at(8)
    assert after(INITIATED, proof, ANSWERED).answered_at == time_at(5)


def test_facts_missing_on_one_event_are_taken_from_another() -> None:
    assert after(ANSWERED, INITIATED).from_number == "+15550100"
    assert after(INITIATED, ANSWERED).leg_id == "leg"


def test_streaming_is_on_when_the_webhook_says_so() -> None:
    on = StreamingStarted(event_id="e4", call_id=CALL_ID, occurred_at=time_at(10))
    off = StreamingStopped(event_id="e5", call_id=CALL_ID, occurred_at=time_at(20))
    assert state_of(after(ANSWERED, on), SwitchName.STREAMING) is SwitchState.ON
    assert state_of(after(ANSWERED, on, off), SwitchName.STREAMING) is SwitchState.OFF
    assert state_of(after(ANSWERED, off, on), SwitchName.STREAMING) is SwitchState.OFF


def test_streaming_that_failed_says_why() -> None:
    failed = StreamingFailed(event_id="e4", call_id=CALL_ID, occurred_at=time_at(10), reason="connection_failed")
    switch = after(ANSWERED, failed).switches[SwitchName.STREAMING]
    assert (switch.state, switch.reason) == (SwitchState.FAILED, "connection_failed")


def test_forking_follows_its_own_webhooks_and_no_others() -> None:
    call = after(ANSWERED, ForkStarted(event_id="e4", call_id=CALL_ID, occurred_at=time_at(10)))
    assert state_of(call, SwitchName.FORK) is SwitchState.ON
    assert state_of(call, SwitchName.STREAMING) is SwitchState.OFF
    stopped = apply_event(call, ForkStopped(event_id="e5", call_id=CALL_ID, occurred_at=time_at(12)))
    assert state_of(stopped, SwitchName.FORK) is SwitchState.OFF


def test_text_turns_transcription_on() -> None:
    assert state_of(after(ANSWERED, transcribed_event("hello", 8)), SwitchName.TRANSCRIPTION) is SwitchState.ON


def test_hang_up_turns_everything_off_also_for_what_comes_later() -> None:
    streaming = StreamingStarted(event_id="e4", call_id=CALL_ID, occurred_at=time_at(10))
    call = after(ANSWERED, streaming, HUNG_UP, transcribed_event("bye", 61))
    assert {switch.state for switch in call.switches.values()} == {SwitchState.OFF}


def test_the_earliest_hang_up_tells_the_cause() -> None:
    earlier = CallHungUp(event_id="e8", call_id=CALL_ID, occurred_at=time_at(50), cause="timeout")
    for call in (after(earlier, HUNG_UP), after(HUNG_UP, earlier)):
        assert (call.ended_at, call.hangup_cause, call.hangup_source) == (time_at(50), "timeout", None)


def test_two_hang_ups_of_one_moment_end_the_same_in_both_orders() -> None:
    other = CallHungUp(event_id="e8", call_id=CALL_ID, occurred_at=time_at(60), cause="timeout")
    assert after(HUNG_UP, other) == after(other, HUNG_UP)
    assert after(other, HUNG_UP).hangup_source == "caller"


def test_other_events_change_nothing_but_what_they_know() -> None:
    known = after(INITIATED, ANSWERED)
    assert apply_event(known, OtherCallEvent(event_id="e7", call_id=CALL_ID, occurred_at=time_at(30))) == known


def test_apply_numbers_nothing() -> None:
    assert after(INITIATED, ANSWERED, transcribed_event("hello", 8), HUNG_UP).seq == 0
