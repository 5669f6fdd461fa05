"""The story of a call: what is told, in which order, and that no order of the events changes it."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import pytest

from dashboard.calls.call import Call, apply_event
from dashboard.calls.events import (
    AnyCallEvent,
    CallAnswered,
    CallHungUp,
    CallInitiated,
    Direction,
    ForkStarted,
    StreamingFailed,
    StreamingStarted,
)
from dashboard.calls.switches import SwitchName, fail, request
from dashboard.calls.timeline import CommandRecord, TimelineKind, build_timeline
from dashboard.messages import Message
from dashboard.messages import _ as sentence
from tests.calls.stories import CALL_IDS, time_at, transcribed_event

CALL = CALL_IDS[0]
RANG = CallInitiated(event_id="e1", call_id=CALL, occurred_at=time_at(0), direction=Direction.INBOUND)
ANSWERED = CallAnswered(event_id="e2", call_id=CALL, occurred_at=time_at(3.9))
STREAMED = StreamingStarted(event_id="e3", call_id=CALL, occurred_at=time_at(5))
FAILED = StreamingFailed(event_id="e4", call_id=CALL, occurred_at=time_at(6), reason="connection_failed")
ENDED = CallHungUp(event_id="e5", call_id=CALL, occurred_at=time_at(9), cause="normal_clearing", source="caller")


def after(*events: AnyCallEvent) -> Call:
    call = None
    for event in events:
        call = apply_event(call, event)
    assert call is not None
    return call


def texts(call: Call, events: tuple[AnyCallEvent, ...] = (), asked: tuple[CommandRecord, ...] = ()) -> list[str]:
    return [note.text for note in build_timeline(call, events, asked)]


def test_any_order_of_the_events_tells_the_same_story() -> None:
    events = (RANG, ANSWERED, STREAMED, FAILED, ENDED)
    expected = [
        "Answered after 3.9 s",
        "Streaming started",
        "Streaming failed: connection_failed",
        "The caller hung up",
    ]
    for order in permutations(events):
        assert texts(after(*order), order) == expected


def test_a_replayed_event_is_told_once_by_the_id_of_the_first() -> None:
    again = replace(STREAMED, event_id="e3:replay:1")
    notes = build_timeline(after(RANG, STREAMED, again), [again, RANG, STREAMED], [])
    assert [(note.text, note.event_id) for note in notes] == [("Streaming started", "e3")]


def test_each_note_leads_to_the_event_that_told_of_it() -> None:
    events = (RANG, ANSWERED, FAILED, ENDED)
    assert [note.event_id for note in build_timeline(after(*events), events, [])] == ["e2", "e4", "e5"]


def test_transcription_is_told_by_the_answers_because_no_event_tells_of_it() -> None:
    on = CommandRecord(
        at=time_at(4),
        title="Transcription start",
        is_accepted=True,
        switch=SwitchName.TRANSCRIPTION,
        on=True,
        settings="Google, en",
    )
    off = replace(on, at=time_at(8), title="Transcription stop", on=False, settings="")
    assert texts(after(RANG), asked=(off, on)) == ["Transcription started: Google, en", "Transcription stopped"]


def test_a_stop_by_a_rule_says_why() -> None:
    stopped = CommandRecord(
        at=time_at(8),
        title="Transcription stop",
        is_accepted=True,
        switch=SwitchName.TRANSCRIPTION,
        reason="A rule stopped it: no speech for 5 minutes.",
    )
    told = "Transcription stopped. A rule stopped it: no speech for 5 minutes."
    assert texts(after(RANG), asked=(stopped,)) == [told]


def test_every_note_can_be_said_in_another_language() -> None:
    refused = CommandRecord(
        at=time_at(5), title=sentence("Fork start"), is_accepted=False, switch=SwitchName.FORK, code="90045"
    )
    events = (RANG, ANSWERED, STREAMED, FAILED, ENDED)
    notes = build_timeline(after(*events), events, [refused, replace(refused, at=time_at(6), code=None)])
    assert len(notes) == 6 and all(isinstance(note.text, Message) for note in notes)


def test_an_accepted_stream_is_not_told_before_its_event() -> None:
    on = CommandRecord(at=time_at(4), title="Streaming start", is_accepted=True, switch=SwitchName.STREAMING, on=True)
    assert texts(after(RANG), asked=(on,)) == []


def test_a_refusal_says_the_code_and_the_reason_once() -> None:
    refused = CommandRecord(
        at=time_at(5),
        title="Fork start",
        is_accepted=False,
        switch=SwitchName.FORK,
        code="90045",
        reason="streaming is on",
    )
    call = after(RANG, ANSWERED)
    failed = fail(
        request(call.raw_switches[SwitchName.FORK], on=True, command_id="c", at=time_at(4)),
        reason="90045",
        at=time_at(5),
    )
    told = build_timeline(call.with_switch(SwitchName.FORK, failed), [RANG, ANSWERED], [refused])
    assert [(note.kind, note.text) for note in told[1:]] == [
        (TimelineKind.FAILED, "Fork start refused: 90045, streaming is on")
    ]


def test_a_press_that_nobody_confirmed_is_told_by_its_switch() -> None:
    call = after(RANG)
    waiting = request(call.raw_switches[SwitchName.FORK], on=True, command_id="c", at=time_at(4))
    given_up = call.with_switch(SwitchName.FORK, fail(waiting, reason="No confirmation", at=time_at(14)))
    assert texts(given_up) == ["Fork failed: No confirmation"]


def test_words_that_nobody_asked_for_tell_of_a_start_elsewhere() -> None:
    heard = transcribed_event("hello", 5)
    assert texts(after(RANG, ANSWERED, heard), (RANG, ANSWERED)) == [
        "Answered after 3.9 s",
        "Transcription was started elsewhere",
    ]


@pytest.mark.parametrize(
    ("cause", "source", "words"),
    [
        ("normal_clearing", "callee", "The callee hung up"),
        ("normal_clearing", "unknown", "Hung up"),
        ("user_busy", None, "The line was busy"),
        ("service_unavailable", None, "The call ended: service unavailable"),
        (None, None, "The call ended"),
    ],
)
def test_the_end_is_told_in_words(cause: str | None, source: str | None, words: str) -> None:
    ended = replace(ENDED, cause=cause, source=source)
    assert texts(after(RANG, ended), (RANG, ended)) == [words]


def test_a_fork_is_told_as_a_fork() -> None:
    forked = ForkStarted(event_id="e9", call_id=CALL, occurred_at=time_at(5))
    [note] = build_timeline(after(RANG, forked), [RANG, forked], [])
    assert (note.text, note.switch) == ("Fork started", SwitchName.FORK)
