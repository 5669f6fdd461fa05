"""The webhook inspector: every webhook that came, what became of it and why, and one of them once more.

What was accepted is listed from the store; the rest from memory, where nobody's unverified body is kept.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, current_app, jsonify, request
from flask.typing import ResponseReturnValue

from dashboard.errors import PayloadError
from dashboard.messages import said
from dashboard.services.ingest import Hearing
from dashboard.services.webhook_log import STORED, Inspection, Inspector, Verdict
from dashboard.store.event_log import Cursor, Wanted
from dashboard.telnyx.webhooks.payloads import Webhook, parse
from dashboard.web.api.calls import cursor_from, cursor_text, number, store
from dashboard.web.auth import operators_only
from dashboard.web.errors import Problem
from dashboard.web.serializers import JSON, inspection_json, moment
from dashboard.web.webhooks import record_of

bp = Blueprint("inspection", __name__, url_prefix="/api")

PAGE = 100
PAGE_LIMIT = 200
TEXT_LIMIT = 200
REPLAY = ":replay:"
"""Stands in the id of an event that was applied once more, after the id of the first."""

Entry = tuple[datetime, str, JSON]


def inspector() -> Inspector:
    found: Inspector = current_app.extensions["inspector"]
    return found


@bp.get("/events")
def events() -> ResponseReturnValue:
    """Newest first. `verdict` may name several, comma-separated; `q` looks into ids, types and reasons."""
    return jsonify(event_list())


def event_list() -> JSON:
    """What this request asks for, for scripts and for the page."""
    verdicts = _verdicts()
    limit = number("limit", PAGE, 1, PAGE_LIMIT)
    before = cursor_from(request.args.get("after"))
    entries = _stored(verdicts & STORED, limit + 1, before) + _noted(verdicts - STORED, before)
    entries.sort(key=_newest_first)
    shown = entries[:limit]
    end = shown[-1][:2] if len(entries) > limit else None
    return {"events": [entry for _, _, entry in shown], "next": cursor_text(end)}


@bp.get("/events/<path:event_id>")
def event(event_id: str) -> ResponseReturnValue:
    return jsonify(event_detail(event_id))


def event_detail(event_id: str) -> JSON:
    """One webhook; with its body, as it came, if it was accepted and that is still kept."""
    row = store().event(event_id)
    if row is not None:
        body = row.pop("body")
        return {"event": _row_json(row, _notes()), "body": body}
    for seen in inspector().seen():
        if seen.id == event_id:
            return {"event": inspection_json(seen), "body": None}
    raise _no_such_event()


@bp.post("/events/<path:event_id>/replay")
@operators_only
def replay(event_id: str) -> ResponseReturnValue:
    """Apply a stored event once more, as if it came now with an id of its own. Nothing is sent to the provider."""
    started, now = time.perf_counter(), datetime.now(UTC)
    row = store().event(event_id)
    if row is None:
        raise _no_such_event()
    webhook = _webhook_again(row)
    hearing: Hearing = current_app.extensions["hearing"]
    body: bytes = row["body"].encode()
    hearing.record(record_of(webhook, body, received_at=now))
    inspector().note(
        Verdict.REPLAYED,
        body,
        at=now,
        handling_ms=round((time.perf_counter() - started) * 1000, 2),
        headers={},
        type=webhook.event_type,
        event_id=webhook.event_id,
        call_id=webhook.call_id,
    )
    return jsonify({"event": {"id": webhook.event_id, "replay_of": event_id}}), 201


def _webhook_again(row: dict[str, Any]) -> Webhook:
    if row["body"] is None:
        hint = said("Raise EVENTS_KEPT to keep more.")
        raise Problem(409, "body_gone", said("The body of this event is no longer kept."), hint)
    try:
        webhook = parse(row["body"].encode())
    except PayloadError:
        hint = said("Only webhooks of the provider can be; this dashboard found this one out itself.")
        raise Problem(409, "not_replayable", said("This event cannot be replayed."), hint) from None
    new_id = f"{webhook.event_id}{REPLAY}{uuid.uuid4().hex[:12]}"
    event = None if webhook.event is None else replace(webhook.event, event_id=new_id)
    return replace(webhook, event_id=new_id, event=event, attempt=None)


def _no_such_event() -> Problem:
    hint = said("Interims and refused webhooks are forgotten after a while and at every start.")
    return Problem(404, "event_not_found", said("There is no such event."), hint)


def _verdicts() -> set[Verdict]:
    text = request.args.get("verdict")
    try:
        return set(Verdict) if not text else {Verdict(word) for word in text.split(",")}
    except ValueError:
        hint = said("Use some of %(words)s.", words=", ".join(Verdict))
        raise Problem(400, "bad_parameter", said("verdict names something else."), hint) from None


def _text(name: str) -> str | None:
    text = request.args.get(name, "").replace("\x00", "")
    if len(text) > TEXT_LIMIT and name == "q":
        hint = said("Use %(most)s characters at most.", most=TEXT_LIMIT)
        raise Problem(400, "bad_parameter", said("%(name)s is too long.", name=name), hint)
    return text or None


def _stored(verdicts: set[Verdict], limit: int, before: Cursor | None) -> list[Entry]:
    if not verdicts:
        return []
    wanted = Wanted(
        type=_text("type"),
        call_id=_text("call_id"),
        text=_text("q"),
        with_mark=REPLAY if Verdict.ACCEPTED not in verdicts else None,
        without_mark=REPLAY if Verdict.REPLAYED not in verdicts else None,
    )
    rows = store().events_page(wanted, limit=limit, before=before)
    notes = _notes()
    return [(row["received_at"], row["event_id"], _row_json(row, notes)) for row in rows]


def _noted(verdicts: Iterable[Verdict], before: Cursor | None) -> list[Entry]:
    kind, call_id, text = _text("type"), _text("call_id"), (_text("q") or "").lower()

    def is_wanted(seen: Inspection) -> bool:
        said = (seen.id, seen.event_id, seen.type, seen.call_id, seen.reason)
        return (
            (kind is None or seen.type == kind)
            and (call_id is None or seen.call_id == call_id)
            and (before is None or _newest_first((seen.at, seen.id, {})) > _newest_first((*before, {})))
            and any(text in word.lower() for word in said if word is not None)
        )

    return [(seen.at, seen.id, inspection_json(seen)) for seen in inspector().seen(tuple(verdicts)) if is_wanted(seen)]


def _newest_first(entry: Entry) -> tuple[float, str]:
    at, entry_id, _ = entry
    return -at.timestamp(), entry_id


def _notes() -> dict[str, Inspection]:
    """What is remembered of stored events, by their ids."""
    return {seen.event_id: seen for seen in inspector().seen(tuple(STORED)) if seen.event_id is not None}


def _row_json(row: dict[str, Any], notes: dict[str, Inspection]) -> JSON:
    seen = notes.get(row["event_id"])
    return {
        "id": row["event_id"],
        "at": moment(row["received_at"]),
        "verdict": Verdict.REPLAYED if REPLAY in row["event_id"] else Verdict.ACCEPTED,
        "reason": None,
        "detail": None,
        "type": row["type"],
        "event_id": row["event_id"],
        "call_id": row["call_id"],
        "attempt": row["attempt"],
        "size": None if seen is None else seen.size,
        "sha256": None,
        "handling_ms": None if seen is None else seen.handling_ms,
        "headers": {} if seen is None else dict(seen.headers),
        "occurred_at": moment(row["occurred_at"]),
        "known": row["known"],
    }
