"""Speakers are named through the API, for everybody who watches the call."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
import srt
import webvtt
from flask import Flask
from flask.testing import FlaskClient

from dashboard.calls.speaker_names import MAX_NAME_LENGTH
from dashboard.web.serializers import JSON
from tests.conftest import CALL_ID, transcription_payload
from tests.web.conftest import BEARER, VIEWER_PASSWORD, csrf_token, sign_in

Deliver = Callable[..., Any]
Name = Callable[..., Any]

NUMBERS = {"from": "+15550100001", "to": "+15550100002", "direction": "incoming"}


@pytest.fixture
def name(client: FlaskClient, deliver: Deliver) -> Name:
    """Name the speakers of a call, of whom each has said a line, as the page does."""
    deliver("call.initiated", NUMBERS)
    deliver("call.transcription", transcription_payload("Good morning."))
    deliver("call.transcription", transcription_payload("Hello.", track="outbound"))
    headers = {"X-CSRFToken": csrf_token(client)}

    def name(call_id: str = CALL_ID, **names: Any) -> Any:
        return client.put(f"/api/calls/{quote(call_id)}/speakers", json=names, headers=headers)

    return name


def call_of(client: FlaskClient) -> JSON:
    call: JSON = client.get(f"/api/calls/{CALL_ID}").get_json()["call"]
    return call


def exported(client: FlaskClient, kind: str) -> str:
    return client.get(f"/api/calls/{CALL_ID}/transcript.{kind}").get_data(as_text=True)


def test_names_are_kept_trimmed_and_taken_back(client: FlaskClient, name: Name) -> None:
    before = call_of(client)
    assert before["speakers"] == {"caller": None, "callee": None}
    answer = name(caller="  Ana ", callee="Luis")
    assert (answer.status_code, answer.get_json()) == (200, {"call": call_of(client)})
    assert call_of(client)["speakers"] == {"caller": "Ana", "callee": "Luis"}
    assert call_of(client)["seq"] == before["seq"] + 1
    name(caller="")
    assert call_of(client)["speakers"] == {"caller": None, "callee": "Luis"}
    name(callee=None)
    assert call_of(client)["speakers"] == {"caller": None, "callee": None}


def test_the_list_and_the_search_know_the_names(client: FlaskClient, name: Name) -> None:
    name(caller="Ana")
    [listed] = client.get("/api/calls").get_json()["calls"]
    [hit] = client.get("/api/search?q=morning").get_json()["results"]
    assert listed["speakers"] == hit["call"]["speakers"] == {"caller": "Ana", "callee": None}


@pytest.mark.parametrize(
    ("names", "problems"),
    [
        ({"caller": "x" * (MAX_NAME_LENGTH + 1)}, {"caller": f"must have at most {MAX_NAME_LENGTH} characters"}),
        ({"callee": "A\nB"}, {"callee": "must not have control characters"}),
        ({"callee": "A\u2028B"}, {"callee": "must not have control characters"}),
        ({"caller": 7, "callee": ["A"]}, {"caller": "must be text", "callee": "must be text"}),
        ({"caller": "Ana", "agent": "Luis"}, {"agent": "is not known"}),
    ],
)
def test_what_cannot_be_a_name_is_refused_with_the_field(
    client: FlaskClient, name: Name, names: dict[str, Any], problems: dict[str, str]
) -> None:
    answer = name(**names)
    error = answer.get_json()["error"]
    assert (answer.status_code, error["code"]) == (422, "bad_parameters")
    assert {each["field"]: each["reason"] for each in error["details"]["fields"]} == problems
    assert call_of(client)["speakers"] == {"caller": None, "callee": None}


@pytest.mark.parametrize("call_id", ["v3:nobody", "v3:\0"])
def test_unknown_calls_have_no_speakers(name: Name, call_id: str) -> None:
    answer = name(call_id, caller="Ana")
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (404, "call_not_found")


def test_operators_and_scripts_name_and_viewers_are_refused(guarded: Flask) -> None:
    operator, viewer, script = (guarded.test_client() for _ in range(3))
    address = "/api/calls/v3:nobody/speakers"
    assert script.put(address, json={"caller": "Ana"}).status_code == 401
    sign_in(operator)
    sign_in(viewer, VIEWER_PASSWORD)
    assert operator.put(address, json={"caller": "Ana"}).status_code == 400
    with_token = {"X-CSRFToken": csrf_token(viewer)}
    assert viewer.put(address, json={"caller": "Ana"}, headers=with_token).status_code == 403
    with_token = {"X-CSRFToken": csrf_token(operator)}
    assert operator.put(address, json={"caller": "Ana"}, headers=with_token).status_code == 404
    assert script.put(address, json={"caller": "Ana"}, headers=BEARER).status_code == 404


def test_two_processes_know_the_same_names(make_app: Callable[..., Flask], client: FlaskClient, name: Name) -> None:
    other = make_app().test_client()
    name(caller="Ana")
    assert call_of(other) == call_of(client)
    assert call_of(other)["speakers"]["caller"] == "Ana"


def test_every_export_says_the_names(client: FlaskClient, name: Name) -> None:
    name(caller="Ana", callee="Luis")
    assert [caption.voice for caption in webvtt.from_string(exported(client, "vtt"))] == ["Ana", "Luis"]
    assert [cue.content for cue in srt.parse(exported(client, "srt"))] == ["Ana: Good morning.", "Luis: Hello."]
    assert [line[11:] for line in exported(client, "txt").splitlines()[3:]] == ["Ana: Good morning.", "Luis: Hello."]
    assert [row["speaker"] for row in csv.DictReader(io.StringIO(exported(client, "csv")))] == ["Ana", "Luis"]
    assert json.loads(exported(client, "json"))["call"]["speakers"] == {"caller": "Ana", "callee": "Luis"}


def test_a_name_forges_no_voice_no_cue_and_no_formula(client: FlaskClient, name: Name) -> None:
    name(caller="A>B</v><v Luis>&amp;", callee="=1+1 --> x")
    [first, second] = exported(client, "vtt").split("\n\n")[2:]
    assert first.splitlines()[1] == "<v A&gt;B&lt;/v&gt;&lt;v Luis&gt;&amp;amp;>Good morning.</v>"
    assert second.count("-->") == 1
    assert len(webvtt.from_string(exported(client, "vtt"))) == 2
    assert [cue.content.count("-->") for cue in srt.parse(exported(client, "srt"), ignore_errors=False)] == [0, 0]
    assert list(csv.DictReader(io.StringIO(exported(client, "csv"))))[1]["speaker"] == "'=1+1 --> x"


def test_pages_say_the_names_before_any_script_and_as_text(client: FlaskClient, name: Name) -> None:
    name(caller="<img src=x>", callee="Luis")
    for address in (f"/calls/{CALL_ID}", f"/calls/{CALL_ID}/read", "/search?q=morning"):
        page = client.get(address).get_data(as_text=True)
        assert "&lt;img src=x&gt;</span>" in page, address
        assert "<img src=x>" not in page


def test_what_is_being_said_has_its_speaker_s_name_from_the_first_paint(
    client: FlaskClient, deliver: Deliver, name: Name
) -> None:
    name(callee="Luis")
    deliver("call.transcription", transcription_payload("I would", final=False, track="outbound"))
    for address in (f"/calls/{CALL_ID}", f"/calls/{CALL_ID}/read"):
        page = client.get(address).get_data(as_text=True)
        assert re.findall(r'class="segment__speaker">([^<]+)<', page) == ["Caller", "Luis", "Luis"], address


def test_viewers_read_the_names_and_get_no_dialog(guarded: Flask, name: Name) -> None:
    name(caller="Ana")
    operator, viewer = guarded.test_client(), guarded.test_client()
    sign_in(operator)
    sign_in(viewer, VIEWER_PASSWORD)
    pages = [each.get(f"/calls/{CALL_ID}").get_data(as_text=True) for each in (operator, viewer)]
    assert all('<span class="segment__speaker">Ana</span>' in page for page in pages)
    assert ["names-title" in page for page in pages] == [True, False]
