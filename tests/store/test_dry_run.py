"""A dry run executes a write and rolls it back."""

from __future__ import annotations

import pytest

from dashboard.calls.changes import CallUpdated
from dashboard.errors import CallNotFoundError
from dashboard.store import Store
from dashboard.store.migrate import newest_version
from tests.calls.stories import CALL_IDS
from tests.store.records import call_initiated, stored_events


def test_a_dry_run_returns_changes_and_stores_none(store: Store) -> None:
    [change] = store.dry_run(call_initiated()).changes
    assert isinstance(change, CallUpdated) and change.call.seq == 1
    assert stored_events(store) == []
    with pytest.raises(CallNotFoundError):
        store.get_transcript(CALL_IDS[0])


def test_an_event_can_be_stored_after_its_dry_run(store: Store) -> None:
    result = store.dry_run(call_initiated())
    assert store.record_event(call_initiated()).changes == result.changes


def test_the_schema_of_an_upgraded_database_is_the_newest(store: Store) -> None:
    assert store.schema_version() == newest_version() is not None
