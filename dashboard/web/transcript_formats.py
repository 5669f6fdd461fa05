"""A transcript as a file, in the reader's language: one writer for each format.

What was said, and what people call the speakers, is text for people and never markup or formula.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from dashboard.calls.call import Call
from dashboard.calls.captions import Cue, cues
from dashboard.calls.transcript import Speaker, speaker_of
from dashboard.messages import _
from dashboard.store.queries import Transcript
from dashboard.web.cooperative import in_turns
from dashboard.web.i18n import in_language
from dashboard.web.serializers import call_json, moment, segment_json

NAMES: Mapping[Speaker, str] = {
    Speaker.CALLER: _("Caller"),
    Speaker.CALLEE: _("Callee"),
    Speaker.UNKNOWN: _("Unknown"),
}
ESTIMATED = _("Times are estimates: the provider sends none for words.")

_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f]")
_ARROW = re.compile("-{2,}>")
_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A cue with its speaker by name and its words on one line."""

    cue: Cue
    speaker: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    media_type: str
    write: Callable[[Transcript], str]


def lines_of(known: Transcript) -> list[Line]:
    """What can be read of a transcript, in the order of starts."""
    lines = [
        Line(cue=cue, speaker=_speaker_of(cue, known.call), words=one_line(cue.segment.text))
        for cue in in_turns(cues(known.call, known.segments))
    ]
    return [line for line in lines if line.words]


def _speaker_of(cue: Cue, call: Call) -> str:
    side = speaker_of(cue.segment.track, call.direction)
    return call.speakers.of(side) or in_language(NAMES[side])


def one_line(text: str) -> str:
    """Words without line breaks and control characters: a blank line would end a cue, and the rest become another."""
    return " ".join(_CONTROLS.sub("", text).split())


def as_txt(known: Transcript) -> str:
    call = known.call
    unknown, nobody = _("Unknown number"), _("unknown number")
    head = _(
        "%(caller)s to %(callee)s, %(at)s",
        caller=call.from_number or unknown,
        callee=call.to_number or nobody,
        at=moment(call.started_at),
    )
    lines = (f"[{_clock(line.cue.start)[:8]}] {line.speaker}: {line.words}" for line in _as_read(known))
    return "\n".join([one_line(in_language(head)), in_language(ESTIMATED), "", *lines, ""])


def as_srt(known: Transcript) -> str:
    """SubRip has no escapes, so the arrow that separates its times is written another way where somebody says it."""
    blocks = (
        f"{number}\n{_clock(line.cue.start, ',')} --> {_clock(line.cue.end, ',')}\n"
        f"{_ARROW.sub('→', f'{line.speaker}: {line.words}')}\n"
        for number, line in enumerate(lines_of(known), start=1)
    )
    return "\n".join(blocks)


def as_vtt(known: Transcript) -> str:
    """WebVTT: `<v>` names the speaker, with the same escapes as words (W3C, "WebVTT", 4.2.2)."""
    blocks = (
        f"{_clock(line.cue.start)} --> {_clock(line.cue.end)}\n<v {_escaped(line.speaker)}>{_escaped(line.words)}</v>\n"
        for line in lines_of(known)
    )
    return "\n".join(["WEBVTT\n", f"NOTE {in_language(ESTIMATED)}\n", *blocks])


def as_csv(known: Transcript) -> str:
    written = io.StringIO()
    rows = csv.writer(written)
    rows.writerow(["start_s", "end_s", "occurred_at", "speaker", "text", "confidence"])
    for line in _as_read(known):
        segment = line.cue.segment
        times = (f"{line.cue.start.total_seconds():.3f}", f"{line.cue.end.total_seconds():.3f}")
        spoken = (_no_formula(line.speaker), _no_formula(line.words), segment.confidence)
        rows.writerow([*times, moment(segment.occurred_at), *spoken])
    return written.getvalue()


def as_json(known: Transcript) -> str:
    """The call and its segments as the API shows them."""
    segments = [segment_json(segment, known.call.direction) for segment in in_turns(known.segments)]
    return json.dumps({"call": call_json(known.call), "segments": segments}, ensure_ascii=False, indent=1) + "\n"


FORMATS: Mapping[str, Format] = {
    "txt": Format(media_type="text/plain", write=as_txt),
    "srt": Format(media_type="application/x-subrip", write=as_srt),
    "vtt": Format(media_type="text/vtt", write=as_vtt),
    "json": Format(media_type="application/json", write=as_json),
    "csv": Format(media_type="text/csv", write=as_csv),
}


def _as_read(known: Transcript) -> Iterable[Line]:
    """In transcript order, as on the page; only players need the order of starts."""
    return sorted(lines_of(known), key=lambda line: line.cue.segment.order)


def _escaped(words: str) -> str:
    return words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _no_formula(words: str) -> str:
    """A spreadsheet runs a cell that begins like a formula (OWASP, "CSV Injection"); an apostrophe makes it text."""
    return f"'{words}" if words.startswith(_FORMULA) else words


def _clock(time: timedelta, mark: str = ".") -> str:
    """`01:02:03.004`; hours grow beyond two digits."""
    milliseconds = time // timedelta(milliseconds=1)
    seconds, milliseconds = divmod(milliseconds, 1_000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{seconds:02}{mark}{milliseconds:03}"
