"""Metrics for Prometheus, and line delays as JSON."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request
from flask.typing import ResponseReturnValue

from dashboard.live.latency import Stage
from dashboard.messages import _
from dashboard.metrics import CONTENT_TYPE
from dashboard.web.context import services
from dashboard.web.serializers import JSON, delay_stats_json

bp = Blueprint("metrics", __name__)

CLOCKS_NOTE = _(
    "occurred_to_received compares two clocks, the provider's and this server's: it is off by as much as they differ. "
    "The other stages are measured on one clock."
)


@bp.get("/metrics")
def show_metrics() -> Response:
    return Response(services().metrics.expose(), content_type=CONTENT_TYPE)


@bp.get("/api/latency")
def show_latency() -> ResponseReturnValue:
    """Line delays, of all calls or of `call_id`."""
    return jsonify(latency_json(request.args.get("call_id")))


def latency_json(call_id: str | None = None) -> JSON:
    """Each stage's delays, null for a call without lines here, and the clock difference."""
    tracker = services().latency
    stats = tracker.overall_stats() if call_id is None else tracker.call_stats(call_id)
    stages = {stage.value: stats and delay_stats_json(stats[stage]) for stage in Stage}
    ahead_s = services().webhook_stats.snapshot().clock_ahead_s
    return {"call_id": call_id, **stages, "clock_ahead_s": ahead_s, "note": CLOCKS_NOTE}
