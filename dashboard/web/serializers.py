"""The JSON that browsers and scripts get, the same from the API and from the socket (docs/live-protocol.md)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from dashboard.calls.call import Call
from dashboard.calls.changes import CallUpdated, Change, InterimHeard, SegmentAdded
from dashboard.calls.events import Direction
from dashboard.calls.switches import Switch, SwitchState
from dashboard.calls.transcript import Interim, Segment, speaker_of
from dashboard.live.latency import Figures, Timing
from dashboard.media.meter import StreamMeasured, TrackLevel
from dashboard.services.webhook_log import Inspection

JSON = dict[str, Any]

CALL_UPDATED = "call.updated"
SEGMENT_FINAL = "segment.final"
SEGMENT_INTERIM = "segment.interim"
STREAM_LEVEL = "stream.level"
WEBHOOK_SEEN = "webhook.seen"
CHANGE_TYPES = (CALL_UPDATED, SEGMENT_FINAL, SEGMENT_INTERIM, STREAM_LEVEL, WEBHOOK_SEEN)


def moment(at: datetime | None) -> str | None:
    """ISO 8601 in UTC with microseconds and `Z`: sorts as text."""
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
        "started_at": moment(call.started_at),
        "answered_at": moment(call.answered_at),
        "ended_at": moment(call.ended_at),
        "hangup_cause": call.hangup_cause,
        "hangup_source": call.hangup_source,
        "speakers": {"caller": call.speakers.caller, "callee": call.speakers.callee},
        "seq": call.seq,
        "switches": {name: _switch_json(switch) for name, switch in call.switches.items()},
    }


def _switch_json(switch: Switch) -> JSON:
    return {
        "state": switch.state,
        "since": moment(switch.since),
        "on_since": moment(switch.on_since),
        "reason": switch.reason,
        "by": switch.by,
        "stopped_because": switch.stopped_because if switch.state is SwitchState.OFF else None,
        "ran_s": switch.ran_s,
    }


def segment_json(segment: Segment, direction: Direction | None) -> JSON:
    """`marks` is there only if a keyword was said: [start, end] of each, in UTF-16 code units as browsers count;
    with it `keywords`, which one each of them is.
    """
    shown: JSON = {
        "call_id": segment.call_id,
        "seq": segment.seq,
        "event_id": segment.event_id,
        "track": segment.track,
        "speaker": speaker_of(segment.track, direction),
        "text": segment.text,
        "confidence": segment.confidence,
        "started_at": moment(segment.started_at),
        "occurred_at": moment(segment.occurred_at),
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
        "occurred_at": moment(interim.occurred_at),
    }


def stream_json(measured: StreamMeasured) -> JSON:
    return {
        "call_id": measured.call_id,
        "stream_id": measured.stream_id,
        "codec": measured.codec,
        "sample_rate_hz": measured.sample_rate_hz,
        "tracks": {track: _track_json(level) for track, level in measured.tracks.items()},
        "dtmf": [{"digit": key.digit, "occurred_at": moment(key.occurred_at)} for key in measured.digits],
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
        "received_at": moment(timing.received_at),
        "stored_at": moment(timing.stored_at),
        "sent_at": moment(timing.sent_at),
    }


def figures_json(figures: Figures) -> JSON:
    return {"count": figures.count, "p50_ms": figures.p50_ms, "p95_ms": figures.p95_ms}


def inspection_json(seen: Inspection) -> JSON:
    return {
        "id": seen.id,
        "at": moment(seen.at),
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


def change_json(change: Change | StreamMeasured | Inspection) -> JSON:
    match change:
        case CallUpdated():
            return {"type": CALL_UPDATED, "call": call_json(change.call)}
        case SegmentAdded():
            return {"type": SEGMENT_FINAL, "segment": segment_json(change.segment, change.direction)}
        case InterimHeard():
            return {"type": SEGMENT_INTERIM, "interim": interim_json(change.interim, change.direction)}
        case StreamMeasured():
            return {"type": STREAM_LEVEL, "stream": stream_json(change)}
        case Inspection():
            return {"type": WEBHOOK_SEEN, "event": inspection_json(change)}


def error_json(code: str, message: str, hint: str, details: JSON | None = None) -> JSON:
    return {"error": {"code": code, "message": message, "hint": hint, "details": details or {}}}
