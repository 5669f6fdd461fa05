"""Two stores on one Postgres number one call as one would: no process holds a truth of its own."""

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


def in_turn(store: Store, works: list[RecordEvent]) -> Callable[[], Any]:
    return lambda: [store.record_event(work).is_new for work in works]


def test_numbers_have_no_gaps_and_no_doubles(stores: tuple[Store, Store], published: list[Change]) -> None:
    finals = [record_operation(transcribed_event(f"line {n}", n % 7, event_id=f"e{n}")) for n in range(120)]
    works = [in_turn(stores[n % 2], finals[n::6]) for n in range(6)]
    assert all(all(outcome) for outcome in run_in_threads(*works))
    segments = stores[0].get_transcript(CALL_ID).segments
    told = sorted(change_numbers(published))
    assert len(segments) == 120
    assert told == list(range(1, stores[1].get_transcript(CALL_ID).call.seq + 1))


def test_events_sent_to_both_are_kept_once(stores: tuple[Store, Store]) -> None:
    works = [call_initiated(call_id) for call_id in CALL_IDS]
    works += [
        record_operation(transcribed_event(f"line {n}", n, call_id=call_id, event_id=f"{call_id}-{n}"))
        for n in range(25)
        for call_id in CALL_IDS
    ]
    callers = [
        in_turn(store, ordered[start::3]) for store in stores for ordered in (works, works[::-1]) for start in range(3)
    ]
    outcomes = run_in_threads(*callers)
    assert not [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert sum(sum(outcome) for outcome in outcomes) == len(works)
    for call_id in CALL_IDS:
        assert len(stores[0].get_transcript(call_id).segments) == 25


def test_a_double_press_on_both_is_one_command(stores: tuple[Store, Store]) -> None:
    stores[0].record_event(call_initiated())
    press = start_command_operation()
    outcomes = run_in_threads(
        *[
            lambda store=store, n=n: store.start_command(replace(press, command_id=f"c{n}"))
            for n, store in enumerate(stores * 3)
        ]
    )
    assert sum(outcome.should_send for outcome in outcomes) == 1
