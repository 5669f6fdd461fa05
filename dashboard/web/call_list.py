"""The calls that the list shows: all running ones, then the newest ended ones."""

from __future__ import annotations

from typing import NamedTuple

from dashboard.store import Store
from dashboard.web.request_parsing import cursor_text
from dashboard.web.serializers import JSON, summary_json

RUNNING_SHOWN = 300
RECENT_SHOWN = 50


class CallList(NamedTuple):
    """Running calls, oldest first; ended ones, newest first; and the cursor of older ones."""

    running: list[JSON]
    recent: list[JSON]
    older: str | None


def list_calls(store: Store) -> CallList:
    """Read the list from the store."""
    running = [summary_json(summary) for summary in store.running_calls(limit=RUNNING_SHOWN)]
    newest = store.calls_page(limit=RECENT_SHOWN)
    recent = [summary_json(summary) for summary in newest.calls if summary.call.ended_at is not None]
    return CallList(running, recent, cursor_text(newest.next))


def call_list(store: Store) -> list[JSON]:
    """Running and recent calls in one list."""
    calls = list_calls(store)
    return calls.running + calls.recent
