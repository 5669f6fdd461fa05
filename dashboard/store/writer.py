"""Group commit: whoever waits shares one transaction, and is answered after it is on disk.

The queue is bounded. When the disk cannot keep up, new work is refused at once: the provider sends it again later,
which is better than a memory that grows until everything is lost.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from queue import Empty, Full, Queue
from time import perf_counter
from typing import Any

from dashboard.calls.changes import Change
from dashboard.errors import DashboardError, StoreBusyError
from dashboard.store.unit import Work

log = logging.getLogger(__name__)

QUEUE_LIMIT = 2_000
BATCH_LIMIT = 256
WAIT_S = 1.8
"""The provider gives a webhook 2 s (Telnyx contract 2.1): a 503 in time is worth more than a 200 too late."""

Job = tuple[Work, "Future[Any]"]
Commit = Callable[[Sequence[Work]], list[Any]]


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
    ) -> None:
        self._commit = commit
        self._publish = publish
        self._observe = observe
        self._queue: Queue[Job | None] = Queue(queue_limit)
        self._closed = False
        self._done: Future[None] = Future()
        spawn(self._run)

    def submit(self, work: Work, *, wait_s: float = WAIT_S) -> Any:
        """What the work returned, once it is committed. StoreBusyError if that cannot be said in time."""
        if self._closed:
            raise StoreBusyError("The server is shutting down.")
        future: Future[Any] = Future()
        try:
            self._queue.put_nowait((work, future))
        except Full:
            raise StoreBusyError("Too much is waiting to be stored.") from None
        try:
            return future.result(wait_s)
        except FutureTimeoutError:
            raise StoreBusyError("The database is too slow.") from None

    @property
    def waiting(self) -> int:
        return self._queue.qsize()

    def close(self, *, wait_s: float = 5.0) -> None:
        """Commit what was accepted, then stop."""
        if not self._closed:
            self._closed = True
            self._queue.put(None)
        try:
            self._done.result(wait_s)
        except FutureTimeoutError:
            log.error("the store did not finish within %.0f s; the provider will send the rest again", wait_s)

    def _run(self) -> None:
        while (batch := self._next_batch()) is not None:
            self._work_off(batch)
        self._done.set_result(None)

    def _next_batch(self) -> list[Job] | None:
        first = self._queue.get()
        if first is None:
            return None
        batch = [first]
        while len(batch) < BATCH_LIMIT:
            try:
                job = self._queue.get_nowait()
            except Empty:
                break
            if job is None:
                self._queue.put(None)
                break
            batch.append(job)
        return batch

    def _work_off(self, batch: list[Job]) -> None:
        """One transaction for all; if it fails, one for each, so that a bad piece of work harms nobody else's."""
        started = perf_counter()
        try:
            results = self._commit([work for work, _ in batch])
        except Exception as error:
            if len(batch) == 1:
                self._fail(batch[0], error)
            else:
                for job in batch:
                    self._work_off([job])
            return
        self._observe(len(batch), perf_counter() - started)
        self._tell([change for result in results for change in result.changes])
        for (_, future), result in zip(batch, results, strict=True):
            future.set_result(result)

    def _tell(self, changes: Sequence[Change]) -> None:
        """What is on disk stays accepted, whatever becomes of the news: browsers see the gap and ask for the rest."""
        try:
            self._publish(changes)
        except Exception:
            log.exception("%d stored changes could not be published", len(changes))

    def _fail(self, job: Job, error: Exception) -> None:
        work, future = job
        if isinstance(error, DashboardError):
            future.set_exception(error)
            return
        log.error("cannot store %s: %s", type(work).__name__, type(error).__name__, exc_info=_without_values(error))
        future.set_exception(StoreBusyError("The database refused the write."))


def _without_values(error: Exception) -> Exception | None:
    """Database errors print the row they failed on, and rows hold speech: those are logged by name alone."""
    return None if hasattr(error, "params") or hasattr(error, "orig") else error
