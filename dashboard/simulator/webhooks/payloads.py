"""The payloads of the webhooks of one call, field by field as real deliveries were captured. Only words, no sending.

Source: Telnyx API reference, "Callbacks", and published captures of July 2025 to May 2026.
"""

from __future__ import annotations

from typing import Any, Protocol

from ..ids import to_iso

Payload = dict[str, Any]


class Leg(Protocol):
    """What an event tells of a call."""

    call_control_id: str
    call_leg_id: str
    call_session_id: str
    connection_id: str
    client_state: str | None
    from_number: str
    to_number: str
    direction: str
    started_at: float


def common_fields(leg: Leg) -> Payload:
    return {
        "call_control_id": leg.call_control_id,
        "call_leg_id": leg.call_leg_id,
        "call_session_id": leg.call_session_id,
        "client_state": leg.client_state,
        "connection_id": leg.connection_id,
    }


def _leg_fields(leg: Leg) -> Payload:
    return common_fields(leg) | {"from": leg.from_number, "to": leg.to_number}


def call_initiated(leg: Leg) -> Payload:
    return _leg_fields(leg) | {
        "caller_id_name": leg.from_number,
        "calling_party_type": "pstn",
        "connection_codecs": "PCMA,PCMU,VP8,H264",
        "direction": leg.direction,
        "from_sip_uri": f"{leg.from_number}@203.0.113.186:5060",
        "offered_codecs": "PCMU,G729",
        "start_time": to_iso(leg.started_at),
        "state": "parked" if leg.direction == "incoming" else "bridging",
        "to_sip_uri": f"{leg.to_number}@203.0.113.10:5060",
    }


def call_answered(leg: Leg) -> Payload:
    # `state` is in the schema and in no capture.
    return _leg_fields(leg) | {
        "calling_party_type": "pstn",
        "codec": "PCMU",
        "sampling_rate": 8000,
        "start_time": to_iso(leg.started_at),
    }


def call_bridged(leg: Leg) -> Payload:
    return _leg_fields(leg)


def call_hangup(leg: Leg, *, cause: str, source: str, sip_code: str, ended_at: float, talked_s: float) -> Payload:
    # 50 packets a second; an unanswered call has no quality.
    packets = int(talked_s * 50)
    quality = {
        "inbound": {
            "jitter_max_variance": "0.00",
            "jitter_packet_count": "0",
            "mos": "4.50",
            "packet_count": str(packets),
            "skip_packet_count": str(packets // 200),
        },
        "outbound": {"packet_count": str(packets), "skip_packet_count": "0"},
    }
    return _leg_fields(leg) | {
        "call_quality_stats": quality if packets else None,
        "calling_party_type": "pstn",
        "end_time": to_iso(ended_at),
        "hangup_cause": cause,
        "hangup_source": source,
        "sip_hangup_cause": sip_code,
        "start_time": to_iso(leg.started_at),
    }


def call_cost(leg: Leg, *, talked_s: float, ended_at: float) -> Payload:
    billed_s = int(talked_s // 60 + 1) * 60
    price = f"{billed_s / 60 * 0.002:.4f}"
    part = {
        "billed_duration_secs": billed_s,
        "call_part": "call-control",
        "cost": price,
        "currency": "USD",
        "rate": "0.0020",
    }
    return common_fields(leg) | {
        "billed_duration_secs": billed_s,
        "cost_parts": [part],
        "occurred_at": to_iso(ended_at),
        "status": "success",
        "total_cost": price,
    }


def dtmf_received(leg: Leg, digit: str) -> Payload:
    return _leg_fields(leg) | {"digit": digit}


def fork_changed(leg: Leg) -> Payload:
    return common_fields(leg) | {"stream_type": "decrypted"}


def streaming_changed(leg: Leg, stream_url: str) -> Payload:
    return common_fields(leg) | {"stream_url": stream_url}


def streaming_failed(leg: Leg, *, stream_id: str, stream_url: str, track: str) -> Payload:
    return common_fields(leg) | {
        "failure_reason": "connection_failed",
        "stream_id": stream_id.lower(),
        "stream_params": {"stream_url": stream_url, "track": track},
        "stream_type": "websocket",
    }


def call_transcription(leg: Leg, *, text: str, is_final: bool, confidence: float | None, track: str) -> Payload:
    told = {"confidence": confidence, "is_final": is_final, "transcript": text, "transcription_track": track}
    return common_fields(leg) | {"transcription_data": told}
