"""What scripts and the page's own buttons read."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient

from dashboard.web.context import context_of, set_context
from tests.conftest import CALL_ID, transcription_payload
from tests.web.conftest import BEARER

START = datetime(2026, 8, 21, 10, 15, tzinfo=UTC)
SWITCH = {"state", "since", "reason"}
CALL_FIELDS = {
    *("id", "leg_id", "session_id", "direction", "from", "to", "state", "started_at", "answered_at", "ended_at"),
    *("hangup_cause", "speakers", "seq", "switches"),
}
SEGMENT_FIELDS = {"call_id", "seq", "event_id", "track", "speaker", "text", "confidence", "started_at", "occurred_at"}
INTERIM_FIELDS = {"call_id", "track", "speaker", "text", "occurred_at"}
IDS = {"call_leg_id": "leg-1", "call_session_id": "session-1", "from": "+15550100001", "to": "+15550100002"}

Deliver = Callable[..., Any]


def said(deliver: Deliver, text: str, second: float, **facts: Any) -> str:
    event_id = str(uuid.uuid4())
    payload = transcription_payload(text, **{name: facts.pop(name) for name in ("final", "track") if name in facts})
    deliver("call.transcription", payload, event_id=event_id, at=START + timedelta(seconds=second), **facts)
    return event_id


@pytest.fixture
def talk(deliver: Deliver) -> list[str]:
    """A call that rang, was answered, and holds two lines and something being said."""
    deliver("call.initiated", {**IDS, "direction": "incoming", "state": "parked"}, at=START)
    deliver("call.answered", IDS, at=START + timedelta(seconds=1))
    lines = [said(deliver, "hello", 3, track="outbound"), said(deliver, "hi there", 5)]
    said(deliver, "I am call", 7, final=False)
    return lines


def test_call_has_the_shape_that_is_promised(client: FlaskClient, talk: list[str]) -> None:
    detail = client.get(f"/api/calls/{CALL_ID}").get_json()
    assert set(detail) == {"call", "segments", "interims"}
    call = detail["call"]
    assert set(call) >= CALL_FIELDS
    assert (call["id"], call["leg_id"], call["session_id"]) == (CALL_ID, "leg-1", "session-1")
    assert (call["direction"], call["from"], call["to"]) == ("inbound", "+15550100001", "+15550100002")
    assert (call["state"], call["ended_at"], call["hangup_cause"]) == ("answered", None, None)
    assert call["started_at"] == "2026-08-21T10:15:00.000000Z"
    assert call["answered_at"] == "2026-08-21T10:15:01.000000Z"
    assert set(call["switches"]) == {"transcription", "streaming", "fork"}
    assert all(set(switch) >= SWITCH for switch in call["switches"].values())
    assert {name: switch["state"] for name, switch in call["switches"].items()} == {
        "transcription": "on",
        "streaming": "off",
        "fork": "off",
    }


def test_segments_and_interims_have_the_shape_that_is_promised(client: FlaskClient, talk: list[str]) -> None:
    detail = client.get(f"/api/calls/{CALL_ID}").get_json()
    first, second = detail["segments"]
    assert set(first) >= SEGMENT_FIELDS
    assert [first["event_id"], second["event_id"]] == talk
    assert (first["track"], first["speaker"], first["text"]) == ("outbound", "callee", "hello")
    assert (second["track"], second["speaker"], second["confidence"]) == ("inbound", "caller", 0.9)
    [interim] = detail["interims"]
    assert set(interim) >= INTERIM_FIELDS
    assert (interim["speaker"], interim["text"]) == ("caller", "I am call")


def test_numbers_grow_by_one_with_every_change(client: FlaskClient, talk: list[str]) -> None:
    detail = client.get(f"/api/calls/{CALL_ID}").get_json()
    listed = client.get(f"/api/calls/{CALL_ID}/segments").get_json()["segments"]
    assert [segment["seq"] for segment in listed] == sorted(segment["seq"] for segment in listed)
    assert detail["call"]["seq"] == listed[-1]["seq"]


def test_a_late_line_slides_into_its_place_but_comes_last_by_number(
    client: FlaskClient, deliver: Deliver, talk: list[str]
) -> None:
    late = said(deliver, "in between", 4)
    detail = client.get(f"/api/calls/{CALL_ID}").get_json()
    assert [segment["event_id"] for segment in detail["segments"]] == [talk[0], late, talk[1]]
    by_number = client.get(f"/api/calls/{CALL_ID}/segments").get_json()["segments"]
    assert [segment["event_id"] for segment in by_number] == [*talk, late]


def test_segments_after_a_number_are_exactly_the_rest(client: FlaskClient, deliver: Deliver, talk: list[str]) -> None:
    everything = client.get(f"/api/calls/{CALL_ID}/segments").get_json()
    assert everything["next"] is None
    known = everything["segments"][-1]["seq"]
    assert client.get(f"/api/calls/{CALL_ID}/segments?after_seq={known}").get_json() == {"segments": [], "next": None}
    new = said(deliver, "and one more", 9)
    rest = client.get(f"/api/calls/{CALL_ID}/segments?after_seq={known}").get_json()["segments"]
    assert [segment["event_id"] for segment in rest] == [new]


def test_segments_page_by_page_are_each_of_them_once(client: FlaskClient, deliver: Deliver) -> None:
    sent = [said(deliver, f"line {number}", number) for number in range(7)]
    found: list[str] = []
    after: int | None = 0
    while after is not None:
        page = client.get(f"/api/calls/{CALL_ID}/segments?after_seq={after}&limit=3").get_json()
        found += [segment["event_id"] for segment in page["segments"]]
        after = page["next"]
    assert found == sent


def test_calls_page_by_page_are_each_of_them_once_newest_first(client: FlaskClient, deliver: Deliver) -> None:
    for number in range(7):
        # Two of them start in the same microsecond.
        at = START + timedelta(seconds=min(number, 5))
        deliver("call.initiated", call_id=f"v3:call-{number}", at=at)
    found: list[str] = []
    after = ""
    while True:
        page = client.get(f"/api/calls?limit=3{after}").get_json()
        assert set(page) == {"calls", "next"} and all(set(call) >= CALL_FIELDS for call in page["calls"])
        found += [call["id"] for call in page["calls"]]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
        # What rings meanwhile belongs above the first page, and moves nothing below it.
        deliver("call.initiated", call_id=f"v3:newer-{len(found)}", at=START + timedelta(minutes=1))
    assert found == [f"v3:call-{number}" for number in (6, 5, 4, 3, 2, 1, 0)]


def test_a_call_is_found_under_its_quoted_id_too(client: FlaskClient, deliver: Deliver) -> None:
    call_id = "v3:Aé%/b_-"
    deliver("call.initiated", call_id="v3:A%2Fb_-")
    assert client.get(f"/api/calls/{quote('v3:A%2Fb_-', safe='')}").get_json()["call"]["id"] == "v3:A%2Fb_-"
    assert client.get(f"/api/calls/{quote(call_id, safe='')}").status_code == 404


@pytest.mark.parametrize(
    ("address", "status", "code"),
    [
        ("/api/calls/unknown", 404, "call_not_found"),
        ("/api/calls/unknown/segments", 404, "call_not_found"),
        ("/api/nothing/here", 404, "not_found"),
        ("/api/calls?limit=0", 400, "bad_parameter"),
        ("/api/calls?limit=201", 400, "bad_parameter"),
        ("/api/calls?limit=ten", 400, "bad_parameter"),
        ("/api/calls?limit=%D9%A3", 400, "bad_parameter"),
        ("/api/calls?after=!", 400, "bad_cursor"),
        ("/api/calls?after=w6n_", 400, "bad_cursor"),
        ("/api/calls?after=OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5fHg=", 400, "bad_cursor"),
        ("/api/calls/unknown/segments?after_seq=-1", 400, "bad_parameter"),
        ("/api/calls/unknown/segments?after_seq=" + "9" * 40, 400, "bad_parameter"),
        ("/api/calls/unknown/segments?after_seq=" + "0" * 12 + "9" * 30, 400, "bad_parameter"),
        ("/api/calls/unknown/segments?after_seq=" + "1" * 5_000, 400, "bad_parameter"),
    ],
)
def test_errors_have_one_shape(client: FlaskClient, address: str, status: int, code: str) -> None:
    answer = client.get(address)
    assert answer.status_code == status
    assert set(answer.get_json()) == {"error"}
    error = answer.get_json()["error"]
    assert set(error) == {"code", "message", "hint", "details"}
    assert error["code"] == code and error["message"] and error["hint"]


@pytest.mark.parametrize(
    ("name", "body", "status", "code"),
    [
        ("hangup", b"{", 400, "bad_json"),
        ("hangup", b"[]", 400, "bad_json"),
        ("hangup", b"\xff", 400, "bad_json"),
        ("hangup", b"[" * 100_000, 400, "bad_json"),
        ("hangup", b'{"a":' * 100_000, 400, "bad_json"),
        ("hangup", b'{"a":' * 900 + b"1" + b"}" * 900, 400, "bad_json"),
        ("hangup", b'{"a":' * 190 + b"1" + b"}" * 190, 422, "bad_parameters"),
        ("hangup", b'{"reason": NaN}', 400, "bad_json"),
        ("hangup", b'{"reason": "\\ud800"}', 400, "bad_json"),
        ("hangup", b'{"command_id": "not a uuid"}', 422, "bad_parameters"),
        ("hangup", b'{"command_id": 7}', 422, "bad_parameters"),
        ("hangup", b'{"colour": "red"}', 422, "bad_parameters"),
        ("explode", b"{}", 404, "unknown_action"),
        ("dial", b"{}", 404, "unknown_action"),
    ],
)
def test_bad_presses_are_refused_before_anything_is_sent(
    guarded: Flask, provider: Any, deliver: Deliver, name: str, body: bytes, status: int, code: str
) -> None:
    deliver("call.initiated")
    address = f"/api/calls/{CALL_ID}/actions/{name}"
    answer = guarded.test_client().post(address, data=body, headers=BEARER, content_type="application/json")
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (status, code)
    assert provider.commands == []


def test_every_bad_field_is_named_at_once(client: FlaskClient, deliver: Deliver, press: Callable[..., Any]) -> None:
    deliver("call.initiated")
    answer = press(CALL_ID, "fork_start", {"rx": "udp:example.com:1", "colour": "red"})
    fields = {field["field"] for field in answer.get_json()["error"]["details"]["fields"]}
    assert fields == {"rx", "tx", "colour"}


def test_schemas_of_every_action_are_there_for_forms(client: FlaskClient) -> None:
    commands = client.get("/api/commands").get_json()["commands"]
    assert {"transcription_start", "streaming_start", "fork_start", "answer", "hangup"} <= set(commands)
    assert "stream_url" in commands["streaming_start"]["properties"]


def test_alive_and_ready(client: FlaskClient) -> None:
    assert client.get("/healthz").get_json() == {"status": "ok"}
    ready = client.get("/readyz")
    assert (ready.status_code, ready.get_json()["checks"]) == (200, {"store": "ok", "broker": "ok"})


def test_not_ready_while_the_store_cannot_be_reached(app: Flask, client: FlaskClient) -> None:
    context = context_of(app)
    broken = replace(context.services, is_broker_reachable=lambda: 1 / 0)
    set_context(app, replace(context, services=broken))
    answer = client.get("/readyz")
    assert (answer.status_code, answer.get_json()["checks"]["broker"]) == (503, "unreachable")
    assert client.get("/healthz").status_code == 200
