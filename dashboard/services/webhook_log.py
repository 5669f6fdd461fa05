"""The newest webhooks and what became of them, in memory, bounded, of this process only.

Keeps no body: the store has those of accepted webhooks, and the others are not trusted.
"""

from __future__ import annotations

import hashlib
import secrets
from collections import deque
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from itertools import count
from typing import NamedTuple


class Verdict(StrEnum):
    ACCEPTED = "accepted"
    REPLAYED = "replayed"
    DUPLICATE = "duplicate"
    INTERIM = "interim"
    REFUSED = "refused"
    UNREADABLE = "unreadable"
    NOT_STORED = "not_stored"


# These are events of the store; here is only what the store does not know of them.
STORED_VERDICTS = frozenset({Verdict.ACCEPTED, Verdict.REPLAYED})

# Each verdict has room of its own, and so has each reason for a refusal: a flood of one kind pushes out no other.
MAX_ENTRIES_PER_VERDICT = 300
MAX_ENTRIES_PER_REASON = 50

MAX_AGE = timedelta(hours=24)


class WebhookLogEntry(NamedTuple):
    """One webhook that came. `reason` is a fixed word and `detail` a sentence; both hold nothing of the body.

    `id` is the event's where the store has it, else one of our own. `handling_ms` runs from its arrival to its answer.
    `sha256` is of the body, where the store has none to compare.
    """

    id: str
    at: datetime
    verdict: Verdict
    size: int
    handling_ms: float
    headers: Mapping[str, str]
    reason: str | None = None
    detail: str | None = None
    type: str | None = None
    event_id: str | None = None
    call_id: str | None = None
    attempt: int | None = None
    sha256: str | None = None


class WebhookLog:
    """`publish` takes each inspection to those who watch. Every webhook passes here, so it does next to nothing."""

    def __init__(self, publish: Callable[[Sequence[WebhookLogEntry]], None]) -> None:
        self._publish = publish
        # By verdict and reason; only refusals are divided by reason.
        self._kept: dict[tuple[Verdict, str | None], deque[WebhookLogEntry]] = {}
        self._numbers = count(1)
        self._prefix = f"seen-{secrets.token_hex(4)}-"

    def add(
        self,
        verdict: Verdict,
        body: bytes | None,
        *,
        at: datetime,
        handling_ms: float,
        headers: Mapping[str, str],
        size: int = 0,
        reason: str | None = None,
        detail: str | None = None,
        type: str | None = None,
        event_id: str | None = None,
        call_id: str | None = None,
        attempt: int | None = None,
    ) -> None:
        """Remember one webhook that came at `at`. `body` is None where it was not read: `size` was announced."""
        unvouched = verdict in (Verdict.REFUSED, Verdict.UNREADABLE) and body is not None
        seen = WebhookLogEntry(
            id=event_id
            if verdict in STORED_VERDICTS and event_id is not None
            else f"{self._prefix}{next(self._numbers)}",
            at=at,
            verdict=verdict,
            size=size if body is None else len(body),
            handling_ms=handling_ms,
            headers=headers,
            reason=reason,
            detail=detail,
            type=type,
            event_id=event_id,
            call_id=call_id,
            attempt=attempt,
            sha256=hashlib.sha256(body).hexdigest() if unvouched and body is not None else None,
        )
        key = verdict, reason if verdict is Verdict.REFUSED else None
        if key not in self._kept:
            limit = MAX_ENTRIES_PER_REASON if verdict is Verdict.REFUSED else MAX_ENTRIES_PER_VERDICT
            self._kept[key] = deque(maxlen=limit)
        self._kept[key].append(seen)
        self._publish((seen,))

    def entries(
        self, verdicts: Collection[Verdict] = tuple(Verdict), *, now: datetime | None = None
    ) -> list[WebhookLogEntry]:
        """The entries with one of these verdicts, in no order."""
        oldest = (now or datetime.now(UTC)) - MAX_AGE
        kept: list[WebhookLogEntry] = []
        for (verdict, _reason), entries in list(self._kept.items()):
            if verdict not in verdicts:
                continue
            while entries and entries[0].at < oldest:
                entries.popleft()
            kept += entries.copy()
        return kept
