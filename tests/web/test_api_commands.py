"""Beside the buttons of a call: a new call, a call to be found, parameters to be kept, and settings that press."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient

from dashboard.calls.automation_rules import parse_rules
from dashboard.demo import SimulatorProcess
from dashboard.errors import SettingsError
from dashboard.services.command_defaults import command_defaults, default_problems, rule_problems
from dashboard.settings import Settings
from dashboard.startup import prepare
from tests.conftest import services_of
from tests.store.records import stored_command
from tests.system.provider import RecordingProvider
from tests.web.conftest import BEARER, PASSWORD, TOKEN, VIEWER_PASSWORD, csrf_token, sign_in
from tests.web.together import SimulatorHarness, run_with_simulator

STREAM = {"stream_url": "wss://media.example.com/audio?token=secret-in-the-address", "stream_track": "both_tracks"}
DEEPGRAM = {
    "transcription_engine": "Deepgram",
    "transcription_engine_config": {"transcription_model": "deepgram/nova-3", "language": "de"},
}


# --- dialling --------------------------------------------------------------------------------------------------------


@pytest.fixture
def here(settings: Settings) -> Iterator[SimulatorHarness]:
    with run_with_simulator(settings, dial_answer=0.0) as running:
        yield running


def dial(here: SimulatorHarness, **parameters: Any) -> Any:
    body = {"to": "+15550100002", "from": "+15550100001", **parameters}
    return here.client.post("/api/calls", json=body, headers=BEARER)


def test_dialled_call_is_known_at_once_and_answered_by_truth(here: SimulatorHarness) -> None:
    answer = dial(here)
    assert answer.status_code == 202
    call, command = answer.get_json()["call"], answer.get_json()["command"]
    assert (call["direction"], call["from"], call["to"]) == ("outbound", "+15550100001", "+15550100002")
    assert (command["name"], command["status"]) == ("dial", "accepted")
    dialled = here.simulator.calls[call["id"]]
    assert dialled.wait_until(lambda seen: seen.is_answered) and here.simulator.drain()
    shown = here.get_call(dialled)
    assert shown["state"] == "answered" and shown["leg_id"] == dialled.call_leg_id
    [logged] = here.get_commands(dialled)
    assert (logged["id"], logged["name"], logged["requested_by"]) == (command["id"], "dial", "script")
    assert (logged["status"], logged["http_status"], logged["attempts"]) == ("accepted", 200, 1)
    assert logged["parameters"]["connection_id"] == here.simulator.connection_id


def test_same_dial_pressed_twice_places_one_call(here: SimulatorHarness) -> None:
    command_id = str(uuid.uuid4())
    answers: list[Any] = []
    threads = [threading.Thread(target=lambda: answers.append(dial(here, command_id=command_id))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert {answer.status_code for answer in answers} == {202}
    assert {answer.get_json()["command"]["id"] for answer in answers} == {command_id}
    assert len(here.simulator.calls) == 1
    assert len([asked for asked in here.simulator.requests if asked.method == "POST"]) == 1


def test_refused_dial_is_an_error_and_makes_no_call(here: SimulatorHarness) -> None:
    answer = dial(here, connection_id="1")
    error = answer.get_json()["error"]
    assert (answer.status_code, error["details"]["provider_code"]) == (409, "10015")
    assert error["details"]["command"]["status"] == "failed" and error["hint"]
    assert services_of(here.app).store.all_running_calls() == []
    logged = stored_command(services_of(here.app).store, error["details"]["command"]["id"])
    assert (logged["status"], logged["provider_code"], logged["call_id"]) == ("failed", "10015", None)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [({"to": "0800"}, "to"), ({"from": ""}, "from"), ({"timeout_secs": 4}, "timeout_secs"), ({"x": 1}, "x")],
)
def test_dial_that_cannot_be_sent_is_not_sent(here: SimulatorHarness, wrong: dict[str, Any], field: str) -> None:
    answer = dial(here, **wrong)
    assert answer.status_code == 422
    assert [problem["field"] for problem in answer.get_json()["error"]["details"]["fields"]] == [field]
    assert [asked for asked in here.simulator.requests if asked.method == "POST"] == []


def test_password_of_a_sip_account_is_sent_and_not_kept(here: SimulatorHarness) -> None:
    answer = dial(here, sip_auth_username="me", sip_auth_password="a-secret-password")
    [logged] = here.get_commands(here.simulator.calls[answer.get_json()["call"]["id"]])
    assert logged["parameters"]["sip_auth_username"] == "me"
    assert "a-secret-password" not in str(logged)
    [asked] = [asked for asked in here.simulator.requests if asked.method == "POST"]
    assert asked.body["sip_auth_password"] == "a-secret-password"


# --- finding ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def script(make_app: Callable[..., Flask]) -> FlaskClient:
    return make_app(dashboard_api_token=TOKEN).test_client()


@pytest.mark.parametrize(
    ("changed", "status", "code"),
    [({"telnyx_api_key": None}, 503, "no_api_key"), ({"telnyx_connection_id": None}, 409, "no_connection_id")],
)
def test_what_is_missing_to_find_calls_is_told(
    make_app: Callable[..., Flask], changed: dict[str, Any], status: int, code: str
) -> None:
    answer = make_app(dashboard_api_token=TOKEN, **changed).test_client().post("/api/find", json={}, headers=BEARER)
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (status, code)
    assert "TELNYX_" in answer.get_json()["error"]["hint"]


# --- presets ---------------------------------------------------------------------------------------------------------


def put(client: FlaskClient, command: str, name: str, parameters: dict[str, Any]) -> Any:
    return client.put(f"/api/presets/{command}/{quote(name)}", json=parameters, headers=BEARER)


def names(client: FlaskClient) -> list[tuple[str, str]]:
    listed = client.get("/api/presets", headers=BEARER).get_json()["presets"]
    return [(row["command"], row["name"]) for row in listed]


def test_preset_is_kept_replaced_and_deleted(script: FlaskClient) -> None:
    assert put(script, "transcription_start", " German calls ", DEEPGRAM).status_code == 200
    assert put(script, "transcription_start", "Ünïcode ☎", {}).status_code == 200
    assert (
        put(script, "transcription_start", "German calls", {**DEEPGRAM, "transcription_tracks": "both"}).status_code
        == 200
    )
    [first, _] = script.get("/api/presets", headers=BEARER).get_json()["presets"]
    assert first == {
        "command": "transcription_start",
        "name": "German calls",
        "parameters": {**DEEPGRAM, "transcription_tracks": "both"},
    }
    answer = script.delete("/api/presets/transcription_start/German%20calls", headers=BEARER)
    assert answer.status_code == 200
    assert names(script) == [("transcription_start", "Ünïcode ☎")]
    again = script.delete("/api/presets/transcription_start/German%20calls", headers=BEARER)
    assert (again.status_code, again.get_json()["error"]["code"]) == (404, "no_such_preset")


def test_secrets_are_left_out_of_presets(script: FlaskClient) -> None:
    given = {
        **STREAM,
        "stream_auth_token": "one-time-secret",
        "client_state": "kept as text",
        "command_id": str(uuid.uuid4()),
    }
    answer = put(script, "streaming_start", "mine", given)
    [kept] = answer.get_json()["presets"]
    assert kept["parameters"] == {
        "stream_url": "wss://media.example.com/audio",
        "stream_track": "both_tracks",
        "client_state": "kept as text",
    }
    assert put(script, "dial", "home", {"to": "+15550100002", "from": "+15550100001", "sip_auth_password": "x-secret"})
    assert "secret" not in script.get("/api/presets", headers=BEARER).text


def test_dial_preset_needs_no_connection_id_where_one_is_set(make_app: Callable[..., Flask]) -> None:
    client = make_app(dashboard_api_token=TOKEN, telnyx_connection_id="24").test_client()
    answer = put(client, "dial", "home", {"to": "+15550100002", "from": "+15550100001"})
    assert answer.status_code == 200
    assert "connection_id" not in answer.get_json()["presets"][0]["parameters"]


@pytest.mark.parametrize(
    ("command", "name", "parameters", "code"),
    [
        ("fork_start", "a", {"rx": "nowhere"}, "bad_parameters"),
        ("transcription_start", "a", {"made_up": 1}, "bad_parameters"),
        ("nonsense", "a", {}, "bad_preset"),
        ("hangup", " ", {}, "bad_preset"),
        ("hangup", "a" * 61, {}, "bad_preset"),
        ("hangup", "a\x07b", {}, "bad_preset"),
    ],
)
def test_preset_that_could_not_be_sent_is_not_kept(
    script: FlaskClient, command: str, name: str, parameters: dict[str, Any], code: str
) -> None:
    answer = put(script, command, name, parameters)
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (422, code)
    assert names(script) == []


def test_presets_are_bounded_and_a_full_list_can_still_be_changed(
    script: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dashboard.web.api.presets.MAX_PRESETS", 2)
    assert [put(script, "hangup", name, {}).status_code for name in ("a", "b", "c")] == [200, 200, 409]
    assert put(script, "hangup", "b", {"reason": "busy"}).status_code == 200


def test_viewers_see_presets_and_change_none(guarded: Flask, provider: RecordingProvider) -> None:
    put(guarded.test_client(), "hangup", "a", {})
    viewer = guarded.test_client()
    assert sign_in(viewer, VIEWER_PASSWORD) == 302 and PASSWORD != VIEWER_PASSWORD
    headers = {"X-CSRFToken": csrf_token(viewer)}
    assert viewer.get("/api/presets").get_json()["presets"][0]["name"] == "a"
    for answer in (
        viewer.put("/api/presets/hangup/b", json={}, headers=headers),
        viewer.delete("/api/presets/hangup/a", headers=headers),
        viewer.post("/api/calls", json={}, headers=headers),
        viewer.post("/api/find", json={}, headers=headers),
    ):
        assert (answer.status_code, answer.get_json()["error"]["code"]) == (403, "viewers_only_read")


# --- settings that press ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"transcribe": {}}, "'transcribe', which is not a command"),
        ({"fork_start": {"rx": "nowhere"}}, "fork_start.rx"),
        ({"transcription_start": {"transcription_tracks": "all"}}, "(inbound, outbound, both)"),
        ({"transcription_start": {"language": "en"}}, "transcription_start.language"),
        ({"streaming_start": {"stream_auth_token": "x"}}, "must not hold streaming_start.stream_auth_token"),
        ({"dial": {"timeout_secs": 1}}, "dial.timeout_secs"),
        ({"hangup": {"command_id": "one-for-all"}}, "must not hold hangup.command_id"),
    ],
)
def test_defaults_that_could_never_be_sent_are_told(given: dict[str, Any], told: str) -> None:
    [problem] = default_problems(given)
    assert problem.startswith("COMMAND_DEFAULTS") and told in problem


def test_defaults_need_not_be_complete() -> None:
    given = {"streaming_start": {"stream_track": "both_tracks"}, "fork_start": {}, "dial": {"from": "+15550100001"}}
    assert list(default_problems(given)) == []


def test_own_defaults_can_be_sent() -> None:
    assert list(default_problems(command_defaults({}, demo=True))) == []
    rules = parse_rules("transcription; streaming; fork")
    assert list(rule_problems(rules, command_defaults({}, demo=True), is_reachable=True)) == []


def test_rule_that_could_never_press_is_told() -> None:
    told = list(rule_problems(parse_rules("fork; streaming"), command_defaults({}, demo=False), is_reachable=False))
    assert [problem.split(",")[0] for problem in told] == ["AUTO_START starts fork"] * 2 + [
        "AUTO_START starts streaming"
    ]
    assert "fork_start.rx" in told[0] and "fork_start.tx" in told[1] and "PUBLIC_URL" in told[2]


def test_server_refuses_to_start_with_them_and_tells_all(settings: Settings) -> None:
    wrong = replace(settings, command_defaults={"nonsense": {}, "hangup": {"reason": 7}}, auto_start="fork")
    with pytest.raises(SettingsError) as caught:
        prepare(wrong, port=5000, simulator=SimulatorProcess())
    assert len(caught.value.problems) == 4


@pytest.mark.parametrize(
    ("environment", "told"),
    [
        ({"AUTO_START": "transcribe"}, "AUTO_START cannot be read"),
        ({"STOP_AFTER_MINUTES": "0"}, "STOP_AFTER_MINUTES must be above 0"),
        ({"STOP_AFTER_SILENT_MINUTES": "-1"}, "STOP_AFTER_SILENT_MINUTES must be a number"),
        ({"STOP_AFTER_MINUTES": "nan"}, "STOP_AFTER_MINUTES must be a number"),
        ({"STOP_ON_SHUTDOWN": "perhaps"}, "STOP_ON_SHUTDOWN must be 1 or 0"),
        ({"COMMAND_DEFAULTS": "[]"}, "COMMAND_DEFAULTS must be JSON"),
        ({"TELNYX_API_KEY": "", "TELNYX_PUBLIC_KEY": "k", "AUTO_START": "fork"}, "AUTO_START runs commands"),
        ({"TELNYX_API_KEY": "", "TELNYX_PUBLIC_KEY": "k", "STOP_ON_SHUTDOWN": "1"}, "STOP_ON_SHUTDOWN runs commands"),
    ],
)
def test_setting_that_presses_is_read_strictly(environment: dict[str, str], told: str) -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.from_env({"TELNYX_API_KEY": "KEY", **environment})
    assert [problem for problem in caught.value.problems if told in problem]
