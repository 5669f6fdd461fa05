"""Commands are sent once; result and webhook may come in any order."""

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
def answered_call(store: Store) -> Store:
    """A store with one answered call."""
    store.record_event(call_initiated())
    store.record_event(call_answered())
    return store


def switch_of(store: Store, name: SwitchName = SwitchName.STREAMING) -> Switch:
    return store.get_transcript(CALL_ID).call.switches[name]


def finish_operation(
    command_id: str = "command-1",
    *,
    switch: SwitchName | None = SwitchName.STREAMING,
    outcome: bool | None = None,
    has_failed: bool = False,
    reason: str | None = None,
    seconds: float = 12,
) -> FinishCommand:
    return FinishCommand(
        command_id=command_id,
        call_id=CALL_ID,
        at=time_at(seconds),
        status="failed" if has_failed else "accepted",
        switch=switch,
        outcome=outcome,
        has_failed=has_failed,
        reason=reason,
        http_status=422 if has_failed else 200,
        attempts=1,
        elapsed_ms=40,
    )


def expire_operation(command_id: str = "command-1") -> ExpireCommand:
    return ExpireCommand(
        command_id=command_id, call_id=CALL_ID, switch=SwitchName.STREAMING, at=time_at(20), reason="no confirmation"
    )


def test_a_command_makes_its_switch_pending_before_sending(answered_call: Store, published: list[Change]) -> None:
    result = answered_call.start_command(start_command_operation())
    assert result.should_send
    assert published[-len(result.changes) :] == list(result.changes)
    assert (switch_of(answered_call).state, switch_of(answered_call).since) == (SwitchState.STARTING, time_at(10))


def test_a_command_to_an_unknown_call_is_refused(store: Store) -> None:
    with pytest.raises(CallNotFoundError):
        store.start_command(start_command_operation(call_id="v3:unknown"))


def test_a_repeated_command_is_sent_once(answered_call: Store) -> None:
    assert answered_call.start_command(start_command_operation()).should_send
    repetition = answered_call.start_command(start_command_operation())
    assert (repetition.should_send, repetition.changes, repetition.command["command_id"]) == (False, (), "command-1")


def test_concurrent_equal_commands_are_one(answered_call: Store, published: list[Change]) -> None:
    results = run_in_threads(
        *[lambda n=n: answered_call.start_command(start_command_operation(f"command-{n}")) for n in range(6)]
    )  # type: ignore[misc]
    assert sum(result.should_send for result in results) == 1
    assert len({result.command["command_id"] for result in results}) == 1
    assert change_numbers(published) == [1, 2, 3]


def test_a_command_id_in_use_is_refused(answered_call: Store) -> None:
    answered_call.start_command(start_command_operation("command-1"))
    with pytest.raises(CommandError, match="was used for another command"):
        answered_call.start_command(start_command_operation("command-1", name="hangup", switch=None))


def test_the_opposite_command_is_sent_too(answered_call: Store) -> None:
    answered_call.start_command(start_command_operation())
    assert answered_call.start_command(start_command_operation("command-2", on=False, seconds=11)).should_send
    assert switch_of(answered_call).state is SwitchState.STOPPING


def test_a_command_without_switch_is_sent_once(answered_call: Store) -> None:
    assert answered_call.start_command(start_command_operation(switch=None)).should_send
    assert not answered_call.start_command(start_command_operation(switch=None)).should_send


def test_an_accepted_start_waits_for_its_webhook(answered_call: Store) -> None:
    answered_call.start_command(start_command_operation())
    assert answered_call.finish_command(finish_operation()).changes == ()
    assert switch_of(answered_call).state is SwitchState.STARTING
    answered_call.record_event(record_operation(STARTED))
    assert (switch_of(answered_call).state, switch_of(answered_call).since) == (SwitchState.ON, time_at(11))


def test_a_result_after_the_webhook_changes_nothing(answered_call: Store) -> None:
    answered_call.start_command(start_command_operation())
    answered_call.record_event(record_operation(STARTED))
    assert answered_call.finish_command(finish_operation(has_failed=True, reason="too late to say no")).changes == ()
    assert switch_of(answered_call).state is SwitchState.ON


def test_an_accepted_transcription_start_is_on(answered_call: Store) -> None:
    answered_call.start_command(start_command_operation(switch=SwitchName.TRANSCRIPTION))
    answered_call.finish_command(finish_operation(switch=SwitchName.TRANSCRIPTION, outcome=True))
    assert switch_of(answered_call, SwitchName.TRANSCRIPTION).state is SwitchState.ON


def test_the_first_text_confirms_a_start_without_result(answered_call: Store) -> None:
    answered_call.start_command(start_command_operation(switch=SwitchName.TRANSCRIPTION))
    answered_call.record_event(record_operation(transcribed_event("hello", 14)))
    assert switch_of(answered_call, SwitchName.TRANSCRIPTION).state is SwitchState.ON


def test_a_refused_start_has_failed_with_its_reason(answered_call: Store) -> None:
    answered_call.start_command(start_command_operation())
    answered_call.finish_command(finish_operation(has_failed=True, reason="not answered yet"))
    assert (switch_of(answered_call).state, switch_of(answered_call).reason) == (SwitchState.FAILED, "not answered yet")
    assert answered_call.start_command(start_command_operation("command-2", seconds=15)).should_send


def test_a_result_does_not_finish_a_newer_command(answered_call: Store) -> None:
    answered_call.start_command(start_command_operation())
    answered_call.start_command(start_command_operation("command-2", on=False, seconds=11))
    assert answered_call.finish_command(finish_operation("command-1", has_failed=True, reason="late")).changes == ()
    assert switch_of(answered_call).state is SwitchState.STOPPING


def test_a_repeated_command_gets_the_stored_result(answered_call: Store) -> None:
    answered_call.start_command(start_command_operation())
    answered_call.finish_command(finish_operation())
    row = answered_call.start_command(start_command_operation()).command
    assert (row["status"], row["http_status"], row["settled_at"]) == ("accepted", 200, time_at(12))


def test_an_unconfirmed_command_is_listed_and_expired(answered_call: Store) -> None:
    answered_call.start_command(start_command_operation())
    assert answered_call.unconfirmed_commands(since_before=time_at(10)) == []
    [command] = answered_call.unconfirmed_commands(since_before=time_at(10.001))
    assert (command.call_id, command.switch, command.command_id) == (CALL_ID, SwitchName.STREAMING, "command-1")
    answered_call.expire_command(expire_operation())
    assert (switch_of(answered_call).state, switch_of(answered_call).reason) == (SwitchState.FAILED, "no confirmation")
    assert answered_call.unconfirmed_commands(since_before=time_at(99)) == []


def test_a_confirmation_after_expiry_corrects_the_switch(answered_call: Store) -> None:
    answered_call.start_command(start_command_operation())
    answered_call.expire_command(expire_operation())
    answered_call.record_event(record_operation(STARTED))
    assert switch_of(answered_call).state is SwitchState.ON


def test_expiry_of_a_confirmed_command_changes_nothing(answered_call: Store) -> None:
    answered_call.start_command(start_command_operation())
    answered_call.record_event(record_operation(STARTED))
    result = answered_call.expire_command(expire_operation())
    assert (result.is_new, result.changes) == (False, ())


def test_an_expired_stop_leaves_the_switch_on(answered_call: Store) -> None:
    answered_call.record_event(record_operation(STARTED))
    answered_call.start_command(start_command_operation(on=False, seconds=20))
    answered_call.expire_command(expire_operation())
    assert (switch_of(answered_call).state, switch_of(answered_call).since) == (SwitchState.ON, time_at(11))
    answered_call.record_event(record_operation(STOPPED))
    assert switch_of(answered_call).state is SwitchState.OFF


def test_the_end_of_a_call_ends_pending_commands(answered_call: Store) -> None:
    answered_call.start_command(start_command_operation())
    answered_call.record_event(
        record_operation(CallHungUp(event_id="hung-up", call_id=CALL_ID, occurred_at=time_at(15)))
    )
    assert answered_call.unconfirmed_commands(since_before=time_at(99)) == []
    assert switch_of(answered_call).state is SwitchState.OFF


def test_the_reason_of_a_failure_stays_translatable(answered_call: Store) -> None:
    reason = sentence("%(title)s. %(hint)s", title="Busy", hint=ngettext("%(num)s try", "%(num)s tries", 3))
    answered_call.start_command(start_command_operation())
    answered_call.finish_command(finish_operation(has_failed=True, reason=reason))
    [command] = answered_call.commands_of_call(CALL_ID)
    for stored in (switch_of(answered_call).reason, command["reason"]):
        assert isinstance(stored, Message) and isinstance(stored.values["hint"], Message)
        assert (stored, stored.id, stored.values["hint"].plural) == (reason, reason.id, "%(num)s tries")


def test_an_automatic_stop_keeps_its_reason(answered_call: Store) -> None:
    because = ngettext("Silent for %(num)s minute.", "Silent for %(num)s minutes.", 5)
    answered_call.start_command(replace(start_command_operation(on=False), because=because))
    answered_call.record_event(record_operation(STOPPED))
    reason = switch_of(answered_call).stopped_because
    assert isinstance(reason, Message) and reason == "Silent for 5 minutes."
