"""Search over everything that was ever said, for the page and for scripts."""

from __future__ import annotations

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from dashboard.calls.text_search import pieces
from dashboard.calls.transcript import Segment
from dashboard.store.search import SearchHit
from dashboard.web.context import services
from dashboard.web.request_parsing import number
from dashboard.web.serializers import JSON, call_json, segment_json

bp = Blueprint("searching", __name__, url_prefix="/api")

PAGE = 20
PAGE_LIMIT = 50


@bp.get("/search")
def search() -> ResponseReturnValue:
    """Lines with all words and "quoted phrases" of `q`, heard last first. `after` is the `next` of the page before."""
    return jsonify(found())


def found() -> JSON:
    """What this request looks for, for scripts and for the page."""
    query = request.args.get("q", "")
    before = number("after", 0, 0, 2**39) or None
    limit = number("limit", PAGE, 1, PAGE_LIMIT)
    page = services().store.search_segments(query, limit=limit, before=before)
    return {"results": [hit_json(hit, query) for hit in page.hits], "next": page.next}


def hit_json(hit: SearchHit, query: str) -> JSON:
    """`parts` is the text in pieces, [text, whether it was looked for]."""

    def shown(segment: Segment | None) -> JSON | None:
        return None if segment is None else segment_json(segment, hit.call.direction)

    around = {"before": shown(hit.before), "after": shown(hit.after)}
    parts = [list(piece) for piece in pieces(hit.segment.text, query)]
    return {"call": call_json(hit.call), "segment": shown(hit.segment), "parts": parts, **around}
