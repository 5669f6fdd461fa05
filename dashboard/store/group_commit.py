"""Group commit: whoever waits shares one transaction, and is answered after it is on disk.

The queue is bounded. When the disk cannot keep up, new work is refused at once: the provider sends it again later,
which is better than a memory that grows until everything is lost.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from threading import Event
from time import monotonic, sleep
from typing import Any

from dashboard.calls.changes import Change
from dashboard.errors import DashboardError, StoreBusyError
from dashboard.messages import _
from dashboard.store.commit_thread import FULL_BATCH, BatchResult, Commit, CommitThread, PendingWrite
from dashboard.store.unit_of_work import Operation

log = logging.getLogger(__name__)

QUEUE_LIMIT = 2_000
SUBMIT_TIMEOUT_S = 1.7
"""The provider gives a webhook 2 s (Telnyx contract 2.1): a 503 in time is worth more than a 200 too late."""

EXPIRY_CHECK_S = 0.1
"""How often it is looked for who has waited too long. A timer for each would cost more than the rest of waiting."""

COMMIT_PAUSE_S = 0.01
"""Between two commits of one piece of work each. What comes meanwhile shares the next one: a commit has a price of its
own, however little is in it, and its thread contends with the loop. Who comes alone does not wait."""

RunWriter = Callable[[Callable[[Commit], None]], None]
"""Runs a function where blocking is harmless, and gives it the means to commit."""


class GroupCommitWriter:
    """Takes work from many callers, has it committed in order and tells what came of it."""

    def __init__(
        self,
        run_writer: RunWriter,
        *,
        spawn: Callable[..., Any],
        publish: Callable[[Sequence[Change]], None],
        observe_commit: Callable[[int, float], None] = lambda works, elapsed_s: None,
        queue_limit: int = QUEUE_LIMIT,
        timeout_s: float = SUBMIT_TIMEOUT_S,
        commit_pause_s: float = COMMIT_PAUSE_S,
    ) -> None:
        """StoreBusyError for whoever has waited for `wait_s`, and a tenth of a second more at most."""
        self._publish = publish
        self._observe_commit = observe_commit
        self._queue_limit = queue_limit
        self._timeout_s = timeout_s
        self._commit_thread = CommitThread(commit_pause_s=commit_pause_s)
        self._queue = self._commit_thread.queue
        self._has_work = Event()
        self.is_closed = False
        self._finished = Event()
        self._run_writer = run_writer
        for task in (self._run_commit_thread, self._schedule_commits, self._deliver_results, self._expire_overdue):
            spawn(task)

    def submit(self, operation: Operation) -> Any:
        """What the work returned, once it is committed. StoreBusyError if that cannot be said in time."""
        if self.is_closed:
            raise StoreBusyError(_("The server is shutting down."))
        if len(self._queue) >= self._queue_limit:
            raise StoreBusyError(_("Too much is waiting to be stored."))
        job = PendingWrite(operation)
        self._queue.append(job)
        if self._finished.is_set():  # closed since it was asked
            job.expire(StoreBusyError(_("The server is shutting down.")))
        if len(self._queue) >= FULL_BATCH:
            self._commit_thread.wake()
        elif not self._has_work.is_set():
            self._has_work.set()
        return job.wait()

    @property
    def queued_writes(self) -> int:
        return len(self._queue)

    def close(self, *, timeout_s: float = 5.0) -> None:
        """Commit what was accepted, then stop."""
        if not self.is_closed:
            self.is_closed = True
            self._commit_thread.close()
            self._has_work.set()
        if not self._finished.wait(timeout_s):
            log.error("the store did not finish within %.0f s; the provider will send the rest again", timeout_s)

    def _run_commit_thread(self) -> None:
        while not self._commit_thread.is_drained:
            try:
                self._run_writer(self._commit_thread.run)
            except Exception as error:
                log.error("committing broke off and begins anew: %s", type(error).__name__)
                self._commit_thread.abort_batch(StoreBusyError(_("The database refused the write.")))
                sleep(EXPIRY_CHECK_S)
        self._commit_thread.finish()

    def _schedule_commits(self) -> None:
        """Let what is less than plenty be committed when the rest is over."""
        while not self.is_closed:
            self._has_work.wait()
            self._has_work.clear()
            if (early_s := self._commit_thread.next_commit_at - monotonic()) > 0:
                sleep(early_s)
            if self._queue and not self.is_closed:
                self._commit_thread.wake()

    def _deliver_results(self) -> None:
        committer = self._commit_thread
        while committer.batch_results or not committer.is_finished:
            committer.results_ready.wait()
            while committer.batch_results:
                self._deliver_batch(committer.batch_results.popleft())
            if self._queue:
                self._has_work.set()
        committer.close_wakeups()
        self._finished.set()

    def _deliver_batch(self, batch: BatchResult) -> None:
        if batch.error is not None:
            self._fail_write(batch.writes[0], batch.error)
            return
        self._observe_commit(len(batch.writes), batch.elapsed_s)
        changes = [change for result in batch.results for change in result.changes]
        try:
            self._publish(changes)
        except Exception:
            # What is on disk stays accepted, whatever becomes of the news: browsers see the gap and ask for the rest.
            log.exception("%d stored changes could not be published", len(changes))
        for job, result in zip(batch.writes, batch.results, strict=True):
            job.complete(result)

    def _fail_write(self, write: PendingWrite, error: Exception) -> None:
        if isinstance(error, DashboardError):
            write.complete(error=error)
            return
        name = type(write.operation).__name__
        log.error("cannot store %s: %s", name, type(error).__name__, exc_info=_hide_row_values(error))
        write.complete(error=StoreBusyError(_("The database refused the write.")))

    def _expire_overdue(self) -> None:
        """Answer in time those whose work is not; it may still be done."""
        while not self._finished.is_set():
            sleep(EXPIRY_CHECK_S)
            too_long = monotonic() - self._timeout_s
            for job in (*self._commit_thread.current_batch, *self._queue):
                if job.queued_at >= too_long:
                    break  # they came in order
                job.expire(StoreBusyError(_("The database is too slow.")))


def _hide_row_values(error: Exception) -> Exception | None:
    """Database errors print the row they failed on, and rows hold speech: those are logged by name alone."""
    return None if hasattr(error, "params") or hasattr(error, "orig") else error
