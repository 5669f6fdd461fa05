"""What the calls of one simulator share: one lock, one timeline, one pacer, one way out for webhooks."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from .media.sinks import MediaPacer
from .rest.application import CallControlApplication
from .scheduler import Scheduler
from .webhooks.delivery import WebhookDelivery


@dataclass(kw_only=True, eq=False)
class SimulationContext:
    """`changed` guards the state of every call and is notified at each change. `speed` is how fast people talk."""

    state_changed: threading.Condition
    scheduler: Scheduler
    delivery: WebhookDelivery
    pacer: MediaPacer
    speed: float
    application: CallControlApplication
    log: Callable[[str], None]
    _background_threads: list[threading.Thread] = field(default_factory=list)

    def run_in_background(self, function: Callable[[], None], name: str) -> None:
        """Run something that may block for seconds on a thread of its own; `join_helpers` waits for all of them."""
        helper = threading.Thread(target=function, name=f"simulator-{name}", daemon=True)
        with self.state_changed:
            self._background_threads = [thread for thread in self._background_threads if thread.is_alive()]
            # Started under the lock: a thread that has not started yet does not count as alive.
            helper.start()
            self._background_threads.append(helper)

    def join_background_threads(self) -> None:
        for helper in list(self._background_threads):
            helper.join()
