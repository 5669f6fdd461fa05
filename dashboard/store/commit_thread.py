"""The thread that commits batches of writes.

It does not return to the server's tasks between two commits, because under load that would take longer than a commit.
Therefore writes and results pass through queues without locks, and wake-ups announce them.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from threading import Lock
from time import monotonic, perf_counter
from typing import Any, NamedTuple

from dashboard.store.unit_of_work import Operation
from dashboard.store.wakeup import TaskWakeup, ThreadWakeup

BATCH_LIMIT = 256
# So many writes end a pause.
FULL_BATCH = 32
# No pause follows a commit that so many writes shared; fewer writes shorten it.
NO_PAUSE_BATCH = 8
# A commit has a fixed cost. There is no pause while single commits would take less than this share of the time.
IDLE_SHARE = 0.3
# Above this share, the pause has its full length.
BUSY_SHARE = 0.9
# Weight of the newest commit in the averages.
SMOOTHING = 0.2

Commit = Callable[[Sequence[Operation]], list[Any]]


class PendingWrite:
    """A queued write and its waiting caller.

    It completes or times out, exactly once. The caller waits on a bare lock, because an `Event` costs more.
    """

    __slots__ = ("_lock", "_claim_token", "_is_claimed", "_result", "queued_at", "operation")

    def __init__(self, operation: Operation) -> None:
        self.operation = operation
        self.queued_at = monotonic()
        self._claim_token = [None]
        self._is_claimed = False
        self._result: tuple[Any, Exception | None] = (None, None)
        self._lock = Lock()
        self._lock.acquire()

    def wait(self) -> Any:
        """Block until the result is there; raises the error of the write."""
        self._lock.acquire()
        result, error = self._result
        if error is not None:
            raise error
        return result

    def claim_for_batch(self) -> bool:
        """Claim the write for a batch; False if it must not be committed any more.

        A webhook is committed even after its caller timed out. A command is not, because its result would be lost. A
        claimed command does not time out.
        """
        if self.operation.commits_after_timeout:
            return True
        self._is_claimed = self._claim()
        return self._is_claimed

    def complete(self, result: Any = None, error: Exception | None = None) -> None:
        """Resolve it with the result or error of its commit."""
        if self._is_claimed or self._claim():
            self._resolve(result, error)

    def expire(self, error: Exception) -> None:
        """Time out unless it is claimed or already resolved."""
        if self._claim():
            self._resolve(None, error)

    def _claim(self) -> bool:
        """True for the first call only, from any thread."""
        try:
            self._claim_token.pop()
        except IndexError:
            return False
        return True

    def _resolve(self, result: Any, error: Exception | None) -> None:
        self._result = (result, error)
        self._lock.release()


class BatchResult(NamedTuple):
    """The result of a batch, before its delivery to callers."""

    writes: Sequence[PendingWrite]
    results: Sequence[Any]
    elapsed_s: float
    error: Exception | None = None


class CommitThread:
    """Commits `queue` in order and appends to `batch_results`. `results_ready` is notified after each batch.

    After a commit it pauses until `next_commit_at`, `commit_pause_s` at most. A full batch ends the pause.
    """

    def __init__(self, *, commit_pause_s: float) -> None:
        self.queue: deque[PendingWrite] = deque()
        self.batch_results: deque[BatchResult] = deque()
        self.results_ready = TaskWakeup()
        self.next_commit_at = 0.0
        self.current_batch: Sequence[PendingWrite] = ()
        self.is_finished = False
        self._pacing = CommitPacing(commit_pause_s)
        self._work_ready = ThreadWakeup()
        self._is_waiting = False
        self._is_closing = False

    def wake(self) -> None:
        """Commit the queue now and end any pause."""
        if self._is_waiting:
            self._is_waiting = False
            self._work_ready.notify()

    def close(self) -> None:
        """Commit the queue, then end the thread."""
        self._is_closing = True
        self.wake()

    @property
    def is_drained(self) -> bool:
        return self._is_closing and not self.queue

    def close_wakeups(self) -> None:
        """Close both wake-ups. Neither may be in use any more."""
        self.results_ready.close()
        self._work_ready.close()

    def run(self, commit: Commit) -> None:
        """Commit until `close`. Runs in the thread, so it must neither log nor take locks that tasks hold."""
        while not self.is_drained:
            self._await_work()
            while self.queue:
                self._commit_batch(commit)
                if len(self.queue) < FULL_BATCH and not self._is_closing:
                    break

    def abort_batch(self, error: Exception) -> None:
        """Fail the current batch after the thread ended unexpectedly."""
        batch, self.current_batch = self.current_batch, ()
        for write in batch:
            write.complete(error=error)

    def finish(self) -> None:
        """Announce that no more results will follow."""
        self.is_finished = True
        self.results_ready.notify()

    def _await_work(self) -> None:
        self._is_waiting = True
        # A write queued before that flag was set caused no wake-up. The task that delivers results looks for these.
        if self.queue:
            self.results_ready.notify()
        if len(self.queue) < FULL_BATCH and not self._is_closing:
            self._work_ready.wait()
        self._is_waiting = False

    def _commit_batch(self, commit: Commit) -> None:
        writes = self.current_batch = [self.queue.popleft() for _ in range(min(len(self.queue), BATCH_LIMIT))]
        batch = [write for write in writes if write.claim_for_batch()]
        if batch:
            self._commit_writes(batch, commit)
        self.current_batch = ()

    def _commit_writes(self, batch: Sequence[PendingWrite], commit: Commit, *, is_retry: bool = False) -> None:
        """Commit a batch in one transaction. If that fails, each write gets a transaction of its own."""
        started = perf_counter()
        try:
            results = commit([write.operation for write in batch])
        except Exception as error:
            if len(batch) == 1 and not is_retry and getattr(error, "connection_invalidated", False):
                # The connection had broken while it was idle.
                self._commit_writes(batch, commit, is_retry=True)
            elif len(batch) == 1:
                self._report_result(BatchResult(batch, (), 0.0, error))
            else:
                for write in batch:
                    self._commit_writes([write], commit)
            return
        self._report_result(BatchResult(batch, results, perf_counter() - started))

    def _report_result(self, result: BatchResult) -> None:
        now = monotonic()
        self._pacing.observe_commit(len(result.writes), result.elapsed_s, at=now)
        self.next_commit_at = now + self._pacing.pause_s(len(result.writes))
        self.batch_results.append(result)
        self.results_ready.notify()


class CommitPacing:
    """Computes the pause after a commit from cost and load.

    In a pause more writes gather for the next commit, which pays where single commits would take much of the time.
    There is none while the disk is mostly idle and up to `max_pause_s` under load. It is shorter after a commit that
    many writes shared.
    """

    def __init__(self, max_pause_s: float) -> None:
        self._max_pause_s = max_pause_s
        # Averages over the newest commits: duration, interval and number of writes.
        self._cost_s = 0.0
        self._interval_s = 1.0
        self._writes = 1.0
        self._last_commit_at = 0.0

    def observe_commit(self, writes: int, elapsed_s: float, *, at: float) -> None:
        """Add one commit to the averages. `at` is a monotonic time in seconds."""
        interval_s = min(1.0, at - self._last_commit_at)
        self._last_commit_at = at
        self._cost_s += SMOOTHING * (elapsed_s - self._cost_s)
        self._interval_s += SMOOTHING * (interval_s - self._interval_s)
        self._writes += SMOOTHING * (writes - self._writes)

    def pause_s(self, writes: int) -> float:
        """The pause in seconds after a commit of `writes` writes."""
        # The share of the time that commits would take if each write had its own.
        busy_share = self._cost_s * self._writes / max(self._interval_s, 1e-6)
        load = min(1.0, max(0.0, (busy_share - IDLE_SHARE) / (BUSY_SHARE - IDLE_SHARE)))
        return self._max_pause_s * load * max(0.0, 1 - (writes - 1) / NO_PAUSE_BATCH)
