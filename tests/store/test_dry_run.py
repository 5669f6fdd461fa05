"""A rehearsal writes like the real thing, and nothing of it stays."""

from __future__ import annotations

import pytest

from dashboard.calls.changes import CallUpdated
from dashboard.errors import CallNotFoundError
from dashboard.store import Store
from dashboard.store.migrate import newest_version
from tests.calls.stories import CALL_IDS
from tests.store.records import call_initiated, stored_events


def test_a_rehearsal_tells_the_changes_and_keeps_none(store: Store) -> None:
    [change] = store.dry_run(call_initiated()).changes
    assert isinstance(change, CallUpdated) and change.call.seq == 1
    assert stored_events(store) == []
    with pytest.raises(CallNotFoundError):
        store.get_transcript(CALL_IDS[0])


def test_what_was_rehearsed_can_still_happen(store: Store) -> None:
    rehearsed = store.dry_run(call_initiated())
    assert store.record_event(call_initiated()).changes == rehearsed.changes


def test_the_schema_of_an_upgraded_database_is_the_newest(store: Store) -> None:
    assert store.schema_version() == newest_version() is not None
