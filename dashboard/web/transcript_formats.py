"""Writes a transcript as a file, in the reader's language. Speech and names are text, never markup or a formula."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from dashboard.calls.call import Call
from dashboard.calls.captions import Cue, build_cues
from dashboard.calls.transcript import Speaker, speaker_of
from dashboard.messages import _
from dashboard.store.queries import Transcript
from dashboard.web.cooperative import yielding
from dashboard.web.i18n import translate
from dashboard.web.serializers import call_json, segment_json, to_iso

DEFAULT_SPEAKER_NAMES: Mapping[Speaker, str] = {
    Speaker.CALLER: _("Caller"),
    Speaker.CALLEE: _("Callee"),
    Speaker.UNKNOWN: _("Unknown"),
}
ESTIMATED_TIMES_NOTE = _("Times are estimates: the provider sends none for words.")

_CONTROL_CHARACTERS = re.compile(r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f]")
_ARROW = re.compile("-{2,}>")
_FORMULA_STARTS = ("=", "+", "-", "@", "＝", "＋", "－", "＠")


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptionLine:
    """A cue with its speaker's name and its words on one line."""

    cue: Cue
    speaker: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportFormat:
    media_type: str
    write: Callable[[Transcript], str]


def caption_lines(transcript: Transcript) -> list[CaptionLine]:
    """The lines of a transcript, ordered by start."""
    lines = [
        CaptionLine(cue=cue, speaker=_speaker_name(cue, transcript.call), text=single_line(cue.segment.text))
        for cue in yielding(build_cues(transcript.call, transcript.segments))
    ]
    return [line for line in lines if line.text]


def _speaker_name(cue: Cue, call: Call) -> str:
    side = speaker_of(cue.segment.track, call.direction)
    return call.speakers.get_name(side) or translate(DEFAULT_SPEAKER_NAMES[side])


def single_line(text: str) -> str:
    """Text without line breaks and control characters, because a blank line would end a cue."""
    return " ".join(_CONTROL_CHARACTERS.sub("", text).split())


def write_txt(transcript: Transcript) -> str:
    call = transcript.call
    unknown, unknown_inside = _("Unknown number"), _("unknown number")
    head = _(
        "%(caller)s to %(callee)s, %(at)s",
        caller=call.from_number or unknown,
        callee=call.to_number or unknown_inside,
        at=to_iso(call.started_at),
    )
    lines = (
        f"[{_format_time(line.cue.start)[:8]}] {line.speaker}: {line.text}" for line in _in_transcript_order(transcript)
    )
    return "\n".join([single_line(translate(head)), translate(ESTIMATED_TIMES_NOTE), "", *lines, ""])


def write_srt(transcript: Transcript) -> str:
    """SubRip. It has no escapes, so an arrow in speech is written another way."""
    blocks = (
        f"{number}\n{_format_time(line.cue.start, ',')} --> {_format_time(line.cue.end, ',')}\n"
        f"{_ARROW.sub('→', f'{line.speaker}: {line.text}')}\n"
        for number, line in enumerate(caption_lines(transcript), start=1)
    )
    return "\n".join(blocks)


def write_vtt(transcript: Transcript) -> str:
    """WebVTT. `<v>` names the speaker, with the escapes of cue text (W3C, "WebVTT", 4.2.2)."""
    blocks = (
        f"{_format_time(line.cue.start)} --> {_format_time(line.cue.end)}\n"
        f"<v {_escape_vtt(line.speaker)}>{_escape_vtt(line.text)}</v>\n"
        for line in caption_lines(transcript)
    )
    return "\n".join(["WEBVTT\n", f"NOTE {translate(ESTIMATED_TIMES_NOTE)}\n", *blocks])


def write_csv(transcript: Transcript) -> str:
    written = io.StringIO()
    rows = csv.writer(written)
    rows.writerow(["start_s", "end_s", "occurred_at", "speaker", "text", "confidence"])
    for line in _in_transcript_order(transcript):
        segment = line.cue.segment
        times = (f"{line.cue.start.total_seconds():.3f}", f"{line.cue.end.total_seconds():.3f}")
        spoken = (_escape_formula(line.speaker), _escape_formula(line.text), segment.confidence)
        rows.writerow([*times, to_iso(segment.occurred_at), *spoken])
    return written.getvalue()


def write_json(transcript: Transcript) -> str:
    """The call and its segments as the API shows them."""
    segments = [segment_json(segment, transcript.call.direction) for segment in yielding(transcript.segments)]
    return json.dumps({"call": call_json(transcript.call), "segments": segments}, ensure_ascii=False, indent=1) + "\n"


FORMATS: Mapping[str, ExportFormat] = {
    "txt": ExportFormat(media_type="text/plain", write=write_txt),
    "srt": ExportFormat(media_type="application/x-subrip", write=write_srt),
    "vtt": ExportFormat(media_type="text/vtt", write=write_vtt),
    "json": ExportFormat(media_type="application/json", write=write_json),
    "csv": ExportFormat(media_type="text/csv", write=write_csv),
}


def _in_transcript_order(transcript: Transcript) -> Iterable[CaptionLine]:
    """Lines in transcript order, as on the page. Only players need the order of starts."""
    return sorted(caption_lines(transcript), key=lambda line: line.cue.segment.sort_key)


def _escape_vtt(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _escape_formula(text: str) -> str:
    """Prefix a cell that a spreadsheet would run as a formula (OWASP, "CSV Injection")."""
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def _format_time(offset: timedelta, decimal_mark: str = ".") -> str:
    """`01:02:03.004`; hours grow beyond two digits."""
    milliseconds = offset // timedelta(milliseconds=1)
    seconds, milliseconds = divmod(milliseconds, 1_000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{seconds:02}{decimal_mark}{milliseconds:03}"
