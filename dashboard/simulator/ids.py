"""Ids, times and telephone numbers in the provider's own forms. Ids are always fresh, whatever the seed:

a database that outlives one run would take a repeated id for a repeated event.
"""

from __future__ import annotations

import base64
import os
import random
import time
import uuid
from datetime import UTC, datetime

# A made-up network card, so that time-based ids never carry the one of this machine.
_UUID_NODE = 0x02420A1F0B69


def new_call_control_id() -> str:
    return "v3:" + base64.urlsafe_b64encode(os.urandom(39)).decode("ascii")


def new_leg_id() -> str:
    """A version 1 UUID, as the provider uses for legs and sessions."""
    return str(uuid.uuid1(node=_UUID_NODE, clock_seq=int.from_bytes(os.urandom(2), "big") & 0x3FFF))


def new_event_id() -> str:
    return str(uuid.uuid4())


def new_stream_id() -> str:
    return str(uuid.uuid4()).upper()


def new_api_key() -> str:
    return "KEY" + os.urandom(16).hex().upper()


def to_iso(epoch_s: float | None = None) -> str:
    """UTC with microseconds and a `Z`, e.g. `2026-08-21T10:15:00.076316Z`."""
    moment = datetime.fromtimestamp(time.time() if epoch_s is None else epoch_s, UTC)
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")


def fictional_number(rng: random.Random) -> str:
    """A fictional E.164 number: 555-0100 to 555-0199 of an area code are reserved for fiction."""
    area = rng.choice(("212", "312", "415", "512", "617", "702", "808", "917"))
    return f"+1{area}55501{rng.randrange(100):02d}"


def shorten_number(number: str) -> str:
    return "…" + number[-4:]
