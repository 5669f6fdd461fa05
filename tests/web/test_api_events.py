"""Why was my webhook refused? Every one that came is told, with its verdict, and one of them can be had once more."""

from __future__ import annotations

import hashlib
import json
import time
import uuid
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient

from dashboard.errors import StoreBusyError
from dashboard.services.webhook_log import MAX_ENTRIES_PER_REASON, MAX_ENTRIES_PER_VERDICT
from dashboard.store.event_log import DeleteBodies
from dashboard.web.webhooks import MAX_BODY_BYTES
from tests.conftest import CALL_ID, Signer, build_event_body, services_of, transcription_payload
from tests.web.conftest import BEARER, PASSWORD, VIEWER_PASSWORD, csrf_token, sign_in

DOOR = "/webhooks/telnyx"
WORDS = "my secret order number is 7429"
FIELDS = {
    *("id", "at", "verdict", "reason", "detail", "type", "event_id", "call_id", "attempt", "size", "sha256"),
    *("handling_ms", "headers"),
}
Deliver = Callable[..., Any]


def listed(client: FlaskClient, query: str = "") -> list[dict[str, Any]]:
    answer = client.get(f"/api/events?{query}")
    assert answer.status_code == 200
    events: list[dict[str, Any]] = answer.get_json()["events"]
    return events


def replayed(client: FlaskClient, event_id: str) -> Any:
    token = csrf_token(client)
    return client.post(f"/api/events/{quote(event_id)}/replay", headers={"X-CSRFToken": token})


@pytest.fixture
def every_kind(app: Flask, client: FlaskClient, signer: Signer, deliver: Deliver, monkeypatch: Any) -> dict[str, str]:
    """One webhook of every verdict but replayed; their event ids by verdict."""
    ids = {name: str(uuid.uuid4()) for name in ("accepted", "interim", "not_stored")}
    deliver("call.transcription", transcription_payload(WORDS), event_id=ids["accepted"])
    deliver("call.transcription", transcription_payload(WORDS), event_id=ids["accepted"], attempt=2)
    deliver("call.transcription", transcription_payload(WORDS, final=False), event_id=ids["interim"])
    body = build_event_body("call.transcription", transcription_payload(WORDS))
    client.post(DOOR, data=body, headers=Signer().sign_headers(body))
    client.post(DOOR, data=WORDS.encode(), headers=signer.sign_headers(WORDS.encode()))

    def full(_self: object, _work: object) -> None:
        raise StoreBusyError("Too much is waiting to be stored.")

    with monkeypatch.context() as patched:
        patched.setattr(type(services_of(app).store._writer), "submit", full)
        deliver("call.hangup", event_id=ids["not_stored"])
    return ids


def test_every_webhook_is_listed_with_its_verdict_newest_first(client: FlaskClient, every_kind: dict[str, str]) -> None:
    events = listed(client)
    verdicts = ["not_stored", "unreadable", "refused", "interim", "duplicate", "accepted"]
    assert [event["verdict"] for event in events] == verdicts
    assert all(set(event) >= FIELDS for event in events)
    assert [event["at"] for event in events] == sorted((event["at"] for event in events), reverse=True)
    by_verdict = {event["verdict"]: event for event in events}
    for verdict, event_id in every_kind.items():
        assert by_verdict[verdict]["event_id"] == event_id
    assert by_verdict["duplicate"]["event_id"] == every_kind["accepted"]
    assert (by_verdict["duplicate"]["attempt"], by_verdict["duplicate"]["reason"]) == (2, "repeated")
    assert by_verdict["accepted"]["call_id"] == by_verdict["interim"]["call_id"] == CALL_ID
    assert all(event["handling_ms"] >= 0 and event["size"] > 0 for event in events)


def test_a_refusal_says_why_and_what_the_body_hashes_to(client: FlaskClient, signer: Signer) -> None:
    body = build_event_body("call.initiated")
    client.post(DOOR, data=body, headers=signer.sign_headers(body, at=time.time() - 3_600))
    client.post(DOOR, data=body)
    missing, stale = listed(client, "verdict=refused")
    assert stale["reason"] == "stale" and missing["reason"] != "stale"
    assert stale["detail"] and missing["detail"]
    assert stale["sha256"] == missing["sha256"] == hashlib.sha256(body).hexdigest()
    assert (stale["type"], stale["event_id"], stale["call_id"]) == (None, None, None)


def test_too_large_is_a_refusal_too(client: FlaskClient, signer: Signer) -> None:
    body = b"x" * (MAX_BODY_BYTES + 1)
    assert client.post(DOOR, data=body, headers=signer.sign_headers(body)).status_code == 413
    [event] = listed(client)
    assert (event["verdict"], event["reason"], event["size"]) == ("refused", "too_large", len(body))
    assert event["sha256"] is None


def test_only_harmless_headers_are_kept(client: FlaskClient, signer: Signer) -> None:
    body = build_event_body("call.initiated")
    headers = {
        **signer.sign_headers(body),
        "Cookie": "session=1",
        "Authorization": "Bearer x",
        "User-Agent": "u" * 5_000,
    }
    for key in (signer, Signer()):
        signature = key.sign_headers(body)["Telnyx-Signature-Ed25519"]
        client.post(DOOR, data=body, headers={**headers, "Telnyx-Signature-Ed25519": signature})
    for event in listed(client):
        assert set(event["headers"]) == {"Content-Type", "User-Agent", "Telnyx-Timestamp"}
        assert len(event["headers"]["User-Agent"]) == 200


def test_nothing_that_was_said_is_in_the_list(client: FlaskClient, every_kind: dict[str, str]) -> None:
    assert "7429" not in client.get("/api/events").get_data(as_text=True)


FILTERS = {
    "verdict=refused": {"refused"},
    "verdict=refused,unreadable": {"refused", "unreadable"},
    "verdict=replayed": set(),
    "type=call.transcription": {"accepted", "duplicate", "interim"},
    "type=call.hangup": {"not_stored"},
    f"call_id={quote(CALL_ID)}": {"accepted", "duplicate", "interim", "not_stored"},
    "call_id=v3:other": set(),
    "q=TRANSCRIPTION": {"accepted", "duplicate", "interim"},
    "q=repeated": {"duplicate"},
    "q=call%25": set(),
    "q=call_trans": set(),
}


def test_the_list_is_filtered(client: FlaskClient, every_kind: dict[str, str]) -> None:
    found = {query: {event["verdict"] for event in listed(client, query)} for query in FILTERS}
    assert found == FILTERS


def test_bad_filters_are_refused_by_name(client: FlaskClient) -> None:
    for wrong in ("verdict=nonsense", "limit=0", "limit=201", "q=" + "x" * 201):
        answer = client.get(f"/api/events?{wrong}")
        assert (answer.status_code, answer.get_json()["error"]["code"]) == (400, "bad_parameter")
    assert client.get("/api/events?after=!").get_json()["error"]["code"] == "bad_cursor"


@pytest.mark.parametrize("limit", [1, 3, 7])
def test_pages_hold_every_event_once(client: FlaskClient, deliver: Deliver, limit: int) -> None:
    for number in range(6):
        deliver("call.dtmf.received", event_id=f"event-{number}", at=datetime(2026, 1, 1, tzinfo=UTC))
        client.post(DOOR, data=b"nothing")
    everything = [event["id"] for event in listed(client)]
    found: list[str] = []
    after = ""
    while True:
        page = client.get(f"/api/events?limit={limit}{after}").get_json()
        found += [event["id"] for event in page["events"]]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
        client.post(DOOR, data=b"newer than the first page")
    assert found == everything and len(found) == 12


def test_an_accepted_event_shows_its_body_as_it_came(client: FlaskClient, signer: Signer) -> None:
    body = build_event_body("call.dtmf.received", {"digit": "5"}, event_id="odd/id?")
    client.post(DOOR, data=body, headers=signer.sign_headers(body))
    detail = client.get(f"/api/events/{quote('odd/id?', safe='')}").get_json()
    assert detail["body"] == body.decode()
    assert (detail["event"]["id"], detail["event"]["verdict"]) == ("odd/id?", "accepted")
    assert detail["event"]["size"] == len(body)


def test_what_was_not_accepted_has_no_body_to_show(client: FlaskClient, every_kind: dict[str, str]) -> None:
    for event in listed(client, "verdict=refused,unreadable,interim,duplicate,not_stored"):
        assert client.get(f"/api/events/{event['id']}").get_json() == {"event": event, "body": None}


def test_accepted_events_are_listed_after_a_restart(make_app: Callable[..., Flask], deliver: Deliver) -> None:
    deliver("call.initiated", event_id="event-1")
    restarted = make_app().test_client()
    [event] = listed(restarted)
    assert (event["id"], event["verdict"], event["handling_ms"], event["headers"]) == ("event-1", "accepted", None, {})


def test_an_unknown_event_is_not_found(client: FlaskClient) -> None:
    assert client.get("/api/events/nothing").get_json()["error"]["code"] == "event_not_found"
    assert replayed(client, "nothing").get_json()["error"]["code"] == "event_not_found"


def test_a_replay_takes_the_same_path_under_an_id_of_its_own(
    client: FlaskClient, deliver: Deliver, provider: Any
) -> None:
    deliver("call.transcription", transcription_payload(WORDS), event_id="event-1")
    before = client.get(f"/api/calls/{CALL_ID}").get_json()
    answer = replayed(client, "event-1")
    assert answer.status_code == 201
    told = answer.get_json()["event"]
    assert told["id"].startswith("event-1:replay:") and told["replay_of"] == "event-1"
    after = client.get(f"/api/calls/{CALL_ID}").get_json()
    assert [segment["event_id"] for segment in after["segments"]] == ["event-1", told["id"]]
    assert [segment["text"] for segment in after["segments"]] == [WORDS] * 2
    assert after["call"]["seq"] == before["call"]["seq"] + 1
    assert provider.commands == []


def test_replays_are_marked_and_can_be_replayed(client: FlaskClient, deliver: Deliver) -> None:
    deliver("call.transcription", transcription_payload(WORDS), event_id="event-1")
    first = replayed(client, "event-1").get_json()["event"]["id"]
    second = replayed(client, first).get_json()["event"]["id"]
    assert [event["id"] for event in listed(client, "verdict=replayed")] == [second, first]
    assert [event["id"] for event in listed(client, "verdict=accepted")] == ["event-1"]
    assert second.count(":replay:") == 1
    assert client.get(f"/api/events/{second}").get_json()["event"]["verdict"] == "replayed"


def test_only_what_has_a_body_can_be_replayed(app: Flask, client: FlaskClient, deliver: Deliver) -> None:
    deliver("call.initiated", event_id="event-1")
    services_of(app).store.delete_bodies(DeleteBodies(event_ids=("event-1",)))
    assert client.get("/api/events/event-1").get_json()["body"] is None
    answer = replayed(client, "event-1")
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (409, "body_gone")


def test_replays_are_for_operators(guarded: Flask, signer: Signer) -> None:
    client = guarded.test_client()
    body = build_event_body("call.initiated", event_id="event-1")
    client.post(DOOR, data=body, headers=signer.sign_headers(body))
    assert client.get("/api/events").status_code == 401
    assert client.post("/api/events/event-1/replay").status_code == 401
    sign_in(client, VIEWER_PASSWORD)
    assert client.get("/api/events/event-1").status_code == 200
    assert replayed(client, "event-1").status_code == 403
    other = guarded.test_client()
    sign_in(other, PASSWORD)
    assert other.post("/api/events/event-1/replay").status_code == 400  # without the token of the page
    assert replayed(other, "event-1").status_code == 201
    assert guarded.test_client().post("/api/events/event-1/replay", headers=BEARER).status_code == 201


def test_who_watches_events_sees_them_come(app: Flask, client: FlaskClient, deliver: Deliver) -> None:
    socketio = app.extensions["socketio"]
    watcher, other = socketio.test_client(app), socketio.test_client(app)
    assert watcher.emit("watch", {"events": True}, callback=True) == {}
    other.emit("watch", {}, callback=True)
    client.post(DOOR, data=b"unsigned")
    deliver("call.initiated", event_id="event-1")
    seen: list[dict[str, Any]] = []
    deadline = time.monotonic() + 5
    while len(seen) < 2 and time.monotonic() < deadline:
        seen += [change for frame in watcher.get_received() for change in frame["args"][0]]
        time.sleep(0.005)
    assert [(change["type"], change["event"]["verdict"]) for change in seen] == [
        ("webhook.seen", "refused"),
        ("webhook.seen", "accepted"),
    ]
    others = [change for frame in other.get_received() for change in frame["args"][0]]
    assert {change["type"] for change in others} == {"call.updated"}
    assert watcher.emit("unwatch", {"events": True}, callback=True) == {}
    assert watcher.emit("watch", {"events": "yes"}, callback=True)["error"]["code"] == "bad_watch"


def test_memory_is_bounded(client: FlaskClient, signer: Signer) -> None:
    """Each verdict has its own limit, and each reason of a refusal a smaller one."""
    for _ in range(MAX_ENTRIES_PER_REASON + 5):
        client.post(DOOR, data=b"x")
    unreadable = signer.sign_headers(b"x")
    for _ in range(MAX_ENTRIES_PER_VERDICT + 5):
        client.post(DOOR, data=b"x", headers=unreadable)
    assert len(listed(client, "limit=200")) == 200
    entries = [event for page in pages(client, 200) for event in page]
    counts = Counter(event["verdict"] for event in entries)
    assert counts == {"refused": MAX_ENTRIES_PER_REASON, "unreadable": MAX_ENTRIES_PER_VERDICT}
    assert json.dumps(entries[-1])


def pages(client: FlaskClient, limit: int) -> list[list[dict[str, Any]]]:
    found, after = [], ""
    while True:
        page = client.get(f"/api/events?limit={limit}{after}").get_json()
        found.append(page["events"])
        if page["next"] is None:
            return found
        after = f"&after={page['next']}"


def test_times_are_those_of_arrival(client: FlaskClient, deliver: Deliver) -> None:
    long_ago = datetime.now(UTC) - timedelta(days=3)
    deliver("call.initiated", at=long_ago)
    [event] = listed(client)
    assert event["occurred_at"][:19] == long_ago.isoformat()[:19] < event["at"][:19]
