"""Yields during long work, because a green server runs one task at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from time import perf_counter
from typing import Any, TypeVar

from dashboard.web.context import services

T = TypeVar("T")

SLICE_S = 0.005


def yielding(items: Iterable[T], sleep: Callable[[float], Any] | None = None) -> Iterator[T]:
    """The same items. Other tasks run every few milliseconds between them."""
    sleep = sleep or services().runtime.sleep
    began = perf_counter()
    for item in items:
        yield item
        if perf_counter() - began > SLICE_S:
            sleep(0)
            began = perf_counter()
