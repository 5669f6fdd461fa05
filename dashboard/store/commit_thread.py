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

from dashboard.store.unit_of_work import Work
from dashboard.store.wakeup import TaskBell, ThreadBell

BATCH_LIMIT = 256
PLENTY = 32
"""So many pieces of work are committed at once, rested or not."""

ENOUGH_SHARE = 8
"""A commit that so many share needs no rest after it, and fewer a part of it."""

Commit = Callable[[Sequence[Work]], list[Any]]


class Job:
    """A piece of work and whoever waits for it. A lock that is let go of once is the lightest way to wait there is.

    It is done or given up, whichever comes first: nobody is answered twice.
    """

    __slots__ = ("_done", "_fates", "_is_begun", "_result", "since", "work")

    def __init__(self, work: Work) -> None:
        self.work = work
        self.since = monotonic()
        self._fates = [None]
        self._is_begun = False
        self._result: tuple[Any, Exception | None] = (None, None)
        self._done = Lock()
        self._done.acquire()

    def wait(self) -> Any:
        self._done.acquire()
        result, error = self._result
        if error is not None:
            raise error
        return result

    def begin(self) -> bool:
        """Whether it is still to be done. A webhook is, for it is true also when nobody waits any more; a press is not:
        nobody would act on it. Once begun it is not given up."""
        if self.work.is_true_anyway:
            return True
        self._is_begun = self._decides()
        return self._is_begun

    def end(self, result: Any = None, error: Exception | None = None) -> None:
        """It was done, or could not be."""
        if self._is_begun or self._decides():
            self._let_go(result, error)

    def give_up(self, error: Exception) -> None:
        """Nobody is to wait any longer."""
        if self._decides():
            self._let_go(None, error)

    def _decides(self) -> bool:
        """True for whoever asks first, from whichever thread."""
        try:
            self._fates.pop()
        except IndexError:
            return False
        return True

    def _let_go(self, result: Any, error: Exception | None) -> None:
        self._result = (result, error)
        self._done.release()


class Done(NamedTuple):
    """What became of a batch. Whoever waits for it does not know yet."""

    jobs: Sequence[Job]
    results: Sequence[Any]
    elapsed_s: float
    error: Exception | None = None


class Committer:
    """`jobs` go in and `done` come out, both in order. `told` rings when something is done.

    After a commit it rests for `rest_s`, and less the more it committed; `rested_at` says until when. Plenty of jobs
    end any rest.
    """

    def __init__(self, *, rest_s: float) -> None:
        self.jobs: deque[Job] = deque()
        self.done: deque[Done] = deque()
        self.told = TaskBell()
        self.rested_at = 0.0
        self.under_way: Sequence[Job] = ()
        self.is_finished = False
        self._rest_s = rest_s
        self._go = ThreadBell()
        self._is_waiting = False
        self._is_closing = False

    def go(self) -> None:
        """Commit what waits, rested or not."""
        if self._is_waiting:
            self._is_waiting = False
            self._go.ring()

    def close(self) -> None:
        """Commit what waits, and end."""
        self._is_closing = True
        self.go()

    @property
    def is_done(self) -> bool:
        return self._is_closing and not self.jobs

    def silence(self) -> None:
        """Take the bells away, after the last one was heard."""
        self.told.close()
        self._go.close()

    def run(self, commit: Commit) -> None:
        """The thread, until `close`. It must not wait for what tasks hold, so it takes no locks and logs nothing."""
        while not self.is_done:
            self._await_work()
            while self.jobs:
                self._commit_batch(commit)
                if len(self.jobs) < PLENTY and not self._is_closing:
                    break

    def break_off(self, error: Exception) -> None:
        """The thread is gone: whoever waited for what it was doing need not wait longer."""
        broken, self.under_way = self.under_way, ()
        for job in broken:
            job.end(error=error)

    def finish(self) -> None:
        """Nothing more will be done."""
        self.is_finished = True
        self.told.ring()

    def _await_work(self) -> None:
        self._is_waiting = True
        # Nobody rang for what came before that was said. Whoever is told of a commit looks for such and sees to it.
        if self.jobs:
            self.told.ring()
        if len(self.jobs) < PLENTY and not self._is_closing:
            self._go.wait()
        self._is_waiting = False

    def _commit_batch(self, commit: Commit) -> None:
        taken = self.under_way = [self.jobs.popleft() for _ in range(min(len(self.jobs), BATCH_LIMIT))]
        batch = [job for job in taken if job.begin()]
        if batch:
            self._work_off(batch, commit)
        self.under_way = ()

    def _work_off(self, batch: Sequence[Job], commit: Commit, *, is_again: bool = False) -> None:
        """One transaction for all; if it fails, one for each, so that a bad piece of work harms nobody else's."""
        started = perf_counter()
        try:
            results = commit([job.work for job in batch])
        except Exception as error:
            if len(batch) == 1 and not is_again and getattr(error, "connection_invalidated", False):
                self._work_off(batch, commit, is_again=True)  # it broke while nobody used it
            elif len(batch) == 1:
                self._tell(Done(batch, (), 0.0, error))
            else:
                for job in batch:
                    self._work_off([job], commit)
            return
        self._tell(Done(batch, results, perf_counter() - started))

    def _tell(self, done: Done) -> None:
        self.rested_at = monotonic() + self._rest_s * max(0.0, 1 - (len(done.jobs) - 1) / ENOUGH_SHARE)
        self.done.append(done)
        self.told.ring()
