"""The JSON that browsers and scripts rely on, key by key."""

from __future__ import annotations

import json
from dataclasses import replace

from dashboard.calls.call import Call
from dashboard.calls.changes import CallUpdated, InterimHeard, SegmentAdded
from dashboard.calls.events import Direction, Track
from dashboard.calls.speaker_names import SpeakerNames
from dashboard.calls.switches import Switch, SwitchName, SwitchState
from dashboard.calls.transcript import build_interim, build_segment
from dashboard.web.serializers import (
    CHANGE_TYPES,
    call_json,
    change_to_json,
    error_json,
    interim_json,
    segment_json,
    to_iso,
)
from tests.calls.stories import time_at, transcribed_event

CALL = Call(
    call_id="v3:alice",
    leg_id="leg",
    session_id="session",
    direction=Direction.INBOUND,
    from_number="+15550100",
    to_number="+15550199",
    started_at=time_at(0),
    answered_at=time_at(2.5),
    speakers=SpeakerNames(caller="Ana"),
    seq=17,
).with_switch(SwitchName.FORK, Switch(state=SwitchState.FAILED, since=time_at(9), reason="no route"))


def as_sent(shape: object) -> object:
    return json.loads(json.dumps(shape))


def test_a_call_has_the_keys_that_were_promised() -> None:
    sent = as_sent(call_json(CALL))
    assert isinstance(sent, dict)
    promised = {
        "id": "v3:alice",
        "leg_id": "leg",
        "session_id": "session",
        "direction": "inbound",
        "from": "+15550100",
        "to": "+15550199",
        "state": "answered",
        "started_at": "2026-11-22T09:00:00.000000Z",
        "answered_at": "2026-11-22T09:00:02.500000Z",
        "ended_at": None,
        "hangup_cause": None,
        "speakers": {"caller": "Ana", "callee": None},
        "seq": 17,
    }
    assert {key: sent[key] for key in promised} == promised
    assert set(sent["switches"]) == {"transcription", "streaming", "fork"}
    fork = sent["switches"]["fork"]
    assert (fork["state"], fork["since"], fork["reason"]) == ("failed", "2026-11-22T09:00:09.000000Z", "no route")
    for switch in sent["switches"].values():
        assert {"state", "since", "reason"} <= set(switch)


def test_every_state_of_a_call_has_its_word() -> None:
    ringing = replace(CALL, answered_at=None)
    ended = replace(CALL, ended_at=time_at(60), hangup_cause="normal_clearing")
    assert [call_json(call)["state"] for call in (ringing, CALL, ended)] == ["ringing", "answered", "ended"]


def test_a_call_that_is_over_shows_nothing_running() -> None:
    sent = call_json(replace(CALL, ended_at=time_at(60)))
    assert {switch["state"] for switch in sent["switches"].values()} == {"off"}


def test_a_segment_has_the_keys_that_were_promised() -> None:
    segment = build_segment(
        transcribed_event("My order.", 5, event_id="e1", confidence=0.97), seq=16, started_at=time_at(3)
    )
    assert as_sent(segment_json(segment, Direction.INBOUND)) == {
        "call_id": "v3:alice",
        "seq": 16,
        "event_id": "e1",
        "track": "inbound",
        "speaker": "caller",
        "text": "My order.",
        "confidence": 0.97,
        "started_at": "2026-11-22T09:00:03.000000Z",
        "occurred_at": "2026-11-22T09:00:05.000000Z",
    }


def test_what_nobody_told_is_null_and_the_speaker_unknown() -> None:
    segment = build_segment(transcribed_event("My order.", 5, track=None, confidence=None), seq=16, started_at=None)
    sent = as_sent(segment_json(segment, Direction.INBOUND))
    assert isinstance(sent, dict)
    assert (sent["track"], sent["speaker"], sent["confidence"], sent["started_at"]) == (None, "unknown", None, None)


def test_an_interim_has_the_keys_that_were_promised() -> None:
    interim = build_interim(transcribed_event("my", 5, final=False, track=Track.OUTBOUND))
    assert as_sent(interim_json(interim, Direction.INBOUND)) == {
        "call_id": "v3:alice",
        "track": "outbound",
        "speaker": "callee",
        "text": "my",
        "occurred_at": "2026-11-22T09:00:05.000000Z",
    }


def test_each_change_carries_its_thing_under_its_name() -> None:
    changes = [
        CallUpdated(call=CALL),
        SegmentAdded(segment=build_segment(transcribed_event("My order.", 5), seq=16, started_at=None), direction=None),
        InterimHeard(interim=build_interim(transcribed_event("my", 5, final=False)), direction=None),
    ]
    sent = [change_to_json(change) for change in changes]
    assert [set(change) for change in sent] == [{"type", "call"}, {"type", "segment"}, {"type", "interim"}]
    assert tuple(change["type"] for change in sent) == ("call.updated", "segment.final", "segment.interim")
    assert {change["type"] for change in sent} <= set(CHANGE_TYPES)


def test_times_sort_as_text() -> None:
    assert to_iso(time_at(0)) == "2026-11-22T09:00:00.000000Z"
    assert to_iso(None) is None
    assert [to_iso(time_at(seconds)) for seconds in (0, 0.5, 1)] == sorted(str(to_iso(time_at(s))) for s in (1, 0.5, 0))


def test_errors_have_one_shape() -> None:
    assert error_json("bad", "It is bad.", "Make it good.") == {
        "error": {"code": "bad", "message": "It is bad.", "hint": "Make it good.", "details": {}}
    }
    assert error_json("bad", "…", "…", {"field": "rx"})["error"]["details"] == {"field": "rx"}
