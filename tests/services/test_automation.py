"""Presses nobody made: rules start, guards stop, a shutdown stops everything; and never twice."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from dashboard.calls.automation_rules import Limits, Rule, parse_rules
from dashboard.services.automation import Automation
from dashboard.services.background import PeriodicTasks
from dashboard.settings import Settings
from dashboard.simulator import SimCall
from dashboard.store.migrate import upgrade
from tests.conftest import services_of
from tests.store import postgres
from tests.system.server import wait_until
from tests.web.together import BEARER, SimulatorHarness, run_with_simulator

FORK = {"rx": "udp:127.0.0.1:9", "tx": "udp:127.0.0.1:9"}

Serve = Callable[..., SimulatorHarness]


@pytest.fixture
def serve(settings: Settings) -> Iterator[Serve]:
    """An application with some settings changed, and its provider."""
    with ExitStack() as stack:

        def serve(*, instances: int = 1, **changed: Any) -> SimulatorHarness:
            return stack.enter_context(run_with_simulator(replace(settings, **changed), instances=instances))

        yield serve


def steward_of(here: SimulatorHarness, *, rules: tuple[Rule, ...] = (), guard: Limits | None = None) -> Automation:
    """A steward as the factory makes it, whose rounds are the test's."""
    return Automation(
        store=services_of(here.app).store,
        commands=services_of(here.app).commands,
        rules=rules,
        limits=guard or Limits(),
        parameters_for=lambda name: {},
        spawn=lambda function, *arguments: function(*arguments),
    )


def in_background(function: Callable[..., Any], *arguments: Any) -> None:
    threading.Thread(target=function, args=arguments, daemon=True).start()


# --- rules -----------------------------------------------------------------------------------------------------------


def test_rule_starts_transcription_when_a_call_is_answered(serve: Serve) -> None:
    here = serve(auto_start="transcription inbound")
    call = here.place_answered_call()
    assert here.wait_for_switch(call, "transcription", "on")
    [command] = here.get_commands(call)
    assert (command["name"], command["requested_by"], command["status"]) == ("transcription_start", "rule", "accepted")
    assert command["reason"] == "A rule starts it when a call is answered."
    [asked] = here.received_commands(call, "transcription_start")
    assert asked.body["transcription_engine"] == "Deepgram" and asked.body["command_id"] == command["id"]
    assert here.get_call(call)["switches"]["transcription"]["by"] == "rule"


def test_rule_waits_for_the_answer_and_for_its_direction(serve: Serve) -> None:
    here = serve(auto_start="transcription outbound")
    inbound = here.place_answered_call()
    outbound = here.simulator.place_call(direction="outgoing", auto_answer=None, paced=False)
    assert here.simulator.drain()
    assert (
        here.get_call(outbound)["state"] == "ringing" and here.received_commands(outbound, "transcription_start") == []
    )
    outbound.answer()
    assert here.wait_for_switch(outbound, "transcription", "on")
    assert here.received_commands(inbound, "transcription_start") == []


def test_what_a_person_stopped_is_not_started_again(serve: Serve) -> None:
    here = serve(auto_start="transcription")
    call = here.place_answered_call()
    assert here.wait_for_switch(call, "transcription", "on")
    here.send_command(call, "transcription_stop")
    here.send_command(call, "fork_start", FORK)  # more news of the call
    assert here.wait_for_switch(call, "fork", "on")
    steward_of(here, rules=parse_rules("transcription")).start_missed()
    assert here.switch_state(call, "transcription") == "off"
    assert len(here.received_commands(call, "transcription_start")) == 1


def test_rule_that_is_refused_shows_why_and_is_not_repeated(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    here = serve(auto_start="transcription")
    here.simulator.inject_fault("transcription_start", 422, "10015", times=9)
    call = here.place_answered_call()
    assert here.wait_for_switch(call, "transcription", "failed")
    wait_until(lambda: "transcription_start came to nothing" in caplog.text, "a line in the log")
    here.send_command(call, "fork_start", FORK)
    assert here.wait_for_switch(call, "fork", "on")
    assert len(here.received_commands(call, "transcription_start")) == 1
    assert call.from_number not in caplog.text


def test_call_answered_while_nobody_pressed_is_caught_up_with_once(serve: Serve) -> None:
    here = serve()
    call = here.place_answered_call()
    for _ in range(3):
        steward_of(here, rules=parse_rules("transcription")).start_missed()
    assert here.switch_state(call, "transcription") == "on"
    assert len(here.received_commands(call, "transcription_start")) == 1


@pytest.fixture(scope="module")
def postgres_url() -> Iterator[str]:
    programs = postgres.programs()
    if programs is None:
        pytest.skip("no PostgreSQL server is installed (initdb was not found)")
    with postgres.server(programs) as folder:
        with psycopg.connect(host=str(folder), user="postgres", dbname="template1", autocommit=True) as connection:
            connection.execute('CREATE DATABASE "calls"')
        url = f"postgres://postgres@/calls?host={folder}"
        upgrade(url)
        yield url


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
def test_two_processes_start_it_once(serve: Serve, database: str, request: pytest.FixtureRequest) -> None:
    changed = {} if database == "sqlite" else {"database_url": request.getfixturevalue("postgres_url")}
    here = serve(instances=2, auto_start="transcription inbound", **changed)
    calls = [here.simulator.place_call(auto_answer=0.0, paced=False) for _ in range(10)]
    assert here.simulator.wait_until(lambda seen: all(call.is_answered for call in calls))
    assert here.simulator.drain(10)
    # Each process also looks for what was missed, at the same moment as all others.
    stewards = [services_of(app).automation for app in here.apps for _ in range(2)]
    threads = [threading.Thread(target=steward.start_missed) for steward in stewards]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    for call in calls:
        assert here.wait_for_switch(call, "transcription", "on")
        assert len({asked.body["command_id"] for asked in here.received_commands(call, "transcription_start")}) == 1
        assert [command["requested_by"] for command in here.get_commands(call)] == ["rule"]


# --- guards ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def transcribed(serve: Serve) -> tuple[SimulatorHarness, SimCall]:
    here = serve()
    call = here.place_answered_call()
    assert here.send_command(call, "transcription_start").status_code == 202
    return here, call


SILENCE = Limits(max_silence=timedelta(minutes=2))


def test_silent_transcription_is_stopped_and_the_log_says_why(transcribed: tuple[SimulatorHarness, SimCall]) -> None:
    here, call = transcribed
    steward = steward_of(here, guard=SILENCE)
    steward.enforce_limits(now=datetime.now(UTC) + timedelta(seconds=110))
    assert here.switch_state(call, "transcription") == "on"
    steward.enforce_limits(now=datetime.now(UTC) + timedelta(seconds=121))
    assert here.switch_state(call, "transcription") == "off" and not call.is_transcribing
    why = "A rule stopped it: no speech for 2 minutes."
    assert here.get_commands(call)[-1]["reason"] == why
    assert here.get_commands(call)[-1]["requested_by"] == "rule"
    assert here.get_call(call)["switches"]["transcription"]["stopped_because"] == why
    told = here.client.get(f"/api/calls/{call.call_control_id}/notes", headers=BEARER).get_json()["notes"]
    assert told[-1]["text"] == f"Transcription stopped. {why}"


def test_what_is_started_again_has_not_been_stopped(transcribed: tuple[SimulatorHarness, SimCall]) -> None:
    here, call = transcribed
    steward_of(here, guard=SILENCE).enforce_limits(now=datetime.now(UTC) + timedelta(seconds=121))
    assert here.switch_state(call, "transcription") == "off"
    here.send_command(call, "transcription_start")
    assert here.get_call(call)["switches"]["transcription"]["stopped_because"] is None


def test_words_put_off_the_stop(transcribed: tuple[SimulatorHarness, SimCall]) -> None:
    here, call = transcribed
    began = datetime.now(UTC)
    heard = services_of(here.app).store.last_speech_at
    time.sleep(0.3)
    deadline = time.monotonic() + 10
    while not heard([call.call_control_id]) and time.monotonic() < deadline:
        call.say_next()
        here.simulator.drain()
    spoken_after = heard([call.call_control_id])[call.call_control_id] - began
    assert spoken_after > timedelta(seconds=0.3)
    steward = steward_of(here, guard=SILENCE)
    steward.enforce_limits(now=began + timedelta(minutes=2) + spoken_after / 2)
    assert here.switch_state(call, "transcription") == "on"
    steward.enforce_limits(now=began + timedelta(minutes=2) + spoken_after * 2)
    assert here.switch_state(call, "transcription") == "off"


def test_transcription_is_stopped_after_its_time_whoever_speaks(transcribed: tuple[SimulatorHarness, SimCall]) -> None:
    here, call = transcribed
    call.say_next()
    steward = steward_of(here, guard=Limits(max_duration=timedelta(minutes=30)))
    steward.enforce_limits(now=datetime.now(UTC) + timedelta(minutes=31))
    assert here.switch_state(call, "transcription") == "off"
    assert (
        here.get_commands(call)[-1]["reason"] == "A rule stopped it: it ran for 30 minutes, the most that is allowed."
    )


def test_stop_that_came_to_nothing_is_tried_once_a_minute_by_all_together(
    transcribed: tuple[SimulatorHarness, SimCall],
) -> None:
    here, call = transcribed
    here.simulator.inject_fault("transcription_stop", 422, "90055", times=99)
    minute = datetime.fromtimestamp(60 * (time.time() // 60 + 10), UTC)
    stewards = [steward_of(here, guard=SILENCE) for _ in range(2)]
    for seconds in (0, 5, 10, 55):
        for steward in stewards:
            steward.enforce_limits(now=minute + timedelta(seconds=seconds))
    assert len(here.received_commands(call, "transcription_stop")) == 1
    assert here.switch_state(call, "transcription") == "on"
    stewards[0].enforce_limits(now=minute + timedelta(seconds=60))
    assert len(here.received_commands(call, "transcription_stop")) == 2


def test_no_guard_asks_the_store_nothing(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    here = serve()
    monkeypatch.setattr(services_of(here.app).store, "all_running_calls", lambda: pytest.fail("asked"))
    steward_of(here).enforce_limits(now=datetime.now(UTC))


def test_failed_round_is_not_the_last(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    here = serve()
    steward = steward_of(here, guard=SILENCE)
    rounds: list[datetime] = []

    def look(*, now: datetime) -> None:
        rounds.append(now)
        raise RuntimeError("the store is away")

    steward.enforce_limits = look  # type: ignore[method-assign]
    tasks = PeriodicTasks(in_background)
    tasks.every(0.001, steward.run_round, name="automation")
    wait_until(lambda: len(rounds) >= 3, "three rounds")
    tasks.stop()
    assert "RuntimeError" in caplog.text and "the store is away" not in caplog.text


# --- shutdown --------------------------------------------------------------------------------------------------------


def stopping(here: SimulatorHarness) -> Automation:
    steward = steward_of(here)
    steward._spawn = in_background
    return steward


def test_shutdown_stops_everything_on_every_call(serve: Serve) -> None:
    here = serve()
    calls = [here.place_answered_call() for _ in range(6)]
    for call in calls:
        here.send_command(call, "transcription_start")
    here.send_command(calls[0], "fork_start", FORK)
    assert here.wait_for_switch(calls[0], "fork", "on")
    stopping(here).stop_all()
    assert not any(call.is_transcribing or call.is_forking for call in calls)
    assert len(here.received_commands(calls[0], "fork_stop")) == 1
    assert here.get_commands(calls[1])[-1]["reason"] == "It was stopped because the dashboard shut down."
    sent = [asked for asked in here.simulator.requests if asked.path.endswith("_stop")]
    assert len(sent) == 7


def test_shutdown_does_not_wait_for_a_provider_that_is_silent(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    here = serve()
    call = here.place_answered_call()
    here.send_command(call, "transcription_start")
    here.simulator.inject_fault("transcription_stop", hang_s=2.0, times=9)
    began = time.monotonic()
    stopping(here).stop_all(within_s=0.3)
    assert time.monotonic() - began < 1.0
    assert "not everything could be stopped" in caplog.text


def test_shutdown_with_nothing_running_asks_nobody(serve: Serve) -> None:
    here = serve()
    here.place_answered_call()
    stopping(here).stop_all()
    assert [asked for asked in here.simulator.requests if asked.method == "POST"] == []


def test_presses_are_logged_without_numbers(serve: Serve, caplog: pytest.LogCaptureFixture, tmp_path: Path) -> None:
    caplog.set_level(logging.DEBUG)
    here = serve(auto_start="transcription")
    call = here.place_answered_call()
    assert here.wait_for_switch(call, "transcription", "on")
    wait_until(lambda: "transcription_start: A rule starts it" in caplog.text, "a line in the log")
    assert call.from_number not in caplog.text and here.simulator.api_key not in caplog.text
