"""A button, from the press to the truth, with only the provider's end of the wire replaced."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from dashboard.calls.switches import SwitchName
from dashboard.services.command_timeouts import ANSWER_TIMEOUT, CONFIRMATION_TIMEOUT, expire_overdue_commands
from dashboard.store import operations as store_works
from tests.conftest import CALL_ID, services_of, transcription_payload
from tests.system.provider import RecordingProvider, error_body
from tests.web.conftest import BEARER, PASSWORD, TOKEN

Press = Callable[..., Any]
Deliver = Callable[..., Any]
FORK = {"rx": "udp:203.0.113.20:40000", "tx": "udp:203.0.113.20:40002"}
STREAM = {"stream_url": "wss://media.example.com/audio"}


@pytest.fixture(autouse=True)
def answered(deliver: Deliver) -> None:
    deliver("call.initiated", {"direction": "incoming"})
    deliver("call.answered")


def switch(client: FlaskClient, name: str) -> tuple[str, str | None]:
    found = client.get(f"/api/calls/{CALL_ID}").get_json()["call"]["switches"][name]
    return found["state"], found["reason"]


def test_accepted_transcription_is_on(client: FlaskClient, press: Press, provider: RecordingProvider) -> None:
    answer = press(CALL_ID, "transcription_start", {"transcription_engine": "Google"})
    command = answer.get_json()["command"]
    assert (answer.status_code, command["name"], command["status"]) == (202, "transcription_start", "accepted")
    assert provider.commands[0].body["command_id"] == command["id"] == str(uuid.UUID(command["id"]))
    assert switch(client, "transcription") == ("on", None)


def test_accepted_stop_of_transcription_is_off_and_late_text_does_not_turn_it_on(
    client: FlaskClient, press: Press, deliver: Deliver
) -> None:
    press(CALL_ID, "transcription_start")
    press(CALL_ID, "transcription_stop")
    deliver("call.transcription", transcription_payload("some late words"))
    assert switch(client, "transcription") == ("off", None)


@pytest.mark.parametrize(
    ("start", "parameters", "name", "started", "stop", "stopped"),
    [
        ("streaming_start", STREAM, "streaming", "streaming.started", "streaming_stop", "streaming.stopped"),
        ("fork_start", FORK, "fork", "call.fork.started", "fork_stop", "call.fork.stopped"),
    ],
)
def test_what_has_a_webhook_waits_for_it(
    client: FlaskClient,
    press: Press,
    deliver: Deliver,
    start: str,
    parameters: dict[str, str],
    name: str,
    started: str,
    stop: str,
    stopped: str,
) -> None:
    press(CALL_ID, start, parameters)
    assert switch(client, name) == ("starting", None)
    deliver(started)
    assert switch(client, name) == ("on", None)
    press(CALL_ID, stop)
    assert switch(client, name) == ("stopping", None)
    deliver(stopped)
    assert switch(client, name) == ("off", None)


def test_refused_start_has_failed_and_carries_the_providers_code(
    client: FlaskClient, press: Press, provider: RecordingProvider
) -> None:
    provider.next_responses.append((422, error_body("90034", "Call not answered yet")))
    answer = press(CALL_ID, "streaming_start", STREAM)
    error = answer.get_json()["error"]
    assert (answer.status_code, error["code"]) == (409, "provider_refused")
    assert (error["details"]["provider_code"], error["details"]["provider_status"]) == ("90034", 422)
    assert error["hint"]
    assert error["details"]["command"]["status"] == "failed"
    state, reason = switch(client, "streaming")
    assert state == "failed" and reason is not None and "90034" in reason


@pytest.mark.parametrize(
    ("status", "code", "ours"), [(401, "10009", 502), (404, "10005", 409), (429, "10011", 429), (500, "10007", 502)]
)
def test_providers_status_tells_ours(
    press: Press, provider: RecordingProvider, status: int, code: str, ours: int
) -> None:
    provider.next_responses.extend([(status, error_body(code))] * 3)
    answer = press(CALL_ID, "streaming_start", STREAM)
    assert (answer.status_code, answer.get_json()["error"]["details"]["provider_code"]) == (ours, code)


def test_nobody_there_is_a_gateway_timeout(make_app: Callable[..., Flask], deliver: Deliver) -> None:
    app = make_app(telnyx_base_url="http://127.0.0.1:9/v2", dashboard_password=PASSWORD, dashboard_api_token=TOKEN)
    client = app.test_client()
    answer = client.post(f"/api/calls/{CALL_ID}/actions/hangup", json={}, headers=BEARER)
    assert (answer.status_code, answer.get_json()["error"]["details"]["attempts"]) == (504, 3)


def test_transcription_that_already_runs_counts_as_on(
    client: FlaskClient, press: Press, provider: RecordingProvider
) -> None:
    provider.next_responses.append((422, error_body("90054", "Transcription already in progress")))
    answer = press(CALL_ID, "transcription_start")
    assert (answer.status_code, answer.get_json()["command"]["status"]) == (202, "accepted")
    assert switch(client, "transcription") == ("on", None)


@pytest.mark.parametrize(
    ("name", "stop", "code"), [("fork", "fork_stop", "90031"), ("streaming", "streaming_stop", "90048")]
)
def test_stopping_what_does_not_run_counts_as_off(
    client: FlaskClient, press: Press, provider: RecordingProvider, name: str, stop: str, code: str
) -> None:
    provider.next_responses.append((422, error_body(code)))
    assert press(CALL_ID, stop).status_code == 202
    assert switch(client, name) == ("off", None)


def test_hangup_of_a_call_that_is_gone_is_no_failure(press: Press, provider: RecordingProvider) -> None:
    provider.next_responses.append((422, error_body("90018", "Call has already ended")))
    assert press(CALL_ID, "hangup").status_code == 202


def test_double_press_is_one_command(client: FlaskClient, press: Press, provider: RecordingProvider) -> None:
    first = press(CALL_ID, "streaming_start", STREAM).get_json()["command"]
    second = press(CALL_ID, "streaming_start", STREAM).get_json()["command"]
    assert first["id"] == second["id"]
    assert len(provider.commands) == 1


def test_same_command_id_again_is_the_same_press(press: Press, provider: RecordingProvider) -> None:
    command_id = str(uuid.uuid4())
    answers = [press(CALL_ID, "hangup", {"command_id": command_id.upper()}).get_json()["command"] for _ in range(3)]
    assert [answer["id"] for answer in answers] == [command_id] * 3
    assert len(provider.commands) == 1


def test_presses_at_the_same_moment_are_one_command(app: Flask, provider: RecordingProvider) -> None:
    controls = services_of(app).commands
    provider.may_respond.clear()
    answers: list[Any] = []

    def press_at_once() -> None:
        answers.append(
            controls.execute("transcription_start", CALL_ID, {}, command_id=str(uuid.uuid4()), requested_by="operator")
        )

    threads = [threading.Thread(target=press_at_once) for _ in range(4)]
    for thread in threads:
        thread.start()
    assert provider.wait_for_commands(1)
    deadline = time.monotonic() + 5
    while len(answers) < 3 and time.monotonic() < deadline:
        time.sleep(0.01)
    provider.may_respond.set()
    for thread in threads:
        thread.join(10)
    assert len(provider.commands) == 1
    assert len({answer.command_id for answer in answers}) == 1 and len(answers) == 4


def test_start_after_a_failed_start_is_a_new_command(
    client: FlaskClient, press: Press, provider: RecordingProvider
) -> None:
    provider.next_responses.append((422, error_body("90046")))
    assert press(CALL_ID, "streaming_start", STREAM).status_code == 409
    assert press(CALL_ID, "streaming_start", STREAM).status_code == 202
    assert len({asked.body["command_id"] for asked in provider.commands}) == 2
    assert switch(client, "streaming") == ("starting", None)


def test_press_that_nobody_confirms_gives_up_and_late_truth_still_counts(
    app: Flask, client: FlaskClient, press: Press, deliver: Deliver
) -> None:
    press(CALL_ID, "streaming_start", STREAM)
    now = datetime.now(UTC)
    assert expire_overdue_commands(services_of(app).store, now=now + CONFIRMATION_TIMEOUT - timedelta(seconds=1)) == 0
    assert expire_overdue_commands(services_of(app).store, now=now + CONFIRMATION_TIMEOUT + timedelta(seconds=1)) == 1
    state, reason = switch(client, "streaming")
    assert state == "failed" and reason is not None and "No confirmation" in reason
    deliver("streaming.started")
    assert switch(client, "streaming") == ("on", None)


def test_the_answer_to_a_transcription_command_is_waited_for(
    app: Flask, client: FlaskClient, press: Press, provider: RecordingProvider
) -> None:
    """No webhook tells of it: who gave up while the command is still being repeated would show the opposite."""
    store, second = services_of(app).store, timedelta(seconds=1)
    provider.may_respond.clear()
    pressing = threading.Thread(target=press, args=(CALL_ID, "transcription_start"))
    pressing.start()
    assert provider.wait_for_commands(1)
    for waited in (CONFIRMATION_TIMEOUT + second, ANSWER_TIMEOUT - second):
        assert expire_overdue_commands(store, now=datetime.now(UTC) + waited) == 0
        assert switch(client, "transcription") == ("starting", None)
    provider.may_respond.set()
    pressing.join(10)
    assert switch(client, "transcription") == ("on", None)


def test_a_transcription_command_without_any_answer_is_given_up_in_the_end(app: Flask, client: FlaskClient) -> None:
    """The server was ended while it waited."""
    store, now = services_of(app).store, datetime.now(UTC)
    asked = {"call_id": CALL_ID, "command_id": "lost", "name": "transcription_start", "requested_by": "operator"}
    store.start_command(store_works.StartCommand(**asked, at=now, switch=SwitchName.TRANSCRIPTION, on=True))
    assert expire_overdue_commands(store, now=now + ANSWER_TIMEOUT + timedelta(seconds=1)) == 1
    state, reason = switch(client, "transcription")
    assert state == "failed" and reason is not None and "Press again" in reason


def test_streaming_that_fails_says_why(client: FlaskClient, press: Press, deliver: Deliver) -> None:
    press(CALL_ID, "streaming_start", STREAM)
    deliver("streaming.failed", {"failure_reason": "connection_failed", "stream_type": "websocket"})
    state, reason = switch(client, "streaming")
    assert state == "failed" and reason is not None and "connection_failed" in reason


def test_unknown_call_is_not_commanded(press: Press, provider: RecordingProvider) -> None:
    assert press("v3:nobody-knows-it", "hangup").status_code == 404
    assert provider.commands == []


def test_without_an_api_key_nothing_can_be_pressed(make_app: Callable[..., Flask]) -> None:
    app = make_app(telnyx_api_key=None, dashboard_password=PASSWORD, dashboard_api_token=TOKEN)
    answer = app.test_client().post(f"/api/calls/{CALL_ID}/actions/hangup", json={}, headers=BEARER)
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (503, "no_api_key")


def test_logs_and_answers_hold_no_key_and_no_token(
    press: Press, provider: RecordingProvider, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    provider.next_responses.append((422, error_body("90046", detail="the key was KEY_of_the_test")))
    answer = press(CALL_ID, "streaming_start", {**STREAM, "stream_auth_token": "a one-time secret"})
    assert provider.commands[0].body["stream_auth_token"] == "a one-time secret"
    for shown in (caplog.text, answer.text):
        assert "KEY_of_the_test" not in shown and "a one-time secret" not in shown
