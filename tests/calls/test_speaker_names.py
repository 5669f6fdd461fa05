"""What can be a speaker's name, and that nothing but a person changes one."""

from __future__ import annotations

import pytest
from hypothesis import given

from dashboard.calls.call import Call, apply_event
from dashboard.calls.events import AnyCallEvent
from dashboard.calls.speaker_names import MAX_NAME_LENGTH, SpeakerNames, parse_name
from dashboard.calls.transcript import Speaker

from .stories import CALL_IDS, stories


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Ana", "Ana"),
        ("  Ana  María ", "Ana María"),
        ("", None),
        ("   ", None),
        ("\u200b \u200d", None),
        ("علی\u200cرضا", "علی\u200cرضا"),
        ("👩\u200d👩\u200d👧", "👩\u200d👩\u200d👧"),
        ("<b>&", "<b>&"),
        ("x" * MAX_NAME_LENGTH, "x" * MAX_NAME_LENGTH),
    ],
)
def test_a_name_is_kept_as_people_write_it_but_trimmed(text: str, name: str | None) -> None:
    assert parse_name(text) == name


@pytest.mark.parametrize("text", ["A\nB", "\tAna", "A\x00", "A\x1b[31m", "A\x85", "A\u2028B", "A\ud800", "\u202eanA"])
def test_what_would_break_a_line_or_turn_it_around_is_no_name(text: str) -> None:
    with pytest.raises(ValueError, match="control characters"):
        parse_name(text)


def test_a_name_has_a_limit_that_spaces_around_it_do_not_count_for() -> None:
    assert parse_name(f"  {'x' * MAX_NAME_LENGTH}  ") == "x" * MAX_NAME_LENGTH
    with pytest.raises(ValueError, match=f"at most {MAX_NAME_LENGTH} characters"):
        parse_name("x" * (MAX_NAME_LENGTH + 1))


def test_naming_one_speaker_leaves_the_other_and_nobody_names_the_unknown() -> None:
    call = Call(call_id="a").with_speaker_names({Speaker.CALLER: "Ana"}).with_speaker_names({Speaker.CALLEE: "Luis"})
    assert call.speakers == SpeakerNames(caller="Ana", callee="Luis")
    assert [call.speakers.get_name(speaker) for speaker in Speaker] == ["Ana", "Luis", None]
    assert call.with_speaker_names({Speaker.CALLER: None}).speakers == SpeakerNames(callee="Luis")


@given(stories)
def test_no_event_of_any_story_takes_a_name_away(story: list[AnyCallEvent]) -> None:
    named = {call_id: Call(call_id=call_id).with_speaker_names({Speaker.CALLER: "Ana"}) for call_id in CALL_IDS}
    for event in story:
        named[event.call_id] = apply_event(named[event.call_id], event)
    assert {call.speakers for call in named.values()} == {SpeakerNames(caller="Ana")}
