"""A sample webhook, signed with a key made for it.

The key is dropped with it, and no verifier of real webhooks knows it.
"""

from __future__ import annotations

import base64
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from nacl.signing import SigningKey


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleWebhook:
    """Body and headers, and the raw public key that verifies them."""

    body: bytes
    headers: Mapping[str, str]
    public_key: bytes


def build_sample_webhook(*, now: datetime) -> SampleWebhook:
    """A signed final of a call that does not exist (Telnyx docs, "Webhook fundamentals")."""
    key = SigningKey.generate()
    body = json.dumps({"data": _build_event(now), "meta": {"attempt": 1}}).encode()
    timestamp = str(int(now.timestamp()))
    signature = key.sign(timestamp.encode() + b"|" + body).signature
    headers = {
        "telnyx-timestamp": timestamp,
        "telnyx-signature-ed25519": base64.b64encode(signature).decode(),
    }
    return SampleWebhook(body=body, headers=headers, public_key=bytes(key.verify_key))


def _build_event(now: datetime) -> dict[str, object]:
    spoken = {"transcript": "This is a test.", "is_final": True, "confidence": 1.0, "transcription_track": "inbound"}
    return {
        "record_type": "event",
        "event_type": "call.transcription",
        "id": str(uuid.uuid4()),
        "occurred_at": now.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "payload": {"call_control_id": f"test:{uuid.uuid4()}", "transcription_data": spoken},
    }
