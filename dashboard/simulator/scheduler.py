"""One thread that does things later: every ring, word, hang-up and retry. It knows only functions and times."""

from __future__ import annotations

import heapq
import itertools
import logging
import threading
import time
from collections.abc import Callable

logger = logging.getLogger(__name__)

Action = Callable[[], None]


class Scheduler:
    """Runs actions in the order of their times. Actions must be quick: they share the thread."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._heap: list[tuple[float, int, Action]] = []
        self._tie_breaker = itertools.count()
        self._is_stopping = False
        self._thread = threading.Thread(target=self._run_actions, name="simulator-timeline", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Forget what was planned and end the thread."""
        with self._condition:
            self._is_stopping = True
            self._heap.clear()
            self._condition.notify()
        if self._thread.ident is not None and self._thread is not threading.current_thread():
            self._thread.join()

    def run_after(self, delay_s: float, action: Action) -> None:
        self.run_at(time.monotonic() + delay_s, action)

    def run_at(self, due_s: float, action: Action) -> None:
        """Plan an action for a moment of `time.monotonic()`; a moment that has passed means at once."""
        with self._condition:
            if self._is_stopping:
                return
            heapq.heappush(self._heap, (due_s, next(self._tie_breaker), action))
            if self._heap[0][2] is action:
                self._condition.notify()

    def _run_actions(self) -> None:
        while (action := self._next_action()) is not None:
            try:
                action()
            except Exception:
                # One broken call must not silence the others; the trace says which step it was.
                logger.exception("A step of the simulation failed.")

    def _next_action(self) -> Action | None:
        with self._condition:
            while not self._is_stopping:
                if not self._heap:
                    self._condition.wait()
                    continue
                wait_s = self._heap[0][0] - time.monotonic()
                if wait_s <= 0:
                    return heapq.heappop(self._heap)[2]
                self._condition.wait(wait_s)
            return None
