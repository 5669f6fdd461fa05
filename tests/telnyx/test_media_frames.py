"""Frames in the shapes of the provider's documentation, and in the shapes its documentation had before."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.calls.events import Track
from dashboard.errors import PayloadError
from dashboard.telnyx.media_frames import (
    Connected,
    Dtmf,
    Erred,
    Ignored,
    Marked,
    Media,
    StreamStarted,
    StreamStopped,
    parse_frame,
)

CALL_ID = "v3:EXAMPLE-call-control-id_0001"
STREAM_ID = "3F0F5A52-6D1E-4C57-8F6E-0C8F5B7A2D10"
START: dict[str, Any] = {
    "event": "start",
    "sequence_number": "1",
    "stream_id": STREAM_ID,
    "start": {
        "user_id": "0d6f3a9e-3c0f-4a1b-9a55-6a1d2c3b4e5f",
        "call_control_id": CALL_ID,
        "call_session_id": "5b79f9aa-7e55-11f1-8d1b-02420a1f0b69",
        "from": "+15550100001",
        "to": None,
        "tags": [],
        "client_state": base64.b64encode(b'{"call":"c1"}').decode(),
        "custom_parameters": {"dashboard_call": "c1"},
        "media_format": {"encoding": "PCMU", "sample_rate": 8000, "channels": 1},
    },
}
MEDIA: dict[str, Any] = {
    "event": "media",
    "sequence_number": "4",
    "stream_id": STREAM_ID,
    "media": {"track": "inbound", "chunk": "2", "timestamp": "20", "payload": "/////w=="},
}


def start(**changed: Any) -> StreamStarted:
    frame = parse_frame(json.dumps({**START, "start": {**START["start"], **changed}}))
    assert isinstance(frame, StreamStarted)
    return frame


def media(frame: dict[str, Any] | None = None, **changed: Any) -> Media:
    parsed = parse_frame(json.dumps({**MEDIA, **(frame or {}), "media": {**MEDIA["media"], **changed}}))
    assert isinstance(parsed, Media)
    return parsed


def test_first_frame_says_nothing_but_hello() -> None:
    assert parse_frame('{ "event": "connected", "version": "1.0.0" }') == Connected()


def test_start_tells_call_format_and_state() -> None:
    assert start() == StreamStarted(
        call_id=CALL_ID,
        stream_id=STREAM_ID,
        session_id="5b79f9aa-7e55-11f1-8d1b-02420a1f0b69",
        encoding="PCMU",
        sample_rate_hz=8000,
        channels=1,
        client_state='{"call":"c1"}',
        custom_parameters={"dashboard_call": "c1"},
    )


def test_custom_parameters_come_as_object_or_as_list() -> None:
    listed = [{"name": "dashboard_call", "value": "c1"}, {"name": "n", "value": 2}, {"value": "nameless"}, 7]

    assert start(custom_parameters=listed).custom_parameters == {"dashboard_call": "c1", "n": "2"}
    assert start(custom_parameters="odd").custom_parameters == {}


@pytest.mark.parametrize(
    ("told", "meant"),
    [
        ("PCMU", "PCMU"),
        ("pcma", "PCMA"),
        ("audio/x-mulaw", "PCMU"),
        ("Audio/X-MULAW;rate=8000", "PCMU"),
        ("amr-wb", "AMR-WB"),
        ("l16", "L16"),
        ("something new", "SOMETHING NEW"),
        ("", None),
        (7, None),
    ],
)
def test_encoding_has_one_spelling(told: object, meant: str | None) -> None:
    assert start(media_format={"encoding": told, "sample_rate": "16000"}).encoding == meant


def test_start_without_format_is_read_all_the_same() -> None:
    plain = start(media_format=None, client_state=None)

    assert (plain.encoding, plain.sample_rate_hz, plain.channels, plain.client_state) == (None, None, 1, None)


@pytest.mark.parametrize("state", ["not base64", "/w==", 5])
def test_client_state_that_is_not_ours_is_left_out(state: object) -> None:
    assert start(client_state=state).client_state is None


def test_media_is_bytes_with_its_numbers() -> None:
    assert media() == Media(Track.INBOUND, chunk=2, sequence=4, timestamp_ms=20, payload=b"\xff" * 4)


def test_numbers_come_as_text_or_as_numbers() -> None:
    assert media({"sequence_number": 4}, chunk=2, timestamp=20) == media()


@pytest.mark.parametrize("odd", [None, "", "-1", "1.5", "x", -1, 1.5, True, [], "9" * 17, 2**60])
def test_odd_numbers_are_as_good_as_missing(odd: object) -> None:
    frame = media({"sequence_number": odd}, chunk=odd, timestamp=odd)

    assert (frame.chunk, frame.sequence, frame.timestamp_ms) == (None, None, None)


def test_a_payload_of_any_length_is_kept_whole() -> None:
    sound = bytes(range(256)) * 4

    assert media(track="outbound", payload=base64.b64encode(sound).decode()).payload == sound
    assert media(payload="").payload == b""


def test_keys_are_read_with_their_time() -> None:
    text = '{"event":"dtmf","stream_id":"S","occurred_at":"2026-08-21T10:15:40.698408Z","dtmf":{"digit":"a"}}'

    assert parse_frame(text) == Dtmf(digit="A", occurred_at=datetime(2026, 8, 21, 10, 15, 40, 698408, tzinfo=UTC))
    assert parse_frame('{"event":"dtmf","dtmf":{"digit":"#"}}') == Dtmf(digit="#", occurred_at=None)


def test_errors_stand_in_payload_or_in_error() -> None:
    complaint = {"code": 100005, "title": "rate_limit_reached", "detail": "free text"}
    erred = Erred(code="100005", title="rate_limit_reached")

    assert parse_frame(json.dumps({"event": "error", "payload": complaint})) == erred
    assert parse_frame(json.dumps({"event": "error", "error": {**complaint, "code": "100005"}})) == erred
    assert parse_frame('{"event":"error"}') == Erred(code=None, title=None)


def test_marks_and_the_end_are_read() -> None:
    assert parse_frame('{"event":"mark","mark":{"name":"greeting-end"}}') == Marked(name="greeting-end")
    assert parse_frame('{"event":"stop","sequence_number":"4712","stop":{"call_control_id":"v3:x"}}') == StreamStopped()


def test_unknown_frames_are_ignored_by_name() -> None:
    assert parse_frame('{"event":"clear"}') == Ignored(event="clear")
    assert parse_frame('{"event":"\\ud800x"}') == Ignored(event="x")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "media",
        "[]",
        "7",
        "{}",
        '{"event":7}',
        '{"event":"media"}',
        '{"event":"media","media":[]}',
        '{"event":"media","media":{"track":"inbound"}}',
        '{"event":"media","media":{"track":"inbound","payload":7}}',
        '{"event":"media","media":{"track":"inbound","payload":"*"}}',
        '{"event":"media","media":{"track":"inbound","payload":"é"}}',
        '{"event":"media","media":{"track":"sideways","payload":""}}',
        '{"event":"media","media":{"track":["inbound"],"payload":""}}',
        '{"event":"start","start":{}}',
        '{"event":"start","stream_id":"S","start":{"call_control_id":"with space"}}',
        '{"event":"dtmf","dtmf":{"digit":"secret words"}}',
        "[" * 50_000,
        '{"event":' + "9" * 5_000 + "}",
    ],
)
def test_what_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(PayloadError) as refused:
        parse_frame(text)

    assert "secret" not in str(refused.value)


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=4,
)
EVENTS = st.sampled_from(["connected", "start", "media", "dtmf", "mark", "error", "stop"])
PARTS = st.sampled_from(["start", "media", "dtmf", "mark", "payload", "error", "stream_id", "occurred_at"])


INSIDE = st.dictionaries(st.sampled_from([*START["start"], *MEDIA["media"], "digit", "name", "code"]), JSON_VALUES)


@settings(max_examples=120, deadline=None)
@given(EVENTS, st.dictionaries(PARTS, JSON_VALUES | INSIDE, max_size=3))
def test_no_frame_raises_anything_else(event: str, parts: dict[str, Any]) -> None:
    try:
        parse_frame(json.dumps({"event": event, **parts}))
    except PayloadError:
        return


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=200))
def test_no_text_raises_anything_else(text: str) -> None:
    try:
        parse_frame(text)
    except PayloadError:
        return
