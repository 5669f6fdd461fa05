"""Questions to others that may take for ever, asked beside everything else and waited for only so long."""

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
class Answer(Generic[T]):
    """What a question came to: a value, or why there is none. Neither where nobody answered in time."""

    value: T | None = None
    error: Exception | None = None
    elapsed_ms: float = 0.0

    @property
    def is_ok(self) -> bool:
        return self.value is not None


class Question(Generic[T]):
    """Asked as soon as it is made. Whoever answers late answers to nobody."""

    def __init__(self, ask: Callable[[], T], *, spawn: Spawn) -> None:
        self._ask = ask
        self._future: Future[Answer[T]] = Future()
        spawn(self._run)

    def answer(self, *, within_s: float) -> Answer[T]:
        try:
            return self._future.result(max(0.0, within_s))
        except FutureTimeoutError:
            return Answer()

    def _run(self) -> None:
        started = time.perf_counter()
        try:
            value = self._ask()
        except Exception as error:
            # Whatever it is, it is the finding. The names of errors hold no secrets; their texts may.
            log.warning("a check failed: %s", type(error).__name__)
            self._future.set_result(Answer(error=error))
            return
        self._future.set_result(Answer(value=value, elapsed_ms=(time.perf_counter() - started) * 1000))
