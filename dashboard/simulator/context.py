"""What the calls of one simulator share: one lock, one timeline, one pacer, one way out for webhooks."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from .media.sinks import Pacer
from .rest.application import Application
from .scheduler import Timeline
from .webhooks.delivery import Deliveries


@dataclass(kw_only=True, eq=False)
class World:
    """`changed` guards the state of every call and is notified at each change. `speed` is how fast people talk."""

    changed: threading.Condition
    timeline: Timeline
    deliveries: Deliveries
    pacer: Pacer
    speed: float
    application: Application
    log: Callable[[str], None]
    _helpers: list[threading.Thread] = field(default_factory=list)

    def in_background(self, work: Callable[[], None], name: str) -> None:
        """Run something that may block for seconds on a thread of its own; `join_helpers` waits for all of them."""
        helper = threading.Thread(target=work, name=f"simulator-{name}", daemon=True)
        with self.changed:
            self._helpers = [thread for thread in self._helpers if thread.is_alive()]
            # Started under the lock: a thread that has not started yet does not count as alive.
            helper.start()
            self._helpers.append(helper)

    def join_helpers(self) -> None:
        for helper in list(self._helpers):
            helper.join()
