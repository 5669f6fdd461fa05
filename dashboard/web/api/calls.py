"""Calls, their transcripts and timelines as JSON."""

from __future__ import annotations

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from dashboard.services.timeline import notes_of
from dashboard.web.context import services
from dashboard.web.cooperative import in_turns
from dashboard.web.request_parsing import cursor_from, cursor_text, number
from dashboard.web.serializers import JSON, call_json, change_json, note_json, segment_json, summary_json

bp = Blueprint("api", __name__, url_prefix="/api")

PAGE = 50
PAGE_LIMIT = 200
SEGMENTS_PAGE = 1_000


@bp.get("/calls")
def calls() -> ResponseReturnValue:
    page = services().store.calls_page(
        limit=number("limit", PAGE, 1, PAGE_LIMIT), before=cursor_from(request.args.get("after"))
    )
    return jsonify({"calls": [summary_json(summary) for summary in page.calls], "next": cursor_text(page.next)})


@bp.get("/calls/<call_id>/segments")
def segments(call_id: str) -> ResponseReturnValue:
    after = number("after_seq", 0, 0, 2**31 - 1)
    page = services().store.segments_after(call_id, after, limit=number("limit", SEGMENTS_PAGE, 1, SEGMENTS_PAGE))
    listed = [segment_json(segment, page.call.direction) for segment in page.segments]
    return jsonify({"segments": listed, "next": page.next})


@bp.get("/calls/<call_id>/notes")
def notes(call_id: str) -> ResponseReturnValue:
    """What happened to a call, oldest first; an open page asks again whenever the call has changed."""
    return jsonify({"notes": notes_json(call_id)})


@bp.get("/calls/<call_id>")
def call(call_id: str) -> ResponseReturnValue:
    return jsonify(call_detail(call_id))


@bp.get("/calls/<call_id>/switches")
def switches(call_id: str) -> ResponseReturnValue:
    """What runs on a call, and why not: said in the language of the request, where the feed says it in English."""
    return jsonify({"switches": call_json(services().store.get_call(call_id))["switches"]})


def call_detail(call_id: str) -> JSON:
    """One call with its segments in transcript order and what is being said now."""
    known = services().store.get_transcript(call_id)
    direction = known.call.direction
    return {
        "call": call_json(known.call),
        "segments": [segment_json(segment, direction) for segment in in_turns(known.segments)],
        "interims": [change_json(heard)["interim"] for heard in services().interims.of(call_id)],
    }


def notes_json(call_id: str) -> list[JSON]:
    """The timeline of one call, oldest entry first."""
    store = services().store
    return [note_json(note) for note in notes_of(store, store.get_call(call_id))]
