"""Builds the timeline of a stored call. A reload and an open page show the same entries."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from dashboard.calls.call import Call
from dashboard.calls.events import CallEvent
from dashboard.calls.timeline import CommandRecord, TimelineEntry, build_timeline
from dashboard.errors import PayloadError
from dashboard.messages import _, join
from dashboard.store import Store
from dashboard.telnyx.commands import TITLES
from dashboard.telnyx.commands.results import SWITCH_COMMANDS
from dashboard.telnyx.webhooks.payloads import LIFECYCLE_TYPES, parse_webhook

MAX_EVENTS = 200


def timeline_of(store: Store, call: Call) -> list[TimelineEntry]:
    rows = store.events_of_call(call.call_id, types=LIFECYCLE_TYPES, limit=MAX_EVENTS)
    events = [event for row in rows if (event := _parse_event(row)) is not None]
    asked = [_command_record(row) for row in store.commands_of_call(call.call_id) if row["settled_at"] is not None]
    return build_timeline(call, events, asked)


def _parse_event(row: Mapping[str, Any]) -> CallEvent | None:
    try:
        return parse_webhook((row["body"] or _minimal_body(row)).encode()).event
    except PayloadError:
        return None  # stored by a release that read more than this one


def _minimal_body(row: Mapping[str, Any]) -> str:
    """A body for an event whose own body was pruned."""
    known = {"id": row["event_id"], "event_type": row["type"], "occurred_at": row["occurred_at"].isoformat()}
    return json.dumps({"data": {**known, "payload": {"call_control_id": row["call_id"]}}})


def _command_record(row: Mapping[str, Any]) -> CommandRecord:
    name = row["name"]
    about, on = SWITCH_COMMANDS.get(name, (None, False))
    return CommandRecord(
        at=row["settled_at"],
        title=TITLES.get(name, name),
        is_accepted=row["status"] != "failed",
        switch=about,
        on=on,
        settings=_settings_text(json.loads(row["parameters"])) if on else "",
        code=row["provider_code"],
        reason=row["reason"],
    )


_TRACKS = {"both": _("both tracks"), "inbound": _("inbound track"), "outbound": _("outbound track")}


def _settings_text(parameters: Mapping[str, Any]) -> str:
    """`Deepgram nova-3, en-US, both tracks`."""
    config = parameters.get("transcription_engine_config") or {}
    model = config.get("transcription_model") or config.get("model") or ""
    engine = " ".join(filter(None, (parameters.get("transcription_engine"), str(model).rpartition("/")[2])))
    tracks = parameters.get("transcription_tracks")
    return join((engine, config.get("language"), _TRACKS.get(str(tracks))))
