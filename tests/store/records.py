"""Builders of operations, and helpers to read results."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from threading import Thread
from typing import Any

from sqlalchemy import select

from dashboard.calls.changes import CallUpdated, Change, SegmentAdded
from dashboard.calls.events import AnyCallEvent, CallAnswered, CallInitiated, Direction
from dashboard.calls.switches import SwitchName
from dashboard.calls.transcript import Segment
from dashboard.store import RecordEvent, StartCommand, Store
from dashboard.store.event_log import EventFilter
from dashboard.store.schema import commands
from tests.calls.stories import CALL_IDS, T0, time_at

CALL_ID = CALL_IDS[0]


def record_operation(event: AnyCallEvent, *, first_heard_at: datetime | None = None) -> RecordEvent:
    return RecordEvent(
        event_id=event.event_id,
        type="kind.of.event",
        is_known_type=True,
        call_id=event.call_id,
        event=event,
        attempt=1,
        occurred_at=event.occurred_at,
        received_at=event.occurred_at + timedelta(milliseconds=200),
        body="{}",
        first_heard_at=first_heard_at,
    )


def unknown_event_operation(event_id: str = "unknown-1") -> RecordEvent:
    return RecordEvent(
        event_id=event_id,
        type="call.cost",
        is_known_type=False,
        call_id=None,
        event=None,
        attempt=None,
        occurred_at=T0,
        received_at=T0,
        body='{"data": {}}',
    )


def call_initiated(call_id: str = CALL_ID, seconds: float = 0) -> RecordEvent:
    return record_operation(
        CallInitiated(
            event_id=f"initiated-{call_id}",
            call_id=call_id,
            occurred_at=time_at(seconds),
            from_number="+15550100",
            to_number="+15550199",
            direction=Direction.INBOUND,
        )
    )


def call_answered(call_id: str = CALL_ID, seconds: float = 1) -> RecordEvent:
    return record_operation(CallAnswered(event_id=f"answered-{call_id}", call_id=call_id, occurred_at=time_at(seconds)))


def start_command_operation(
    command_id: str = "command-1",
    *,
    on: bool = True,
    switch: SwitchName | None = SwitchName.STREAMING,
    call_id: str = CALL_ID,
    seconds: float = 10,
    name: str | None = None,
) -> StartCommand:
    return StartCommand(
        command_id=command_id,
        call_id=call_id,
        name=name or ("streaming_start" if on else "streaming_stop"),
        requested_by="operator",
        at=time_at(seconds),
        parameters={"stream_track": "both_tracks"},
        switch=switch,
        on=on,
    )


def change_numbers(changes: Iterable[Change], call_id: str = CALL_ID) -> list[int]:
    """The `seq` of every change of a call, in order."""
    numbers = []
    for change in changes:
        if isinstance(change, CallUpdated) and change.call.call_id == call_id:
            numbers.append(change.call.seq)
        if isinstance(change, SegmentAdded) and change.segment.call_id == call_id:
            numbers.append(change.segment.seq)
    return numbers


def run_in_threads(*functions: Callable[[], Any]) -> list[Any]:
    """Run each in a thread; returns results or errors, in order."""
    results: list[Any] = [None] * len(functions)

    def run(index: int) -> None:
        try:
            results[index] = functions[index]()
        except Exception as error:
            results[index] = error

    threads = [Thread(target=run, args=(index,), daemon=True) for index in range(len(functions))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return results


def wait_until(condition: Callable[[], bool], *, within_s: float = 5.0) -> None:
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, "condition not met in time"
        time.sleep(0.002)


def stored_events(store: Store, *, limit: int = 10) -> list[dict[str, Any]]:
    """The newest events without their bodies, newest first."""
    return store.events_page(EventFilter(), limit=limit)


def stored_command(store: Store, command_id: str) -> dict[str, Any]:
    """The row of one command."""
    query = select(commands).where(commands.c.command_id == command_id)
    return dict(store.database.read(lambda connection: connection.execute(query).one())._mapping)


def segment_texts(segments: Iterable[Segment]) -> list[str]:
    return [segment.text for segment in segments]
