"""Group commit: shared transactions, separate errors, bounded waits."""

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
class Result:
    changes: tuple[Any, ...] = ()


class Webhook(str):
    """An operation that is committed after a time-out too."""

    commits_after_timeout = True


class Disk:
    """A commit that blocks until `go_on`. `batches` are what was committed."""

    def __init__(self) -> None:
        self.batches: list[list[Any]] = []
        self.reached = Event()
        self.go_on = Event()

    def session(self, run: Callable[[Commit], None]) -> None:
        run(self._commit)

    def _commit(self, operations: Sequence[Any]) -> list[Any]:
        self.reached.set()
        assert self.go_on.wait(10)
        self.batches.append(list(operations))
        return [Result((operation,)) for operation in operations]


@pytest.fixture
def disk() -> Iterator[Disk]:
    disk = Disk()
    yield disk
    disk.go_on.set()


def writer_on(disk: Disk, **options: Any) -> GroupCommitWriter:
    return GroupCommitWriter(disk.session, spawn=spawn, publish=lambda changes: None, **options)


def submit_in_thread(writer: GroupCommitWriter, name: Any) -> Thread:
    thread: Thread = spawn(writer.submit, Webhook(name))
    return thread


def queue_length(writer: GroupCommitWriter) -> int:
    return writer.queued_writes


def test_waiting_writes_share_the_next_transaction_in_order(disk: Disk) -> None:
    writer = writer_on(disk)
    threads = [submit_in_thread(writer, "first")]
    assert disk.reached.wait(5)
    for number in range(40):
        threads.append(submit_in_thread(writer, number))
        wait_until(lambda number=number: queue_length(writer) == number + 1)
    disk.go_on.set()
    for thread in threads:
        thread.join(5)
    assert disk.batches == [["first"], [str(number) for number in range(40)]]


def pause_always(writer: GroupCommitWriter, pause_s: float) -> None:
    """Pause after each commit, as under load."""
    writer._commit_thread._pacing.pause_s = lambda writes: pause_s  # type: ignore[method-assign]


def test_idle_disk_commits_each_write_at_once(disk: Disk) -> None:
    """A pause would let the next write time out."""
    disk.go_on.set()
    writer = writer_on(disk, commit_pause_s=60.0)
    for number in range(3):
        writer.submit(Webhook(number))
    assert disk.batches == [["0"], ["1"], ["2"]]


def test_writes_during_a_pause_share_the_next_commit(disk: Disk) -> None:
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


def test_commits_go_on_while_a_subscriber_is_slow(disk: Disk) -> None:
    published, may_publish = [], Event()

    def publish(changes: Sequence[Any]) -> None:
        assert may_publish.wait(10)
        published.extend(changes)

    disk.go_on.set()
    writer = GroupCommitWriter(disk.session, spawn=spawn, publish=publish, commit_pause_s=0.0)
    threads = []
    for number in range(5):
        threads.append(submit_in_thread(writer, number))
        wait_until(lambda number=number: len(disk.batches) == number + 1)
    assert all(thread.is_alive() for thread in threads), "callers get results after the subscribers"
    may_publish.set()
    for thread in threads:
        thread.join(5)
    assert published == disk.batches[0] + disk.batches[1] + disk.batches[2] + disk.batches[3] + disk.batches[4]


def test_a_write_queued_before_the_pause_is_committed(disk: Disk, monkeypatch: pytest.MonkeyPatch) -> None:
    writer = writer_on(disk)
    thread, deliveries, late = writer._commit_thread, Semaphore(0), PendingWrite(Webhook("late"))
    wait, await_work = thread.results_ready.wait, thread._await_work

    def count_and_wait() -> None:
        deliveries.release()
        wait()

    def await_work_too_late() -> None:
        assert deliveries.acquire(timeout=5), "the delivering task has looked for more writes"
        monkeypatch.undo()
        thread.queue.append(late)
        await_work()

    monkeypatch.setattr(thread.results_ready, "wait", count_and_wait)
    monkeypatch.setattr(thread, "_await_work", await_work_too_late)
    disk.go_on.set()
    writer.submit(Webhook("first"))
    late.wait()
    assert disk.batches == [["first"], ["late"]]


class Command(Result):
    """An operation that must not be committed after a time-out."""

    commits_after_timeout = False


def test_an_expired_command_is_not_committed(disk: Disk) -> None:
    """Its switch would wait for a command never sent."""
    writer = writer_on(disk, timeout_s=0.05)

    def submit_first() -> None:
        with suppress(StoreBusyError):
            writer.submit(Webhook("first"))

    first = spawn(submit_first)
    assert disk.reached.wait(5)
    with pytest.raises(StoreBusyError, match="too slow"):
        writer.submit(Command())
    disk.go_on.set()
    first.join(5)
    with suppress(StoreBusyError):
        writer.submit(Webhook("last"))
    wait_until(lambda: disk.batches == [["first"], ["last"]])


def test_a_command_being_committed_does_not_expire(disk: Disk) -> None:
    writer = writer_on(disk, timeout_s=0.01)
    command, results = Command(), []
    thread = spawn(lambda: results.append(writer.submit(command)))
    assert disk.reached.wait(5)
    # After this the check for overdue writes has run.
    with pytest.raises(StoreBusyError, match="too slow"):
        writer.submit(Webhook("later"))
    assert thread.is_alive()
    disk.go_on.set()
    thread.join(5)
    assert [result.changes for result in results] == [(command,)]


def test_a_write_fails_when_the_commit_thread_ends(disk: Disk) -> None:
    def session(run: Callable[[Commit], None]) -> None:
        run(commit_and_exit if not disk.batches else disk._commit)

    def commit_and_exit(operations: Sequence[Any]) -> list[Any]:
        disk.batches.append(list(operations))
        raise SystemExit

    writer = GroupCommitWriter(lambda run: _as_errors(session, run), spawn=spawn, publish=lambda changes: None)
    with pytest.raises(StoreBusyError, match="refused the write"):
        writer.submit(Webhook("lost"))
    disk.go_on.set()
    assert writer.submit(Webhook("kept")) is not None
    writer.close()


def _as_errors(session: Callable[..., None], run: Callable[[Commit], None]) -> None:
    """Raise an OSError where the session ends its thread."""
    try:
        session(run)
    except SystemExit:
        raise OSError("the thread ended") from None


def test_a_failed_commit_thread_is_restarted(caplog: pytest.LogCaptureFixture) -> None:
    disk, has_failed = Disk(), Event()

    def session(run: Callable[[Commit], None]) -> None:
        if not has_failed.is_set():
            has_failed.set()
            raise OSError("no thread to be had")
        disk.session(run)

    disk.go_on.set()
    writer = GroupCommitWriter(session, spawn=spawn, publish=lambda changes: None)
    assert writer.submit(Webhook("work")) is not None
    assert "commit thread restarted: error=OSError" in caplog.text
    writer.close()


def test_a_transaction_has_a_limit(disk: Disk) -> None:
    writer = writer_on(disk, timeout_s=60.0)
    threads = [submit_in_thread(writer, "first")]
    assert disk.reached.wait(5)
    threads += [submit_in_thread(writer, number) for number in range(BATCH_LIMIT + 20)]
    wait_until(lambda: queue_length(writer) == BATCH_LIMIT + 20, within_s=30)
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
    wait_until(lambda: queue_length(writer) == 2)
    with pytest.raises(StoreBusyError, match="Too much"):
        writer.submit(Webhook("one too many"))


def test_a_write_times_out_when_the_disk_is_slow(disk: Disk) -> None:
    writer = writer_on(disk, timeout_s=0.01)
    with pytest.raises(StoreBusyError, match="too slow"):
        writer.submit(Webhook("work"))
    disk.go_on.set()
    wait_until(lambda: disk.batches == [["work"]])
    assert writer.submit(Webhook("more")) is not None


def test_close_commits_accepted_writes_and_refuses_new_ones(disk: Disk) -> None:
    writer = writer_on(disk)
    threads = [submit_in_thread(writer, "first")]
    assert disk.reached.wait(5)
    threads += [submit_in_thread(writer, number) for number in range(5)]
    wait_until(lambda: queue_length(writer) == 5)
    closing = spawn(writer.close)
    wait_until(lambda: writer.is_closed)
    with pytest.raises(StoreBusyError, match="shutting down"):
        writer.submit(Webhook("too late"))
    disk.go_on.set()
    closing.join(5)
    for thread in threads:
        thread.join(5)
    assert sorted(str(name) for batch in disk.batches for name in batch) == ["0", "1", "2", "3", "4", "first"]


def test_a_second_close_changes_nothing(disk: Disk) -> None:
    writer = writer_on(disk)
    writer.close()
    writer.close()


class Gate:
    """An operation that blocks until `go_on`. Later writes share the next commit."""

    commits_after_timeout = True

    def __init__(self) -> None:
        self.reached = Event()
        self.go_on = Event()

    def call_ids(self) -> Iterable[str]:
        return ()

    def event_rows(self) -> Iterable[dict[str, Any]]:
        return ()

    def execute(self, unit: UnitOfWork) -> Result:
        self.reached.set()
        assert self.go_on.wait(10)
        return Result()


@pytest.fixture
def gate() -> Iterator[Gate]:
    gate = Gate()
    yield gate
    gate.go_on.set()


@pytest.fixture
def held_store(store: Store, gate: Gate) -> Store:
    """A store with one call and a busy writer."""
    store.record_event(call_initiated())
    spawn(store._writer.submit, gate)
    assert gate.reached.wait(5)
    return store


def test_many_webhooks_cost_one_commit(held_store: Store, gate: Gate) -> None:
    operations = [record_operation(transcribed_event(f"line {n}", n, event_id=f"e{n}")) for n in range(60)]
    callers = [spawn(held_store.record_event, operation) for operation in operations]
    wait_until(lambda: queue_length(held_store._writer) == 60)
    commits: list[Any] = []
    sqlalchemy_event.listen(held_store.database.engine, "commit", commits.append)
    gate.go_on.set()
    for thread in callers:
        thread.join(10)

    assert len(commits) == 2, "one for the gate and one for all webhooks"
    assert len(held_store.get_transcript(CALL_ID).segments) == 60


@dataclass(frozen=True)
class FailingOperation:
    """An operation that always fails."""

    commits_after_timeout: ClassVar[bool] = True
    error: type[BaseException] = RuntimeError

    def call_ids(self) -> Iterable[str]:
        return ()

    def event_rows(self) -> Iterable[dict[str, Any]]:
        return ()

    def execute(self, unit: UnitOfWork) -> Any:
        raise self.error("failing operation")


def test_a_failing_operation_fails_no_other_one(held_store: Store, gate: Gate) -> None:
    functions: list[Callable[[], Any]] = [
        lambda n=n: held_store.record_event(record_operation(transcribed_event(f"line {n}", n, event_id=f"e{n}")))  # type: ignore[misc]
        for n in range(10)
    ]
    functions.insert(5, lambda: held_store._writer.submit(FailingOperation()))
    functions.insert(7, lambda: held_store.start_command(start_command_operation(call_id="v3:unknown")))

    def open_gate() -> None:
        wait_until(lambda: queue_length(held_store._writer) == len(functions))
        gate.go_on.set()

    opening = spawn(open_gate)
    results = run_in_threads(*functions)
    opening.join(5)
    errors = [type(result) for result in results if isinstance(result, Exception)]
    assert errors == [StoreBusyError, CallNotFoundError]
    assert segment_texts(held_store.get_transcript(CALL_ID).segments) == [f"line {n}" for n in range(10)]


def test_a_failing_subscriber_does_not_fail_the_write(
    url: str, new_store: Callable[..., Store], caplog: pytest.LogCaptureFixture
) -> None:
    def publish(changes: Sequence[Change]) -> None:
        raise RuntimeError("the subscriber failed")

    store = new_store(url, publish)
    assert store.record_event(call_initiated()).is_new
    assert store.record_event(record_operation(transcribed_event("a secret of the caller", 5))).is_new
    assert store.get_transcript(CALL_ID).call.started_at == time_at(0)
    assert "stored changes not published: changes=" in caplog.text
    assert "a secret" not in caplog.text
