"""Runs a blocking call in the background with a deadline."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

log = logging.getLogger(__name__)
T = TypeVar("T")
Spawn = Callable[..., Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeResult(Generic[T]):
    """A value, or an error; neither if the deadline passed."""

    value: T | None = None
    error: Exception | None = None
    elapsed_ms: float = 0.0

    @property
    def is_ok(self) -> bool:
        return self.value is not None


class Probe(Generic[T]):
    """Starts at once. A late result is dropped."""

    def __init__(self, call: Callable[[], T], *, spawn: Spawn) -> None:
        self._call = call
        self._future: Future[ProbeResult[T]] = Future()
        spawn(self._run)

    def result(self, *, within_s: float) -> ProbeResult[T]:
        try:
            return self._future.result(max(0.0, within_s))
        except FutureTimeoutError:
            return ProbeResult()

    def _run(self) -> None:
        started = time.perf_counter()
        try:
            value = self._call()
        except Exception as error:
            # Whatever it is, it is the finding. The names of errors hold no secrets; their texts may.
            log.warning("a check failed: %s", type(error).__name__)
            self._future.set_result(ProbeResult(error=error))
            return
        self._future.set_result(ProbeResult(value=value, elapsed_ms=(time.perf_counter() - started) * 1000))
