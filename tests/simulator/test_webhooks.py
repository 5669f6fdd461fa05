"""Every webhook is what the provider sends: signed, shaped and named like it, by the judgement of its own SDK."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
import telnyx

from dashboard.simulator import SimCall, Simulator

from .conftest import SMALL_TALK, Api, Received, Sink
from .test_media import MediaServer

LIFECYCLE = {"call_control_id", "call_leg_id", "call_session_id", "connection_id", "client_state", "from", "to"}


def unwrap(simulator: Simulator, item: Received, headers: dict[str, str] | None = None) -> Any:
    client = telnyx.Telnyx(api_key="x", public_key=simulator.public_key)
    # Text, not bytes: the SDK would sign the repr of bytes (contract, trap T2).
    with client:
        return client.webhooks.unwrap(item.body.decode(), headers=headers or dict(item.headers))


def play_everything(simulator: Simulator, sink: Sink) -> None:
    """A call that answers, talks, streams into the void, forks, gets a key pressed and hangs up."""
    api = Api(simulator)
    call = simulator.place_call(SMALL_TALK, auto_answer=0.0, transcribe=True, paced=False, extras=True)
    assert call.wait_until(lambda c: c.is_answered)
    for _ in range(8):
        call.say_next()
    assert api.act(call, "streaming_start", stream_url="ws://127.0.0.1:9/nobody").status == 200
    sink.wait_for("streaming.failed")
    call.press_key("5")
    assert api.act(call, "fork_start", rx="udp:127.0.0.1:9", tx="udp:127.0.0.1:9").status == 200
    assert api.act(call, "hangup").status == 200
    assert simulator.drain()


def test_every_webhook_satisfies_the_official_sdk(simulator: Simulator, sink: Sink) -> None:
    play_everything(simulator, sink)
    classes = {}
    for item in sink.received:
        event = unwrap(simulator, item)
        assert event.data.event_type == item.event["event_type"]
        assert event.data.id == item.event["id"]
        classes[event.data.event_type] = type(event).__name__
    assert classes == {
        "call.initiated": "CallInitiatedWebhookEvent",
        "call.answered": "CallAnsweredWebhookEvent",
        "call.transcription": "TranscriptionWebhookEvent",
        "streaming.failed": "CallStreamingFailedWebhookEvent",
        "call.dtmf.received": "CallDtmfReceivedWebhookEvent",
        "call.fork.started": "CallForkStartedWebhookEvent",
        "call.fork.stopped": "CallForkStoppedWebhookEvent",
        "call.hangup": "CallHangupWebhookEvent",
        "call.cost": "CallCostWebhookEvent",
    }


def test_streams_and_bridges_satisfy_the_official_sdk_too(
    simulator: Simulator, sink: Sink, api: Api, live: SimCall
) -> None:
    server = MediaServer()
    try:
        assert api.act(live, "streaming_start", stream_url=server.url).status == 200
        sink.wait_for("streaming.started")
        assert api.act(live, "streaming_stop").status == 200
        sink.wait_for("streaming.stopped")
        live.emit_bridged()
        sink.wait_for("call.bridged")
    finally:
        server.close()
    classes = {item.event["event_type"]: type(unwrap(simulator, item)).__name__ for item in sink.received}
    assert classes["streaming.started"] == "CallStreamingStartedWebhookEvent"
    assert classes["streaming.stopped"] == "CallStreamingStoppedWebhookEvent"
    assert classes["call.bridged"] == "CallBridgedWebhookEvent"


def test_a_changed_byte_or_another_key_is_refused(simulator: Simulator, simulate: Callable[..., Simulator]) -> None:
    other = simulate()
    simulator.place_call(SMALL_TALK, auto_answer=None)
    assert simulator.drain()
    body, headers = simulator.webhooks[0].body, list(simulator.webhooks[0].headers.items())
    with pytest.raises(ValueError):
        unwrap(simulator, Received("", headers, body.replace(b"parked", b"Parked"), 0))
    with pytest.raises(ValueError):
        unwrap(other, Received("", headers, body, 0))
    assert unwrap(simulator, Received("", headers, body, 0)).data.event_type == "call.initiated"


def test_webhooks_carry_exactly_the_providers_headers(simulator: Simulator, sink: Sink) -> None:
    simulator.place_call(SMALL_TALK, auto_answer=None)
    sink.wait_for("call.initiated")
    headers = dict(sink.received[0].headers)
    assert set(headers) == {
        "Host", "Content-Length", "Content-Type", "User-Agent", "Telnyx-Signature-Ed25519", "Telnyx-Timestamp",
    }  # fmt: skip
    assert headers["Content-Type"] == "application/json"
    assert headers["User-Agent"] == "telnyx-webhooks"
    assert sink.received[0].path == "/webhooks/telnyx"


def test_an_envelope_has_id_time_and_destination(simulator: Simulator, sink: Sink) -> None:
    simulator.place_call(SMALL_TALK, auto_answer=None)
    event = sink.wait_for("call.initiated")[0]
    assert set(event) == {"record_type", "event_type", "id", "occurred_at", "payload"}
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", event["occurred_at"])
    assert sink.received[0].document["meta"] == {"attempt": 1, "delivered_to": f"{sink.url}/webhooks/telnyx"}


def test_an_incoming_call_is_parked_and_a_dialled_one_is_bridging(simulator: Simulator, sink: Sink) -> None:
    simulator.place_call(SMALL_TALK, "incoming", auto_answer=None)
    simulator.place_call(SMALL_TALK, "outgoing", auto_answer=None)
    payloads = [event["payload"] for event in sink.wait_for("call.initiated", 2)]
    assert {(payload["direction"], payload["state"]) for payload in payloads} == {
        ("incoming", "parked"),
        ("outgoing", "bridging"),
    }
    assert all(set(payload) >= LIFECYCLE | {"start_time", "caller_id_name"} for payload in payloads)


def test_a_hangup_tells_cause_and_quality_in_strings(simulator: Simulator, sink: Sink, api: Api) -> None:
    call = simulator.place_call(SMALL_TALK, auto_answer=0.0, paced=False)
    assert call.wait_until(lambda c: c.is_answered)
    sink.wait_for("call.answered")
    call.answered_at = (call.answered_at or 0) - 10  # ten seconds of talk, without waiting for them
    api.act(call, "hangup")
    payload = sink.wait_for("call.hangup")[0]["payload"]
    assert (payload["hangup_cause"], payload["hangup_source"], payload["sip_hangup_cause"]) == (
        "normal_clearing", "callee", "200",
    )  # fmt: skip
    assert int(payload["call_quality_stats"]["inbound"]["packet_count"]) >= 500
    assert "state" not in payload


@pytest.mark.parametrize("number", ["from_number", "to_number"])
def test_numbers_are_fictional(simulator: Simulator, number: str) -> None:
    numbers = [getattr(simulator.place_call(SMALL_TALK, auto_answer=None), number) for _ in range(20)]
    assert all(re.fullmatch(r"\+1[2-9]\d\d55501\d\d", each) for each in numbers)


def test_a_hand_made_webhook_is_signed_too(simulator: Simulator, sink: Sink, live: Any) -> None:
    simulator.send_webhook("call.speak.ended", live, {"status": "completed"}, event_id="E1", occurred_at=1787307330.5)
    assert simulator.drain()
    event = sink.of_type("call.speak.ended")[0]
    assert event["id"] == "E1"
    assert event["occurred_at"] == "2026-08-21T10:15:30.500000Z"
    assert event["payload"]["call_control_id"] == live.call_control_id
    assert unwrap(simulator, sink.received[-1]).data.event_type == "call.speak.ended"


def test_a_stale_timestamp_can_be_signed_on_purpose(simulator: Simulator, sink: Sink, live: Any) -> None:
    simulator.send_webhook("call.speak.ended", live, timestamp=1_000_000_000)
    assert simulator.drain()
    assert dict(sink.received[-1].headers)["Telnyx-Timestamp"] == "1000000000"
    with pytest.raises(ValueError):
        unwrap(simulator, sink.received[-1])
