"""The JSON of the API and of the socket (docs/live-protocol.md)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dashboard.calls.call import Call
from dashboard.calls.changes import CallUpdated, Change, InterimHeard, SegmentAdded
from dashboard.calls.events import Direction
from dashboard.calls.switches import Switch, SwitchState
from dashboard.calls.timeline import TimelineEntry
from dashboard.calls.transcript import Interim, Segment, speaker_of
from dashboard.live.latency import DelayStats, Timing
from dashboard.media.meter import StreamLevels, TrackLevel
from dashboard.services.commands import CommandResult
from dashboard.services.diagnostics.checks import Check
from dashboard.services.diagnostics.test_event import TestStep
from dashboard.services.webhook_history import StoredWebhook
from dashboard.services.webhook_log import Verdict, WebhookLogEntry
from dashboard.store.event_log import REPLAY_MARK
from dashboard.store.queries import CallSummary

JSON = dict[str, Any]

CALL_UPDATED = "call.updated"
SEGMENT_FINAL = "segment.final"
SEGMENT_INTERIM = "segment.interim"
STREAM_LEVEL = "stream.level"
WEBHOOK_SEEN = "webhook.seen"
CHANGE_TYPES = (CALL_UPDATED, SEGMENT_FINAL, SEGMENT_INTERIM, STREAM_LEVEL, WEBHOOK_SEEN)


def to_iso(at: datetime | None) -> str | None:
    """ISO 8601 in UTC with microseconds and `Z`, which sorts as text."""
    return None if at is None else at.isoformat(timespec="microseconds")[:-6] + "Z"


def call_json(call: Call) -> JSON:
    return {
        "id": call.call_id,
        "leg_id": call.leg_id,
        "session_id": call.session_id,
        "connection_id": call.connection_id,
        "direction": call.direction,
        "from": call.from_number,
        "to": call.to_number,
        "state": call.state,
        "started_at": to_iso(call.started_at),
        "answered_at": to_iso(call.answered_at),
        "ended_at": to_iso(call.ended_at),
        "hangup_cause": call.hangup_cause,
        "hangup_source": call.hangup_source,
        "speakers": {"caller": call.speakers.caller, "callee": call.speakers.callee},
        "seq": call.seq,
        "switches": {name: _switch_json(switch) for name, switch in call.switches.items()},
    }


def _switch_json(switch: Switch) -> JSON:
    return {
        "state": switch.state,
        "since": to_iso(switch.since),
        "on_since": to_iso(switch.on_since),
        "reason": switch.reason,
        "by": switch.by,
        "stopped_because": switch.stopped_because if switch.state is SwitchState.OFF else None,
        "ran_s": switch.ran_s,
    }


def segment_json(segment: Segment, direction: Direction | None) -> JSON:
    """One segment.

    With a keyword it has `marks`, [start, end] in UTF-16 code units, and `keywords`, one for each mark.
    """
    shown: JSON = {
        "call_id": segment.call_id,
        "seq": segment.seq,
        "event_id": segment.event_id,
        "track": segment.track,
        "speaker": speaker_of(segment.track, direction),
        "text": segment.text,
        "confidence": segment.confidence,
        "started_at": to_iso(segment.started_at),
        "occurred_at": to_iso(segment.occurred_at),
    }
    if segment.marks:
        shown["marks"] = [[mark.start, mark.end] for mark in segment.marks]
        shown["keywords"] = [mark.keyword for mark in segment.marks]
    return shown


def interim_json(interim: Interim, direction: Direction | None) -> JSON:
    return {
        "call_id": interim.call_id,
        "track": interim.track,
        "speaker": speaker_of(interim.track, direction),
        "text": interim.text,
        "occurred_at": to_iso(interim.occurred_at),
    }


def stream_levels_json(measured: StreamLevels) -> JSON:
    return {
        "call_id": measured.call_id,
        "stream_id": measured.stream_id,
        "codec": measured.codec,
        "sample_rate_hz": measured.sample_rate_hz,
        "tracks": {track: _track_json(level) for track, level in measured.tracks.items()},
        "dtmf": [{"digit": key.digit, "occurred_at": to_iso(key.occurred_at)} for key in measured.digits],
    }


def _track_json(level: TrackLevel) -> JSON:
    return {
        "level_db": level.level_db,
        "peak_db": level.peak_db,
        "frames": level.frames,
        "gaps": level.gaps,
        "late": level.late,
        "jitter_ms": level.jitter_ms,
        "bytes": level.bytes,
    }


def timing_json(timing: Timing) -> JSON:
    return {
        "received_at": to_iso(timing.received_at),
        "stored_at": to_iso(timing.stored_at),
        "sent_at": to_iso(timing.sent_at),
    }


def delay_stats_json(figures: DelayStats) -> JSON:
    return {"count": figures.count, "p50_ms": figures.p50_ms, "p95_ms": figures.p95_ms}


def webhook_log_entry_json(seen: WebhookLogEntry) -> JSON:
    return {
        "id": seen.id,
        "at": to_iso(seen.at),
        "verdict": seen.verdict,
        "reason": seen.reason,
        "detail": seen.detail,
        "type": seen.type,
        "event_id": seen.event_id,
        "call_id": seen.call_id,
        "attempt": seen.attempt,
        "size": seen.size,
        "sha256": seen.sha256,
        "handling_ms": seen.handling_ms,
        "headers": dict(seen.headers),
    }


def webhook_json(entry: StoredWebhook | WebhookLogEntry) -> JSON:
    """One webhook of the inspector, from the store or from memory."""
    if isinstance(entry, WebhookLogEntry):
        return webhook_log_entry_json(entry)
    row, seen = entry.row, entry.log_entry
    return {
        "id": row["event_id"],
        "at": to_iso(row["received_at"]),
        "verdict": Verdict.REPLAYED if REPLAY_MARK in row["event_id"] else Verdict.ACCEPTED,
        "reason": None,
        "detail": None,
        "type": row["type"],
        "event_id": row["event_id"],
        "call_id": row["call_id"],
        "attempt": row["attempt"],
        "size": None if seen is None else seen.size,
        "sha256": None,
        "handling_ms": None if seen is None else seen.handling_ms,
        "headers": {} if seen is None else dict(seen.headers),
        "occurred_at": to_iso(row["occurred_at"]),
        "known": row["known"],
    }


def call_summary_json(summary: CallSummary) -> JSON:
    """A call for lists: with its number of lines, last words and keyword hits."""
    last = summary.last_segment
    words = None
    if last is not None:
        shown = segment_json(last, summary.call.direction)
        words = {"speaker": shown["speaker"], "text": shown["text"]}
    hits = [{"word": word, "count": count} for word, count in sorted(summary.keyword_counts.items())]
    return {**call_json(summary.call), "lines": summary.line_count, "last_words": words, "keyword_hits": hits}


def command_json(row: Mapping[str, Any]) -> JSON:
    """A stored command: who, when, with what, and the result."""
    return {
        "id": row["command_id"],
        "name": row["name"],
        "requested_by": row["requested_by"],
        "requested_at": to_iso(row["requested_at"]),
        "parameters": json.loads(row["parameters"]),
        "status": row["status"],
        "settled_at": to_iso(row["settled_at"]),
        "http_status": row["http_status"],
        "provider_code": row["provider_code"],
        "reason": row["reason"],
        "attempts": row["attempts"],
        "elapsed_ms": row["elapsed_ms"],
    }


def command_result_json(result: CommandResult) -> JSON:
    """The result of a command that was executed or repeated."""
    return {
        "id": result.command_id,
        "name": result.name,
        "status": result.status,
        "http_status": result.http_status,
        "attempts": result.attempts,
        "elapsed_ms": result.elapsed_ms,
        "notes": list(result.notes),
    }


def timeline_entry_json(note: TimelineEntry) -> JSON:
    return {
        "at": to_iso(note.at),
        "kind": note.kind,
        "about": note.switch,
        "text": note.text,
        "event_id": note.event_id,
    }


def merged_timeline(detail: Mapping[str, Any]) -> list[JSON]:
    """Timeline entries and segments as one list. An entry stands before the first later line."""
    notes = [(note["at"], 0, "", note) for note in detail["notes"]]
    lines = [(line["occurred_at"], 1, line["event_id"], line) for line in detail["segments"]]
    return [each[-1] for each in sorted(notes + lines, key=lambda entry: entry[:3])]


def check_json(check: Check) -> JSON:
    return {
        "id": check.id,
        "state": check.state,
        "title": check.title,
        "text": check.finding,
        "action": check.action,
    }


def test_step_json(step: TestStep) -> JSON:
    return {
        "name": step.name,
        "state": "ok" if step.is_ok else "bad",
        "text": step.text,
        "elapsed_ms": step.elapsed_ms,
    }


def change_to_json(change: Change | StreamLevels | WebhookLogEntry, timing: Timing | None = None) -> JSON:
    """One entry of a `changes` frame; `timing` belongs to a segment."""
    match change:
        case CallUpdated():
            return {"type": CALL_UPDATED, "call": call_json(change.call)}
        case SegmentAdded():
            shown: JSON = {"type": SEGMENT_FINAL, "segment": segment_json(change.segment, change.direction)}
            if timing is not None:
                shown["timing"] = timing_json(timing)
            return shown
        case InterimHeard():
            return {"type": SEGMENT_INTERIM, "interim": interim_json(change.interim, change.direction)}
        case StreamLevels():
            return {"type": STREAM_LEVEL, "stream": stream_levels_json(change)}
        case WebhookLogEntry():
            return {"type": WEBHOOK_SEEN, "event": webhook_log_entry_json(change)}


def error_json(code: str, message: str, hint: str, details: JSON | None = None) -> JSON:
    return {"error": {"code": code, "message": message, "hint": hint, "details": details or {}}}
