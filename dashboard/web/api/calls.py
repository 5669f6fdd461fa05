"""Calls, their transcripts and timelines as JSON."""

from __future__ import annotations

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from dashboard.services.timeline import timeline_of
from dashboard.web.context import services
from dashboard.web.cooperative import yielding
from dashboard.web.request_parsing import decode_cursor, encode_cursor, int_arg
from dashboard.web.serializers import (
    JSON,
    call_json,
    call_summary_json,
    change_to_json,
    segment_json,
    timeline_entry_json,
)

bp = Blueprint("api", __name__, url_prefix="/api")

DEFAULT_PAGE_SIZE = 50
MAX_PAGE_SIZE = 200
MAX_SEGMENTS_PAGE_SIZE = 1_000


@bp.get("/calls")
def list_calls() -> ResponseReturnValue:
    page = services().store.calls_page(
        limit=int_arg("limit", DEFAULT_PAGE_SIZE, 1, MAX_PAGE_SIZE), before=decode_cursor(request.args.get("after"))
    )
    return jsonify({"calls": [call_summary_json(summary) for summary in page.calls], "next": encode_cursor(page.next)})


@bp.get("/calls/<call_id>/segments")
def list_segments(call_id: str) -> ResponseReturnValue:
    after = int_arg("after_seq", 0, 0, 2**31 - 1)
    page = services().store.segments_after(
        call_id, after, limit=int_arg("limit", MAX_SEGMENTS_PAGE_SIZE, 1, MAX_SEGMENTS_PAGE_SIZE)
    )
    listed = [segment_json(segment, page.call.direction) for segment in page.segments]
    return jsonify({"segments": listed, "next": page.next})


@bp.get("/calls/<call_id>/notes")
def list_notes(call_id: str) -> ResponseReturnValue:
    """The timeline of a call, oldest entry first. An open page asks again after each change."""
    return jsonify({"notes": timeline_json(call_id)})


@bp.get("/calls/<call_id>")
def show_call(call_id: str) -> ResponseReturnValue:
    return jsonify(call_detail_json(call_id))


@bp.get("/calls/<call_id>/switches")
def show_switches(call_id: str) -> ResponseReturnValue:
    """The switches of a call, translated. The feed sends English."""
    return jsonify({"switches": call_json(services().store.get_call(call_id))["switches"]})


def call_detail_json(call_id: str) -> JSON:
    """One call with its segments in transcript order and its open interims."""
    known = services().store.get_transcript(call_id)
    direction = known.call.direction
    return {
        "call": call_json(known.call),
        "segments": [segment_json(segment, direction) for segment in yielding(known.segments)],
        "interims": [change_to_json(heard)["interim"] for heard in services().interims.for_call(call_id)],
    }


def timeline_json(call_id: str) -> list[JSON]:
    """The timeline of one call, oldest entry first."""
    store = services().store
    return [timeline_entry_json(note) for note in timeline_of(store, store.get_call(call_id))]
