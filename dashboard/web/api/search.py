"""Search in all transcripts, for the page and for scripts."""

from __future__ import annotations

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from dashboard.calls.text_search import highlight
from dashboard.calls.transcript import Segment
from dashboard.store.search import SearchHit
from dashboard.web.context import services
from dashboard.web.request_parsing import int_arg
from dashboard.web.serializers import JSON, call_json, segment_json

bp = Blueprint("searching", __name__, url_prefix="/api")

DEFAULT_PAGE_SIZE = 20
MAX_PAGE_SIZE = 50


@bp.get("/search")
def search_lines() -> ResponseReturnValue:
    """Lines with all words and "quoted phrases" of `q`, newest first. `after` is the `next` of the page before."""
    return jsonify(search_results_json())


def search_results_json() -> JSON:
    """The search results for the current request."""
    query = request.args.get("q", "")
    before = int_arg("after", 0, 0, 2**39) or None
    limit = int_arg("limit", DEFAULT_PAGE_SIZE, 1, MAX_PAGE_SIZE)
    page = services().store.search_segments(query, limit=limit, before=before)
    return {"results": [search_hit_json(hit, query) for hit in page.hits], "next": page.next}


def search_hit_json(hit: SearchHit, query: str) -> JSON:
    """One result. `parts` is the text in pieces, [text, whether it matches]."""

    def neighbour_json(segment: Segment | None) -> JSON | None:
        return None if segment is None else segment_json(segment, hit.call.direction)

    around = {"before": neighbour_json(hit.before), "after": neighbour_json(hit.after)}
    parts = [list(piece) for piece in highlight(hit.segment.text, query)]
    return {"call": call_json(hit.call), "segment": neighbour_json(hit.segment), "parts": parts, **around}
