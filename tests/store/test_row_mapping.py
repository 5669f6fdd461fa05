"""Rows of earlier releases keep their meaning."""

from __future__ import annotations

import json
from dataclasses import fields
from datetime import UTC, datetime

from dashboard.calls.switches import Switch, SwitchName, SwitchState
from dashboard.store import row_mapping

# Written by commit 0c3856e for a transcription that Telnyx had reported on while a stop was pending.
STORED_BY_0C3856E = (
    '{"transcription":{"state":"stopping","since":"2026-11-28T04:00:05+00:00","on_since":"2026-11-28T03:59:00+00:00",'
    '"reason":"Lost.","command_id":"c-1","told":["2026-11-28T04:00:01+00:00",true],'
    '"quiet_until":"2026-11-28T04:00:09+00:00","by":"rule","stopped_because":"It ran too long.","ran_s":65.0}}'
)


def test_a_switch_of_an_earlier_release_round_trips_unchanged() -> None:
    switches = row_mapping._load_switches(STORED_BY_0C3856E)
    switch = switches[SwitchName.TRANSCRIPTION]
    assert switch.state is SwitchState.STOPPING
    assert switch.reported == (datetime(2026, 11, 28, 4, 0, 1, tzinfo=UTC), True)
    assert switch.ignore_text_until == datetime(2026, 11, 28, 4, 0, 9, tzinfo=UTC)
    assert json.loads(row_mapping._dump_switches(switches)) == json.loads(STORED_BY_0C3856E)


def test_every_field_of_a_switch_has_a_stored_key() -> None:
    assert {field.name for field in fields(Switch)} == set(row_mapping._SWITCH_KEYS)
