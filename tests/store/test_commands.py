"""A press is one command, however often it is pressed; its answer and its webhook may come in either order."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dashboard.calls.changes import Change
from dashboard.calls.events import CallHungUp, StreamingStarted, StreamingStopped
from dashboard.calls.switches import Switch, SwitchName, SwitchState
from dashboard.errors import CallNotFoundError, CommandError
from dashboard.messages import Message, ngettext
from dashboard.messages import _ as sentence
from dashboard.store import ExpireCommand, FinishCommand, Store
from tests.calls.stories import time_at, transcribed_event

from .records import (
    CALL_ID,
    call_answered,
    call_initiated,
    change_numbers,
    record_operation,
    run_in_threads,
    start_command_operation,
)

STARTED = StreamingStarted(event_id="started", call_id=CALL_ID, occurred_at=time_at(11))
STOPPED = StreamingStopped(event_id="stopped", call_id=CALL_ID, occurred_at=time_at(30))


@pytest.fixture
def running(store: Store) -> Store:
    """A store with one call that was answered."""
    store.record_event(call_initiated())
    store.record_event(call_answered())
    return store


def switch_of(store: Store, name: SwitchName = SwitchName.STREAMING) -> Switch:
    return store.get_transcript(CALL_ID).call.switches[name]


def settled(
    command_id: str = "command-1",
    *,
    switch: SwitchName | None = SwitchName.STREAMING,
    outcome: bool | None = None,
    refused: bool = False,
    reason: str | None = None,
    seconds: float = 12,
) -> FinishCommand:
    return FinishCommand(
        command_id=command_id,
        call_id=CALL_ID,
        at=time_at(seconds),
        status="failed" if refused else "accepted",
        switch=switch,
        outcome=outcome,
        has_failed=refused,
        reason=reason,
        http_status=422 if refused else 200,
        attempts=1,
        elapsed_ms=40,
    )


def given_up(command_id: str = "command-1") -> ExpireCommand:
    return ExpireCommand(
        command_id=command_id, call_id=CALL_ID, switch=SwitchName.STREAMING, at=time_at(20), reason="no confirmation"
    )


def test_a_press_moves_the_knob_before_anything_is_sent(running: Store, published: list[Change]) -> None:
    outcome = running.start_command(start_command_operation())
    assert outcome.should_send
    assert published[-len(outcome.changes) :] == list(outcome.changes)
    assert (switch_of(running).state, switch_of(running).since) == (SwitchState.STARTING, time_at(10))


def test_a_press_on_a_call_nobody_told_us_of_is_refused(store: Store) -> None:
    with pytest.raises(CallNotFoundError):
        store.start_command(start_command_operation(call_id="v3:nobody"))


def test_the_same_press_retried_is_sent_once(running: Store) -> None:
    assert running.start_command(start_command_operation()).should_send
    again = running.start_command(start_command_operation())
    assert (again.should_send, again.changes, again.command["command_id"]) == (False, (), "command-1")


def test_a_double_press_is_one_command(running: Store, published: list[Change]) -> None:
    outcomes = run_in_threads(
        *[lambda n=n: running.start_command(start_command_operation(f"command-{n}")) for n in range(6)]
    )  # type: ignore[misc]
    assert sum(outcome.should_send for outcome in outcomes) == 1
    assert len({outcome.command["command_id"] for outcome in outcomes}) == 1
    assert change_numbers(published) == [1, 2, 3]


def test_a_command_id_of_another_command_is_refused(running: Store) -> None:
    running.start_command(start_command_operation("command-1"))
    with pytest.raises(CommandError, match="was used for another command"):
        running.start_command(start_command_operation("command-1", name="hangup", switch=None))


def test_the_opposite_wish_is_another_command(running: Store) -> None:
    running.start_command(start_command_operation())
    assert running.start_command(start_command_operation("command-2", on=False, seconds=11)).should_send
    assert switch_of(running).state is SwitchState.STOPPING


def test_a_command_that_moves_no_switch_is_sent_once_too(running: Store) -> None:
    assert running.start_command(start_command_operation(switch=None)).should_send
    assert not running.start_command(start_command_operation(switch=None)).should_send


def test_an_accepted_start_waits_for_its_webhook(running: Store) -> None:
    running.start_command(start_command_operation())
    assert running.finish_command(settled()).changes == ()
    assert switch_of(running).state is SwitchState.STARTING
    running.record_event(record_operation(STARTED))
    assert (switch_of(running).state, switch_of(running).since) == (SwitchState.ON, time_at(11))


def test_an_answer_that_comes_after_the_webhook_changes_nothing(running: Store) -> None:
    running.start_command(start_command_operation())
    running.record_event(record_operation(STARTED))
    assert running.finish_command(settled(refused=True, reason="too late to say no")).changes == ()
    assert switch_of(running).state is SwitchState.ON


def test_transcription_is_on_when_the_command_was_accepted(running: Store) -> None:
    running.start_command(start_command_operation(switch=SwitchName.TRANSCRIPTION))
    running.finish_command(settled(switch=SwitchName.TRANSCRIPTION, outcome=True))
    assert switch_of(running, SwitchName.TRANSCRIPTION).state is SwitchState.ON


def test_the_first_text_confirms_a_start_whose_answer_was_lost(running: Store) -> None:
    running.start_command(start_command_operation(switch=SwitchName.TRANSCRIPTION))
    running.record_event(record_operation(transcribed_event("hello", 14)))
    assert switch_of(running, SwitchName.TRANSCRIPTION).state is SwitchState.ON


def test_a_refused_start_has_failed_and_says_why(running: Store) -> None:
    running.start_command(start_command_operation())
    running.finish_command(settled(refused=True, reason="not answered yet"))
    assert (switch_of(running).state, switch_of(running).reason) == (SwitchState.FAILED, "not answered yet")
    assert running.start_command(start_command_operation("command-2", seconds=15)).should_send


def test_the_answer_to_an_older_press_does_not_settle_the_newer_one(running: Store) -> None:
    running.start_command(start_command_operation())
    running.start_command(start_command_operation("command-2", on=False, seconds=11))
    assert running.finish_command(settled("command-1", refused=True, reason="late")).changes == ()
    assert switch_of(running).state is SwitchState.STOPPING


def test_a_repeated_press_gets_the_answer_that_is_known(running: Store) -> None:
    running.start_command(start_command_operation())
    running.finish_command(settled())
    known = running.start_command(start_command_operation()).command
    assert (known["status"], known["http_status"], known["settled_at"]) == ("accepted", 200, time_at(12))


def test_a_press_nobody_confirmed_is_found_and_given_up(running: Store) -> None:
    running.start_command(start_command_operation())
    assert running.unconfirmed_commands(since_before=time_at(10)) == []
    [waiting] = running.unconfirmed_commands(since_before=time_at(10.001))
    assert (waiting.call_id, waiting.switch, waiting.command_id) == (CALL_ID, SwitchName.STREAMING, "command-1")
    running.expire_command(given_up())
    assert (switch_of(running).state, switch_of(running).reason) == (SwitchState.FAILED, "no confirmation")
    assert running.unconfirmed_commands(since_before=time_at(99)) == []


def test_a_confirmation_after_giving_up_puts_the_switch_right(running: Store) -> None:
    running.start_command(start_command_operation())
    running.expire_command(given_up())
    running.record_event(record_operation(STARTED))
    assert switch_of(running).state is SwitchState.ON


def test_giving_up_what_was_confirmed_meanwhile_changes_nothing(running: Store) -> None:
    running.start_command(start_command_operation())
    running.record_event(record_operation(STARTED))
    outcome = running.expire_command(given_up())
    assert (outcome.is_new, outcome.changes) == (False, ())


def test_a_stop_nobody_confirmed_leaves_it_on(running: Store) -> None:
    running.record_event(record_operation(STARTED))
    running.start_command(start_command_operation(on=False, seconds=20))
    running.expire_command(given_up())
    assert (switch_of(running).state, switch_of(running).since) == (SwitchState.ON, time_at(11))
    running.record_event(record_operation(STOPPED))
    assert switch_of(running).state is SwitchState.OFF


def test_a_press_of_a_call_that_ended_waits_for_nothing(running: Store) -> None:
    running.start_command(start_command_operation())
    running.record_event(record_operation(CallHungUp(event_id="hung-up", call_id=CALL_ID, occurred_at=time_at(15))))
    assert running.unconfirmed_commands(since_before=time_at(99)) == []
    assert switch_of(running).state is SwitchState.OFF


def test_what_is_said_of_a_press_can_be_said_in_another_language_later(running: Store) -> None:
    reason = sentence("%(title)s. %(hint)s", title="Busy", hint=ngettext("%(num)s try", "%(num)s tries", 3))
    running.start_command(start_command_operation())
    running.finish_command(settled(refused=True, reason=reason))
    [command] = running.commands_of_call(CALL_ID)
    for kept in (switch_of(running).reason, command["reason"]):
        assert isinstance(kept, Message) and isinstance(kept.values["hint"], Message)
        assert (kept, kept.id, kept.values["hint"].plural) == (reason, reason.id, "%(num)s tries")


def test_a_stop_keeps_why_nobody_asked_for_it(running: Store) -> None:
    because = ngettext("Silent for %(num)s minute.", "Silent for %(num)s minutes.", 5)
    running.start_command(replace(start_command_operation(on=False), because=because))
    running.record_event(record_operation(STOPPED))
    kept = switch_of(running).stopped_because
    assert isinstance(kept, Message) and kept == "Silent for 5 minutes."
