"""The answer to a dial, as the first news of a call."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from dashboard.calls.call import CallState, apply_event
from dashboard.calls.events import CallInitiated, Direction
from dashboard.errors import ProviderError
from dashboard.telnyx.api.client import CommandAccepted
from dashboard.telnyx.commands import Command, build_command
from dashboard.telnyx.commands.results import parse_dial_result

NOW = datetime(2026, 8, 21, 10, 15, 0, tzinfo=UTC)
# Telnyx API reference, Dial: the answer.
DATA = {
    "record_type": "call",
    "call_control_id": "v3:EXAMPLE-call-control-id_0001",
    "call_leg_id": "5b7a0c1e-7e55-11f1-9c3a-02420a1f0b69",
    "call_session_id": "5b79f9aa-7e55-11f1-8d1b-02420a1f0b69",
    "is_alive": False,
}


def command(**changed: Any) -> Command:
    parameters = {"connection_id": "24", "to": "+15550100002", "from": "+15550100001", **changed}
    return build_command("dial", None, parameters, command_id="c1")


def answer(data: Any) -> CommandAccepted:
    return CommandAccepted(status=200, attempts=2, elapsed_ms=7, data=data)


def test_dialled_call_is_known_before_its_first_webhook() -> None:
    event = parse_dial_result(answer(DATA), command(), now=NOW)
    call = apply_event(None, event)
    assert (call.call_id, call.leg_id, call.session_id) == (
        DATA["call_control_id"],
        DATA["call_leg_id"],
        DATA["call_session_id"],
    )
    assert (call.state, call.direction, call.connection_id) == (CallState.RINGING, Direction.OUTBOUND, "24")
    assert (call.from_number, call.to_number) == ("+15550100001", "+15550100002")


def test_webhook_that_tells_it_again_only_corrects_the_start() -> None:
    told = CallInitiated(
        event_id="webhook",
        call_id=str(DATA["call_control_id"]),
        occurred_at=NOW.replace(minute=14, second=59),
        direction=Direction.OUTBOUND,
        from_number="+15550100001",
        to_number="+15550100002",
    )
    call = apply_event(apply_event(None, parse_dial_result(answer(DATA), command(), now=NOW)), told)
    assert call.started_at == told.occurred_at
    assert call.direction is Direction.OUTBOUND


def test_of_several_numbers_the_first_is_shown() -> None:
    event = parse_dial_result(answer(DATA), command(to=["+15550100003", "sip:bob@example.com"]), now=NOW)
    assert event.to_number == "+15550100003"


def test_same_dial_told_twice_is_one_event() -> None:
    assert (
        parse_dial_result(answer(DATA), command(), now=NOW).event_id
        == parse_dial_result(answer(DATA), command(), now=NOW).event_id
    )


@pytest.mark.parametrize("call_id", [None, "", 17, ["v3:x"]])
def test_answer_that_names_no_call_is_an_error_that_warns_of_dialling_again(call_id: object) -> None:
    with pytest.raises(ProviderError) as caught:
        parse_dial_result(answer({**DATA, "call_control_id": call_id}), command(), now=NOW)
    assert (caught.value.status, caught.value.attempts, caught.value.elapsed_ms) == (200, 2, 7)
    assert caught.value.permanent and "before you dial again" in caught.value.hint
