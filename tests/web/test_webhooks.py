"""The one door without a login."""

from __future__ import annotations

import base64
import json
import logging
import sqlite3
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from dashboard.errors import StoreBusyError
from dashboard.services import webhook_receiver
from tests.conftest import CALL_ID, Signer, build_event_body, services_of, transcription_payload

DOOR = "/webhooks/telnyx"
WORDS = "my secret order number is 7429"
NUMBER = "+15550100142"


def stored(database_url: str, query: str) -> list[tuple[Any, ...]]:
    with sqlite3.connect(database_url.removeprefix("sqlite:///")) as connection:
        return connection.execute(query).fetchall()


def test_final_is_kept_before_it_is_acknowledged(deliver: Callable[..., Any], database_url: str) -> None:
    event_id = str(uuid.uuid4())
    answer = deliver("call.transcription", transcription_payload("hello there"), event_id=event_id)
    assert (answer.status_code, answer.text) == (200, "accepted\n")
    assert stored(database_url, "SELECT event_id, text FROM segments") == [(event_id, "hello there")]


def test_repetition_is_acknowledged_and_changes_nothing(deliver: Callable[..., Any], database_url: str) -> None:
    event_id = str(uuid.uuid4())
    deliver("call.transcription", transcription_payload("once"), event_id=event_id)
    answer = deliver("call.transcription", transcription_payload("once"), event_id=event_id, attempt=2)
    assert (answer.status_code, answer.text) == (200, "duplicate\n")
    assert stored(database_url, "SELECT count(*) FROM segments") == [(1,)]


def test_interim_never_touches_the_disk(deliver: Callable[..., Any], database_url: str) -> None:
    assert deliver("call.transcription", transcription_payload("hel", final=False)).status_code == 200
    assert stored(database_url, "SELECT count(*) FROM events") == [(0,)]


@pytest.mark.parametrize("event_type", ["call.dtmf.received", "conference.created", "something.new"])
def test_unknown_type_is_stored_and_listed(
    event_type: str, deliver: Callable[..., Any], client: FlaskClient, database_url: str
) -> None:
    event_id = str(uuid.uuid4())
    assert deliver(event_type, {"digit": "5"}, event_id=event_id).status_code == 200
    assert stored(database_url, "SELECT type, known FROM events") == [(event_type, 0)]
    page = client.get("/events").get_data(as_text=True)
    assert event_type in page and event_id in page


def test_event_without_a_call_is_kept(client: FlaskClient, signer: Signer, database_url: str) -> None:
    at = "2026-08-21T10:15:00Z"
    body = json.dumps({"data": {"id": "e1", "event_type": "a.b", "occurred_at": at, "payload": {}}}).encode()
    assert client.post(DOOR, data=body, headers=signer.sign_headers(body)).status_code == 200
    assert stored(database_url, "SELECT call_id FROM events") == [(None,)]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not json",
        b"[]",
        b"null",
        b"{}",
        b'{"data": {}}',
        b'{"data": {"event_type": "call.hangup"}, "meta": {"attempt": 1}}',
        b"\xff\xfe",
        b'{"data": "\xe9"}',
        b"[" * 100_000,
        b'{"data": {"id": "1", "event_type": "call.hangup", "occurred_at": "yesterday", "payload": {}}}',
        build_event_body("call.hangup", call_id=""),
    ],
    ids=range(12),
)
def test_signed_but_unreadable_is_a_bad_request(body: bytes, client: FlaskClient, signer: Signer) -> None:
    answer = client.post(DOOR, data=body, headers=signer.sign_headers(body))
    assert (answer.status_code, answer.text) == (400, "unreadable\n")


def _without(*names: str) -> Callable[[dict[str, str]], dict[str, str]]:
    return lambda headers: {name: value for name, value in headers.items() if name not in names}


def _with(name: str, value: str) -> Callable[[dict[str, str]], dict[str, str]]:
    return lambda headers: {**headers, name: value}


@pytest.mark.parametrize(
    "spoil",
    [
        _without("Telnyx-Signature-Ed25519", "Telnyx-Timestamp"),
        _without("Telnyx-Signature-Ed25519"),
        _without("Telnyx-Timestamp"),
        _with("Telnyx-Timestamp", "1"),
        _with("Telnyx-Timestamp", "+1787307330"),
        _with("Telnyx-Signature-Ed25519", base64.b64encode(bytes(64)).decode()),
        _with("Telnyx-Signature-Ed25519", "nonsense"),
        _with("Telnyx-Signature-Ed25519", "nönsense"),
    ],
    ids=["none", "no signature", "no time", "old", "odd time", "wrong", "no base64", "no ascii"],
)
def test_whatever_is_wrong_with_a_signature_the_answer_is_the_same(
    spoil: Callable[[dict[str, str]], dict[str, str]], client: FlaskClient, signer: Signer, database_url: str
) -> None:
    body = build_event_body("call.initiated")
    answer = client.post(DOOR, data=body, headers=spoil(signer.sign_headers(body)))
    assert (answer.status_code, answer.text, answer.mimetype) == (401, "not verified\n", "text/plain")
    assert stored(database_url, "SELECT count(*) FROM events") == [(0,)]


def test_another_key_and_another_body_are_refused(client: FlaskClient, signer: Signer) -> None:
    body = build_event_body("call.initiated")
    assert client.post(DOOR, data=body, headers=Signer().sign_headers(body)).status_code == 401
    assert client.post(DOOR, data=body + b" ", headers=signer.sign_headers(body)).status_code == 401


def test_body_is_not_parsed_before_the_signature_holds(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse_to_parse(body: bytes) -> None:
        raise AssertionError("parsed an unverified body")

    monkeypatch.setattr(webhook_receiver, "parse_webhook", refuse_to_parse)
    body = build_event_body("call.initiated")
    assert client.post(DOOR, data=body, headers=Signer().sign_headers(body)).status_code == 401


@pytest.mark.parametrize("signed", [True, False])
def test_too_large_is_refused_unread(signed: bool, client: FlaskClient, signer: Signer) -> None:
    body = build_event_body("call.transcription", transcription_payload("x" * webhook_receiver.MAX_BODY_BYTES))
    answer = client.post(DOOR, data=body, headers=signer.sign_headers(body) if signed else {})
    assert answer.status_code == 413


def test_largest_body_is_accepted(client: FlaskClient, signer: Signer) -> None:
    body = build_event_body("call.dtmf.received", {"padding": ""})
    body = body.replace(b'"padding": ""', b'"padding": "%s"' % (b"x" * (webhook_receiver.MAX_BODY_BYTES - len(body))))
    assert len(body) == webhook_receiver.MAX_BODY_BYTES
    assert client.post(DOOR, data=body, headers=signer.sign_headers(body)).status_code == 200


def test_what_cannot_be_committed_is_asked_for_again(
    app: Flask, deliver: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_self: object, _work: object) -> None:
        raise StoreBusyError("disk full")

    with monkeypatch.context() as patched:
        patched.setattr(type(services_of(app).store._writer), "submit", full)
        event_id = str(uuid.uuid4())
        assert deliver("call.initiated", event_id=event_id).status_code == 503
    assert deliver("call.initiated", event_id=event_id, attempt=2).text == "accepted\n"


def test_a_database_that_refuses_writes_gives_503_and_then_recovers(
    deliver: Callable[..., Any], database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    path = database_url.removeprefix("sqlite:///")
    with sqlite3.connect(path, isolation_level=None) as connection:
        connection.execute("ALTER TABLE segments RENAME TO away")
        assert deliver("call.transcription", transcription_payload(WORDS)).status_code == 503
        connection.execute("ALTER TABLE away RENAME TO segments")
    assert deliver("call.transcription", transcription_payload(WORDS)).status_code == 200
    assert WORDS not in caplog.text


def test_a_trailing_slash_is_no_redirect(client: FlaskClient, signer: Signer) -> None:
    body = build_event_body("call.initiated")
    assert client.post(DOOR + "/", data=body, headers=signer.sign_headers(body)).status_code == 200


def test_the_door_is_for_posts_only(client: FlaskClient) -> None:
    answer = client.get(DOOR)
    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]


def test_no_login_and_no_token_of_ours_is_needed(guarded: Flask, signer: Signer) -> None:
    body = build_event_body("call.initiated")
    assert guarded.test_client().post(DOOR, data=body, headers=signer.sign_headers(body)).status_code == 200


def test_logs_hold_no_speech_no_number_and_no_signature(
    client: FlaskClient, signer: Signer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    payload = {**transcription_payload(WORDS), "from": NUMBER, "to": NUMBER, "client_state": "c2VjcmV0IHN0YXRl"}
    good = build_event_body("call.transcription", payload)
    unreadable = build_event_body("call.transcription", {**payload, "transcription_data": {"transcript": [WORDS]}})
    timeless = good.replace(b"occurred_at", b"occured_at")
    strangers = Signer().sign_headers(good)
    sent = [(good, signer.sign_headers(good)), (good, strangers), (unreadable, signer.sign_headers(unreadable))]
    answers = [client.post(DOOR, data=body, headers=headers).status_code for body, headers in sent]
    answers.append(client.post(DOOR, data=timeless, headers=signer.sign_headers(timeless)).status_code)
    assert answers == [200, 401, 400, 400]
    assert caplog.text.count("webhook refused") == 1 and caplog.text.count("webhook unreadable") == 2
    for secret in (WORDS, NUMBER, NUMBER[-7:], "c2VjcmV0IHN0YXRl", strangers["Telnyx-Signature-Ed25519"], CALL_ID):
        assert secret not in caplog.text
