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
from dashboard.telnyx.media_frames import Dtmf, Ignored, Media, StreamStarted, StreamStopped, parse_frame

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


def media(**changed: Any) -> Media:
    parsed = parse_frame(json.dumps({**MEDIA, "media": {**MEDIA["media"], **changed}}))
    assert isinstance(parsed, Media)
    return parsed


def test_start_tells_call_and_format() -> None:
    assert start() == StreamStarted(
        call_id=CALL_ID,
        stream_id=STREAM_ID,
        encoding="PCMU",
        sample_rate_hz=8000,
    )


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
    plain = start(media_format=None)

    assert (plain.encoding, plain.sample_rate_hz) == (None, None)


def test_media_is_bytes_with_its_numbers() -> None:
    assert media() == Media(Track.INBOUND, chunk=2, timestamp_ms=20, payload=b"\xff" * 4)


def test_numbers_come_as_text_or_as_numbers() -> None:
    assert media(chunk=2, timestamp=20) == media()


@pytest.mark.parametrize("odd", [None, "", "-1", "1.5", "x", -1, 1.5, True, [], "9" * 17, 2**60])
def test_odd_numbers_are_as_good_as_missing(odd: object) -> None:
    frame = media(chunk=odd, timestamp=odd)

    assert (frame.chunk, frame.timestamp_ms) == (None, None)


def test_a_payload_of_any_length_is_kept_whole() -> None:
    sound = bytes(range(256)) * 4

    assert media(track="outbound", payload=base64.b64encode(sound).decode()).payload == sound
    assert media(payload="").payload == b""


def test_keys_are_read_with_their_time() -> None:
    text = '{"event":"dtmf","stream_id":"S","occurred_at":"2026-08-21T10:15:40.698408Z","dtmf":{"digit":"a"}}'

    assert parse_frame(text) == Dtmf(digit="A", occurred_at=datetime(2026, 8, 21, 10, 15, 40, 698408, tzinfo=UTC))
    assert parse_frame('{"event":"dtmf","dtmf":{"digit":"#"}}') == Dtmf(digit="#", occurred_at=None)


def test_the_end_is_read() -> None:
    assert parse_frame('{"event":"stop","sequence_number":"4712","stop":{"call_control_id":"v3:x"}}') == StreamStopped()


@pytest.mark.parametrize("event", ["connected", "mark", "error", "clear"])
def test_other_frames_are_ignored_by_name(event: str) -> None:
    assert parse_frame(json.dumps({"event": event, "version": "1.0.0", event: ["odd"]})) == Ignored(event=event)


def test_event_name_is_made_printable() -> None:
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
