"""Durable memory: what was accepted is on disk before anybody is told. Knows nothing of providers or browsers."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from dashboard.calls.call import Call
from dashboard.calls.changes import Change
from dashboard.calls.keywords import Keyword
from dashboard.store import event_log, queries, search
from dashboard.store import keywords as keyword_rows
from dashboard.store.commit_thread import Commit
from dashboard.store.database import Database, Transaction
from dashboard.store.group_commit import COMMIT_PAUSE_S, GroupCommitWriter
from dashboard.store.operations import (
    CommandStarted,
    DeletePreset,
    ExpireCommand,
    FinishCommand,
    NameSpeakers,
    OperationResult,
    RecordEvent,
    SavePreset,
    StartCommand,
    StartDial,
)
from dashboard.store.unit_of_work import Operation, UnitOfWork

Subscriber = Callable[[Sequence[Change]], None]


class Store:
    """The calls, their transcripts, the webhooks behind them and the commands sent.

    Reads see one moment. Writes share transactions and return after the commit, by which time the subscribers have
    been given their changes, in the order of their numbers.
    """

    def __init__(
        self,
        database: Database,
        *,
        spawn: Callable[..., Any],
        observe_commit: Callable[[int, float], None] = lambda works, elapsed_s: None,
        commit_pause_s: float = COMMIT_PAUSE_S,
    ) -> None:
        """`observe` is told how many writes shared each commit, and how many seconds it took."""
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
        """Call each with the changes of every commit, in this order. A subscriber must not block."""
        self._subscribers += subscribers

    def _publish(self, changes: Sequence[Change]) -> None:
        for notify in self._subscribers:
            notify(changes)

    def record_event(self, event: RecordEvent) -> OperationResult:
        """Keep an event and what it changes. StoreBusyError if it is not known to be kept."""
        recorded: OperationResult = self._writer.submit(event)
        return recorded

    def start_command(self, operation: StartCommand) -> CommandStarted:
        """CallNotFoundError for a call nobody has told us of."""
        pressed: CommandStarted = self._writer.submit(operation)
        return pressed

    def finish_command(self, operation: FinishCommand) -> OperationResult:
        recorded: OperationResult = self._writer.submit(operation)
        return recorded

    def expire_command(self, operation: ExpireCommand) -> OperationResult:
        recorded: OperationResult = self._writer.submit(operation)
        return recorded

    def name_speakers(self, operation: NameSpeakers) -> OperationResult:
        """CallNotFoundError for a call nobody has told us of."""
        named: OperationResult = self._writer.submit(operation)
        return named

    def calls_page(self, *, limit: int, before: queries.Cursor | None = None) -> queries.CallPage:
        return self.database.read(lambda connection: queries.calls_page(connection, limit=limit, before=before))

    def running_calls(self, *, limit: int) -> list[queries.CallSummary]:
        return self.database.read(lambda connection: queries.running_calls(connection, limit=limit))

    def get_transcript(self, call_id: str, *, after_seq: int | None = None) -> queries.Transcript:
        """The call and its segments in transcript order, or, after a number, the newer ones in order of `seq`."""
        return self.database.read(lambda connection: queries.get_transcript(connection, call_id, after_seq=after_seq))

    def get_call(self, call_id: str) -> Call:
        """The call without its segments. CallNotFoundError for one nobody has told us of."""
        return self.database.read(lambda connection: queries.get_call(connection, call_id))

    def segments_after(self, call_id: str, after_seq: int, *, limit: int) -> queries.SegmentPage:
        return self.database.read(
            lambda connection: queries.segments_after(connection, call_id, after_seq, limit=limit)
        )

    def search_segments(self, query: str, *, limit: int, before: int | None = None) -> search.SearchHitPage:
        """What was said with all these words and "quoted phrases" in it, heard last first; `before` pages."""
        return self.database.read(
            lambda connection: search.find_segments(connection, query, limit=limit, before=before)
        )

    def lane_positions(self, call_id: str) -> queries.LanePositions | None:
        return self.database.read(lambda connection: queries.lane_positions(connection, call_id))

    def unconfirmed_commands(self, *, since_before: datetime) -> list[queries.UnconfirmedCommand]:
        return self.database.read(
            lambda connection: queries.unconfirmed_commands(connection, since_before=since_before)
        )

    def newest_events(self, *, limit: int) -> list[dict[str, Any]]:
        return self.database.read(lambda connection: queries.newest_events(connection, limit=limit))

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
        """`is_new` is false for the deletion of what is not there."""
        changed: OperationResult = self._writer.submit(operation)
        return changed

    def oldest_kept_event_at(self, count: int) -> datetime | None:
        return self.database.read(lambda connection: event_log.oldest_kept_event_at(connection, count=count))

    def events_with_body(self, until: datetime, *, since: datetime | None, limit: int) -> list[tuple[str, datetime]]:
        return self.database.read(
            lambda connection: event_log.events_with_body(connection, until, since=since, limit=limit)
        )

    def delete_bodies(self, operation: event_log.DeleteBodies) -> OperationResult:
        forgotten: OperationResult = self._writer.submit(operation)
        return forgotten

    def start_dial(self, operation: StartDial) -> CommandStarted:
        written: CommandStarted = self._writer.submit(operation)
        return written

    def get_command(self, command_id: str) -> dict[str, Any] | None:
        return self.database.read(lambda connection: queries.get_command(connection, command_id))

    def commands_of_call(self, call_id: str) -> list[dict[str, Any]]:
        return self.database.read(lambda connection: queries.commands_of_call(connection, call_id))

    def last_parameters(self, name: str) -> str | None:
        return self.database.read(lambda connection: queries.last_parameters(connection, name))

    def all_presets(self) -> list[dict[str, Any]]:
        return self.database.read(queries.all_presets)

    def change_preset(self, operation: SavePreset | DeletePreset) -> OperationResult:
        changed: OperationResult = self._writer.submit(operation)
        return changed

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
        """Writes that nobody has begun with."""
        return self._writer.queued_writes

    def dry_run(self, operation: Operation) -> Any:
        """What the work would return. It is written like any other, then taken back, and nobody is told."""

        def transaction(connection: Connection) -> Any:
            with connection.begin_nested() as all_of_it:
                [result] = self._execute_operations(connection, [operation])
                all_of_it.rollback()
            return result

        return self.database.write(transaction)

    def close(self) -> None:
        self._writer.close()
        self.database.close()

    def _run_writer(self, session: Callable[[Commit], None]) -> None:
        def with_transactions(transaction: Transaction) -> None:
            session(lambda works: transaction(lambda connection: self._execute_operations(connection, works)))

        self.database.run_writer(with_transactions)

    @staticmethod
    def _execute_operations(connection: Connection, operations: Sequence[Operation]) -> list[Any]:
        unit = UnitOfWork(connection)
        unit.prepare(operations)
        results = [work.execute(unit) for work in operations]
        unit.flush()
        return results
