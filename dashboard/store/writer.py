"""Group commit: whoever waits shares one transaction, and is answered after it is on disk.

The queue is bounded. When the disk cannot keep up, new work is refused at once: the provider sends it again later,
which is better than a memory that grows until everything is lost.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Sequence
from threading import Event, Lock
from time import monotonic, perf_counter, sleep
from typing import Any

from dashboard.calls.changes import Change
from dashboard.errors import DashboardError, StoreBusyError
from dashboard.store.unit import Work
from dashboard.texts import said

log = logging.getLogger(__name__)

QUEUE_LIMIT = 2_000
BATCH_LIMIT = 256
WAIT_S = 1.7
"""The provider gives a webhook 2 s (Telnyx contract 2.1): a 503 in time is worth more than a 200 too late."""

LOOK_S = 0.1
"""How often it is looked for who has waited too long. A timer for each would cost more than the rest of waiting."""

REST_S = 0.01
"""Between two commits of one piece of work each. What comes meanwhile shares the next one: a commit has a price of its
own, however little is in it, and its thread contends with the loop. Who comes alone does not wait."""

ENOUGH_SHARE = 8
"""A commit that so many share needs no rest after it, and fewer a part of it."""

Commit = Callable[[Sequence[Work]], list[Any]]


class _Job:
    """A piece of work and whoever waits for it. A lock that is let go of once is the lightest way to wait there is."""

    __slots__ = ("_done", "_outcomes", "_result", "since", "work")

    def __init__(self, work: Work) -> None:
        self.work = work
        self.since = monotonic()
        self._outcomes = [None]
        self._result: tuple[Any, Exception | None] = (None, None)
        self._done = Lock()
        self._done.acquire()

    def wait(self) -> Any:
        self._done.acquire()
        result, error = self._result
        if error is not None:
            raise error
        return result

    def end(self, result: Any = None, error: Exception | None = None) -> None:
        """Let whoever waits go on. The first outcome counts: the work may be done just as it is given up."""
        try:
            self._outcomes.pop()
        except IndexError:
            return
        self._result = (result, error)
        self._done.release()


class GroupWriter:
    """Takes work from many callers and commits it in order, a batch at a time, in one background task."""

    def __init__(
        self,
        commit: Commit,
        *,
        spawn: Callable[..., Any],
        publish: Callable[[Sequence[Change]], None],
        observe: Callable[[int, float], None] = lambda works, elapsed_s: None,
        queue_limit: int = QUEUE_LIMIT,
        wait_s: float = WAIT_S,
        rest_s: float = REST_S,
    ) -> None:
        """StoreBusyError for whoever has waited for `wait_s`, and a tenth of a second more at most."""
        self._commit = commit
        self._publish = publish
        self._observe = observe
        self._limit = queue_limit
        self._wait_s = wait_s
        self._rest_s = rest_s
        self._jobs: deque[_Job] = deque()
        self._under_way: Sequence[_Job] = ()
        self._wake = Event()
        self.is_closed = False
        self._finished = Event()
        spawn(self._run)
        spawn(self._look_for_ever)

    def submit(self, work: Work) -> Any:
        """What the work returned, once it is committed. StoreBusyError if that cannot be said in time."""
        if self.is_closed:
            raise StoreBusyError(said("The server is shutting down."))
        if len(self._jobs) >= self._limit:
            raise StoreBusyError(said("Too much is waiting to be stored."))
        job = _Job(work)
        self._jobs.append(job)
        if not self._wake.is_set():
            self._wake.set()
        return job.wait()

    @property
    def waiting(self) -> int:
        return len(self._jobs)

    def close(self, *, wait_s: float = 5.0) -> None:
        """Commit what was accepted, then stop."""
        self.is_closed = True
        self._wake.set()
        if not self._finished.wait(wait_s):
            log.error("the store did not finish within %.0f s; the provider will send the rest again", wait_s)

    def _run(self) -> None:
        rested_at = 0.0
        while True:
            self._wake.wait()
            self._wake.clear()
            while self._jobs:
                if (early_s := rested_at - monotonic()) > 0:
                    sleep(early_s)
                batch = self._under_way = self._next_batch()
                self._work_off(batch)
                self._under_way = ()
                rested_at = monotonic() + self._rest_s * max(0.0, 1 - (len(batch) - 1) / ENOUGH_SHARE)
            if self.is_closed and not self._jobs:
                self._finished.set()
                return

    def _look_for_ever(self) -> None:
        """Answer in time those whose work is not; it may still be done."""
        while not self._finished.is_set():
            sleep(LOOK_S)
            too_long = monotonic() - self._wait_s
            for job in (*self._under_way, *self._jobs):
                if job.since >= too_long:
                    break  # they came in order
                job.end(error=StoreBusyError(said("The database is too slow.")))

    def _next_batch(self) -> list[_Job]:
        return [self._jobs.popleft() for _ in range(min(len(self._jobs), BATCH_LIMIT))]

    def _work_off(self, batch: list[_Job]) -> None:
        """One transaction for all; if it fails, one for each, so that a bad piece of work harms nobody else's."""
        started = perf_counter()
        try:
            results = self._commit([job.work for job in batch])
        except Exception as error:
            if len(batch) == 1:
                self._fail(batch[0], error)
            else:
                for job in batch:
                    self._work_off([job])
            return
        self._observe(len(batch), perf_counter() - started)
        self._tell([change for result in results for change in result.changes])
        for job, result in zip(batch, results, strict=True):
            job.end(result)

    def _tell(self, changes: Sequence[Change]) -> None:
        """What is on disk stays accepted, whatever becomes of the news: browsers see the gap and ask for the rest."""
        try:
            self._publish(changes)
        except Exception:
            log.exception("%d stored changes could not be published", len(changes))

    def _fail(self, job: _Job, error: Exception) -> None:
        if isinstance(error, DashboardError):
            job.end(error=error)
            return
        name = type(job.work).__name__
        log.error("cannot store %s: %s", name, type(error).__name__, exc_info=_without_values(error))
        job.end(error=StoreBusyError(said("The database refused the write.")))


def _without_values(error: Exception) -> Exception | None:
    """Database errors print the row they failed on, and rows hold speech: those are logged by name alone."""
    return None if hasattr(error, "params") or hasattr(error, "orig") else error
