"""The spoken dialogues: enough of them, in enough languages, of the right length, and growing like real recognition."""

from __future__ import annotations

import random

import pytest

from dashboard.simulator import SCRIPTS, Script
from dashboard.simulator.speech.script import speak_script, split_words


def test_eight_languages_are_spoken() -> None:
    assert {script.language for script in SCRIPTS.values()} == {"en", "es", "de", "fr", "pt", "ja", "ar", "hi"}


@pytest.mark.parametrize("script", SCRIPTS.values(), ids=SCRIPTS)
def test_a_conversation_lasts_one_to_two_and_a_half_minutes(script: Script) -> None:
    assert 12 <= len(script.turns) <= 25
    for seed in range(5):
        assert 60 <= speak_script(script, random.Random(seed)).duration_s <= 150


@pytest.mark.parametrize("script", SCRIPTS.values(), ids=SCRIPTS)
def test_finals_together_are_the_script(script: Script) -> None:
    heard = speak_script(script, random.Random(1)).results
    for track in ("inbound", "outbound"):
        finals = [item.text_since(0) for item in heard if item.is_final and item.track == track]
        turns = [turn.text for turn in script.turns if turn.track == track]
        assert "".join("".join(finals).split()) == "".join("".join(turns).split())


@pytest.mark.parametrize("script", SCRIPTS.values(), ids=SCRIPTS)
def test_a_final_follows_its_interims_before_the_next_begin(script: Script) -> None:
    heard = speak_script(script, random.Random(1)).results
    for track in ("inbound", "outbound"):
        words = 0
        for item in (item for item in heard if item.track == track):
            assert len(item.words) == (words if item.is_final else words + 1)
            words = 0 if item.is_final else words + 1


@pytest.mark.parametrize("script", SCRIPTS.values(), ids=SCRIPTS)
def test_both_speak_at_once_now_and_then(script: Script) -> None:
    performance = speak_script(script, random.Random(1))
    moments = [step / 10 for step in range(int(performance.duration_s * 10))]
    assert any(performance.is_speaking("inbound", at) and performance.is_speaking("outbound", at) for at in moments)


def test_some_interims_are_revised() -> None:
    heard = speak_script(SCRIPTS["parcel"], random.Random(1)).results
    cut = [
        later
        for earlier, later in zip(heard, heard[1:], strict=False)
        if earlier.track == later.track and not later.is_final and earlier.words != later.words[: len(earlier.words)]
    ]
    assert 5 < len(cut) < len(heard) / 2


def test_the_same_seed_speaks_the_same() -> None:
    assert speak_script(SCRIPTS["hotel"], random.Random(4)) == speak_script(SCRIPTS["hotel"], random.Random(4))


def test_japanese_is_split_without_spaces() -> None:
    words, joiner = split_words("お電話ありがとうございます。", "ja")
    assert joiner == "" and len(words) == 5 and "".join(words) == "お電話ありがとうございます。"
