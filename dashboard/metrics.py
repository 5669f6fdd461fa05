"""Prometheus metrics and webhook statistics of this process.

Labels are fixed words of this program: never a phone number, an id or speech.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime

from prometheus_client import CollectorRegistry, Counter, Histogram, disable_created_metrics, generate_latest
from prometheus_client.registry import Collector

PREFIX = "call_console_"
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
BATCH_BOUNDS = (1, 2, 4, 8, 16, 32, 64, 128, 256)
COMMIT_BOUNDS_S = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
SKEWS_KEPT = 200
# The reasons for a refusal that a wrong clock can cause.
CLOCK_REASONS = ("stale", "future")

# A creation time for each series would double the number of series.
disable_created_metrics()  # type: ignore[no-untyped-call]


class Metrics:
    """Everything that `GET /metrics` exposes."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._batch_sizes = Histogram(
            f"{PREFIX}store_batch_works", "Writes that shared a commit.", buckets=BATCH_BOUNDS, registry=self.registry
        )
        self._commit_times = Histogram(
            f"{PREFIX}store_commit_seconds", "Time of a commit.", buckets=COMMIT_BOUNDS_S, registry=self.registry
        )
        self._commands = Counter(
            f"{PREFIX}commands_total",
            "Commands sent to Telnyx, by name and HTTP status.",
            ["name", "status"],
            registry=self.registry,
        )

    def observe_commit(self, writes: int, elapsed_s: float) -> None:
        """Count one commit."""
        self._batch_sizes.observe(writes)
        self._commit_times.observe(elapsed_s)

    def observe_command(self, name: str, status: int | None) -> None:
        """Count one command. `status` is Telnyx's HTTP status, None without an answer."""
        self._commands.labels(name, "none" if status is None else str(status)).inc()

    def add_collector(self, collector: Collector) -> None:
        """Also expose what `collector` reads at each scrape."""
        self.registry.register(collector)

    def expose(self) -> bytes:
        """All metrics in Prometheus' text format, version 0.0.4."""
        return generate_latest(self.registry)


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookStatsSnapshot:
    """Webhook statistics since the start. `refused` counts by the reason of the signature check.

    `clock_ahead_s` is this server's clock minus the sender's, right to about a second. Signatures carry whole seconds
    and webhooks take time to travel, and both only make this server look ahead. Therefore the smallest of the newest
    differences is used. None before the first webhook.
    """

    verified: int
    last_verified_at: datetime | None
    refused: dict[str, int]
    clock_ahead_s: float | None


class WebhookStats:
    """Counts webhooks by verdict and compares clocks."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        self._counter = Counter(
            f"{PREFIX}webhooks_total", "Webhooks answered, by verdict.", ["verdict", "reason"], registry=registry
        )
        self._series: dict[tuple[str, str], Counter] = {}
        self._skews: deque[float] = deque(maxlen=SKEWS_KEPT)
        self._verified = 0
        self._last_verified_at: float | None = None

    def record_verified(self, *, skew_s: float, at: float) -> None:
        """Record a valid signature. `at` is Unix seconds."""
        self._skews.append(skew_s)
        self._verified += 1
        self._last_verified_at = at

    def count(self, verdict: str, reason: str = "") -> None:
        """Count one answered webhook. `reason` is a fixed word."""
        series = self._series.get((verdict, reason))
        if series is None:
            series = self._series[verdict, reason] = self._counter.labels(verdict, reason)
        series.inc()

    def snapshot(self) -> WebhookStatsSnapshot:
        """The statistics of this moment."""
        at = self._last_verified_at
        refused = {
            sample.labels["reason"]: int(sample.value)
            for metric in self._counter.collect()
            for sample in metric.samples
            if sample.labels["verdict"] == "refused"
        }
        return WebhookStatsSnapshot(
            verified=self._verified,
            last_verified_at=None if at is None else datetime.fromtimestamp(at, UTC),
            refused=refused,
            clock_ahead_s=min(self._skews.copy(), default=None),
        )
