"""Periodic background tasks."""

from __future__ import annotations

import logging
from collections.abc import Callable
from threading import Event
from typing import Any

from dashboard.errors import DashboardError

log = logging.getLogger(__name__)


class _Stopped(BaseException):
    """Ends a task in its sleep. Not an Exception, so that no `except Exception` of a task catches it."""


class PeriodicTasks:
    """Runs jobs at intervals, each in its own background task. `stop` ends every sleep and its task."""

    def __init__(self, spawn: Callable[..., Any]) -> None:
        self._spawn = spawn
        self._stopped = Event()

    def every(self, interval_s: float, job: Callable[[], Any], *, name: str, at_start: bool = False) -> None:
        """Run `job` every `interval_s` seconds, first after one interval, or now with `at_start`.

        A failure is logged and the job runs again at its next turn, because the store may be away for a while.
        """
        self._spawn(self._run_periodically, interval_s, job, name, at_start)

    def sleep(self, seconds: float) -> None:
        """Pause a job between two pieces of work. Ends the job when the tasks stop."""
        if self._stopped.wait(seconds):
            raise _Stopped

    def stop(self) -> None:
        """End all tasks, at the latest after their current work."""
        self._stopped.set()

    def _run_periodically(self, interval_s: float, job: Callable[[], Any], name: str, at_start: bool) -> None:
        try:
            if not at_start:
                self.sleep(interval_s)
            while True:
                try:
                    job()
                except Exception as error:
                    # The text of a foreign error may hold more than belongs in a log.
                    reason = str(error) if isinstance(error, DashboardError) else type(error).__name__
                    log.error("background task failed: task=%s error=%s", name, reason)
                self.sleep(interval_s)
        except _Stopped:
            pass
