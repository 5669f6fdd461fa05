"""What to press without being asked: rules that start, guards that stop."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from dashboard.calls.automation_rules import Limits, Rule, Scope, command_to_stop, commands_to_start, cost, parse_rules
from dashboard.calls.call import Call
from dashboard.calls.events import Direction
from dashboard.calls.switches import Switch, SwitchName, SwitchState
from dashboard.messages import Message
from tests.calls.stories import time_at

TRANSCRIPTION, STREAMING, FORK = SwitchName
ANSWERED = Call(
    call_id="call",
    direction=Direction.INBOUND,
    from_number="+15550100001",
    to_number="+15550100002",
    started_at=time_at(0),
    answered_at=time_at(3),
)


def started(call: Call, text: str) -> list[SwitchName]:
    return [wish.switch for wish in commands_to_start(call, parse_rules(text))]


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("", []),
        ("  ;; ", []),
        ("transcription", [Rule(switch=TRANSCRIPTION)]),
        ("transcription always", [Rule(switch=TRANSCRIPTION)]),
        ("transcription +15550100002", [Rule(switch=TRANSCRIPTION, number="+15550100002")]),
        (
            "transcription inbound +1555*; streaming outbound;",
            [
                Rule(switch=TRANSCRIPTION, scope=Scope.INBOUND, number="+1555*"),
                Rule(switch=STREAMING, scope=Scope.OUTBOUND),
            ],
        ),
        ("fork +1555* outbound", [Rule(switch=FORK, scope=Scope.OUTBOUND, number="+1555*")]),
    ],
)
def test_rules_are_read_as_people_write_them(text: str, rules: list[Rule]) -> None:
    assert list(parse_rules(text)) == rules


@pytest.mark.parametrize(
    "text",
    [
        *("always", "transcribe always", "Transcription", "transcription never", "transcription inbound outbound"),
        *("transcription +1555 +1666", "transcription 15550100001", "transcription +", "transcription +*"),
        *(
            "transcription +1*5",
            "transcription +１２",
            "transcription inbound +1555* extra",
            "transcription inbound, fork",
        ),
    ],
)
def test_rule_that_cannot_be_read_is_named(text: str) -> None:
    with pytest.raises(ValueError, match=".") as caught:
        parse_rules(f"fork always; {text}")
    assert text.split()[0] in str(caught.value)


@pytest.mark.parametrize(
    ("text", "starts"),
    [
        ("transcription", True),
        ("transcription inbound", True),
        ("transcription outbound", False),
        ("transcription +15550100001", True),
        ("transcription +15550100002", True),
        ("transcription +1555010*", True),
        ("transcription +1555010", False),
        ("transcription +1666*", False),
        ("transcription outbound +1555*; transcription inbound +1555*", True),
    ],
)
def test_rule_goes_by_direction_and_number(text: str, starts: bool) -> None:
    assert started(ANSWERED, text) == ([TRANSCRIPTION] if starts else [])


def test_found_call_of_unknown_direction_matches_only_what_asks_for_nothing() -> None:
    found = replace(ANSWERED, direction=None, from_number=None, to_number=None)
    assert started(found, "transcription") == [TRANSCRIPTION]
    assert started(found, "transcription inbound; transcription outbound; transcription +1*") == []


@pytest.mark.parametrize("changed", [{"answered_at": None}, {"ended_at": time_at(60)}])
def test_nothing_starts_on_a_call_that_rings_or_is_over(changed: dict[str, datetime | None]) -> None:
    assert started(replace(ANSWERED, **changed), "transcription") == []


@pytest.mark.parametrize(
    "touched",
    [
        Switch(state=SwitchState.STARTING, since=time_at(4), command_id="c"),
        Switch(state=SwitchState.ON, since=time_at(4), on_since=time_at(4)),
        Switch(state=SwitchState.OFF, since=time_at(9)),
        Switch(state=SwitchState.FAILED, since=time_at(9), reason="no"),
    ],
)
def test_rule_never_touches_what_somebody_has_touched(touched: Switch) -> None:
    assert started(ANSWERED.with_switch(TRANSCRIPTION, touched), "transcription") == []


def test_one_copy_of_the_sound_at_a_time() -> None:
    assert started(ANSWERED, "fork; streaming; transcription") == [TRANSCRIPTION, STREAMING]
    streamed = ANSWERED.with_switch(STREAMING, Switch(state=SwitchState.ON, since=time_at(4), on_since=time_at(4)))
    assert started(streamed, "fork; streaming; transcription") == [TRANSCRIPTION]
    assert started(streamed, "fork") == []


def running(since: float) -> Call:
    return ANSWERED.with_switch(
        TRANSCRIPTION, Switch(state=SwitchState.ON, since=time_at(since), on_since=time_at(since))
    )


SILENCE = Limits(max_silence=timedelta(minutes=2))
MOST = Limits(max_duration=timedelta(minutes=30))


@pytest.mark.parametrize(
    ("guard", "last_words", "now", "stops"),
    [
        (SILENCE, None, 119, False),
        (SILENCE, None, 120, True),
        (SILENCE, 100, 219, False),
        (SILENCE, 100, 220, True),
        (SILENCE, -500, 119, False),  # words of a transcription before this one
        (MOST, 1799, 1799, False),
        (MOST, 1799, 1800, True),
        (Limits(), None, 100_000, False),
    ],
)
def test_guard_stops_what_is_silent_or_has_run_for_too_long(
    guard: Limits, last_words: float | None, now: float, stops: bool
) -> None:
    wish = command_to_stop(
        running(0), guard, last_speech_at=None if last_words is None else time_at(last_words), now=time_at(now)
    )
    assert (wish is not None) is stops
    if wish is not None:
        assert (wish.call_id, wish.switch, wish.on) == ("call", TRANSCRIPTION, False)
        assert ("2 minutes" if guard is SILENCE else "30 minutes") in wish.reason


@pytest.mark.parametrize("state", [SwitchState.OFF, SwitchState.STARTING, SwitchState.STOPPING, SwitchState.FAILED])
def test_guard_leaves_alone_what_does_not_run(state: SwitchState) -> None:
    call = ANSWERED.with_switch(TRANSCRIPTION, Switch(state=state, since=time_at(0), on_since=None))
    assert command_to_stop(call, SILENCE, last_speech_at=None, now=time_at(10_000)) is None


def test_nothing_is_stopped_on_a_call_that_is_over() -> None:
    assert (
        command_to_stop(replace(running(0), ended_at=time_at(60)), MOST, last_speech_at=None, now=time_at(10_000))
        is None
    )


def test_one_minute_is_told_as_one() -> None:
    wish = command_to_stop(running(0), Limits(max_silence=timedelta(minutes=1)), last_speech_at=None, now=time_at(61))
    assert wish is not None and wish.reason == "A rule stopped it: no speech for 1 minute."


def test_why_it_was_stopped_can_be_said_in_another_language() -> None:
    for guard in (SILENCE, MOST):
        wish = command_to_stop(running(0), guard, last_speech_at=None, now=time_at(10_000))
        assert wish is not None and isinstance(wish.reason, Message) and wish.reason.plural is not None


def test_cost_is_by_the_second_and_never_negative() -> None:
    assert cost(timedelta(seconds=90), 0.02) == pytest.approx(0.03)
    assert cost(timedelta(seconds=-1), 0.02) == 0
