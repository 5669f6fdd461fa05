"""Conversion between rows and domain objects."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dashboard.calls.call import Call
from dashboard.calls.events import Direction, Track
from dashboard.calls.speaker_names import SpeakerNames
from dashboard.calls.switches import Switch, SwitchName, SwitchState
from dashboard.calls.transcript import Mark, Segment
from dashboard.messages import dump, load

DEFAULT_SWITCH = Switch()


def call_row(call: Call) -> dict[str, Any]:
    return {
        "call_id": call.call_id,
        "leg_id": call.leg_id,
        "session_id": call.session_id,
        "connection_id": call.connection_id,
        "direction": call.direction,
        "from_number": call.from_number,
        "to_number": call.to_number,
        "started_at": call.started_at,
        "answered_at": call.answered_at,
        "ended_at": call.ended_at,
        "hangup_cause": call.hangup_cause,
        "hangup_source": call.hangup_source,
        "switches": _dump_switches(call.raw_switches),
        "caller_name": call.speakers.caller,
        "callee_name": call.speakers.callee,
        "seq": call.seq,
    }


def call_from_row(row: Any) -> Call:
    return Call(
        call_id=row.call_id,
        leg_id=row.leg_id,
        session_id=row.session_id,
        connection_id=row.connection_id,
        direction=None if row.direction is None else Direction(row.direction),
        from_number=row.from_number,
        to_number=row.to_number,
        started_at=row.started_at,
        answered_at=row.answered_at,
        ended_at=row.ended_at,
        hangup_cause=row.hangup_cause,
        hangup_source=row.hangup_source,
        raw_switches=_load_switches(row.switches),
        speakers=SpeakerNames(caller=row.caller_name, callee=row.callee_name),
        seq=row.seq,
    )


def segment_row(segment: Segment) -> dict[str, Any]:
    return {
        "event_id": segment.event_id,
        "call_id": segment.call_id,
        "seq": segment.seq,
        "track": segment.track,
        "text": segment.text,
        "confidence": segment.confidence,
        "started_at": segment.started_at,
        "occurred_at": segment.occurred_at,
        "marks": _dump_marks(segment.marks),
    }


def segment_from_row(row: Any) -> Segment:
    return Segment(
        call_id=row.call_id,
        seq=row.seq,
        event_id=row.event_id,
        track=None if row.track is None else Track(row.track),
        text=row.text,
        confidence=row.confidence,
        started_at=row.started_at,
        occurred_at=row.occurred_at,
        marks=load_marks(row.marks),
    )


def _dump_marks(marks: tuple[Mark, ...]) -> str | None:
    if not marks:
        return None
    return json.dumps([[mark.start, mark.end, mark.keyword] for mark in marks], ensure_ascii=False)


def load_marks(text: str | None) -> tuple[Mark, ...]:
    if text is None:
        return ()
    return tuple(Mark(start=start, end=end, keyword=keyword) for start, end, keyword in json.loads(text))


def _dump_switches(switches: Mapping[SwitchName, Switch]) -> str:
    """The switches as JSON. Only what differs from the default is written, because most calls use one of three."""
    changed = {name: switch for name, switch in switches.items() if switch is not DEFAULT_SWITCH}
    fields_by_name = {name: fields for name, switch in changed.items() if (fields := _switch_fields(switch))}
    return json.dumps(fields_by_name, separators=(",", ":"))


# Stored: do not rename. The attribute of a switch, and its key in the stored JSON.
_SWITCH_KEYS = {
    "state": "state",
    "since": "since",
    "on_since": "on_since",
    "reason": "reason",
    "command_id": "command_id",
    "reported": "told",
    "ignore_text_until": "quiet_until",
    "by": "by",
    "stopped_because": "stopped_because",
    "ran_s": "ran_s",
}


def _switch_fields(switch: Switch) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for attribute, key in _SWITCH_KEYS.items():
        value = getattr(switch, attribute)
        if value == getattr(DEFAULT_SWITCH, attribute):
            continue
        if isinstance(value, datetime):
            value = value.isoformat()
        elif key == "told":
            value = [value[0].isoformat(), value[1]]
        elif key in ("reason", "stopped_because"):
            value = dump(value)
        fields[key] = value
    return fields


def _load_switches(text: str) -> Mapping[SwitchName, Switch]:
    fields_by_name = json.loads(text)
    return {
        name: _load_switch(fields_by_name[name]) if name in fields_by_name else DEFAULT_SWITCH for name in SwitchName
    }


def _load_switch(fields: dict[str, Any]) -> Switch:
    report = fields.get("told")
    return Switch(
        state=SwitchState(fields.get("state", SwitchState.OFF)),
        since=_parse_time(fields.get("since")),
        on_since=_parse_time(fields.get("on_since")),
        reason=load(fields.get("reason")),
        command_id=fields.get("command_id"),
        reported=None if report is None else (datetime.fromisoformat(report[0]), report[1]),
        ignore_text_until=_parse_time(fields.get("quiet_until")),
        by=fields.get("by"),
        stopped_because=load(fields.get("stopped_because")),
        ran_s=fields.get("ran_s", 0.0),
    )


def _parse_time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
