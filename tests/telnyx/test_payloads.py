"""The files in payloads/ have the shapes of Telnyx's reference and published captures; ids and numbers are invented."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.calls.events import (
    CallAnswered,
    CallBridged,
    CallHungUp,
    CallInitiated,
    Direction,
    ForkStarted,
    ForkStopped,
    OtherCallEvent,
    StreamingFailed,
    StreamingStarted,
    StreamingStopped,
    Track,
    Transcribed,
)
from dashboard.errors import PayloadError
from dashboard.telnyx.webhooks.payloads import Webhook, parse_webhook

PAYLOADS = Path(__file__).parent / "payloads"
CALL_ID = "v3:EXAMPLE-call-control-id_0001"
COMMON = {
    "call_id": CALL_ID,
    "leg_id": "5b7a0c1e-7e55-11f1-9c3a-02420a1f0b69",
    "session_id": "5b79f9aa-7e55-11f1-8d1b-02420a1f0b69",
    "connection_id": "1234567890123456789",
}
NUMBERS = {"from_number": "+15550100001", "to_number": "+15550100002"}
STARTED = datetime(2026, 8, 21, 10, 15, 0, 76316, tzinfo=UTC)


def document(name: str) -> dict[str, Any]:
    return json.loads((PAYLOADS / f"{name}.json").read_bytes())


def changed(name: str, path: str, value: object) -> bytes:
    """The recorded payload `name` with the value at a dotted path replaced; `...` removes it."""
    whole = document(name)
    *parents, last = path.split(".")
    inner = whole
    for parent in parents:
        inner = inner[parent]
    if value is ...:
        del inner[last]
    else:
        inner[last] = value
    return json.dumps(whole).encode()


def heard(**transcription_data: object) -> Transcribed:
    event = parse_webhook(changed("call.transcription", "data.payload.transcription_data", transcription_data)).event
    assert isinstance(event, Transcribed)
    return event


def test_every_recorded_payload_becomes_its_event() -> None:
    expected = {
        "call.initiated": CallInitiated(
            event_id="4b0a7a2e-91c9-4a53-9b0d-3d0f6a9d2f01", occurred_at=STARTED,
            direction=Direction.INBOUND, started_at=STARTED, **COMMON, **NUMBERS,
        ),
        "call.answered": CallAnswered(
            event_id="7a0c2a36-6f3a-4c0d-8c59-0ed70b5f2f02",
            occurred_at=datetime(2026, 8, 21, 10, 15, 0, 996306, tzinfo=UTC), started_at=STARTED, **COMMON, **NUMBERS,
        ),
        "call.bridged": CallBridged(
            event_id="b2f7b0b4-28a4-4c60-9d3f-6f1f8a6b1f03",
            occurred_at=datetime(2026, 8, 21, 10, 15, 12, 400000, tzinfo=UTC), **COMMON, **NUMBERS,
        ),
        "call.hangup": CallHungUp(
            event_id="c9d7b1e2-0d0f-4a7b-8c2d-5e6f7a8b9c04",
            occurred_at=datetime(2026, 8, 21, 10, 16, 30, 816307, tzinfo=UTC),
            cause="normal_clearing", source="caller", started_at=STARTED, **COMMON, **NUMBERS,
        ),
        "call.fork.started": ForkStarted(
            event_id="d1c2b3a4-1111-4222-8333-444455556605",
            occurred_at=datetime(2026, 8, 21, 10, 15, 3, 210000, tzinfo=UTC), **COMMON,
        ),
        "call.fork.stopped": ForkStopped(
            event_id="d1c2b3a4-1111-4222-8333-444455556606",
            occurred_at=datetime(2026, 8, 21, 10, 16, 30, 500000, tzinfo=UTC), **COMMON,
        ),
        "streaming.started": StreamingStarted(
            event_id="e1e2e3e4-1111-4222-8333-444455556607",
            occurred_at=datetime(2026, 8, 21, 10, 15, 3, 400000, tzinfo=UTC), **COMMON,
        ),
        "streaming.stopped": StreamingStopped(
            event_id="e1e2e3e4-1111-4222-8333-444455556608",
            occurred_at=datetime(2026, 8, 21, 10, 16, 30, 600000, tzinfo=UTC), **COMMON,
        ),
        "streaming.failed": StreamingFailed(
            event_id="f1f2f3f4-1111-4222-8333-444455556609",
            occurred_at=datetime(2026, 8, 21, 10, 15, 5, 900000, tzinfo=UTC),
            reason="connection_failed", stream_id="3f0f5a52-6d1e-4c57-8f6e-0c8f5b7a2d10", **COMMON,
        ),
        "call.transcription": Transcribed(
            event_id="0b1d9a7e-6f0c-4f57-9a55-2f1f0c8a7d11",
            occurred_at=datetime(2026, 8, 21, 10, 15, 29, 123456, tzinfo=UTC),
            text="hello, I am calling about my order", is_final=True, confidence=0.977219, track=Track.INBOUND,
            **COMMON,
        ),
    }  # fmt: skip

    assert {path.stem for path in PAYLOADS.glob("*.json")} == expected.keys()
    for name, event in expected.items():
        assert parse_webhook((PAYLOADS / f"{name}.json").read_bytes()) == Webhook(
            event_id=event.event_id,
            event_type=name,
            occurred_at=event.occurred_at,
            call_id=CALL_ID,
            attempt=1,
            event=event,
            is_known_type=True,
        )


@pytest.mark.parametrize(
    ("alias", "name"),
    [
        ("call.bridge", "call.bridged"),
        ("call.streaming.started", "streaming.started"),
        ("call.streaming.stopped", "streaming.stopped"),
        ("streaming.ended", "streaming.stopped"),
        ("call.streaming.failed", "streaming.failed"),
        ("transcription", "call.transcription"),
    ],
)
def test_an_alias_is_read_as_its_schema_name(alias: str, name: str) -> None:
    assert parse_webhook(changed(name, "data.event_type", alias)) == parse_webhook(
        (PAYLOADS / f"{name}.json").read_bytes()
    )


@pytest.mark.parametrize("name", sorted(path.stem for path in PAYLOADS.glob("*.json")))
def test_a_call_id_alone_is_enough_for_every_event(name: str) -> None:
    for payload in ({"call_control_id": "v2:x"}, dict.fromkeys(document(name)["data"]["payload"]) | COMMON_IDS_ONLY):
        webhook = parse_webhook(changed(name, "data.payload", payload))

        assert webhook.event is not None
        assert webhook.is_known_type and webhook.call_id == webhook.event.call_id == "v2:x"
        assert webhook.event.leg_id is webhook.event.from_number is None


COMMON_IDS_ONLY = {"call_control_id": "v2:x"}


@pytest.mark.parametrize("name", sorted(path.stem for path in PAYLOADS.glob("*.json")))
@pytest.mark.parametrize(
    "call_id", [..., None, "", " ", "a b", "v3:\x00", "é", "x" * 513, ".", "..", True, [], {}, 1.5]
)
def test_a_known_event_without_a_usable_call_id_is_refused(name: str, call_id: object) -> None:
    with pytest.raises(PayloadError) as caught:
        parse_webhook(changed(name, "data.payload.call_control_id", call_id))

    assert len(caught.value.problems) == 1
    assert caught.value.problems[0].startswith("data.payload.call_control_id ")


@pytest.mark.parametrize("name", ["call.initiated", "call.hangup", "streaming.failed", "call.transcription"])
@pytest.mark.parametrize("odd", [None, [], {}, True, 1.5, "", "\x00", "x" * 100_000, 10**30])
def test_oddness_in_a_field_that_may_be_missing_loses_that_field_only(name: str, odd: object) -> None:
    for key in document(name)["data"]["payload"]:
        if key in ("call_control_id", "transcription_data"):
            continue
        webhook = parse_webhook(changed(name, f"data.payload.{key}", odd))

        assert webhook.event is not None and webhook.call_id == CALL_ID


@pytest.mark.parametrize(
    ("direction", "read"),
    [
        ("incoming", Direction.INBOUND),
        ("outgoing", Direction.OUTBOUND),
        ("sideways", None),
        (None, None),
        (1, None),
        ([], None),
    ],
)
def test_direction_is_translated_or_left_open(direction: object, read: Direction | None) -> None:
    event = parse_webhook(changed("call.initiated", "data.payload.direction", direction)).event

    assert isinstance(event, CallInitiated) and event.direction is read


def test_ids_written_as_numbers_become_text() -> None:
    event = parse_webhook(changed("call.hangup", "data.payload.connection_id", 1234567890123456789)).event

    assert event is not None and event.connection_id == "1234567890123456789"


@pytest.mark.parametrize(
    ("flag", "is_final"),
    [({"is_final": True}, True), ({"is_final": False}, False), ({"is_final": None}, True), ({}, True)],
)
def test_text_is_final_unless_it_says_otherwise(flag: dict[str, object], is_final: bool) -> None:
    assert heard(transcript="hello", **flag).is_final is is_final


@pytest.mark.parametrize(
    ("told", "read"),
    [
        (0.5, 0.5), (0, 0.0), (0.0, 0.0), (1, 1.0), ("0.97", 0.97),
        (None, None), (1.01, None), (-0.1, None), (97, None), ("high", None), ("nan", None), (True, None), ([], None),
    ],
)  # fmt: skip
def test_confidence_is_a_probability_or_nothing(told: object, read: float | None) -> None:
    assert heard(transcript="hello", confidence=told).confidence == read


def test_an_overflowing_confidence_is_nothing() -> None:
    body = changed("call.transcription", "data.payload.transcription_data.confidence", 7777).replace(b"7777", b"1e999")

    event = parse_webhook(body).event
    assert isinstance(event, Transcribed) and event.confidence is None


@pytest.mark.parametrize(
    ("told", "read"),
    [("inbound", Track.INBOUND), ("outbound", Track.OUTBOUND), ("both", None), ("", None), (None, None), (0, None)],
)
def test_an_unknown_track_is_left_open(told: object, read: Track | None) -> None:
    assert heard(transcript="hello", transcription_track=told).track is read


def test_text_is_stripped_may_be_empty_and_holds_no_nul() -> None:
    assert heard(transcript="  hello \n").text == "hello"
    assert heard(transcript="").text == heard(transcript=None).text == heard().text == ""
    assert heard(transcript="a\x00b").text == "ab"
    assert heard(transcript="<b>Ünïcode</b> 👋\u202e").text == "<b>Ünïcode</b> 👋\u202e"


@pytest.mark.parametrize("absent", [..., None])
def test_a_transcription_without_its_object_is_an_empty_final(absent: object) -> None:
    event = parse_webhook(changed("call.transcription", "data.payload.transcription_data", absent)).event

    assert isinstance(event, Transcribed) and event.text == "" and event.is_final


@pytest.mark.parametrize(
    ("field", "value"),
    [("transcript", 5), ("transcript", ["a"]), ("is_final", "perhaps"), ("is_final", []), ("is_final", 2)],
)
def test_text_that_cannot_be_understood_is_refused_without_repeating_it(field: str, value: object) -> None:
    path = f"data.payload.transcription_data.{field}"
    with pytest.raises(PayloadError) as caught:
        parse_webhook(changed("call.transcription", path, value))

    assert caught.value.problems[0].startswith(path + " must be ")
    assert "perhaps" not in str(caught.value)


@pytest.mark.parametrize("name", ["call.dtmf.received", "call.recording.saved", "conference.created", "brand.new"])
def test_other_events_of_a_call_are_kept(name: str) -> None:
    webhook = parse_webhook(changed("call.fork.started", "data.event_type", name))

    assert not webhook.is_known_type and webhook.event_type == name and webhook.call_id == CALL_ID
    assert isinstance(webhook.event, OtherCallEvent) and webhook.event.leg_id == COMMON["leg_id"]


@pytest.mark.parametrize(
    "payload", [..., None, {}, [], "text", 5, {"call_control_id": None}, {"call_control_id": "a b"}]
)
def test_other_events_without_a_call_are_accepted_and_name_none(payload: object) -> None:
    whole = json.loads(changed("call.hangup", "data.payload", payload))
    whole["data"]["event_type"] = "call.cost"

    webhook = parse_webhook(json.dumps(whole).encode())
    assert (webhook.call_id, webhook.event, webhook.is_known_type) == (None, None, False)


@pytest.mark.parametrize(
    ("meta", "attempt"),
    [(..., None), (None, None), ([], None), ({}, None), ({"attempt": 3}, 3), ({"attempt": "2"}, 2)]
    + [({"attempt": odd}, None) for odd in (0, -1, True, "x", 10**30, None, [])],
)
def test_the_attempt_is_read_if_it_can_be(meta: object, attempt: int | None) -> None:
    assert parse_webhook(changed("call.hangup", "meta", meta)).attempt == attempt


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("2026-08-21T10:15:29.123456Z", datetime(2026, 8, 21, 10, 15, 29, 123456, tzinfo=UTC)),
        ("2026-08-21T12:15:29+02:00", datetime(2026, 8, 21, 10, 15, 29, tzinfo=UTC)),
        ("2026-08-21T10:15:29", datetime(2026, 8, 21, 10, 15, 29, tzinfo=UTC)),
        ("2026-08-21T10:15:29.123456789Z", datetime(2026, 8, 21, 10, 15, 29, 123456, tzinfo=UTC)),
    ],
)
def test_times_are_read_as_aware_utc(text: str, read: datetime) -> None:
    occurred_at = parse_webhook(changed("call.hangup", "data.occurred_at", text)).occurred_at

    assert occurred_at == read and occurred_at.tzinfo is UTC


@pytest.mark.parametrize("field", ["id", "event_type", "occurred_at"])
@pytest.mark.parametrize("value", [..., None, "", [], {}, True, 1.5, "a b", "\x00", "x" * 513])
def test_an_unusable_envelope_is_refused_by_the_name_of_the_field(field: str, value: object) -> None:
    with pytest.raises(PayloadError) as caught:
        parse_webhook(changed("call.hangup", f"data.{field}", value))

    assert [problem.split(" ")[0] for problem in caught.value.problems] == [f"data.{field}"]


@pytest.mark.parametrize(
    "text",
    ["yesterday", "2026-08-21", "1787307330", 1787307330, "1999-12-31T23:59:59Z", "2100-01-01T00:00:00Z",
     "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-13-01T00:00:00Z", "2026-08-21T10:15:29Zzz"],
)  # fmt: skip
def test_an_impossible_time_is_refused(text: object) -> None:
    with pytest.raises(PayloadError, match="data.occurred_at must be"):
        parse_webhook(changed("call.hangup", "data.occurred_at", text))


def nested(depth: int) -> bytes:
    deep = b"[" * depth + b"]" * depth
    return changed("call.hangup", "data.payload.tags", "HERE").replace(b'"HERE"', deep)


@pytest.mark.parametrize(
    "body",
    [
        b"", b" ", b"null", b"[]", b'"text"', b"5", b"{", b"{}", b'{"data": []}', b'{"data": null}', b'{"data": {}}',
        b"\xff\xfe", b"\xef\xbb\xbf{}", '{"data": "é"}'.encode("latin-1"), "{}".encode("utf-16"), b"{} {}",
        b"[" * 100_000, nested(5_000), b'{"a":' * 50_000,
        changed("call.hangup", "data.id", "HERE").replace(b'"HERE"', b"NaN"),
        changed("call.hangup", "data.payload.tags", "HERE").replace(b'"HERE"', b"Infinity"),
        changed("call.hangup", "data.payload.tags", "HERE").replace(b'"HERE"', b"-Infinity"),
        changed("call.hangup", "data.payload.tags", "HERE").replace(b"HERE", b"\\ud800"),
        changed("call.transcription", "data.payload.transcription_data.transcript", "?").replace(b"?", b"\\udc00"),
        changed("call.hangup", "data.id", "HERE").replace(b'"HERE"', b"9" * 5_000),
        changed("call.hangup", "data.id", 10**20),
        b"data=%7B%7D",
    ],
)  # fmt: skip
def test_unreadable_bytes_are_refused(body: bytes) -> None:
    with pytest.raises(PayloadError):
        parse_webhook(body)


def test_ordinary_nesting_is_read() -> None:
    assert parse_webhook(nested(50)).is_known_type


def test_every_problem_of_the_envelope_is_told_at_once() -> None:
    with pytest.raises(PayloadError) as caught:
        parse_webhook(b'{"data": {"id": 1.5, "payload": {}}}')

    assert caught.value.problems == (
        "data.id must be text",
        "data.event_type is missing",
        "data.occurred_at is missing",
    )


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=10,
)
NAMES = sorted(path.stem for path in PAYLOADS.glob("*.json"))


def read_or_refuse(body: bytes) -> None:
    try:
        webhook = parse_webhook(body)
    except PayloadError as error:
        assert error.problems
    else:
        assert isinstance(webhook, Webhook)
        assert (webhook.event is None) == (webhook.call_id is None)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    read_or_refuse(body)


@settings(max_examples=500, deadline=None)
@given(st.sampled_from(NAMES), st.data())
def test_any_mutation_of_a_payload_is_read_or_refused(name: str, data: st.DataObject) -> None:
    whole = document(name)
    paths = ["data", "meta", *(f"data.{key}" for key in whole["data"])]
    paths += [f"data.payload.{key}" for key in whole["data"]["payload"]]
    paths += [
        f"data.payload.transcription_data.{key}" for key in whole["data"]["payload"].get("transcription_data", ())
    ]

    read_or_refuse(changed(name, data.draw(st.sampled_from(paths)), data.draw(JSON)))


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(NAMES), st.integers(min_value=0), st.binary(max_size=4))
def test_any_damage_to_the_bytes_is_read_or_refused(name: str, where: int, bytes_: bytes) -> None:
    body = (PAYLOADS / f"{name}.json").read_bytes()
    where %= len(body)

    read_or_refuse(body[:where] + bytes_ + body[where + 1 :])


def test_no_error_holds_what_was_said() -> None:
    body = changed("call.transcription", "data.payload.transcription_data.is_final", "SPOKEN")
    with pytest.raises(PayloadError) as caught:
        parse_webhook(body.replace(b"hello, I am", b"SPOKEN I am"))

    hidden = caught.value.__context__
    assert "SPOKEN" not in str(caught.value) + repr(caught.value.problems) + str(hidden) + repr(hidden)
