"""Two stores on one PostgreSQL database act like one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from dashboard.calls.changes import Change
from dashboard.store import RecordEvent, Store
from dashboard.store.migrate import upgrade
from tests.calls.stories import CALL_IDS, transcribed_event

from .records import CALL_ID, call_initiated, change_numbers, record_operation, run_in_threads, start_command_operation


@pytest.fixture
def stores(empty_postgres_url: str, new_store: Callable[..., Store]) -> tuple[Store, Store]:
    upgrade(empty_postgres_url)
    return new_store(empty_postgres_url), new_store(empty_postgres_url)


def record_in_turn(store: Store, operations: list[RecordEvent]) -> Callable[[], Any]:
    return lambda: [store.record_event(operation).is_new for operation in operations]


def test_numbers_have_no_gaps_and_no_duplicates(stores: tuple[Store, Store], published: list[Change]) -> None:
    finals = [record_operation(transcribed_event(f"line {n}", n % 7, event_id=f"e{n}")) for n in range(120)]
    callers = [record_in_turn(stores[n % 2], finals[n::6]) for n in range(6)]
    assert all(all(result) for result in run_in_threads(*callers))
    segments = stores[0].get_transcript(CALL_ID).segments
    numbers = sorted(change_numbers(published))
    assert len(segments) == 120
    assert numbers == list(range(1, stores[1].get_transcript(CALL_ID).call.seq + 1))


def test_events_sent_to_both_are_stored_once(stores: tuple[Store, Store]) -> None:
    operations = [call_initiated(call_id) for call_id in CALL_IDS]
    operations += [
        record_operation(transcribed_event(f"line {n}", n, call_id=call_id, event_id=f"{call_id}-{n}"))
        for n in range(25)
        for call_id in CALL_IDS
    ]
    callers = [
        record_in_turn(store, share[start::3])
        for store in stores
        for share in (operations, operations[::-1])
        for start in range(3)
    ]
    results = run_in_threads(*callers)
    assert not [result for result in results if isinstance(result, Exception)]
    assert sum(sum(result) for result in results) == len(operations)
    for call_id in CALL_IDS:
        assert len(stores[0].get_transcript(call_id).segments) == 25


def test_a_double_start_on_both_is_one_command(stores: tuple[Store, Store]) -> None:
    stores[0].record_event(call_initiated())
    operation = start_command_operation()
    results = run_in_threads(
        *[
            lambda store=store, n=n: store.start_command(replace(operation, command_id=f"c{n}"))
            for n, store in enumerate(stores * 3)
        ]
    )
    assert sum(result.should_send for result in results) == 1
