"""How frames are written for Socket.IO: as text, once for everybody who gets them.

A frame holds no bytes, so nobody needs to search it for some; and it is written by the fastest writer at hand.
"""

from __future__ import annotations

import json
from typing import Any

from pydantic_core import PydanticSerializationError, from_json, to_json
from socketio.packet import Packet


class _Json:
    """What python-socketio asks of a JSON module."""

    @staticmethod
    def dumps(data: Any, **_: Any) -> str:
        try:
            return to_json(data).decode()
        except PydanticSerializationError:
            # Half a surrogate pair is no UTF-8. The provider's error texts may hold one, and JSON can escape it.
            return json.dumps(data, separators=(",", ":"))

    @staticmethod
    def loads(text: str) -> Any:
        return from_json(text)


class TextPacket(Packet):  # type: ignore[misc]
    uses_binary_events = False
    json = _Json
