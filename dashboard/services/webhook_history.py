"""All webhooks of the inspector: accepted ones from the store, the others from memory."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, NamedTuple

from dashboard.errors import EventNotFoundError, PayloadError, ReplayError
from dashboard.messages import _
from dashboard.services.ingest import EventIngest
from dashboard.services.webhook_log import STORED_VERDICTS, Verdict, WebhookLog, WebhookLogEntry
from dashboard.services.webhook_receiver import record_event_from
from dashboard.store import Store
from dashboard.store.event_log import REPLAY_MARK, Cursor, EventFilter
from dashboard.telnyx.webhooks.payloads import Webhook, parse_webhook


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredWebhook:
    """A stored webhook with its log entry. `body` is None once it was pruned."""

    row: dict[str, Any]
    log_entry: WebhookLogEntry | None
    body: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookQuery:
    """What to list. `text` looks into ids, types and reasons; `before` is the cursor of the last entry."""

    verdicts: frozenset[Verdict]
    type: str | None = None
    call_id: str | None = None
    text: str | None = None
    before: Cursor | None = None


class WebhookPage(NamedTuple):
    """Entries, newest first, and the cursor of the next page."""

    entries: Sequence[StoredWebhook | WebhookLogEntry]
    next: Cursor | None


_Entry = tuple[datetime, str, StoredWebhook | WebhookLogEntry]


class WebhookHistory:
    """Lists, finds and replays webhooks."""

    def __init__(self, *, store: Store, webhook_log: WebhookLog, ingest: EventIngest) -> None:
        self._store = store
        self._log = webhook_log
        self._ingest = ingest

    def list_webhooks(self, query: WebhookQuery, *, limit: int) -> WebhookPage:
        """At most `limit` webhooks, newest first."""
        entries = self._stored_entries(query, limit + 1) + self._logged_entries(query)
        entries.sort(key=_newest_first)
        page = entries[:limit]
        end = page[-1][:2] if len(entries) > limit else None
        return WebhookPage([entry for _, _, entry in page], end)

    def get_webhook(self, event_id: str) -> StoredWebhook | WebhookLogEntry:
        """One webhook; EventNotFoundError for an unknown id."""
        row = self._store.get_event(event_id)
        if row is not None:
            body = row.pop("body")
            return StoredWebhook(row=row, log_entry=self._log_entries_by_id().get(event_id), body=body)
        for entry in self._log.entries():
            if entry.id == event_id:
                return entry
        raise EventNotFoundError

    def replay(self, event_id: str) -> str:
        """Apply a stored event once more under a new id, which is returned.

        Nothing is sent to Telnyx. Raises EventNotFoundError, ReplayError and StoreBusyError.
        """
        started, now = time.perf_counter(), datetime.now(UTC)
        row = self._store.get_event(event_id)
        if row is None:
            raise EventNotFoundError
        webhook = _renamed_copy(row)
        body: bytes = row["body"].encode()
        self._ingest.store_event(record_event_from(webhook, body, received_at=now))
        self._log.add(
            Verdict.REPLAYED,
            body,
            at=now,
            handling_ms=round((time.perf_counter() - started) * 1000, 2),
            headers={},
            type=webhook.event_type,
            event_id=webhook.event_id,
            call_id=webhook.call_id,
        )
        return webhook.event_id

    def _stored_entries(self, query: WebhookQuery, limit: int) -> list[_Entry]:
        verdicts = query.verdicts & STORED_VERDICTS
        if not verdicts:
            return []
        wanted = EventFilter(
            type=query.type,
            call_id=query.call_id,
            text=query.text,
            only_replays=Verdict.ACCEPTED not in verdicts,
            no_replays=Verdict.REPLAYED not in verdicts,
        )
        rows = self._store.events_page(wanted, limit=limit, before=query.before)
        log_entries = self._log_entries_by_id()
        return [
            (row["received_at"], row["event_id"], StoredWebhook(row=row, log_entry=log_entries.get(row["event_id"])))
            for row in rows
        ]

    def _logged_entries(self, query: WebhookQuery) -> list[_Entry]:
        entries = self._log.entries(tuple(query.verdicts - STORED_VERDICTS))
        return [(entry.at, entry.id, entry) for entry in entries if _matches_query(entry, query)]

    def _log_entries_by_id(self) -> dict[str, WebhookLogEntry]:
        """What is remembered of stored events."""
        return {
            entry.event_id: entry for entry in self._log.entries(tuple(STORED_VERDICTS)) if entry.event_id is not None
        }


def _matches_query(entry: WebhookLogEntry, query: WebhookQuery) -> bool:
    searched: Iterable[str | None] = (entry.id, entry.event_id, entry.type, entry.call_id, entry.reason)
    text = (query.text or "").lower()
    return (
        (query.type is None or entry.type == query.type)
        and (query.call_id is None or entry.call_id == query.call_id)
        and (query.before is None or _sort_key(entry.at, entry.id) > _sort_key(*query.before))
        and any(text in value.lower() for value in searched if value is not None)
    )


def _newest_first(entry: _Entry) -> tuple[float, str]:
    return _sort_key(entry[0], entry[1])


def _sort_key(at: datetime, entry_id: str) -> tuple[float, str]:
    return -at.timestamp(), entry_id


def _renamed_copy(row: dict[str, Any]) -> Webhook:
    """The stored webhook with an id of its own."""
    if row["body"] is None:
        hint = _("Raise EVENTS_KEPT to keep more.")
        raise ReplayError("body_gone", _("The body of this event is no longer kept."), hint)
    try:
        webhook = parse_webhook(row["body"].encode())
    except PayloadError:
        hint = _("Only webhooks of the provider can be; this dashboard found this one out itself.")
        raise ReplayError("not_replayable", _("This event cannot be replayed."), hint) from None
    new_id = f"{webhook.event_id}{REPLAY_MARK}{uuid.uuid4().hex[:12]}"
    event = None if webhook.event is None else replace(webhook.event, event_id=new_id)
    return replace(webhook, event_id=new_id, event=event, attempt=None)
