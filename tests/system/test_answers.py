"""Every way the provider can answer a press, over real sockets.

What people read, what is repeated and how often, what a switch shows, and that the next press works.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dashboard.settings import Settings
from dashboard.simulator import SimCall
from dashboard.store.migrate import upgrade
from tests.web.together import BEARER, SimulatorHarness, run_with_simulator

FORK = {"rx": "udp:127.0.0.1:9", "tx": "udp:127.0.0.1:9"}
STREAM = {"stream_url": "ws://127.0.0.1:9/"}
ENOUGH: dict[str, dict[str, Any]] = {"fork_start": FORK, "streaming_start": STREAM}
HTML = b"<html><body>502 Bad Gateway</body></html>"


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimulatorHarness]:
    url = f"sqlite:///{tmp_path_factory.mktemp('answers') / 'dashboard.sqlite3'}"
    upgrade(url)
    with run_with_simulator(Settings(secret_key="a secret key of the test", database_url=url)) as running:
        yield running


@pytest.fixture
def call(here: SimulatorHarness) -> Iterator[SimCall]:
    here.retry_pauses.clear()
    call = here.place_answered_call()
    yield call
    here.simulator.clear_faults()
    call.hang_up()


def said(answer: Any) -> tuple[int, dict[str, Any]]:
    """Status and error of an answer that a person can act on."""
    error: dict[str, Any] = answer.get_json()["error"]
    assert error["code"] == "provider_refused"
    for sentence in (error["message"], error["hint"]):
        assert len(sentence) > 10 and "None" not in sentence and "{" not in sentence and "<" not in sentence
    assert error["hint"].endswith((".", ")"))
    return answer.status_code, error


def is_usable(here: SimulatorHarness, call: SimCall) -> bool:
    """The fault is over: the same press goes through."""
    here.simulator.clear_faults()
    answer = here.send_command(call, "transcription_start")
    return bool(answer.status_code == 202 and here.switch_state(call, "transcription") == "on")


@pytest.mark.parametrize(
    ("fault", "ours", "provider", "attempts", "pauses"),
    [
        ({"status": 401, "code": "10009"}, 502, (401, "10009"), 1, []),
        ({"status": 403, "code": "10010"}, 502, (403, "10010"), 1, []),
        ({"status": 404, "code": "10005"}, 409, (404, "10005"), 1, []),
        ({"status": 409, "code": "10015"}, 409, (409, "10015"), 1, []),
        ({"status": 422, "code": "90018"}, 409, (422, "90018"), 1, []),
        ({"status": 422, "code": "90034"}, 409, (422, "90034"), 1, []),
        ({"status": 422, "code": "90045"}, 409, (422, "90045"), 1, []),
        ({"status": 422, "code": "90048"}, 409, (422, "90048"), 1, []),
        ({"status": 422, "code": "12345"}, 409, (422, "12345"), 1, []),
        ({"status": 429, "code": "10011"}, 429, (429, "10011"), 3, [0.4, 0.8]),
        ({"status": 429, "code": "10011", "headers": {"Retry-After": "2"}}, 429, (429, "10011"), 3, [2, 2]),
        ({"status": 429, "code": "10011", "headers": {"x-ratelimit-reset": "3"}}, 429, (429, "10011"), 3, [3, 3]),
        ({"status": 429, "code": "10011", "headers": {"Retry-After": "60"}}, 429, (429, "10011"), 1, []),
        ({"status": 500, "code": "10007"}, 502, (500, "10007"), 3, [0.4, 0.8]),
        ({"status": 503, "code": "10037"}, 502, (503, "10037"), 3, [0.4, 0.8]),
        ({"status": 502, "raw": HTML}, 502, (502, None), 3, [0.4, 0.8]),
        ({"status": 200, "raw": HTML}, 502, (200, None), 1, []),
        ({"status": 422, "raw": HTML}, 409, (422, None), 1, []),
        ({"status": 422, "body": {"errors": "odd"}}, 409, (422, None), 1, []),
        ({"reset": True}, 504, (None, None), 3, [0.4, 0.8]),
        ({"hang_s": 2.0}, 504, (None, None), 3, [0.4, 0.8]),
    ],
)
def test_refusal_is_told_repeated_only_where_that_helps_and_forgotten(
    here: SimulatorHarness,
    call: SimCall,
    fault: dict[str, Any],
    ours: int,
    provider: tuple[int | None, str | None],
    attempts: int,
    pauses: list[float],
) -> None:
    here.simulator.inject_fault("transcription_start", **{"times": 9, **fault})
    status, error = said(here.send_command(call, "transcription_start"))
    details = error["details"]
    assert (status, details["provider_status"], details["provider_code"]) == (ours, *provider)
    assert (details["attempts"], details["command"]["status"]) == (attempts, "failed")
    sent = here.received_commands(call, "transcription_start")
    assert len(sent) == attempts
    assert {asked.body["command_id"] for asked in sent} == {details["command"]["id"]}
    assert here.retry_pauses == pytest.approx(pauses, rel=0.3)
    assert here.switch_state(call, "transcription") == "failed"
    [logged] = here.get_commands(call)
    assert (logged["status"], logged["http_status"], logged["provider_code"]) == ("failed", *provider)
    assert (logged["attempts"], logged["requested_by"]) == (attempts, "script")
    assert logged["elapsed_ms"] >= 0 and logged["reason"].endswith(error["hint"])
    assert is_usable(here, call)


def test_long_wait_is_told_in_seconds(here: SimulatorHarness, call: SimCall) -> None:
    here.simulator.inject_fault("fork_start", 429, "10011", headers={"Retry-After": "60"})
    _, error = said(here.send_command(call, "fork_start", FORK))
    assert "60 s" in error["hint"]


@pytest.mark.parametrize(
    "fault", [{"status": 500, "code": "10007"}, {"status": 429, "code": "10011"}, {"reset": True}, {"hang_s": 2.0}]
)
@pytest.mark.parametrize("effect", [False, True])
def test_passing_trouble_is_overcome_with_one_command(
    here: SimulatorHarness, call: SimCall, fault: dict[str, Any], effect: bool
) -> None:
    """Also where only the answer was lost: the same id again is no second transcription."""
    here.simulator.inject_fault("transcription_start", **fault, effect=effect)
    answer = here.send_command(call, "transcription_start")
    assert (answer.status_code, answer.get_json()["command"]["attempts"]) == (202, 2)
    first, second = here.received_commands(call, "transcription_start")
    assert first.body == second.body
    assert call.is_transcribing and here.switch_state(call, "transcription") == "on"


@pytest.mark.parametrize(
    ("name", "code", "ours", "state"),
    [
        ("transcription_start", "90054", 202, "on"),
        ("transcription_start", "90018", 409, "failed"),
        ("transcription_start", "90034", 409, "failed"),
        ("transcription_stop", "90018", 202, "off"),
        ("transcription_stop", "90055", 409, "failed"),
        ("streaming_start", "90018", 409, "failed"),
        ("streaming_start", "90045", 409, "failed"),
        ("streaming_start", "90046", 409, "failed"),
        ("streaming_stop", "90048", 202, "off"),
        ("streaming_stop", "90018", 202, "off"),
        ("fork_start", "90034", 409, "failed"),
        ("fork_start", "90045", 409, "failed"),
        ("fork_stop", "90031", 202, "off"),
        ("fork_stop", "90018", 202, "off"),
    ],
)
def test_switch_ends_where_the_code_says(
    here: SimulatorHarness, call: SimCall, name: str, code: str, ours: int, state: str
) -> None:
    here.simulator.inject_fault(name, 422, code)
    answer = here.send_command(call, name, ENOUGH.get(name))
    assert answer.status_code == ours, answer.text
    switch = here.get_call(call)["switches"][name.partition("_")[0]]
    assert switch["state"] == state
    assert (switch["reason"] is not None) is (state == "failed")
    [logged] = here.get_commands(call)
    assert (logged["provider_code"], logged["http_status"]) == (code, 422)
    assert is_usable(here, call)


@pytest.mark.parametrize("fault", [{"status": 422, "code": "90055"}, {"status": 500, "code": "10007", "times": 9}])
def test_what_could_not_be_stopped_is_still_on_and_says_why(
    here: SimulatorHarness, call: SimCall, fault: dict[str, Any]
) -> None:
    here.send_command(call, "transcription_start")
    here.simulator.inject_fault("transcription_stop", **fault)
    status, _ = said(here.send_command(call, "transcription_stop"))
    assert status in (409, 502)
    switch = here.get_call(call)["switches"]["transcription"]
    assert switch["state"] == "on" and fault["code"] in switch["reason"]
    here.simulator.clear_faults()
    assert here.send_command(call, "transcription_stop").status_code == 202
    assert here.switch_state(call, "transcription") == "off"


def test_stop_of_everything_on_a_call_that_is_gone_leaves_nothing_on(here: SimulatorHarness, call: SimCall) -> None:
    here.send_command(call, "transcription_start")
    here.send_command(call, "fork_start", FORK)
    assert here.wait_for_switch(call, "fork", "on")
    call.hang_up()
    for name in ("transcription_stop", "fork_stop", "streaming_stop", "hangup"):
        assert here.send_command(call, name).status_code == 202
    assert here.simulator.drain()
    shown = here.get_call(call)
    assert shown["state"] == "ended" and {switch["state"] for switch in shown["switches"].values()} == {"off"}


def test_call_that_never_was_answered_says_so(here: SimulatorHarness) -> None:
    ringing = here.simulator.place_call(auto_answer=None)
    assert here.simulator.drain()
    status, error = said(here.send_command(ringing, "transcription_start"))
    assert (status, error["details"]["provider_code"]) == (409, "90034")
    assert "not answered" in error["hint"]
    ringing.hang_up()


def dial(here: SimulatorHarness, **parameters: Any) -> Any:
    body = {"to": "+15550100002", "from": "+15550100001", **parameters}
    return here.client.post("/api/calls", json=body, headers=BEARER)


def test_dial_that_was_refused_can_be_tried_again(here: SimulatorHarness) -> None:
    here.simulator.inject_fault("dial", 429, "90103", times=9, headers={"Retry-After": "30"})
    status, error = said(dial(here))
    assert (status, error["details"]["provider_code"], error["details"]["attempts"]) == (429, "90103", 1)
    here.simulator.clear_faults()
    assert dial(here).status_code == 202


def test_dial_whose_answer_was_lost_places_one_call(here: SimulatorHarness) -> None:
    before = len(here.simulator.calls)
    here.simulator.inject_fault("dial", reset=True, effect=True)
    command_id = str(uuid.uuid4())
    answers = [dial(here, command_id=command_id) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [202] * 3
    assert len(here.simulator.calls) == before + 1
    assert len({answer.get_json()["call"]["id"] for answer in answers}) == 1


def test_no_log_tells_keys_or_numbers(
    here: SimulatorHarness, call: SimCall, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    caplog.set_level(logging.DEBUG)
    here.simulator.inject_fault("streaming_start", 500, "10007", times=3)
    here.send_command(call, "streaming_start", {**STREAM, "stream_auth_token": "a-one-time-secret"})
    for secret in (here.simulator.api_key, "a-one-time-secret", call.from_number):
        assert secret not in caplog.text
