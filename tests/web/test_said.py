"""Sentences leave in the reader's language, whichever way out they take; codes, values and logs stay what they are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from babel.support import NullTranslations
from flask import Flask
from flask.testing import FlaskClient

from dashboard.web import i18n
from dashboard.web.api import commands
from dashboard.web.serializers import call_json
from tests.conftest import CALL_ID, services_of
from tests.system.provider import RecordingProvider, error_body
from tests.web.conftest import PASSWORD, csrf_token

Press = Callable[..., Any]
FOREIGN = {"Accept-Language": "es"}
FORK = {"rx": "udp:9.9.9.9:40000", "tx": "udp:9.9.9.9:40002"}


class Quotes(NullTranslations):
    """A language that says everything in quotes, so that what was not said in it is seen."""

    def gettext(self, message: str) -> str:
        return f"«{message}»"

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return f"«{msgid1 if n == 1 else msgid2}»"


@pytest.fixture(autouse=True)
def quotes(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    plain = i18n.translations_for
    monkeypatch.setattr(i18n, "translations_for", lambda tag: plain(tag) if tag == "en" else Quotes())
    commands._translated_schemas.cache_clear()
    yield
    commands._translated_schemas.cache_clear()


@pytest.fixture
def answered(deliver: Callable[..., Any]) -> None:
    deliver("call.initiated", {"direction": "incoming"})
    deliver("call.answered")


@pytest.fixture
def foreign(client: FlaskClient) -> Callable[..., Any]:
    """The JSON of an answer to somebody who reads another language."""
    token = csrf_token(client)

    def ask(method: str, path: str, body: object = None) -> Any:
        return client.open(path, method=method, json=body, headers={**FOREIGN, "X-CSRFToken": token}).get_json()

    return ask


def is_said(text: str | None) -> bool:
    return text is not None and text.startswith("«") and text.endswith("»")


def test_refused_fields_say_why_and_keep_their_names_and_values(foreign: Callable[..., Any], answered: None) -> None:
    config = {"transcription_engine": "Deepgram"}
    error = foreign(
        "POST", f"/api/calls/{CALL_ID}/actions/transcription_start", {"transcription_engine_config": config, "oops": 1}
    )["error"]
    assert error["code"] == "bad_parameters" and is_said(error["message"]) and is_said(error["hint"])
    by_field = {each["field"]: each for each in error["details"]["fields"]}
    assert by_field.keys() == {"oops", "transcription_engine_config.transcription_model"}
    assert all(is_said(each["reason"]) for each in by_field.values())
    model = by_field["transcription_engine_config.transcription_model"]
    assert model["allowed"] == ["deepgram/nova-2", "deepgram/nova-3"]


def test_the_provider_speaks_for_itself_and_the_hint_is_ours(
    foreign: Callable[..., Any], answered: None, provider: RecordingProvider
) -> None:
    provider.next_responses.append((422, error_body("90045", "Not while streaming")))
    error = foreign("POST", f"/api/calls/{CALL_ID}/actions/fork_start", FORK)["error"]
    assert (error["message"], error["details"]["provider_code"]) == ("Not while streaming", "90045")
    assert is_said(error["hint"])


def test_what_was_stored_is_said_to_each_reader_in_their_language(
    app: Flask, client: FlaskClient, foreign: Callable[..., Any], answered: None, provider: RecordingProvider
) -> None:
    provider.next_responses.append((422, error_body("90045", "Not while streaming")))
    foreign("POST", f"/api/calls/{CALL_ID}/actions/fork_start", FORK)
    stored = call_json(services_of(app).store.get_call(CALL_ID))["switches"]["fork"]["reason"]
    assert stored.startswith("Not while streaming (90045). The call is streaming")
    assert client.get(f"/api/calls/{CALL_ID}/switches").get_json()["switches"]["fork"]["reason"] == stored
    told = foreign("GET", f"/api/calls/{CALL_ID}/switches")["switches"]["fork"]
    assert told["state"] == "failed" and told["reason"].startswith(
        "«Not while streaming (90045). «The call is streaming"
    )
    [command] = foreign("GET", f"/api/calls/{CALL_ID}/commands")["commands"]
    assert command["reason"] == told["reason"] and command["status"] == "failed"
    notes = foreign("GET", f"/api/calls/{CALL_ID}/notes")["notes"]
    assert [note["kind"] for note in notes] == ["answered", "failed"] and all(is_said(note["text"]) for note in notes)
    page = client.get(f"/calls/{CALL_ID}", headers=FOREIGN).get_data(as_text=True)
    assert told["reason"] in page and notes[1]["text"] in page


def test_forms_are_said_and_what_goes_on_the_wire_is_not(client: FlaskClient, foreign: Callable[..., Any]) -> None:
    field = foreign("GET", "/api/commands")["commands"]["streaming_start"]["properties"]["stream_codec"]
    assert is_said(field["title"]) and is_said(field["description"])
    assert field["default"] == "default" and "PCMU" in field["enum"]
    plain = client.get("/api/commands").get_json()["commands"]["streaming_start"]["properties"]["stream_codec"]
    assert plain["title"] == "Codec"


def test_every_finding_and_every_step_of_the_test_is_said(foreign: Callable[..., Any]) -> None:
    found = foreign("GET", "/api/setup")
    for check in found["checks"]:
        assert is_said(check["text"]) and (is_said(check["title"]) or check["title"] == "Redis"), check
        assert check["action"] is None or is_said(check["action"]), check
    steps = foreign("POST", "/api/setup/test")["steps"]
    assert len(steps) == 5 and all(is_said(step["text"]) for step in steps)


def test_why_a_webhook_was_refused_is_said(client: FlaskClient, foreign: Callable[..., Any]) -> None:
    client.post("/webhooks/telnyx", data=b"{}")
    [event] = foreign("GET", "/api/events?verdict=refused")["events"]
    assert event["reason"] == "missing_signature" and is_said(event["detail"])


@pytest.mark.parametrize("path", ["/calls/v3:nobody", "/events/nothing", "/nowhere", "/events?verdict=odd"])
def test_error_pages_and_error_answers_say_the_same(
    client: FlaskClient, foreign: Callable[..., Any], path: str
) -> None:
    page = client.get(path, headers={**FOREIGN, "Accept": "text/html"}).get_data(as_text=True)
    error = client.get(path, headers={**FOREIGN, "Accept": "application/json"}).get_json()["error"]
    assert is_said(error["message"]) and is_said(error["hint"])
    assert error["message"] in page and error["hint"] in page


def test_a_wrong_password_is_told_before_anybody_is_known(guarded: Flask) -> None:
    client = guarded.test_client()
    data = {"password": PASSWORD + "!", "csrf_token": csrf_token(client, "/login")}
    page = client.post("/login", data=data, headers=FOREIGN).get_data(as_text=True)
    assert "«That is not the password. 4 tries left this minute.»" in page


def test_files_name_the_speakers_in_the_language_of_their_reader(
    client: FlaskClient, answered: None, deliver: Callable[..., Any]
) -> None:
    deliver(
        "call.transcription",
        {"transcription_data": {"transcript": "Hello.", "is_final": True, "transcription_track": "inbound"}},
    )
    path = f"/api/calls/{CALL_ID}/transcript.txt"
    assert "«Caller»: Hello." in client.get(path, headers=FOREIGN).get_data(as_text=True)
    assert "] Caller: Hello." in client.get(path).get_data(as_text=True)


def test_logs_and_scripts_that_ask_for_no_language_get_english(
    client: FlaskClient, foreign: Callable[..., Any], answered: None, caplog: pytest.LogCaptureFixture
) -> None:
    client.post("/webhooks/telnyx", data=b"{}", headers=FOREIGN)
    assert "the request carries no signature headers" in caplog.text and "«" not in caplog.text
    error = client.get("/api/calls?limit=0").get_json()["error"]
    assert error["message"] == "limit is not a number from 1 to 200."
