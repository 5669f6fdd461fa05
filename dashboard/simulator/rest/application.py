"""The Voice API application that calls belong to; it says where their webhooks go."""

from __future__ import annotations

from typing import Any

from ..ids import to_iso
from .body_fields import BodyFields


class CallControlApplication:
    """What `GET /v2/call_control_applications/{id}` shows and `PATCH` changes."""

    def __init__(self, connection_id: str, webhook_event_url: str) -> None:
        now = to_iso()
        self.document: dict[str, Any] = {
            "record_type": "call_control_application",
            "id": connection_id,
            "application_name": "call-console simulator",
            "active": True,
            "webhook_event_url": webhook_event_url,
            "webhook_event_failover_url": None,
            "webhook_api_version": "2",
            "webhook_timeout_secs": None,
            "first_command_timeout": False,
            "first_command_timeout_secs": 30,
            "call_cost_in_webhooks": True,
            "dtmf_type": "RFC 2833",
            "created_at": now,
            "updated_at": now,
        }

    @property
    def connection_id(self) -> str:
        return str(self.document["id"])

    @property
    def webhook_url(self) -> str:
        return str(self.document["webhook_event_url"])

    def apply_patch(self, fields: BodyFields) -> None:
        """Take over the fields of a PATCH; unknown ones are ignored. Raises ApiError."""
        fields.read_url("webhook_event_url", ("http", "https"), required="webhook_event_url" in fields.body)
        fields.read_url("webhook_event_failover_url", ("http", "https"))
        fields.read_choice("webhook_api_version", ("1", "2"))
        fields.read_int("webhook_timeout_secs", 0, 30)
        fixed = ("record_type", "id", "created_at")
        known = {name: value for name, value in fields.body.items() if name in self.document and name not in fixed}
        self.document.update(known, updated_at=to_iso())
