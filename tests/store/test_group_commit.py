"""Group commit: whoever waits shares a transaction; nobody pays for another's mistake, and nothing waits for ever."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from threading import Event, Semaphore, Thread
from typing import Any, ClassVar

import pytest
from sqlalchemy import event as sqlalchemy_event

from dashboard.calls.changes import Change
from dashboard.errors import CallNotFoundError, StoreBusyError
from dashboard.store import Store
from dashboard.store.commit_thread import BATCH_LIMIT, FULL_BATCH, Commit, PendingWrite
from dashboard.store.group_commit import GroupCommitWriter
from dashboard.store.unit_of_work import UnitOfWork
from tests.calls.stories import time_at, transcribed_event

from .conftest import spawn
from .records import (
    CALL_ID,
    call_initiated,
    record_operation,
    run_in_threads,
    segment_texts,
    start_command_operation,
    wait_until,
)


@dataclass
class Outcome:
    changes: tuple[Any, ...] = ()


class Webhook(str):
    """A piece of work that is true also when nobody waits for it any more."""

    commits_after_timeout = True


class Disk:
    """A commit that waits until it is let go, and remembers what shared it."""

    def __init__(self) -> None:
        self.batches: list[list[Any]] = []
        self.reached = Event()
        self.go_on = Event()

    def session(self, run: Callable[[Commit], None]) -> None:
        run(self._commit)

    def _commit(self, works: Sequence[Any]) -> list[Any]:
        self.reached.set()
        assert self.go_on.wait(10)
        self.batches.append(list(works))
        return [Outcome((work,)) for work in works]


@pytest.fixture
def disk() -> Iterator[Disk]:
    disk = Disk()
    yield disk
    disk.go_on.set()


def writer_on(disk: Disk, **options: Any) -> GroupCommitWriter:
    return GroupCommitWriter(disk.session, spawn=spawn, publish=lambda changes: None, **options)


def submit_in_thread(writer: GroupCommitWriter, work: Any) -> Thread:
    thread: Thread = spawn(writer.submit, Webhook(work))
    return thread


def queued(writer: GroupCommitWriter) -> int:
    return writer.queued_writes


def test_what_waits_shares_the_next_transaction_in_order(disk: Disk) -> None:
    writer = writer_on(disk)
    threads = [submit_in_thread(writer, "first")]
    assert disk.reached.wait(5)
    for number in range(40):
        threads.append(submit_in_thread(writer, number))
        wait_until(lambda number=number: queued(writer) == number + 1)
    disk.go_on.set()
    for thread in threads:
        thread.join(5)
    assert disk.batches == [["first"], [str(number) for number in range(40)]]


def pause_always(writer: GroupCommitWriter, pause_s: float) -> None:
    """Pause after each commit, as under load."""
    writer._commit_thread._pacing.pause_s = lambda writes: pause_s  # type: ignore[method-assign]


def test_idle_disk_commits_each_write_at_once(disk: Disk) -> None:
    """A pause after the commit before would let the next write run into its time-out."""
    disk.go_on.set()
    writer = writer_on(disk, commit_pause_s=60.0)
    for number in range(3):
        writer.submit(Webhook(number))
    assert disk.batches == [["0"], ["1"], ["2"]]


def test_writes_that_come_in_a_pause_share_the_next_commit(disk: Disk) -> None:
    disk.go_on.set()
    writer = writer_on(disk)
    pause_always(writer, 1.0)
    writer.submit(Webhook("alone"))
    assert disk.batches == [["alone"]]
    for thread in [submit_in_thread(writer, "soon after") for _ in range(5)]:
        thread.join(5)
    assert disk.batches == [["alone"], ["soon after"] * 5]


def test_full_batch_ends_the_pause(disk: Disk) -> None:
    disk.go_on.set()
    writer = writer_on(disk)
    pause_always(writer, 60.0)
    writer.submit(Webhook("alone"))
    for thread in [submit_in_thread(writer, number) for number in range(FULL_BATCH)]:
        thread.join(5)
    assert sum(map(len, disk.batches)) == 1 + FULL_BATCH


def test_the_disk_goes_on_while_others_are_told(disk: Disk) -> None:
    """Whoever is told takes his time, and is told of everything in order."""
    told, may_tell = [], Event()

    def publish(changes: Sequence[Any]) -> None:
        assert may_tell.wait(10)
        told.extend(changes)

    disk.go_on.set()
    writer = GroupCommitWriter(disk.session, spawn=spawn, publish=publish, commit_pause_s=0.0)
    threads = []
    for number in range(5):
        threads.append(submit_in_thread(writer, number))
        wait_until(lambda number=number: len(disk.batches) == number + 1)
    assert all(thread.is_alive() for thread in threads), "nobody is answered before the others are told"
    may_tell.set()
    for thread in threads:
        thread.join(5)
    assert told == disk.batches[0] + disk.batches[1] + disk.batches[2] + disk.batches[3] + disk.batches[4]


def test_what_comes_between_a_commit_and_its_rest_is_not_forgotten(disk: Disk, monkeypatch: pytest.MonkeyPatch) -> None:
    writer = writer_on(disk)
    committer, told_so_far, late = writer._commit_thread, Semaphore(0), PendingWrite(Webhook("late"))
    hear, await_work = committer.results_ready.wait, committer._await_work

    def hear_again() -> None:
        told_so_far.release()
        hear()

    def await_work_too_late() -> None:
        assert told_so_far.acquire(timeout=5), "whoever tells of the commit has looked for more"
        monkeypatch.undo()
        committer.queue.append(late)
        await_work()

    monkeypatch.setattr(committer.results_ready, "wait", hear_again)
    monkeypatch.setattr(committer, "_await_work", await_work_too_late)
    disk.go_on.set()
    writer.submit(Webhook("first"))
    late.wait()
    assert disk.batches == [["first"], ["late"]]


class InTime(Outcome):
    """Something that is of no use when it comes too late, such as a press of a button."""

    commits_after_timeout = False


def test_a_press_that_was_given_up_is_not_made_after_all(disk: Disk) -> None:
    """Nobody would send its command, and a switch would wait for it."""
    writer = writer_on(disk, timeout_s=0.05)

    def submit_first() -> None:
        with suppress(StoreBusyError):
            writer.submit(Webhook("first"))

    first = spawn(submit_first)
    assert disk.reached.wait(5)
    with pytest.raises(StoreBusyError, match="too slow"):
        writer.submit(InTime())
    disk.go_on.set()
    first.join(5)
    with suppress(StoreBusyError):
        writer.submit(Webhook("last"))
    wait_until(lambda: disk.batches == [["first"], ["last"]])


def test_a_press_that_is_being_made_is_waited_for(disk: Disk) -> None:
    writer = writer_on(disk, timeout_s=0.01)
    press, outcomes = InTime(), []
    thread = spawn(lambda: outcomes.append(writer.submit(press)))
    assert disk.reached.wait(5)
    with pytest.raises(StoreBusyError, match="too slow"):
        writer.submit(Webhook("later"))  # whoever looks for those who wait too long has looked
    assert thread.is_alive()
    disk.go_on.set()
    thread.join(5)
    assert [outcome.changes for outcome in outcomes] == [(press,)]


def test_what_was_under_way_when_committing_broke_off_is_told(disk: Disk) -> None:
    def session(run: Callable[[Commit], None]) -> None:
        run(broken if not disk.batches else disk._commit)

    def broken(works: Sequence[Any]) -> list[Any]:
        disk.batches.append(list(works))
        raise SystemExit

    writer = GroupCommitWriter(lambda run: _as_errors(session, run), spawn=spawn, publish=lambda changes: None)
    with pytest.raises(StoreBusyError, match="refused the write"):
        writer.submit(Webhook("lost"))
    disk.go_on.set()
    assert writer.submit(Webhook("kept")) is not None
    writer.close()


def _as_errors(session: Callable[..., None], run: Callable[[Commit], None]) -> None:
    """What ends a thread reaches whoever waits for it as an error."""
    try:
        session(run)
    except SystemExit:
        raise OSError("the thread ended") from None


def test_committing_that_breaks_off_begins_anew(caplog: pytest.LogCaptureFixture) -> None:
    disk, broken = Disk(), Event()

    def session(run: Callable[[Commit], None]) -> None:
        if not broken.is_set():
            broken.set()
            raise OSError("no thread to be had")
        disk.session(run)

    disk.go_on.set()
    writer = GroupCommitWriter(session, spawn=spawn, publish=lambda changes: None)
    assert writer.submit(Webhook("work")) is not None
    assert "begins anew: OSError" in caplog.text
    writer.close()


def test_a_transaction_has_a_limit(disk: Disk) -> None:
    writer = writer_on(disk)
    threads = [submit_in_thread(writer, number) for number in range(BATCH_LIMIT + 20)]
    wait_until(lambda: queued(writer) >= BATCH_LIMIT)
    disk.go_on.set()
    for thread in threads:
        thread.join(5)
    assert max(len(batch) for batch in disk.batches) == BATCH_LIMIT


def test_a_full_queue_refuses_at_once(disk: Disk) -> None:
    writer = writer_on(disk, queue_limit=2)
    submit_in_thread(writer, "under way")
    assert disk.reached.wait(5)
    for number in range(2):
        submit_in_thread(writer, number)
    wait_until(lambda: queued(writer) == 2)
    with pytest.raises(StoreBusyError, match="Too much"):
        writer.submit(Webhook("one too many"))


def test_a_slow_disk_is_not_waited_for_beyond_the_provider_s_patience(disk: Disk) -> None:
    writer = writer_on(disk, timeout_s=0.01)
    with pytest.raises(StoreBusyError, match="too slow"):
        writer.submit(Webhook("work"))
    disk.go_on.set()
    wait_until(lambda: disk.batches == [["work"]])
    assert writer.submit(Webhook("more")) is not None


def test_close_commits_what_was_accepted_and_refuses_what_comes_after(disk: Disk) -> None:
    writer = writer_on(disk)
    threads = [submit_in_thread(writer, "first")]
    assert disk.reached.wait(5)
    threads += [submit_in_thread(writer, number) for number in range(5)]
    wait_until(lambda: queued(writer) == 5)
    closing = spawn(writer.close)
    wait_until(lambda: writer.is_closed)
    with pytest.raises(StoreBusyError, match="shutting down"):
        writer.submit(Webhook("too late"))
    disk.go_on.set()
    closing.join(5)
    for thread in threads:
        thread.join(5)
    assert sorted(str(work) for batch in disk.batches for work in batch) == ["0", "1", "2", "3", "4", "first"]


def test_close_twice_is_close_once(disk: Disk) -> None:
    writer = writer_on(disk)
    writer.close()
    writer.close()


class Gate:
    """A piece of work that takes until it is let go: whatever comes meanwhile shares the next commit."""

    commits_after_timeout = True

    def __init__(self) -> None:
        self.reached = Event()
        self.go_on = Event()

    def call_ids(self) -> Iterable[str]:
        return ()

    def event_rows(self) -> Iterable[dict[str, Any]]:
        return ()

    def execute(self, unit: UnitOfWork) -> Outcome:
        self.reached.set()
        assert self.go_on.wait(10)
        return Outcome()


@pytest.fixture
def gate() -> Iterator[Gate]:
    gate = Gate()
    yield gate
    gate.go_on.set()


@pytest.fixture
def held_store(store: Store, gate: Gate) -> Store:
    """A store that knows a call, and whose writer is busy."""
    store.record_event(call_initiated())
    spawn(store._writer.submit, gate)
    assert gate.reached.wait(5)
    return store


def test_many_webhooks_cost_one_commit(held_store: Store, gate: Gate) -> None:
    works = [record_operation(transcribed_event(f"line {n}", n, event_id=f"e{n}")) for n in range(60)]
    callers = [spawn(held_store.record_event, work) for work in works]
    wait_until(lambda: queued(held_store._writer) == 60)
    commits: list[Any] = []
    sqlalchemy_event.listen(held_store.database.engine, "commit", commits.append)
    gate.go_on.set()
    for thread in callers:
        thread.join(10)

    assert len(commits) == 2, "its own and one for all the others"
    assert len(held_store.get_transcript(CALL_ID).segments) == 60


@dataclass(frozen=True)
class Poison:
    """A piece of work that the database will never take."""

    commits_after_timeout: ClassVar[bool] = True
    error: type[BaseException] = RuntimeError

    def call_ids(self) -> Iterable[str]:
        return ()

    def event_rows(self) -> Iterable[dict[str, Any]]:
        return ()

    def execute(self, unit: UnitOfWork) -> Any:
        raise self.error("poison")


def test_poison_harms_nobody_else_s_work(held_store: Store, gate: Gate) -> None:
    works: list[Callable[[], Any]] = [
        lambda n=n: held_store.record_event(record_operation(transcribed_event(f"line {n}", n, event_id=f"e{n}")))  # type: ignore[misc]
        for n in range(10)
    ]
    works.insert(5, lambda: held_store._writer.submit(Poison()))
    works.insert(7, lambda: held_store.start_command(start_command_operation(call_id="v3:nobody")))

    def let_go() -> None:
        wait_until(lambda: queued(held_store._writer) == len(works))
        gate.go_on.set()

    letting_go = spawn(let_go)
    outcomes = run_in_threads(*works)
    letting_go.join(5)
    refused = [type(outcome) for outcome in outcomes if isinstance(outcome, Exception)]
    assert refused == [StoreBusyError, CallNotFoundError]
    assert segment_texts(held_store.get_transcript(CALL_ID).segments) == [f"line {n}" for n in range(10)]


def test_news_that_cannot_be_told_stops_neither_the_answer_nor_the_store(
    url: str, new_store: Callable[..., Store], caplog: pytest.LogCaptureFixture
) -> None:
    def publish(changes: Sequence[Change]) -> None:
        raise RuntimeError("nobody listens")

    store = new_store(url, publish)
    assert store.record_event(call_initiated()).is_new
    assert store.record_event(record_operation(transcribed_event("a secret of the caller", 5))).is_new
    assert store.get_transcript(CALL_ID).call.started_at == time_at(0)
    assert "could not be published" in caplog.text
    assert "a secret" not in caplog.text
