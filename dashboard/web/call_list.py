"""The calls of the list: all running ones, then the newest ended ones."""

from __future__ import annotations

from typing import NamedTuple

from dashboard.store import Store
from dashboard.web.request_parsing import encode_cursor
from dashboard.web.serializers import JSON, call_summary_json

MAX_RUNNING_CALLS = 300
MAX_RECENT_CALLS = 50


class CallList(NamedTuple):
    """Running calls, oldest first; ended ones, newest first; and the cursor of older ones."""

    running: list[JSON]
    recent: list[JSON]
    older: str | None


def load_call_list(store: Store) -> CallList:
    """Read the list from the store."""
    running = [call_summary_json(summary) for summary in store.running_calls(limit=MAX_RUNNING_CALLS)]
    newest = store.calls_page(limit=MAX_RECENT_CALLS)
    recent = [call_summary_json(summary) for summary in newest.calls if summary.call.ended_at is not None]
    return CallList(running, recent, encode_cursor(newest.next))


def call_list_json(store: Store) -> list[JSON]:
    """Running and recent calls in one list."""
    calls = load_call_list(store)
    return calls.running + calls.recent
