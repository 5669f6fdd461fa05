"""Prometheus metrics and webhook statistics of this process.

Labels are fixed words of this program: never a phone number, an id or speech.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Histogram, disable_created_metrics, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric, SummaryMetricFamily
from prometheus_client.registry import Collector

if TYPE_CHECKING:
    from dashboard.bootstrap import Services

PREFIX = "call_console_"
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
BATCH_BOUNDS = (1, 2, 4, 8, 16, 32, 64, 128, 256)
COMMIT_BOUNDS_S = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
SKEWS_KEPT = 200
# The reasons for a refusal that speak of clocks.
CLOCK_REASONS = ("stale", "future")

# A time of creation for each series would double their number.
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

    def observe_services(self, services: Services) -> None:
        """Also expose what the services count themselves."""
        self.registry.register(_ServiceMetrics(services))

    def expose(self) -> bytes:
        """All metrics in Prometheus' text format, version 0.0.4."""
        return generate_latest(self.registry)


class _ServiceMetrics(Collector):
    """Reads the state of the services at each scrape."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def collect(self) -> Iterable[Metric]:
        services, sockets = self._services, self._services.sockets
        feed = services.feed
        yield _gauge("store_waiting", "Writes that wait for their commit.", services.store.waiting)
        yield _gauge("feed_waiting", "Changes that wait for their frame.", feed.waiting)
        yield _gauge("watchers", "Sockets connected to this process.", sockets.count_watchers(None))
        yield _gauge("socket_queue_longest", "Frames that the slowest watcher lags behind.", sockets.longest_queue())
        frames = CounterMetricFamily(f"{PREFIX}frames_sent", "Frames handed to the sockets, one for each room.")
        frames.add_metric([], feed.frames_sent)
        yield frames
        dropped = CounterMetricFamily(
            f"{PREFIX}interims_dropped", "Interims not shown: newer words came first.", labels=["reason"]
        )
        dropped.add_metric(["overtaken"], feed.interims_overtaken)
        dropped.add_metric(["late"], services.ingest.interims_late)
        yield dropped
        yield self._line_delays()

    def _line_delays(self) -> Metric:
        # The client library has no summary with quantiles, so its samples are added here.
        metric = SummaryMetricFamily(
            f"{PREFIX}line_delay_seconds",
            "Delay of a line by stage; quantiles of the newest lines. occurred_to_received spans two clocks.",
            labels=["stage"],
        )
        for stage, delays in self._services.latency.overall().items():
            for quantile, value_ms in (("0.5", delays.p50_ms), ("0.95", delays.p95_ms)):
                value_s = float("nan") if value_ms is None else value_ms / 1000
                metric.add_sample(metric.name, {"stage": stage, "quantile": quantile}, value_s)
            metric.add_metric([stage], count_value=delays.count, sum_value=delays.total_ms / 1000)
        return metric


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookStatsSnapshot:
    """Webhook statistics since the start. `refused` counts by the reason of the signature check.

    `clock_ahead_s` is this server's clock minus the sender's. Signatures carry whole seconds and webhooks take time to
    travel, and both only make this server look ahead: so the smallest of the newest differences is nearest to the
    truth, and right to about a second. None before the first webhook.
    """

    verified: int
    last_verified_at: datetime | None
    refused: dict[str, int]
    clock_ahead_s: float | None


class WebhookStats:
    """Counts webhooks by verdict and compares clocks. Runs for every webhook, so it does little."""

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


def _gauge(name: str, help: str, value: float) -> Metric:
    return GaugeMetricFamily(f"{PREFIX}{name}", help, value=value)
