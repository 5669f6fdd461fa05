"""The list of active calls, a page at a time. Its cursors survive calls that end between two pages."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qs, quote

from ..call import SimCall
from .errors import ApiError


def call_list_item(call: SimCall) -> dict[str, Any]:
    """A call as lists show it: without direction and numbers, which the provider leaves out too."""
    return {
        "record_type": "call",
        "call_control_id": call.call_control_id,
        "call_leg_id": call.call_leg_id,
        "call_session_id": call.call_session_id,
        "call_duration": call.duration_s,
        "client_state": call.client_state,
    }


def active_calls_page(path: str, query: str, calls: Sequence[SimCall]) -> dict[str, Any]:
    """One page of those of the `known` calls that are alive; `path` is what `meta.next` leads to. Raises ApiError."""
    asked = {name: values[-1] for name, values in parse_qs(query).items()}
    limit_text = asked.get("page[limit]", "20")
    if not limit_text.isdecimal() or not 1 <= int(limit_text) <= 250:
        raise ApiError("10033", "The page limit must be between 1 and 250.", parameter="page[limit]")
    alive = [call for call in calls if call.is_alive]
    begin = _position_after(asked.get("page[after]"), calls)
    page = alive[begin : begin + int(limit_text)]
    after = _encode_cursor(page[-1]) if begin + len(page) < len(alive) else None
    return {
        "data": [call_list_item(call) for call in page],
        "meta": {
            "total_items": len(alive),
            "cursors": {"after": after, "before": _encode_cursor(page[0]) if page and begin else None},
            "next": f"{path}?page[after]={quote(after)}&page[limit]={limit_text}" if after is not None else None,
            "previous": None,
        },
    }


def _encode_cursor(call: SimCall) -> str:
    return base64.urlsafe_b64encode(call.call_leg_id.encode()).decode()


def _position_after(cursor: str | None, calls: Sequence[SimCall]) -> int:
    """How many living calls stand before the cursor, whose own call may have ended in the meantime."""
    if cursor is None:
        return 0
    for place, call in enumerate(calls):
        if _encode_cursor(call) == cursor:
            return sum(earlier.is_alive for earlier in calls[: place + 1])
    raise ApiError("10015", "The cursor is not valid.", parameter="page[after]")
