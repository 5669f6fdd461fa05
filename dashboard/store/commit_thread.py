"""The one thread that commits: batch after batch, as long as something waits.

Coming back to the server's tasks between two commits would cost more than many a commit, for they are busy just then
with what comes in. So what is to be done and what was done lie in queues that need no lock, and bells tell of them.
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
FULL_BATCH = 32
"""So many pieces of work are committed at once, rested or not."""

NO_PAUSE_BATCH = 8
"""A commit that so many share needs no rest after it, and fewer a part of it."""

# A commit has a price of its own, however little is in it. If single commits took less than this share of the time,
# there is no pause.
IDLE_SHARE = 0.3
# Above this share, the pause is as long as it may be.
BUSY_SHARE = 0.9
# Weight of the newest commit in the averages.
SMOOTHING = 0.2

Commit = Callable[[Sequence[Operation]], list[Any]]


class PendingWrite:
    """A piece of work and whoever waits for it. A lock that is let go of once is the lightest way to wait there is.

    It is done or given up, whichever comes first: nobody is answered twice.
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
        self._lock.acquire()
        result, error = self._result
        if error is not None:
            raise error
        return result

    def claim_for_batch(self) -> bool:
        """Whether it is still to be done. A webhook is, for it is true also when nobody waits any more; a press is not:
        nobody would act on it. Once begun it is not given up."""
        if self.operation.commits_after_timeout:
            return True
        self._is_claimed = self._claim()
        return self._is_claimed

    def complete(self, result: Any = None, error: Exception | None = None) -> None:
        """It was done, or could not be."""
        if self._is_claimed or self._claim():
            self._resolve(result, error)

    def expire(self, error: Exception) -> None:
        """Nobody is to wait any longer."""
        if self._claim():
            self._resolve(None, error)

    def _claim(self) -> bool:
        """True for whoever asks first, from whichever thread."""
        try:
            self._claim_token.pop()
        except IndexError:
            return False
        return True

    def _resolve(self, result: Any, error: Exception | None) -> None:
        self._result = (result, error)
        self._lock.release()


class BatchResult(NamedTuple):
    """What became of a batch. Whoever waits for it does not know yet."""

    writes: Sequence[PendingWrite]
    results: Sequence[Any]
    elapsed_s: float
    error: Exception | None = None


class CommitThread:
    """`jobs` go in and `done` come out, both in order. `told` rings when something is done.

    After a commit it rests for `rest_s`, and less the more it committed; `rested_at` says until when. Plenty of jobs
    end any rest.
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
        """Commit what waits, rested or not."""
        if self._is_waiting:
            self._is_waiting = False
            self._work_ready.notify()

    def close(self) -> None:
        """Commit what waits, and end."""
        self._is_closing = True
        self.wake()

    @property
    def is_drained(self) -> bool:
        return self._is_closing and not self.queue

    def close_wakeups(self) -> None:
        """Take the bells away, after the last one was heard."""
        self.results_ready.close()
        self._work_ready.close()

    def run(self, commit: Commit) -> None:
        """The thread, until `close`. It must not wait for what tasks hold, so it takes no locks and logs nothing."""
        while not self.is_drained:
            self._await_work()
            while self.queue:
                self._commit_batch(commit)
                if len(self.queue) < FULL_BATCH and not self._is_closing:
                    break

    def abort_batch(self, error: Exception) -> None:
        """The thread is gone: whoever waited for what it was doing need not wait longer."""
        broken, self.current_batch = self.current_batch, ()
        for job in broken:
            job.complete(error=error)

    def finish(self) -> None:
        """Nothing more will be done."""
        self.is_finished = True
        self.results_ready.notify()

    def _await_work(self) -> None:
        self._is_waiting = True
        # Nobody rang for what came before that was said. Whoever is told of a commit looks for such and sees to it.
        if self.queue:
            self.results_ready.notify()
        if len(self.queue) < FULL_BATCH and not self._is_closing:
            self._work_ready.wait()
        self._is_waiting = False

    def _commit_batch(self, commit: Commit) -> None:
        taken = self.current_batch = [self.queue.popleft() for _ in range(min(len(self.queue), BATCH_LIMIT))]
        batch = [job for job in taken if job.claim_for_batch()]
        if batch:
            self._commit_writes(batch, commit)
        self.current_batch = ()

    def _commit_writes(self, batch: Sequence[PendingWrite], commit: Commit, *, is_retry: bool = False) -> None:
        """One transaction for all; if it fails, one for each, so that a bad piece of work harms nobody else's."""
        started = perf_counter()
        try:
            results = commit([job.operation for job in batch])
        except Exception as error:
            if len(batch) == 1 and not is_retry and getattr(error, "connection_invalidated", False):
                self._commit_writes(batch, commit, is_retry=True)  # it broke while nobody used it
            elif len(batch) == 1:
                self._report_result(BatchResult(batch, (), 0.0, error))
            else:
                for job in batch:
                    self._commit_writes([job], commit)
            return
        self._report_result(BatchResult(batch, results, perf_counter() - started))

    def _report_result(self, result: BatchResult) -> None:
        now = monotonic()
        self._pacing.observe_commit(len(result.writes), result.elapsed_s, at=now)
        self.next_commit_at = now + self._pacing.pause_s(len(result.writes))
        self.batch_results.append(result)
        self.results_ready.notify()


class CommitPacing:
    """Decides how long the thread pauses after a commit, so that more writes share the next one.

    A pause pays where single commits would take much of the time. So it follows from what a commit costs and how many
    writes come: none while the disk is mostly idle, up to `max_pause_s` under load, and less after a commit that many
    writes shared.
    """

    def __init__(self, max_pause_s: float) -> None:
        self._max_pause_s = max_pause_s
        # Averages over the newest commits: what one costs, the time between two, and the writes that share one.
        self._cost_s = 0.0
        self._interval_s = 1.0
        self._writes = 1.0
        self._last_commit_at = 0.0

    def observe_commit(self, writes: int, elapsed_s: float, *, at: float) -> None:
        """Take one commit into the averages. `at` is a monotonic time in seconds."""
        interval_s = min(1.0, at - self._last_commit_at)
        self._last_commit_at = at
        self._cost_s += SMOOTHING * (elapsed_s - self._cost_s)
        self._interval_s += SMOOTHING * (interval_s - self._interval_s)
        self._writes += SMOOTHING * (writes - self._writes)

    def pause_s(self, writes: int) -> float:
        """The pause after a commit that so many writes shared, in seconds."""
        # The share of the time that commits would take if each write had its own.
        busy_share = self._cost_s * self._writes / max(self._interval_s, 1e-6)
        load = min(1.0, max(0.0, (busy_share - IDLE_SHARE) / (BUSY_SHARE - IDLE_SHARE)))
        return self._max_pause_s * load * max(0.0, 1 - (writes - 1) / NO_PAUSE_BATCH)
