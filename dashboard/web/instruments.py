"""Counters and histograms, and how Prometheus reads them. They know numbers and fixed words, never what is counted.

A label takes a word out of a short list. Ids, numbers and texts do not belong there: each would be a series of its own.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Literal

Kind = Literal["counter", "gauge", "histogram", "summary"]
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One line. `suffix` is what histograms and summaries append to their name."""

    value: float
    labels: Mapping[str, str] = field(default_factory=dict)
    suffix: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """One metric with all its samples."""

    name: str
    kind: Kind
    help: str
    samples: Iterable[Sample]


class Counter:
    """Counts by label values, in the order of `labels`."""

    def __init__(self, *labels: str) -> None:
        self._labels = labels
        self._counts: dict[tuple[str, ...], int] = {}
        self._lock = Lock()

    def add(self, *values: str) -> None:
        with self._lock:
            self._counts[values] = self._counts.get(values, 0) + 1

    def counts(self) -> dict[tuple[str, ...], int]:
        with self._lock:
            return dict(self._counts)

    def samples(self) -> list[Sample]:
        counted = sorted(self.counts().items())
        return [Sample(value=count, labels=dict(zip(self._labels, values, strict=True))) for values, count in counted]


class Histogram:
    """Counts values up to each of the ascending `bounds`, and above the last."""

    def __init__(self, bounds: Sequence[float]) -> None:
        self._bounds = tuple(bounds)
        self._counts = [0] * (len(self._bounds) + 1)
        self._sum = 0.0
        self._lock = Lock()

    def observe(self, value: float) -> None:
        with self._lock:
            self._counts[bisect_left(self._bounds, value)] += 1
            self._sum += value

    def samples(self) -> list[Sample]:
        """Cumulative, as the format wants it."""
        with self._lock:
            counts, total = list(self._counts), self._sum
        samples, below = [], 0
        for bound, count in zip((*self._bounds, float("inf")), counts, strict=True):
            below += count
            samples.append(Sample(value=below, labels={"le": _number(bound)}, suffix="_bucket"))
        return [*samples, Sample(value=total, suffix="_sum"), Sample(value=below, suffix="_count")]


def exposition(families: Iterable[Family]) -> str:
    """The text format (Prometheus documentation, "Exposition formats", 0.0.4)."""
    lines = []
    for family in families:
        lines.append(f"# HELP {family.name} {_escaped(family.help)}")
        lines.append(f"# TYPE {family.name} {family.kind}")
        lines += [f"{family.name}{sample.suffix}{_labels(sample)} {_number(sample.value)}" for sample in family.samples]
    return "\n".join(lines) + "\n"


def _labels(sample: Sample) -> str:
    if not sample.labels:
        return ""
    told = ",".join(f'{name}="{_quoted(value)}"' for name, value in sample.labels.items())
    return f"{{{told}}}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n")


def _quoted(text: str) -> str:
    return _escaped(text).replace('"', '\\"')


def _number(value: float) -> str:
    if value != value:
        return "NaN"
    if value == float("inf"):
        return "+Inf"
    return str(int(value)) if float(value).is_integer() else repr(float(value))
