"""The story of a call over HTTP: the same from the API as on the page, and told also when bodies are forgotten."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from dashboard.store.event_log import DeleteBodies
from dashboard.web.formats import split_by_marks
from dashboard.web.serializers import merged_timeline
from tests.conftest import CALL_ID, services_of, transcription_payload


def notes(client: FlaskClient) -> list[dict[str, Any]]:
    answer = client.get(f"/api/calls/{CALL_ID}/notes")
    assert answer.status_code == 200
    told: list[dict[str, Any]] = answer.get_json()["notes"]
    return told


def test_the_api_and_the_page_tell_the_same(client: FlaskClient, deliver: Callable[..., Any]) -> None:
    deliver("call.initiated")
    deliver("call.answered")
    deliver("streaming.failed", {"failure_reason": "connection_failed"})
    told = [note["text"] for note in notes(client)]
    assert told[-1] == "Streaming failed: connection_failed"
    page = client.get(f"/calls/{CALL_ID}").get_data(as_text=True)
    assert all(text in page for text in told)
    assert f'href="/events/{notes(client)[-1]["event_id"]}"' in page


def test_what_happened_is_told_after_its_body_is_forgotten(
    app: Flask, client: FlaskClient, deliver: Callable[..., Any]
) -> None:
    deliver("call.initiated")
    deliver("streaming.started")
    [event_id] = [note["event_id"] for note in notes(client)]
    services_of(app).store.delete_bodies(DeleteBodies(event_ids=(event_id,)))
    assert [note["text"] for note in notes(client)] == ["Streaming started"]


def test_a_call_nobody_told_of_has_no_story(client: FlaskClient) -> None:
    assert client.get("/api/calls/v3:unknown/notes").status_code == 404


def test_speech_is_no_part_of_the_story(client: FlaskClient, deliver: Callable[..., Any]) -> None:
    deliver("call.initiated")
    deliver("call.transcription", transcription_payload("my secret is safe"))
    assert "secret" not in str(notes(client))


def test_a_note_stands_before_the_first_line_that_is_later() -> None:
    detail = {
        "notes": [{"at": "2026-03-12T14:02:05.000000Z"}, {"at": "2026-03-12T14:02:09.000000Z"}],
        "segments": [
            {"occurred_at": "2026-03-12T14:02:04.000000Z", "event_id": "a"},
            {"occurred_at": "2026-03-12T14:02:05.000000Z", "event_id": "b"},
        ],
    }
    order = [each.get("event_id", "note") for each in merged_timeline(detail)]
    assert order == ["a", "note", "b", "note"]


def test_marks_are_cut_where_browsers_count_them() -> None:
    pieces = split_by_marks("😀 a refund, a refund", [[15, 21], [5, 11]])
    assert pieces == [("😀 a ", False), ("refund", True), (", a ", False), ("refund", True)]


def test_marks_that_overlap_keep_every_word_once() -> None:
    pieces = split_by_marks("one two", [[0, 7], [4, 7]])
    assert "".join(piece for piece, _ in pieces) == "one two"
