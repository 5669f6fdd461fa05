"""Commands as scripts, pages and the command log show them. Parameters arrive here without secrets."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from dashboard.store import Settle
from dashboard.telnyx.commands import Command
from dashboard.web.serializers import JSON, moment


def command_json(row: Mapping[str, Any]) -> JSON:
    """A stored command: who asked for it, when, with what, and what came of it."""
    return {
        "id": row["command_id"],
        "name": row["name"],
        "requested_by": row["requested_by"],
        "requested_at": moment(row["requested_at"]),
        "parameters": json.loads(row["parameters"]),
        "status": row["status"],
        "settled_at": moment(row["settled_at"]),
        "http_status": row["http_status"],
        "provider_code": row["provider_code"],
        "reason": row["reason"],
        "attempts": row["attempts"],
        "elapsed_ms": row["elapsed_ms"],
    }


def shown(command: Command, settle: Settle) -> JSON:
    """A command that was just answered."""
    return {
        "id": command.command_id,
        "name": command.name,
        "status": settle.status,
        "http_status": settle.http_status,
        "attempts": settle.attempts,
        "elapsed_ms": settle.elapsed_ms,
        "notes": list(command.notes),
    }


def known(row: Mapping[str, Any]) -> JSON:
    """A press that repeats one made before gets that one's answer, as far as it is known."""
    return {
        "id": row["command_id"],
        "name": row["name"],
        "status": "accepted" if row["status"] == "sent" else row["status"],
        "http_status": row.get("http_status"),
        "attempts": row.get("attempts"),
        "elapsed_ms": row.get("elapsed_ms"),
        "notes": [],
    }
