"""What is remembered of webhooks: bounded by number and age, each verdict for itself, and never a body."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

from dashboard.live.feed import EVENTS_ROOM, MAX_VOLATILE_UPDATES, ChangeFeed, VolatileUpdate
from dashboard.services.webhook_log import (
    MAX_AGE,
    MAX_ENTRIES_PER_REASON,
    MAX_ENTRIES_PER_VERDICT,
    Verdict,
    WebhookLog,
    WebhookLogEntry,
)

from ..live.test_feed import CALLS_ROOM, ROOM, Watchers, still_feed, updated

BODY = b'{"secret": "my order number is 7429"}'


def note(inspector: WebhookLog, verdict: Verdict = Verdict.REFUSED, body: bytes = BODY, **facts: str) -> None:
    told: Any = {"at": datetime.now(UTC), "handling_ms": 0.5, "headers": {"User-Agent": "telnyx-webhooks"}, **facts}
    inspector.add(verdict, body, **told)


def ignore(_seen: object) -> None:
    pass


def test_a_flood_of_one_kind_pushes_out_no_other() -> None:
    inspector = WebhookLog(ignore)
    note(inspector, Verdict.REFUSED, reason="stale")
    for number in range(3 * MAX_ENTRIES_PER_VERDICT):
        note(inspector, Verdict.INTERIM, event_id=str(number))
    interims = inspector.entries([Verdict.INTERIM])
    assert [seen.event_id for seen in interims] == [
        str(n) for n in range(2 * MAX_ENTRIES_PER_VERDICT, 3 * MAX_ENTRIES_PER_VERDICT)
    ]
    assert [seen.reason for seen in inspector.entries([Verdict.REFUSED])] == ["stale"]
    assert len(inspector.entries()) == MAX_ENTRIES_PER_VERDICT + 1


def test_flood_of_one_reason_pushes_out_no_other_refusal() -> None:
    log = WebhookLog(ignore)
    for number in range(MAX_ENTRIES_PER_REASON):
        note(log, reason="stale", event_id=str(number))
    for _ in range(10 * MAX_ENTRIES_PER_REASON):
        note(log, reason="no_signature")
    reasons = [entry.reason for entry in log.entries([Verdict.REFUSED])]
    assert (reasons.count("stale"), reasons.count("no_signature")) == (MAX_ENTRIES_PER_REASON, MAX_ENTRIES_PER_REASON)


def test_what_is_old_is_forgotten() -> None:
    inspector = WebhookLog(ignore)
    note(inspector)
    now = datetime.now(UTC)
    assert len(inspector.entries(now=now + MAX_AGE - timedelta(minutes=1))) == 1
    assert inspector.entries(now=now + MAX_AGE + timedelta(minutes=1)) == []
    assert inspector.entries(now=now) == []


def test_of_an_unverified_body_only_size_and_fingerprint_are_kept() -> None:
    inspector = WebhookLog(ignore)
    for verdict in Verdict:
        note(inspector, verdict)
    assert "7429" not in repr(inspector.entries())
    assert {seen.size for seen in inspector.entries()} == {len(BODY)}
    fingerprints = {seen.verdict: seen.sha256 for seen in inspector.entries()}
    assert fingerprints[Verdict.REFUSED] == hashlib.sha256(BODY).hexdigest()
    assert {verdict for verdict, told in fingerprints.items() if told} == {Verdict.REFUSED, Verdict.UNREADABLE}


def test_ids_are_all_different_also_between_processes() -> None:
    here, there = WebhookLog(ignore), WebhookLog(ignore)
    for _ in range(3):
        note(here)
        note(there)
    assert len({seen.id for seen in here.entries() + there.entries()}) == 6


def watched(feed: ChangeFeed) -> WebhookLog:
    """A log whose entries go to a feed, as the application wires it."""
    return WebhookLog(lambda entries: feed.publish([VolatileUpdate(EVENTS_ROOM, entry.id, entry) for entry in entries]))


def test_those_who_watch_events_are_told_and_nobody_else() -> None:
    watchers = Watchers(EVENTS_ROOM, ROOM, CALLS_ROOM)
    feed = still_feed(watchers)
    inspector = watched(feed)
    note(inspector, reason="stale")
    feed.flush()
    [(room, [change])] = watchers.frames
    assert (room, change["type"]) == (EVENTS_ROOM, "webhook.seen")
    assert (change["event"]["verdict"], change["event"]["reason"]) == ("refused", "stale")


def test_a_frame_tells_of_the_newest_only() -> None:
    watchers = Watchers(EVENTS_ROOM, CALLS_ROOM)
    feed = still_feed(watchers)
    inspector = watched(feed)
    for number in range(MAX_VOLATILE_UPDATES + 50):
        note(inspector, event_id=str(number))
    feed.publish([updated(1)])
    assert feed.queued_changes == MAX_VOLATILE_UPDATES + 1
    feed.flush()
    told = [change["event"]["event_id"] for room, frame in watchers.frames if room == EVENTS_ROOM for change in frame]
    assert told == [str(number) for number in range(50, MAX_VOLATILE_UPDATES + 50)]


def test_inspections_are_values() -> None:
    seen: list[WebhookLogEntry] = []
    inspector = WebhookLog(seen.extend)
    note(inspector)
    assert inspector.entries() == seen
