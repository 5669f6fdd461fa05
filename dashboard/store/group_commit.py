"""Group commit: writes that wait at the same time share one transaction.

A caller gets its result after the commit. The queue is bounded: when the disk cannot keep up, new writes are refused at
once, because the provider repeats them later and memory must not grow without limit.
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
# The provider waits 2 s for the answer to a webhook (Telnyx contract 2.1), so a 503 must come before that.
SUBMIT_TIMEOUT_S = 1.7
# One check for all writes. A timer for each write would cost more than the rest of its handling.
EXPIRY_CHECK_S = 0.1
# The longest pause between two commits. Writes that come in it share the next commit, because every commit has a fixed
# cost and its thread competes with the event loop.
COMMIT_PAUSE_S = 0.01

# Runs a function where blocking is harmless, and passes it a function that commits.
RunWriter = Callable[[Callable[[Commit], None]], None]


class GroupCommitWriter:
    """Queues writes, commits them in order and delivers the results."""

    def __init__(
        self,
        run_writer: RunWriter,
        *,
        spawn: Callable[..., Any],
        publish: Callable[[Sequence[Change]], None],
        observe_commit: Callable[[int, float], None] = lambda writes, elapsed_s: None,
        queue_limit: int = QUEUE_LIMIT,
        timeout_s: float = SUBMIT_TIMEOUT_S,
        commit_pause_s: float = COMMIT_PAUSE_S,
    ) -> None:
        """Start the tasks. `submit` times out after `timeout_s`, and EXPIRY_CHECK_S later at most."""
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
        """The result of an operation, after its commit. StoreBusyError when that takes too long."""
        if self.is_closed:
            raise StoreBusyError(_("The server is shutting down."))
        if len(self._queue) >= self._queue_limit:
            raise StoreBusyError(_("Too much is waiting to be stored."))
        write = PendingWrite(operation)
        self._queue.append(write)
        # `close` may have finished since the check above.
        if self._finished.is_set():
            write.expire(StoreBusyError(_("The server is shutting down.")))
        if len(self._queue) >= FULL_BATCH:
            self._commit_thread.wake()
        elif not self._has_work.is_set():
            self._has_work.set()
        return write.wait()

    @property
    def queued_writes(self) -> int:
        return len(self._queue)

    def close(self, *, timeout_s: float = 5.0) -> None:
        """Commit what was accepted, then stop. Waits for `timeout_s` at most."""
        if not self.is_closed:
            self.is_closed = True
            self._commit_thread.close()
            self._has_work.set()
        if not self._finished.wait(timeout_s):
            log.error("store not finished at shutdown: timeout_s=%.0f queued=%d", timeout_s, len(self._queue))

    def _run_commit_thread(self) -> None:
        while not self._commit_thread.is_drained:
            try:
                self._run_writer(self._commit_thread.run)
            except Exception as error:
                log.error("commit thread restarted: error=%s", type(error).__name__)
                self._commit_thread.abort_batch(StoreBusyError(_("The database refused the write.")))
                sleep(EXPIRY_CHECK_S)
        self._commit_thread.finish()

    def _schedule_commits(self) -> None:
        """Wake the thread for smaller batches after each pause."""
        while not self.is_closed:
            self._has_work.wait()
            self._has_work.clear()
            if (pause_s := self._commit_thread.next_commit_at - monotonic()) > 0:
                sleep(pause_s)
            if self._queue and not self.is_closed:
                self._commit_thread.wake()

    def _deliver_results(self) -> None:
        thread = self._commit_thread
        while thread.batch_results or not thread.is_finished:
            thread.results_ready.wait()
            while thread.batch_results:
                self._deliver_batch(thread.batch_results.popleft())
            if self._queue:
                self._has_work.set()
        thread.close_wakeups()
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
            # The writes stay accepted, because they are on disk. Browsers notice the gap in `seq` and fetch the rest.
            log.exception("stored changes not published: changes=%d", len(changes))
        for write, result in zip(batch.writes, batch.results, strict=True):
            write.complete(result)

    def _fail_write(self, write: PendingWrite, error: Exception) -> None:
        if isinstance(error, DashboardError):
            write.complete(error=error)
            return
        name = type(write.operation).__name__
        log.error("write failed: operation=%s error=%s", name, type(error).__name__, exc_info=_hide_row_values(error))
        write.complete(error=StoreBusyError(_("The database refused the write.")))

    def _expire_overdue(self) -> None:
        """Time out writes that wait too long. A webhook is still committed later."""
        while not self._finished.is_set():
            sleep(EXPIRY_CHECK_S)
            deadline = monotonic() - self._timeout_s
            # In the order of their arrival.
            for write in (*self._commit_thread.current_batch, *self._queue):
                if write.queued_at >= deadline:
                    break
                write.expire(StoreBusyError(_("The database is too slow.")))


def _hide_row_values(error: Exception) -> Exception | None:
    """None for database errors. They print the failed row, and rows hold speech."""
    return None if hasattr(error, "params") or hasattr(error, "orig") else error
