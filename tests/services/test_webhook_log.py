"""What is remembered of webhooks: bounded by number and age, each verdict for itself, and never a body."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

from dashboard.live.feed import EVENTS_ROOM, VOLATILE_LIMIT, Feed, VolatileUpdate
from dashboard.services.webhook_log import KEPT_FOR, KEPT_OF_EACH, Inspection, Inspector, Verdict

from ..live.test_feed import CALLS_ROOM, ROOM, Watchers, still_feed, updated

BODY = b'{"secret": "my order number is 7429"}'


def note(inspector: Inspector, verdict: Verdict = Verdict.REFUSED, body: bytes = BODY, **facts: str) -> None:
    told: Any = {"at": datetime.now(UTC), "handling_ms": 0.5, "headers": {"User-Agent": "telnyx-webhooks"}, **facts}
    inspector.note(verdict, body, **told)


def ignore(_seen: object) -> None:
    pass


def test_a_flood_of_one_kind_pushes_out_no_other() -> None:
    inspector = Inspector(ignore)
    note(inspector, Verdict.REFUSED, reason="stale")
    for number in range(3 * KEPT_OF_EACH):
        note(inspector, Verdict.INTERIM, event_id=str(number))
    interims = inspector.seen([Verdict.INTERIM])
    assert [seen.event_id for seen in interims] == [str(n) for n in range(2 * KEPT_OF_EACH, 3 * KEPT_OF_EACH)]
    assert [seen.reason for seen in inspector.seen([Verdict.REFUSED])] == ["stale"]
    assert len(inspector.seen()) == KEPT_OF_EACH + 1


def test_what_is_old_is_forgotten() -> None:
    inspector = Inspector(ignore)
    note(inspector)
    now = datetime.now(UTC)
    assert len(inspector.seen(now=now + KEPT_FOR - timedelta(minutes=1))) == 1
    assert inspector.seen(now=now + KEPT_FOR + timedelta(minutes=1)) == []
    assert inspector.seen(now=now) == []


def test_of_an_unverified_body_only_size_and_fingerprint_are_kept() -> None:
    inspector = Inspector(ignore)
    for verdict in Verdict:
        note(inspector, verdict)
    assert "7429" not in repr(inspector.seen())
    assert {seen.size for seen in inspector.seen()} == {len(BODY)}
    fingerprints = {seen.verdict: seen.sha256 for seen in inspector.seen()}
    assert fingerprints[Verdict.REFUSED] == hashlib.sha256(BODY).hexdigest()
    assert {verdict for verdict, told in fingerprints.items() if told} == {Verdict.REFUSED, Verdict.UNREADABLE}


def test_ids_are_all_different_also_between_processes() -> None:
    here, there = Inspector(ignore), Inspector(ignore)
    for _ in range(3):
        note(here)
        note(there)
    assert len({seen.id for seen in here.seen() + there.seen()}) == 6


def watched(feed: Feed) -> Inspector:
    """A log whose entries go to a feed, as the application wires it."""
    return Inspector(lambda entries: feed.publish([VolatileUpdate(EVENTS_ROOM, entry.id, entry) for entry in entries]))


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
    for number in range(VOLATILE_LIMIT + 50):
        note(inspector, event_id=str(number))
    feed.publish([updated(1)])
    assert feed.waiting == VOLATILE_LIMIT + 1
    feed.flush()
    told = [change["event"]["event_id"] for room, frame in watchers.frames if room == EVENTS_ROOM for change in frame]
    assert told == [str(number) for number in range(50, VOLATILE_LIMIT + 50)]


def test_inspections_are_values() -> None:
    seen: list[Inspection] = []
    inspector = Inspector(seen.extend)
    note(inspector)
    assert inspector.seen() == seen
