"""The store: every read and write of the application."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from dashboard.calls.call import Call
from dashboard.calls.changes import Change
from dashboard.calls.keywords import Keyword
from dashboard.store import event_log, presets, queries, search
from dashboard.store import keywords as keyword_rows
from dashboard.store.commit_thread import Commit
from dashboard.store.database import Database, Transaction
from dashboard.store.group_commit import COMMIT_PAUSE_S, GroupCommitWriter
from dashboard.store.operations import (
    CommandStarted,
    ExpireCommand,
    FinishCommand,
    NameSpeakers,
    OperationResult,
    RecordEvent,
    StartCommand,
    StartDial,
)
from dashboard.store.unit_of_work import Operation, UnitOfWork

Subscriber = Callable[[Sequence[Change]], None]


class Store:
    """The stored calls, transcripts, webhooks, commands, keywords and presets.

    Each read sees one snapshot. Writes share transactions. A write returns after its commit and after the subscribers
    got its changes, in the order of `seq`. Every write raises StoreBusyError when it cannot be committed in time.
    """

    def __init__(
        self,
        database: Database,
        *,
        spawn: Callable[..., Any],
        observe_commit: Callable[[int, float], None] = lambda writes, elapsed_s: None,
        commit_pause_s: float = COMMIT_PAUSE_S,
    ) -> None:
        """`observe_commit(writes, elapsed_s)` is called after every commit."""
        self.database = database
        self._subscribers: list[Subscriber] = []
        self._writer = GroupCommitWriter(
            self._run_writer,
            spawn=spawn,
            publish=self._publish,
            observe_commit=observe_commit,
            commit_pause_s=commit_pause_s,
        )

    def subscribe(self, *subscribers: Subscriber) -> None:
        """Call each subscriber after every commit, in this order. Subscribers must not block."""
        self._subscribers += subscribers

    def _publish(self, changes: Sequence[Change]) -> None:
        for subscriber in self._subscribers:
            subscriber(changes)

    def record_event(self, event: RecordEvent) -> OperationResult:
        """Store one event and its changes to the call."""
        result: OperationResult = self._writer.submit(event)
        return result

    def start_command(self, operation: StartCommand) -> CommandStarted:
        """Store a command before it is sent. CallNotFoundError for an unknown call."""
        started: CommandStarted = self._writer.submit(operation)
        return started

    def finish_command(self, operation: FinishCommand) -> OperationResult:
        result: OperationResult = self._writer.submit(operation)
        return result

    def expire_command(self, operation: ExpireCommand) -> OperationResult:
        result: OperationResult = self._writer.submit(operation)
        return result

    def name_speakers(self, operation: NameSpeakers) -> OperationResult:
        """Set the names of speakers. CallNotFoundError for an unknown call."""
        result: OperationResult = self._writer.submit(operation)
        return result

    def calls_page(self, *, limit: int, before: queries.Cursor | None = None) -> queries.CallPage:
        return self.database.read(lambda connection: queries.calls_page(connection, limit=limit, before=before))

    def running_calls(self, *, limit: int) -> list[queries.CallSummary]:
        return self.database.read(lambda connection: queries.running_calls(connection, limit=limit))

    def get_transcript(self, call_id: str, *, after_seq: int | None = None) -> queries.Transcript:
        """A call with its segments by time. With `after_seq` only newer ones, by `seq`. CallNotFoundError."""
        return self.database.read(lambda connection: queries.get_transcript(connection, call_id, after_seq=after_seq))

    def get_call(self, call_id: str) -> Call:
        """A call without its segments. CallNotFoundError for an unknown call."""
        return self.database.read(lambda connection: queries.get_call(connection, call_id))

    def segments_after(self, call_id: str, after_seq: int, *, limit: int) -> queries.SegmentPage:
        return self.database.read(
            lambda connection: queries.segments_after(connection, call_id, after_seq, limit=limit)
        )

    def search_segments(self, query: str, *, limit: int, before: int | None = None) -> search.SearchHitPage:
        """Segments that match a query, newest first. All words and "quoted phrases" must occur."""
        return self.database.read(
            lambda connection: search.find_segments(connection, query, limit=limit, before=before)
        )

    def lane_positions(self, call_id: str) -> queries.LanePositions | None:
        return self.database.read(lambda connection: queries.lane_positions(connection, call_id))

    def unconfirmed_commands(self, *, since_before: datetime) -> list[queries.UnconfirmedCommand]:
        return self.database.read(
            lambda connection: queries.unconfirmed_commands(connection, since_before=since_before)
        )

    def events_of_call(self, call_id: str, *, types: Collection[str], limit: int) -> list[dict[str, Any]]:
        return self.database.read(
            lambda connection: queries.events_of_call(connection, call_id, types=types, limit=limit)
        )

    def events_page(
        self, event_filter: event_log.EventFilter, *, limit: int, before: event_log.Cursor | None = None
    ) -> list[dict[str, Any]]:
        return self.database.read(
            lambda connection: event_log.events_page(connection, event_filter, limit=limit, before=before)
        )

    def get_event(self, event_id: str) -> dict[str, Any] | None:
        return self.database.read(lambda connection: event_log.get_event(connection, event_id))

    def all_keywords(self) -> list[Keyword]:
        return self.database.read(keyword_rows.all_keywords)

    def change_keyword(self, operation: keyword_rows.SaveKeyword | keyword_rows.DeleteKeyword) -> OperationResult:
        """Save or delete a keyword. `is_new` is false where there was nothing to delete."""
        result: OperationResult = self._writer.submit(operation)
        return result

    def oldest_kept_event_at(self, count: int) -> datetime | None:
        return self.database.read(lambda connection: event_log.oldest_kept_event_at(connection, count=count))

    def events_with_body(self, until: datetime, *, since: datetime | None, limit: int) -> list[tuple[str, datetime]]:
        return self.database.read(
            lambda connection: event_log.events_with_body(connection, until, since=since, limit=limit)
        )

    def delete_bodies(self, operation: event_log.DeleteBodies) -> OperationResult:
        result: OperationResult = self._writer.submit(operation)
        return result

    def start_dial(self, operation: StartDial) -> CommandStarted:
        started: CommandStarted = self._writer.submit(operation)
        return started

    def commands_of_call(self, call_id: str) -> list[dict[str, Any]]:
        return self.database.read(lambda connection: queries.commands_of_call(connection, call_id))

    def last_parameters(self, name: str) -> str | None:
        return self.database.read(lambda connection: queries.last_parameters(connection, name))

    def all_presets(self) -> list[dict[str, Any]]:
        return self.database.read(presets.all_presets)

    def change_preset(self, operation: presets.SavePreset | presets.DeletePreset) -> OperationResult:
        result: OperationResult = self._writer.submit(operation)
        return result

    def all_running_calls(self) -> list[Call]:
        """Every call that has not ended, oldest first."""
        return self.database.read(queries.all_running_calls)

    def last_speech_at(self, call_ids: list[str]) -> dict[str, datetime]:
        return self.database.read(lambda connection: queries.last_speech_at(connection, call_ids))

    def is_reachable(self) -> bool:
        return self.database.read(queries.is_reachable)

    def schema_version(self) -> str | None:
        return self.database.read(queries.schema_version)

    @property
    def queued_writes(self) -> int:
        """Writes that no commit has taken up yet."""
        return self._writer.queued_writes

    def dry_run(self, operation: Operation) -> Any:
        """The result an operation would have. It is executed, then rolled back; subscribers get nothing."""

        def execute_and_roll_back(connection: Connection) -> Any:
            with connection.begin_nested() as savepoint:
                [result] = self._execute_operations(connection, [operation])
                savepoint.rollback()
            return result

        return self.database.write(execute_and_roll_back)

    def close(self) -> None:
        """Commit what was accepted, then close every connection."""
        self._writer.close()
        self.database.close()

    def _run_writer(self, session: Callable[[Commit], None]) -> None:
        def with_transactions(transaction: Transaction) -> None:
            session(lambda operations: transaction(lambda connection: self._execute_operations(connection, operations)))

        self.database.run_writer(with_transactions)

    @staticmethod
    def _execute_operations(connection: Connection, operations: Sequence[Operation]) -> list[Any]:
        unit = UnitOfWork(connection)
        unit.prepare(operations)
        results = [operation.execute(unit) for operation in operations]
        unit.flush()
        return results
