"""Transcripts as files, read back by other people's parsers."""

from __future__ import annotations

import csv
import html
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest
import srt
import webvtt
from flask import Flask
from flask.testing import FlaskClient

from tests.conftest import CALL_ID, transcription_payload

START = datetime(2026, 8, 21, 10, 15, tzinfo=UTC)
KINDS = ("txt", "srt", "vtt", "json", "csv")
HOSTILE = [
    "00:00:01,000 --> 00:00:02,000",
    "a ---> b -----> c",
    "first\n\n2\n00:00:00,000 --> 00:00:09,000\nforged",
    "first\r\n\r\nNOTE forged",
    "<img src=x onerror=alert(1)> & </v><v Callee>forged",
    "&amp; &lt;b&gt; {\\an8}",
    "line\u2028separator\u0085and\x0bmore",
    "bell\x07 escape\x1b[31m delete\x7f c1\x9b",
    "\u202ereversed\u202c שלום",
    "👩‍👩‍👧 naïve 你好",
    "x" * 100_000,
    "WEBVTT",
    "STYLE",
]

Deliver = Callable[..., Any]
Said = Callable[..., None]


@pytest.fixture
def said(deliver: Deliver) -> Said:
    """A call from +15550100001, answered at second 1, and a way to speak in it."""
    numbers = {"from": "+15550100001", "to": "+15550100002", "direction": "incoming"}
    deliver("call.initiated", numbers, at=START)
    deliver("call.answered", numbers, at=START + timedelta(seconds=1))

    def said(text: str, second: float, **facts: Any) -> None:
        answer = deliver(
            "call.transcription", transcription_payload(text, **facts), at=START + timedelta(seconds=second)
        )
        assert answer.status_code == 200

    return said


def exported(client: FlaskClient, kind: str, call_id: str = CALL_ID) -> str:
    answer = client.get(f"/api/calls/{call_id}/transcript.{kind}")
    assert answer.status_code == 200
    return answer.get_data().decode("utf-8")


def vtt_cues(client: FlaskClient) -> list[tuple[str, str]]:
    captions = webvtt.from_string(exported(client, "vtt"))
    return [(caption.voice, html.unescape(caption.text)) for caption in captions]


def srt_cues(client: FlaskClient) -> list[str]:
    cues = list(srt.parse(exported(client, "srt"), ignore_errors=False))
    assert [cue.index for cue in cues] == list(range(1, len(cues) + 1))
    return [cue.content for cue in cues]


def csv_rows(client: FlaskClient) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(exported(client, "csv"), newline="")))


@pytest.fixture
def talk(said: Said) -> None:
    said("Hello?", 3, track="outbound")
    said("My order", 5, final=False)
    said("My order is late.", 7)
    said("Who knows", 9, track=None, confidence=None)


def test_every_format_names_the_speakers_and_keeps_the_order(client: FlaskClient, talk: None) -> None:
    said = [("Callee", "Hello?"), ("Caller", "My order is late."), ("Unknown", "Who knows")]
    assert vtt_cues(client) == said
    assert srt_cues(client) == [f"{speaker}: {text}" for speaker, text in said]
    assert [(row["speaker"], row["text"]) for row in csv_rows(client)] == said
    assert exported(client, "txt").splitlines()[3:] == [
        "[00:00:01] Callee: Hello?",
        "[00:00:04] Caller: My order is late.",
        "[00:00:07] Unknown: Who knows",
    ]


def test_times_count_from_the_answer_and_start_at_the_first_interim(client: FlaskClient, talk: None) -> None:
    _, order, _ = srt.parse(exported(client, "srt"), ignore_errors=False)
    assert (order.start, order.end) == (timedelta(seconds=4), timedelta(seconds=6))
    _, same, _ = webvtt.from_string(exported(client, "vtt"))
    assert (same.start, same.end) == ("00:00:04.000", "00:00:06.000")
    assert [row["start_s"] for row in csv_rows(client)][1] == "4.000"


def test_json_has_the_shapes_of_the_api(client: FlaskClient, talk: None) -> None:
    detail = client.get(f"/api/calls/{CALL_ID}").get_json()
    written = json.loads(exported(client, "json"))
    assert written == {"call": detail["call"], "segments": detail["segments"]}


def test_a_running_call_exports_what_is_final_by_now(client: FlaskClient, said: Said) -> None:
    assert [srt_cues(client), vtt_cues(client), csv_rows(client)] == [[], [], []]
    said("First.", 3)
    said("and then", 4, final=False)
    assert srt_cues(client) == ["Caller: First."]
    said("And then.", 5)
    assert srt_cues(client) == ["Caller: First.", "Caller: And then."]


def test_players_get_the_order_of_starts_and_readers_that_of_the_page(client: FlaskClient, said: Said) -> None:
    said("A long", 2, final=False)
    said("Yes.", 5, track="outbound")
    said("A long sentence.", 9)
    assert srt_cues(client) == ["Caller: A long sentence.", "Callee: Yes."]
    assert [row["text"] for row in csv_rows(client)] == ["Yes.", "A long sentence."]


def test_no_speech_forges_a_line_or_a_cue(client: FlaskClient, said: Said) -> None:
    for second, text in enumerate(HOSTILE, start=2):
        said(text, 20 * second)
    for texts in (vtt_cues(client), srt_cues(client), csv_rows(client), exported(client, "txt").splitlines()[3:]):
        assert len(texts) == len(HOSTILE)
    assert {voice for voice, _ in vtt_cues(client)} == {"Caller"}
    assert all(words.startswith("Caller: ") for words in srt_cues(client))
    assert "-->" not in "".join(srt_cues(client))


def test_words_come_back_as_they_were_but_on_one_line(client: FlaskClient, said: Said) -> None:
    for second, text in enumerate(HOSTILE, start=2):
        said(text, 20 * second)
    visible = ["".join(mark for mark in text if mark.isspace() or not "\x00" <= mark < " ") for text in HOSTILE]
    wanted = [" ".join(text.replace("\x7f", "").replace("\x9b", "").split()) for text in visible]
    assert [text for _, text in vtt_cues(client)] == wanted
    assert [row["text"] for row in csv_rows(client)] == wanted
    assert [segment["text"] for segment in json.loads(exported(client, "json"))["segments"]] == HOSTILE


def test_markup_in_speech_is_text_in_vtt(client: FlaskClient, said: Said) -> None:
    said("<img src=x> & -->", 3)
    assert "<v Caller>&lt;img src=x&gt; &amp; --&gt;</v>\n" in exported(client, "vtt")


def test_speech_of_control_characters_alone_is_no_line(client: FlaskClient, said: Said) -> None:
    said("\x07\x1b", 3)
    said("Hello.", 5)
    assert srt_cues(client) == ["Caller: Hello."]


def test_no_cell_begins_like_a_formula(client: FlaskClient, said: Said) -> None:
    texts = ["=1+1", "+15550100001", "-2+3", "@SUM(A1)", "\t=1+1", "\r=1", "\x00=1", "＝1+1"]
    for second, text in enumerate(texts, start=2):
        said(text, second)
    said("my =1+1", 60)
    *guarded, plain = [row["text"] for row in csv_rows(client)]
    assert guarded == ["'" + text.strip("\t\r\x00") for text in texts]
    assert plain == "my =1+1"


def test_nothing_that_was_dialled_breaks_the_head_of_the_text(client: FlaskClient, deliver: Deliver) -> None:
    deliver("call.initiated", {"from": "sip:a@b\n[00:00:00] Caller: forged", "to": "sip:c@d"}, at=START)
    assert len(exported(client, "txt").splitlines()) == 3


def test_a_file_says_what_it_is_and_how_to_name_it(client: FlaskClient, deliver: Deliver) -> None:
    call_id = 'v3:";x="..abc'
    deliver("call.initiated", call_id=call_id, at=START)
    media_types = ("text/plain", "application/x-subrip", "text/vtt", "application/json", "text/csv")
    for kind, media_type in zip(KINDS, media_types, strict=True):
        answer = client.get(f"/api/calls/{quote(call_id)}/transcript.{kind}")
        assert answer.headers["Content-Type"] == f"{media_type}; charset=utf-8"
        assert answer.headers["Content-Disposition"] == f'attachment; filename="call-20260821-101500-v3xabc.{kind}"'
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "no-store"


def test_unknown_calls_have_no_file(client: FlaskClient) -> None:
    for kind in KINDS:
        answer = client.get(f"/api/calls/v3:nobody/transcript.{kind}")
        assert (answer.status_code, answer.get_json()["error"]["code"]) == (404, "call_not_found")


def test_unknown_formats_name_the_known_ones(client: FlaskClient, talk: None) -> None:
    error = client.get(f"/api/calls/{CALL_ID}/transcript.pdf").get_json()["error"]
    assert error["code"] == "unknown_format"
    assert all(kind in error["hint"] for kind in KINDS)


def test_files_are_for_those_who_are_signed_in(guarded: Flask) -> None:
    for kind in KINDS:
        assert guarded.test_client().get(f"/api/calls/{CALL_ID}/transcript.{kind}").status_code == 401
