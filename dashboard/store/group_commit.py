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
from dashboard.messages import said
from dashboard.store.commit_thread import PLENTY, Commit, Committer, Done, Job
from dashboard.store.unit_of_work import Work

log = logging.getLogger(__name__)

QUEUE_LIMIT = 2_000
WAIT_S = 1.7
"""The provider gives a webhook 2 s (Telnyx contract 2.1): a 503 in time is worth more than a 200 too late."""

LOOK_S = 0.1
"""How often it is looked for who has waited too long. A timer for each would cost more than the rest of waiting."""

REST_S = 0.01
"""Between two commits of one piece of work each. What comes meanwhile shares the next one: a commit has a price of its
own, however little is in it, and its thread contends with the loop. Who comes alone does not wait."""

Session = Callable[[Callable[[Commit], None]], None]
"""Runs a function where blocking is harmless, and gives it the means to commit."""


class GroupWriter:
    """Takes work from many callers, has it committed in order and tells what came of it."""

    def __init__(
        self,
        session: Session,
        *,
        spawn: Callable[..., Any],
        publish: Callable[[Sequence[Change]], None],
        observe: Callable[[int, float], None] = lambda works, elapsed_s: None,
        queue_limit: int = QUEUE_LIMIT,
        wait_s: float = WAIT_S,
        rest_s: float = REST_S,
    ) -> None:
        """StoreBusyError for whoever has waited for `wait_s`, and a tenth of a second more at most."""
        self._publish = publish
        self._observe = observe
        self._limit = queue_limit
        self._wait_s = wait_s
        self._committer = Committer(rest_s=rest_s)
        self._jobs = self._committer.jobs
        self._wake = Event()
        self.is_closed = False
        self._finished = Event()
        self._session = session
        for task in (self._commit_for_ever, self._pace_for_ever, self._tell_for_ever, self._look_for_ever):
            spawn(task)

    def submit(self, work: Work) -> Any:
        """What the work returned, once it is committed. StoreBusyError if that cannot be said in time."""
        if self.is_closed:
            raise StoreBusyError(said("The server is shutting down."))
        if len(self._jobs) >= self._limit:
            raise StoreBusyError(said("Too much is waiting to be stored."))
        job = Job(work)
        self._jobs.append(job)
        if self._finished.is_set():  # closed since it was asked
            job.give_up(StoreBusyError(said("The server is shutting down.")))
        if len(self._jobs) >= PLENTY:
            self._committer.go()
        elif not self._wake.is_set():
            self._wake.set()
        return job.wait()

    @property
    def waiting(self) -> int:
        return len(self._jobs)

    def close(self, *, wait_s: float = 5.0) -> None:
        """Commit what was accepted, then stop."""
        if not self.is_closed:
            self.is_closed = True
            self._committer.close()
            self._wake.set()
        if not self._finished.wait(wait_s):
            log.error("the store did not finish within %.0f s; the provider will send the rest again", wait_s)

    def _commit_for_ever(self) -> None:
        while not self._committer.is_done:
            try:
                self._session(self._committer.run)
            except Exception as error:
                log.error("committing broke off and begins anew: %s", type(error).__name__)
                self._committer.break_off(StoreBusyError(said("The database refused the write.")))
                sleep(LOOK_S)
        self._committer.finish()

    def _pace_for_ever(self) -> None:
        """Let what is less than plenty be committed when the rest is over."""
        while not self.is_closed:
            self._wake.wait()
            self._wake.clear()
            if (early_s := self._committer.rested_at - monotonic()) > 0:
                sleep(early_s)
            if self._jobs and not self.is_closed:
                self._committer.go()

    def _tell_for_ever(self) -> None:
        committer = self._committer
        while committer.done or not committer.is_finished:
            committer.told.wait()
            while committer.done:
                self._tell(committer.done.popleft())
            if self._jobs:
                self._wake.set()
        committer.silence()
        self._finished.set()

    def _tell(self, done: Done) -> None:
        if done.error is not None:
            self._fail(done.jobs[0], done.error)
            return
        self._observe(len(done.jobs), done.elapsed_s)
        changes = [change for result in done.results for change in result.changes]
        try:
            self._publish(changes)
        except Exception:
            # What is on disk stays accepted, whatever becomes of the news: browsers see the gap and ask for the rest.
            log.exception("%d stored changes could not be published", len(changes))
        for job, result in zip(done.jobs, done.results, strict=True):
            job.end(result)

    def _fail(self, job: Job, error: Exception) -> None:
        if isinstance(error, DashboardError):
            job.end(error=error)
            return
        name = type(job.work).__name__
        log.error("cannot store %s: %s", name, type(error).__name__, exc_info=_without_values(error))
        job.end(error=StoreBusyError(said("The database refused the write.")))

    def _look_for_ever(self) -> None:
        """Answer in time those whose work is not; it may still be done."""
        while not self._finished.is_set():
            sleep(LOOK_S)
            too_long = monotonic() - self._wait_s
            for job in (*self._committer.under_way, *self._jobs):
                if job.since >= too_long:
                    break  # they came in order
                job.give_up(StoreBusyError(said("The database is too slow.")))


def _without_values(error: Exception) -> Exception | None:
    """Database errors print the row they failed on, and rows hold speech: those are logged by name alone."""
    return None if hasattr(error, "params") or hasattr(error, "orig") else error
