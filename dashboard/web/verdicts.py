"""What became of the webhooks since this process started: counted by verdict, and how far the clocks are apart.

It knows no event, no call and no body. Every webhook passes here, so it does next to nothing.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime

from dashboard.web.instruments import Counter, Sample

SKEWS_KEPT = 200
CLOCK_WORDS = ("stale", "future")
"""The reasons for a refusal that speak of clocks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """`refused` counts by the reason of the signature check. `clock_ahead_s` is this server's clock minus the sender's.

    Signatures carry whole seconds and webhooks take time to travel, and both only make us look ahead: the smallest of
    the newest differences is the nearest to the truth, and right to about a second. None before the first webhook.
    """

    verified: int
    last_verified_at: datetime | None
    refused: dict[str, int]
    clock_ahead_s: float | None


class Verdicts:
    def __init__(self) -> None:
        self._counter = Counter("verdict", "reason")
        self._skews: deque[float] = deque(maxlen=SKEWS_KEPT)
        self._verified = 0
        self._last_verified_at: float | None = None

    def verified(self, *, skew_s: float, at: float) -> None:
        """A signature held. `at` is Unix seconds."""
        self._skews.append(skew_s)
        self._verified += 1
        self._last_verified_at = at

    def count(self, verdict: str, reason: str = "") -> None:
        """One webhook was answered. `reason` is a fixed word too."""
        self._counter.add(verdict, reason)

    def seen(self) -> Seen:
        at = self._last_verified_at
        counts = self._counter.counts()
        return Seen(
            verified=self._verified,
            last_verified_at=None if at is None else datetime.fromtimestamp(at, UTC),
            refused={reason: count for (verdict, reason), count in counts.items() if verdict == "refused"},
            clock_ahead_s=min(self._skews.copy(), default=None),
        )

    def samples(self) -> list[Sample]:
        return self._counter.samples()
