"""Frames as they go on the wire."""

from __future__ import annotations

import json

import pytest
from socketio.packet import EVENT

from dashboard.calls.switches import SwitchState
from dashboard.messages import _
from dashboard.web.socketio import TextPacket


def written(data: object) -> object:
    return json.loads(str(TextPacket(EVENT, data=["changes", data]).encode())[1:])


@pytest.mark.parametrize(
    "data",
    [
        [],
        [{"text": 'quoted "words" \\ and \u2028 lines', "confidence": 0.97, "seq": 16, "reason": None}],
        [{"text": "مرحبا 👩‍👩‍👧 \x00\x1f"}],
        [{"text": "half a pair: \ud83d"}],
    ],
)
def test_what_is_written_reads_the_same(data: object) -> None:
    assert written(data) == ["changes", data]


def test_states_and_sentences_are_written_as_text() -> None:
    data = {SwitchState.ON: SwitchState.FAILED, "reason": _("It ran for %(num)s minutes.", num=2)}
    assert written(data) == ["changes", {"on": "failed", "reason": "It ran for 2 minutes."}]


def test_a_packet_that_came_is_read() -> None:
    packet = TextPacket(encoded_packet='27["watch",{"call_id":"v3:x","after_seq":0}]')
    assert (packet.id, packet.data) == (7, ["watch", {"call_id": "v3:x", "after_seq": 0}])
