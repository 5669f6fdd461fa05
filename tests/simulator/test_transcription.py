"""Speech becomes text while a transcription runs, on the tracks that were asked for, interim by interim."""

from __future__ import annotations

from typing import Any

import pytest

from dashboard.simulator import SCRIPTS, SimCall, Simulator

from .conftest import SMALL_TALK, Api, Sink

GOOGLE = {"transcription_engine": "Google", "transcription_engine_config": {"interim_results": True}}


def heard(sink: Sink) -> list[dict[str, Any]]:
    return [event["payload"]["transcription_data"] for event in sink.of_type("call.transcription")]


def say_everything(simulator: Simulator, call: SimCall) -> None:
    for _ in range(60):
        call.say_next()
    assert simulator.drain()


def test_nothing_is_sent_before_it_starts_and_after_it_stops(
    simulator: Simulator, api: Api, live: SimCall, sink: Sink
) -> None:
    assert not live.say_next()
    assert api.act(live, "transcription_start", transcription_tracks="both").status == 200
    say_everything(simulator, live)
    count = len(heard(sink))
    assert count > 0
    assert api.act(live, "transcription_stop").status == 200
    say_everything(simulator, live)
    assert len(heard(sink)) == count


@pytest.mark.parametrize(
    ("asked", "tracks"), [(None, {"inbound"}), ("outbound", {"outbound"}), ("both", {"inbound", "outbound"})]
)
def test_only_the_asked_tracks_are_heard(
    simulator: Simulator, api: Api, live: SimCall, sink: Sink, asked: str | None, tracks: set[str]
) -> None:
    api.act(live, "transcription_start", **({} if asked is None else {"transcription_tracks": asked}))
    say_everything(simulator, live)
    assert {item["transcription_track"] for item in heard(sink)} == tracks


def test_without_interim_results_there_are_only_finals(
    simulator: Simulator, api: Api, live: SimCall, sink: Sink
) -> None:
    api.act(live, "transcription_start", transcription_tracks="both")
    say_everything(simulator, live)
    assert all(item["is_final"] for item in heard(sink))
    assert "Good morning, this is the library." in [item["transcript"] for item in heard(sink)]


def test_the_telnyx_engine_knows_no_interims(simulator: Simulator, api: Api, live: SimCall, sink: Sink) -> None:
    config = {"transcription_engine": "Telnyx", "interim_results": True}
    api.act(live, "transcription_start", transcription_engine="B", transcription_engine_config=config)
    say_everything(simulator, live)
    assert heard(sink) and all(item["is_final"] for item in heard(sink))


def test_one_engine_has_no_confidence(simulator: Simulator, api: Api, live: SimCall, sink: Sink) -> None:
    api.act(live, "transcription_start", transcription_engine="Cohere")
    say_everything(simulator, live)
    assert {item["confidence"] for item in heard(sink)} == {None}


def test_interims_grow_word_by_word_into_a_final(simulator: Simulator, api: Api, live: SimCall, sink: Sink) -> None:
    api.act(live, "transcription_start", **GOOGLE)
    say_everything(simulator, live)
    said = heard(sink)
    first = said[: [item["is_final"] for item in said].index(True) + 1]
    assert [len(item["transcript"].split()) for item in first] == [1, 2, 3, 4, 5, 6, 6]
    assert first[-1]["transcript"] == "Hello, may I renew a book?"
    assert all(0 < item["confidence"] <= 1 for item in said)


def test_a_late_start_misses_the_words_already_said(simulator: Simulator, api: Api, sink: Sink) -> None:
    call = simulator.place_call("parcel", auto_answer=0.0, start_at=3.0)
    assert call.wait_until(lambda c: c.is_answered)
    assert api.act(call, "transcription_start", transcription_tracks="both").status == 200
    first = sink.wait_for("call.transcription")[0]["payload"]["transcription_data"]["transcript"]
    whole = SCRIPTS["parcel"].turns[0].text
    assert first in whole and not first.startswith("Good morning")


def test_a_call_speaks_its_script_and_hangs_up(simulator: Simulator, sink: Sink) -> None:
    call = simulator.place_call(SMALL_TALK, auto_answer=0.0, transcribe=True)
    assert call.wait_until(lambda c: not c.is_alive)
    assert simulator.drain()
    finals = [item["transcript"] for item in heard(sink) if item["is_final"]]
    assert sorted(finals) == sorted(turn.text for turn in SMALL_TALK.turns)
    types = [item.event["event_type"] for item in sink.received]
    assert types[:2] == ["call.initiated", "call.answered"] and types[-1] == "call.hangup"


def test_a_ringing_call_is_answered_after_a_while(simulator: Simulator) -> None:
    call = simulator.place_call(SMALL_TALK, auto_answer=0.1)
    assert not call.is_answered
    assert call.wait_until(lambda c: c.is_answered)


def test_a_call_nobody_answers_is_given_up(simulator: Simulator, sink: Sink) -> None:
    simulator.place_call(SMALL_TALK, auto_answer=None, ring_timeout=0.05)
    assert sink.wait_for("call.hangup")[0]["payload"]["hangup_cause"] == "originator_cancel"
