"""What an answer says about a switch: by its code, and only as much as it really says."""

from __future__ import annotations

from typing import Any

import pytest

from dashboard.errors import ProviderError
from dashboard.telnyx.commands import COMMANDS, Command, build_command
from dashboard.telnyx.commands.results import SWITCH_COMMANDS, Outcome, outcome_of

ENOUGH: dict[str, dict[str, Any]] = {
    "fork_start": {"rx": "udp:198.51.100.20:40000", "tx": "udp:198.51.100.20:40002"},
    "streaming_start": {"stream_url": "wss://media.example.com/"},
    "reject": {"cause": "USER_BUSY"},
}
STARTS = [name for name, (_, on) in SWITCH_COMMANDS.items() if on]
STOPS = [name for name, (_, on) in SWITCH_COMMANDS.items() if not on]
STREAM_ID = {"stream_id": "3f0f5a52-6d1e-4c57-8f6e-0c8f5b7a2d10"}


def command(name: str, **parameters: Any) -> Command:
    return build_command(name, "v3:a-call", ENOUGH.get(name, {}) | parameters, command_id="c1")


def error(code: str | None, status: int | None = 422) -> ProviderError:
    return ProviderError(permanent=True, status=status, code=code, title="No", detail=None, hint="Do this.")


@pytest.mark.parametrize(
    ("name", "outcome"),
    [
        ("transcription_start", Outcome.ON),
        ("transcription_stop", Outcome.OFF),
        ("streaming_start", Outcome.AWAITED),
        ("streaming_stop", Outcome.AWAITED),
        ("fork_start", Outcome.AWAITED),
        ("fork_stop", Outcome.AWAITED),
        ("answer", Outcome.DONE),
        ("reject", Outcome.DONE),
        ("hangup", Outcome.DONE),
    ],
)
def test_acceptance_is_the_truth_only_where_no_webhook_follows(name: str, outcome: Outcome) -> None:
    assert outcome_of(command(name), None) is outcome


def test_every_command_of_the_six_moves_a_switch() -> None:
    assert len(SWITCH_COMMANDS) == 6 and SWITCH_COMMANDS.keys() < COMMANDS.keys()


def test_second_transcription_finds_the_first_one_running() -> None:
    assert outcome_of(command("transcription_start"), error("90054")) is Outcome.ON
    assert outcome_of(command("streaming_start"), error("90054")) is Outcome.REFUSED


@pytest.mark.parametrize("name", STARTS)
@pytest.mark.parametrize("code", ["90018", "10005", "90034", "90045", "90046", "10032", None])
def test_refused_start_is_refused(name: str, code: str | None) -> None:
    assert outcome_of(command(name), error(code)) is Outcome.REFUSED


@pytest.mark.parametrize("name", STOPS)
@pytest.mark.parametrize(
    ("code", "status"),
    [("90031", 422), ("90048", 422), ("90018", 422), ("10005", 404), ("90015", 422), ("90034", 422), ("99999", 422)],
)
def test_stop_of_what_does_not_run_is_off(name: str, code: str, status: int) -> None:
    assert outcome_of(command(name), error(code, status)) is Outcome.OFF


@pytest.mark.parametrize("name", STOPS)
@pytest.mark.parametrize("code", ["90045", "90053", "90055", "90017", "10015", "10032"])
def test_stop_that_says_why_it_was_not_done_is_refused(name: str, code: str) -> None:
    assert outcome_of(command(name), error(code)) is Outcome.REFUSED


@pytest.mark.parametrize("name", sorted(SWITCH_COMMANDS))
@pytest.mark.parametrize(
    ("code", "status"), [("10009", 401), ("10010", 403), ("10011", 429), ("10007", 500), (None, 503), (None, None)]
)
def test_trouble_of_the_provider_says_nothing_of_the_switch(name: str, code: str | None, status: int | None) -> None:
    assert outcome_of(command(name), error(code, status)) is Outcome.REFUSED


@pytest.mark.parametrize(
    ("stop", "code"),
    [(command("streaming_stop", **STREAM_ID), "90048"), (command("fork_stop", stream_type="raw"), "90031")],
)
def test_stop_of_one_that_does_not_run_says_nothing_of_another(stop: Command, code: str) -> None:
    """Forks are started decrypted: that no raw one runs is no news (Telnyx contract, trap T7)."""
    assert outcome_of(stop, error(code)) is Outcome.REFUSED
    assert outcome_of(stop, error("90018")) is Outcome.OFF


@pytest.mark.parametrize(
    ("code", "outcome"), [("90018", Outcome.DONE), ("10005", Outcome.DONE), ("10009", Outcome.REFUSED)]
)
def test_hangup_of_a_call_that_is_gone_is_done(code: str, outcome: Outcome) -> None:
    assert outcome_of(command("hangup"), error(code)) is outcome
    assert outcome_of(command("answer"), error(code)) is Outcome.REFUSED
