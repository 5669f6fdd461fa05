"""Metrics that the services count themselves, read at each scrape."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric, SummaryMetricFamily
from prometheus_client.registry import Collector

from dashboard.live.feed import ChangeFeed
from dashboard.live.latency import LatencyTracker
from dashboard.metrics import PREFIX
from dashboard.services.ingest import EventIngest
from dashboard.store import Store


class ServiceMetrics(Collector):
    """Reads the state of the services at each scrape."""

    def __init__(
        self,
        *,
        store: Store,
        feed: ChangeFeed,
        ingest: EventIngest,
        latency: LatencyTracker,
        count_watchers: Callable[[], int],
        longest_queue: Callable[[], int],
    ) -> None:
        self._store = store
        self._feed = feed
        self._ingest = ingest
        self._latency = latency
        self._count_watchers = count_watchers
        self._longest_queue = longest_queue

    def collect(self) -> Iterable[Metric]:
        feed = self._feed
        yield _gauge("store_waiting", "Writes that wait for their commit.", self._store.queued_writes)
        yield _gauge("feed_waiting", "Changes that wait for their frame.", feed.queued_changes)
        yield _gauge("watchers", "Sockets connected to this process.", self._count_watchers())
        yield _gauge("socket_queue_longest", "Frames that the slowest watcher lags behind.", self._longest_queue())
        frames = CounterMetricFamily(f"{PREFIX}frames_sent", "Frames handed to the sockets, one for each room.")
        frames.add_metric([], feed.batches_sent)
        yield frames
        dropped = CounterMetricFamily(
            f"{PREFIX}interims_dropped", "Interims not shown: newer words came first.", labels=["reason"]
        )
        dropped.add_metric(["overtaken"], feed.interims_overtaken)
        dropped.add_metric(["late"], self._ingest.late_interims)
        yield dropped
        yield self._line_delays()

    def _line_delays(self) -> Metric:
        # The client library has no summary with quantiles, so its samples are added here.
        metric = SummaryMetricFamily(
            f"{PREFIX}line_delay_seconds",
            "Delay of a line by stage; quantiles of the newest lines. occurred_to_received spans two clocks.",
            labels=["stage"],
        )
        for stage, delays in self._latency.overall_stats().items():
            for quantile, value_ms in (("0.5", delays.p50_ms), ("0.95", delays.p95_ms)):
                value_s = float("nan") if value_ms is None else value_ms / 1000
                metric.add_sample(metric.name, {"stage": stage, "quantile": quantile}, value_s)
            metric.add_metric([stage], count_value=delays.count, sum_value=delays.total_ms / 1000)
        return metric


def _gauge(name: str, help: str, value: float) -> Metric:
    return GaugeMetricFamily(f"{PREFIX}{name}", help, value=value)
