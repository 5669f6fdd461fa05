"""Medians, spreads, ratios and bars as text (Markdown). Knows numbers and names, not how they came to be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from bench.measures import EMPTY, FULL
from bench.servers import EVENTLET, KINDS, NODE, PRODUCT

Samples = Mapping[str, Mapping[str, Sequence[float]]]
"""Metric, name of the server, one value for each round."""


@dataclass(frozen=True, slots=True)
class Metric:
    key: str
    title: str
    digits: int = 0


@dataclass(frozen=True, slots=True)
class Bar:
    """`ours` over `theirs`, or `ours` alone, must lie on the right side of the limit."""

    metric: str
    title: str
    limit: float
    at_least: bool = False
    ours: str = PRODUCT.name
    theirs: str | None = None


METRICS = (
    Metric("finals_per_s", "webhooks/s, 1 watcher, all finals"),
    Metric("finals_processor_us", "processor time for one of them, µs"),
    Metric("interims_per_s", "webhooks/s, 1 watcher, all interims"),
    Metric("interims_processor_us", "processor time for one of them, µs"),
    Metric("carried_50_per_s", "webhooks/s × watchers carried, 50 watchers"),
    Metric("carried_200_per_s", "webhooks/s × watchers carried, 200 watchers"),
    Metric("latency_p50_ms", "webhook → client, 100/s × 50 watchers, p50 ms", 1),
    Metric("latency_p99_ms", "the same, p99 ms", 1),
    Metric("watcher_kb", "memory per idle watcher, kB"),
    Metric("start_s", "start to first answer, s", 2),
)

ALONE = (
    Metric("calls_lost", "300 calls: finals lost"),
    Metric("calls_refused", "300 calls: webhooks answered 503"),
    Metric("calls_late", "300 calls: answers later than 2 s"),
    Metric("calls_slowest_s", "300 calls: slowest answer, s", 2),
    Metric("calls_p50_ms", "300 calls: webhook → client, p50 ms", 1),
    Metric("calls_p99_ms", "300 calls: webhook → client, p99 ms", 1),
    Metric("calls_processor_percent", "300 calls: share of one core, %"),
    Metric("calls_waited_percent", "300 calls: time it waited for a core that others had, %"),
    Metric("memory_mb", "300 calls: memory at the end, MB", 1),
    Metric("memory_slope_mb_per_h", "300 calls: slope of memory after the warm-up, MB/h", 1),
    Metric("webhook_ms", "one webhook, ms", 2),
    Metric("page_ms", "one call's page, ms", 2),
)

BARS = (
    Bar("finals_per_s", "webhooks/s, finals, against Flask-SocketIO", 1.0, at_least=True, theirs=EVENTLET.name),
    Bar("interims_per_s", "webhooks/s, interims, against Flask-SocketIO", 1.3, at_least=True, theirs=EVENTLET.name),
    Bar("carried_50_per_s", "carried to 50 watchers, against Node", 2.0, at_least=True, theirs=NODE.name),
    Bar("carried_200_per_s", "carried to 200 watchers, against Node", 4.0, at_least=True, theirs=NODE.name),
    Bar("latency_p50_ms", "p50 to the client, against Node", 3.0, theirs=NODE.name),
    Bar("latency_p99_ms", "p99 to the client, against Node", 4.0, theirs=NODE.name),
    Bar("latency_p99_ms", "p99 to the client, ms", 60.0),
    Bar("watcher_kb", "memory per idle watcher, against Node", 0.8, theirs=NODE.name),
    Bar("calls_lost", "300 calls: finals lost", 0.0),
    Bar("calls_p99_ms", "300 calls: p99 to the client, ms", 250.0),
    Bar("calls_late", "300 calls: answers later than 2 s", 0.0),
    Bar("webhook_ms", "one webhook, full store against nearly empty", 1.2, ours=FULL, theirs=EMPTY),
    Bar("page_ms", "one call's page, full store against nearly empty", 1.2, ours=FULL, theirs=EMPTY),
    Bar("memory_growth_percent", "300 calls: memory of the last third against the one before, % more", 2.0),
    Bar("start_s", "start to first answer, s", 2.0),
)


def figures(samples: Samples) -> Iterator[str]:
    """Every server's medians, with the least and the most of the rounds in brackets."""
    names = [kind.name for kind in KINDS if any(kind.name in samples.get(metric.key, {}) for metric in METRICS)]
    if names:
        yield from _rows(samples, METRICS, names)
        yield ""
    for names in ([PRODUCT.name], [EMPTY, FULL]):
        metrics = [metric for metric in ALONE if any(name in samples.get(metric.key, {}) for name in names)]
        if metrics:
            yield from _rows(samples, metrics, names)
            yield ""


def verdicts(samples: Samples) -> Iterator[str]:
    """Each bar: the median over the rounds, its spread, and whether it is met."""
    yield "| bar | limit | measured | met |"
    yield "|---|---|---|---|"
    for bar in BARS:
        values = measured(bar, samples)
        if values:
            limit = f"{'≥' if bar.at_least else '≤'} {bar.limit:g}{'×' if bar.theirs else ''}"
            yield f"| {bar.title} | {limit} | {_spread(values, 2)} | {'yes' if is_met(bar, values) else '**no**'} |"


def measured(bar: Bar, samples: Samples) -> list[float]:
    """One value for each round. Ratios are made within a round: what slows down a round slows down both."""
    ours = samples.get(bar.metric, {}).get(bar.ours, ())
    if bar.theirs is None:
        return list(ours)
    theirs = samples.get(bar.metric, {}).get(bar.theirs, ())
    return [one / max(other, 1e-9) for one, other in zip(ours, theirs, strict=False)]


def is_met(bar: Bar, values: Sequence[float]) -> bool:
    return median(values) >= bar.limit if bar.at_least else median(values) <= bar.limit


def _rows(samples: Samples, metrics: Sequence[Metric], names: Sequence[str]) -> Iterator[str]:
    yield f"| | {' | '.join(names)} |"
    yield f"|---|{'---|' * len(names)}"
    for metric in metrics:
        found = samples.get(metric.key)
        if found:
            cells = [_spread(found[name], metric.digits) if name in found else "–" for name in names]
            yield f"| {metric.title} | {' | '.join(cells)} |"


def _spread(values: Sequence[float], digits: int) -> str:
    middle = f"{median(values):,.{digits}f}"
    if len(values) == 1:
        return middle
    return f"{middle} ({min(values):,.{digits}f} to {max(values):,.{digits}f})"
