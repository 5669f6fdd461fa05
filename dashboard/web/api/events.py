"""Received webhooks as JSON: the list, one of them, and a replay."""

from __future__ import annotations

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from dashboard.messages import _
from dashboard.services.webhook_history import StoredWebhook, WebhookQuery
from dashboard.services.webhook_log import Verdict
from dashboard.web.auth import operators_only
from dashboard.web.context import services
from dashboard.web.errors import Problem
from dashboard.web.request_parsing import decode_cursor, encode_cursor, int_arg
from dashboard.web.serializers import JSON, webhook_json

bp = Blueprint("events_api", __name__, url_prefix="/api")

DEFAULT_PAGE_SIZE = 100
MAX_PAGE_SIZE = 200
MAX_QUERY_LENGTH = 200


@bp.get("/events")
def list_events() -> ResponseReturnValue:
    """Newest first. `verdict` may name several, comma-separated; `q` looks into ids, types and reasons."""
    return jsonify(events_page_json())


@bp.get("/events/<path:event_id>")
def show_event(event_id: str) -> ResponseReturnValue:
    return jsonify(event_detail_json(event_id))


@bp.post("/events/<path:event_id>/replay")
@operators_only
def replay_event(event_id: str) -> ResponseReturnValue:
    """Apply a stored event once more under a new id. Nothing is sent to Telnyx."""
    new_id = services().webhook_history.replay(event_id)
    return jsonify({"event": {"id": new_id, "replay_of": event_id}}), 201


def events_page_json() -> JSON:
    """The webhooks that this request asks for."""
    query = WebhookQuery(
        verdicts=frozenset(_parse_verdicts()),
        type=_text_arg("type"),
        call_id=_text_arg("call_id"),
        text=_text_arg("q"),
        before=decode_cursor(request.args.get("after")),
    )
    page = services().webhook_history.list_webhooks(query, limit=int_arg("limit", DEFAULT_PAGE_SIZE, 1, MAX_PAGE_SIZE))
    return {"events": [webhook_json(entry) for entry in page.entries], "next": encode_cursor(page.next)}


def event_detail_json(event_id: str) -> JSON:
    """One webhook, with its body if that is still stored."""
    entry = services().webhook_history.get_webhook(event_id)
    return {"event": webhook_json(entry), "body": entry.body if isinstance(entry, StoredWebhook) else None}


def _parse_verdicts() -> set[Verdict]:
    text = request.args.get("verdict")
    try:
        return set(Verdict) if not text else {Verdict(word) for word in text.split(",")}
    except ValueError:
        hint = _("Use some of %(words)s.", words=", ".join(Verdict))
        raise Problem(400, "bad_parameter", _("verdict names something else."), hint) from None


def _text_arg(name: str) -> str | None:
    text = request.args.get(name, "").replace("\x00", "")
    if len(text) > MAX_QUERY_LENGTH and name == "q":
        hint = _("Use %(most)s characters at most.", most=MAX_QUERY_LENGTH)
        raise Problem(400, "bad_parameter", _("%(name)s is too long.", name=name), hint)
    return text or None
