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
from dashboard.store.group_commit import REST_S, GroupWriter
from dashboard.store.operations import (
    DeletePreset,
    GiveUp,
    LogCommand,
    NameSpeakers,
    Press,
    Pressed,
    Recorded,
    RecordEvent,
    SavePreset,
    Settle,
)
from dashboard.store.unit_of_work import Unit, Work

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
        observe: Callable[[int, float], None] = lambda works, elapsed_s: None,
        rest_s: float = REST_S,
    ) -> None:
        """`observe` is told how many writes shared each commit, and how many seconds it took."""
        self.database = database
        self._subscribers: list[Subscriber] = []
        self._writer = GroupWriter(self._session, spawn=spawn, publish=self._publish, observe=observe, rest_s=rest_s)

    def subscribe(self, *subscribers: Subscriber) -> None:
        """Call each with the changes of every commit, in this order. A subscriber must not block."""
        self._subscribers += subscribers

    def _publish(self, changes: Sequence[Change]) -> None:
        for notify in self._subscribers:
            notify(changes)

    def record(self, event: RecordEvent) -> Recorded:
        """Keep an event and what it changes. StoreBusyError if it is not known to be kept."""
        recorded: Recorded = self._writer.submit(event)
        return recorded

    def press(self, press: Press) -> Pressed:
        """CallNotFoundError for a call nobody has told us of."""
        pressed: Pressed = self._writer.submit(press)
        return pressed

    def settle(self, settle: Settle) -> Recorded:
        recorded: Recorded = self._writer.submit(settle)
        return recorded

    def give_up(self, work: GiveUp) -> Recorded:
        recorded: Recorded = self._writer.submit(work)
        return recorded

    def name_speakers(self, work: NameSpeakers) -> Recorded:
        """CallNotFoundError for a call nobody has told us of."""
        named: Recorded = self._writer.submit(work)
        return named

    def calls(self, *, limit: int, before: queries.Cursor | None = None) -> queries.Page:
        return self.database.read(lambda connection: queries.calls_page(connection, limit=limit, before=before))

    def running_calls(self, *, limit: int) -> list[queries.CallSummary]:
        return self.database.read(lambda connection: queries.running_calls(connection, limit=limit))

    def call(self, call_id: str, *, after_seq: int | None = None) -> queries.Transcript:
        """The call and its segments in transcript order, or, after a number, the newer ones in order of `seq`."""
        return self.database.read(lambda connection: queries.transcript(connection, call_id, after_seq=after_seq))

    def state_of(self, call_id: str) -> Call:
        """The call without its segments. CallNotFoundError for one nobody has told us of."""
        return self.database.read(lambda connection: queries.state_of(connection, call_id))

    def segments_after(self, call_id: str, after_seq: int, *, limit: int) -> queries.SegmentPage:
        return self.database.read(
            lambda connection: queries.segments_after(connection, call_id, after_seq, limit=limit)
        )

    def search(self, query: str, *, limit: int, before: int | None = None) -> search.HitPage:
        """What was said with all these words and "quoted phrases" in it, heard last first; `before` pages."""
        return self.database.read(lambda connection: search.find(connection, query, limit=limit, before=before))

    def lanes(self, call_id: str) -> queries.Lanes | None:
        return self.database.read(lambda connection: queries.lanes(connection, call_id))

    def pending(self, *, since_before: datetime) -> list[queries.PendingPress]:
        return self.database.read(lambda connection: queries.pending_presses(connection, since_before=since_before))

    def events(self, *, limit: int) -> list[dict[str, Any]]:
        return self.database.read(lambda connection: queries.newest_events(connection, limit=limit))

    def events_of_call(self, call_id: str, *, types: Collection[str], limit: int) -> list[dict[str, Any]]:
        return self.database.read(
            lambda connection: queries.events_of_call(connection, call_id, types=types, limit=limit)
        )

    def events_page(
        self, wanted: event_log.Wanted, *, limit: int, before: event_log.Cursor | None = None
    ) -> list[dict[str, Any]]:
        return self.database.read(lambda connection: event_log.page(connection, wanted, limit=limit, before=before))

    def event(self, event_id: str) -> dict[str, Any] | None:
        return self.database.read(lambda connection: event_log.event(connection, event_id))

    def keywords(self) -> list[Keyword]:
        return self.database.read(keyword_rows.chosen)

    def change_keyword(self, change: keyword_rows.SaveKeyword | keyword_rows.DeleteKeyword) -> Recorded:
        """`is_new` is false for the deletion of what is not there."""
        changed: Recorded = self._writer.submit(change)
        return changed

    def first_event_beyond(self, kept: int) -> datetime | None:
        return self.database.read(lambda connection: event_log.first_beyond(connection, kept=kept))

    def event_bodies(self, until: datetime, *, since: datetime | None, limit: int) -> list[tuple[str, datetime]]:
        return self.database.read(
            lambda connection: event_log.bodies_until(connection, until, since=since, limit=limit)
        )

    def forget_bodies(self, work: event_log.ForgetBodies) -> Recorded:
        forgotten: Recorded = self._writer.submit(work)
        return forgotten

    def log_command(self, logged: LogCommand) -> Pressed:
        written: Pressed = self._writer.submit(logged)
        return written

    def command(self, command_id: str) -> dict[str, Any] | None:
        return self.database.read(lambda connection: queries.command(connection, command_id))

    def commands(self, call_id: str) -> list[dict[str, Any]]:
        return self.database.read(lambda connection: queries.commands_of(connection, call_id))

    def last_parameters(self, name: str) -> str | None:
        return self.database.read(lambda connection: queries.last_parameters(connection, name))

    def presets(self) -> list[dict[str, Any]]:
        return self.database.read(queries.presets_of)

    def change_preset(self, change: SavePreset | DeletePreset) -> Recorded:
        changed: Recorded = self._writer.submit(change)
        return changed

    def running(self) -> list[Call]:
        """Every call that has not ended, oldest first."""
        return self.database.read(queries.running)

    def heard_at(self, call_ids: list[str]) -> dict[str, datetime]:
        return self.database.read(lambda connection: queries.heard_at(connection, call_ids))

    def is_reachable(self) -> bool:
        return self.database.read(queries.is_reachable)

    def schema_version(self) -> str | None:
        return self.database.read(queries.schema_version)

    @property
    def waiting(self) -> int:
        """Writes that nobody has begun with."""
        return self._writer.waiting

    def rehearse(self, work: Work) -> Any:
        """What the work would return. It is written like any other, then taken back, and nobody is told."""

        def transaction(connection: Connection) -> Any:
            with connection.begin_nested() as all_of_it:
                [result] = self._work_on(connection, [work])
                all_of_it.rollback()
            return result

        return self.database.write(transaction)

    def close(self) -> None:
        self._writer.close()
        self.database.close()

    def _session(self, use: Callable[[Commit], None]) -> None:
        def with_transactions(transaction: Transaction) -> None:
            use(lambda works: transaction(lambda connection: self._work_on(connection, works)))

        self.database.write_often(with_transactions)

    @staticmethod
    def _work_on(connection: Connection, works: Sequence[Work]) -> list[Any]:
        unit = Unit(connection)
        unit.prepare(works)
        results = [work.run(unit) for work in works]
        unit.flush()
        return results
