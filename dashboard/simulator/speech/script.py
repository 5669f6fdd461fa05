"""Turns written dialogues into speech: which word is said when, and what a recogniser makes of it. No clock, no I/O."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable
from dataclasses import dataclass

from .dialogues import DIALOGUES

_WORD_S = 0.31
_PAUSE_RANGE_S = (0.6, 1.1)
_OVERLAP_S = 0.9
_FINAL_DELAY_S = 0.35
# An engine closes a long turn at the end of a sentence; shorter ones come as one final.
_LONG_TURN_WORDS = 12
_SENTENCE_END = re.compile(r"(?<=[.?!。？！।؟])\s*(?=\S)")
_PUNCTUATION = ".,?!;:…¿¡。、，？！।؟،؛"


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What one speaker says before the other does. `track` is `inbound` for the far end."""

    track: str
    text: str
    overlaps: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """A conversation; `language` is a BCP 47 tag."""

    name: str
    language: str
    turns: tuple[Turn, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecognitionResult:
    """What a recogniser says at `at_s` if it has listened since the call began; each word has its time."""

    at_s: float
    track: str
    words: tuple[str, ...]
    word_times_s: tuple[float, ...]
    joiner: str
    is_final: bool
    confidence: float

    def text_since(self, position_s: float) -> str:
        """The words said at `moment_s` or later: a recogniser switched on late has missed the others."""
        pairs = zip(self.words, self.word_times_s, strict=True)
        return self.joiner.join(word for word, said_s in pairs if said_s >= position_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class SpokenScript:
    """A script with times in seconds; `heard` is in order of time, `spans` say who talks when."""

    language: str
    results: tuple[RecognitionResult, ...]
    speech_spans: tuple[tuple[str, float, float], ...]
    duration_s: float

    def is_speaking(self, track: str, position_s: float) -> bool:
        return any(start <= position_s < end for who, start, end in self.speech_spans if who == track)


def _parse_turns(lines: str) -> Iterable[Turn]:
    for line in lines.strip().splitlines():
        overlaps = line.startswith("~")
        who, text = line.lstrip("~").split(" ", 1)
        yield Turn(track="inbound" if who == "<" else "outbound", text=text, overlaps=overlaps)


SCRIPTS: dict[str, Script] = {
    name: Script(name=name, language=language, turns=tuple(_parse_turns(lines)))
    for name, (language, lines) in DIALOGUES.items()
}


def parse_script(lines: str, *, name: str = "own", language: str = "en") -> Script:
    """A script from lines in the notation of `dialogues.py`, for tests that need their own words."""
    return Script(name=name, language=language, turns=tuple(_parse_turns(lines)))


def split_words(text: str, language: str) -> tuple[tuple[str, ...], str]:
    """The words and what stands between them. Japanese has no spaces: a word is up to three characters."""
    if language == "ja":
        return tuple(re.findall(rf"[^{_PUNCTUATION}]{{1,3}}[{_PUNCTUATION}]*", text)), ""
    return tuple(text.split()), " "


def speak_script(script: Script, rng: random.Random) -> SpokenScript:
    """Speak the script once; the same `rng` state gives the same performance."""
    heard: list[RecognitionResult] = []
    spans: list[tuple[str, float, float]] = []
    free_at = {"inbound": 0.0, "outbound": 0.0}
    ends_s = 0.3
    for turn in script.turns:
        starts_s = ends_s + (-_OVERLAP_S if turn.overlaps else rng.uniform(*_PAUSE_RANGE_S))
        starts_s = max(starts_s, free_at[turn.track], 0.3)
        for sentence in _split_sentences(turn.text, script.language):
            words, joiner = split_words(sentence, script.language)
            times = tuple(starts_s + _WORD_S * (number + 1) for number in range(len(words)))
            heard += _recognize_words(words, times, joiner, turn.track, rng)
            spans.append((turn.track, starts_s, times[-1]))
            starts_s = times[-1] + 0.25
        free_at[turn.track] = starts_s + 0.1
        ends_s = max(ends_s, spans[-1][2])
    heard.sort(key=lambda item: item.at_s)
    return SpokenScript(
        language=script.language,
        results=tuple(heard),
        speech_spans=tuple(spans),
        duration_s=ends_s + _FINAL_DELAY_S + 1.0,
    )


def _split_sentences(text: str, language: str) -> list[str]:
    if len(split_words(text, language)[0]) <= _LONG_TURN_WORDS:
        return [text]
    return _SENTENCE_END.split(text)


def _recognize_words(
    words: tuple[str, ...], times: tuple[float, ...], joiner: str, track: str, rng: random.Random
) -> Iterable[RecognitionResult]:
    bare = [word.strip(_PUNCTUATION) or word for word in words]
    for count in range(1, len(words) + 1):
        yield RecognitionResult(
            at_s=times[count - 1], track=track, words=_guess_words(bare[:count], rng), word_times_s=times[:count],
            joiner=joiner, is_final=False, confidence=round(rng.uniform(0.55, 0.9), 6),
        )  # fmt: skip
    yield RecognitionResult(
        at_s=times[-1] + _FINAL_DELAY_S, track=track, words=words, word_times_s=times,
        joiner=joiner, is_final=True, confidence=round(rng.uniform(0.9, 0.995), 6),
    )  # fmt: skip


def _guess_words(words: list[str], rng: random.Random) -> tuple[str, ...]:
    """An interim's words: now and then one is cut short, and the next interim puts it right."""
    guess = list(words)
    if rng.random() < 0.3:
        which = rng.choice(range(max(0, len(guess) - 3), len(guess)))
        if len(guess[which]) > 4:
            guess[which] = guess[which][: len(guess[which]) // 2 + 1]
    return tuple(guess)
