"""How much goes through, how long it takes and what waits: for Prometheus, and the delays as JSON. Behind the login.

Never a phone number, an id or a word of speech: labels are fixed words of this program.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import Blueprint, Flask, Response, current_app, jsonify, request
from flask.typing import ResponseReturnValue

from dashboard.live.latency import NOTE, Figures, Latency, Stage
from dashboard.web.instruments import CONTENT_TYPE, Counter, Family, Histogram, Kind, Sample, exposition
from dashboard.web.serializers import JSON, figures_json
from dashboard.web.socketio import longest_queue, watchers

bp = Blueprint("metrics", __name__)

BATCH_BOUNDS = (1, 2, 4, 8, 16, 32, 64, 128, 256)
COMMIT_BOUNDS_S = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)


class Metrics:
    """What nobody else counts: commits of the store and commands to the provider."""

    def __init__(self) -> None:
        self.batch_sizes = Histogram(BATCH_BOUNDS)
        self.commit_times = Histogram(COMMIT_BOUNDS_S)
        self.commands = Counter("name", "status")

    def committed(self, works: int, elapsed_s: float) -> None:
        self.batch_sizes.observe(works)
        self.commit_times.observe(elapsed_s)

    def commanded(self, name: str, status: int | None) -> None:
        """`status` is the provider's HTTP status, None where it did not answer."""
        self.commands.add(name, "none" if status is None else str(status))


@bp.get("/metrics")
def metrics() -> Response:
    return Response(exposition(families(current_app)), content_type=CONTENT_TYPE)


@bp.get("/api/latency")
def latency() -> ResponseReturnValue:
    """How long lines take, over all calls or, with `call_id`, of one."""
    return jsonify(delays(request.args.get("call_id")))


def delays(call_id: str | None = None) -> JSON:
    """Each stage's figures, null for a call without lines here, and how far the clocks are apart."""
    known: Latency = current_app.extensions["latency"]
    figures = known.overall() if call_id is None else known.of_call(call_id)
    shown = {stage.value: figures and figures_json(figures[stage]) for stage in Stage}
    ahead_s = current_app.extensions["verdicts"].seen().clock_ahead_s
    return {"call_id": call_id, **shown, "clock_ahead_s": ahead_s, "note": NOTE}


def families(app: Flask) -> Iterable[Family]:
    known = app.extensions
    yield _counter("webhooks_total", "Webhooks answered, by verdict.", known["verdicts"].samples())
    yield from _of_store(known)
    yield from _of_feed(known)
    sent: Counter = known["metrics"].commands
    yield _counter("commands_total", "Commands sent to Telnyx, by name and HTTP status.", sent.samples())
    latency: Latency = known["latency"]
    help = "Delay of a line by stage; quantiles of the newest lines. occurred_to_received spans two clocks."
    yield _family("line_delay_seconds", "summary", help, _delays(latency.overall()))


def _of_store(known: dict[str, Any]) -> Iterable[Family]:
    told: Metrics = known["metrics"]
    yield _family("store_batch_works", "histogram", "Writes that shared a commit.", told.batch_sizes.samples())
    yield _family("store_commit_seconds", "histogram", "Time of a commit.", told.commit_times.samples())
    yield _gauge("store_waiting", "Writes that wait for their commit.", known["store"].waiting)


def _of_feed(known: dict[str, Any]) -> Iterable[Family]:
    feed, hearing, socketio = known["feed"], known["hearing"], known["socketio"]
    yield _gauge("feed_waiting", "Changes that wait for their frame.", feed.waiting)
    yield _gauge("watchers", "Browsers and scripts connected to this process.", watchers(socketio))
    yield _gauge("socket_queue_longest", "Frames that the slowest watcher lags behind.", longest_queue(socketio))
    yield _counter("frames_sent_total", "Frames handed to the sockets, one for each room.", _one(feed.frames_sent))
    dropped = {"overtaken": feed.interims_overtaken, "late": hearing.interims_late}
    samples = [Sample(value=count, labels={"reason": reason}) for reason, count in dropped.items()]
    yield _counter("interims_dropped_total", "Interims not shown: newer words came first.", samples)


def _delays(stages: dict[Stage, Figures]) -> Iterable[Sample]:
    for stage, figures in stages.items():
        for quantile, value_ms in (("0.5", figures.p50_ms), ("0.95", figures.p95_ms)):
            value_s = float("nan") if value_ms is None else value_ms / 1000
            yield Sample(value=value_s, labels={"stage": stage, "quantile": quantile})
        yield Sample(value=figures.total_ms / 1000, labels={"stage": stage}, suffix="_sum")
        yield Sample(value=figures.count, labels={"stage": stage}, suffix="_count")


def _counter(name: str, help: str, samples: Iterable[Sample]) -> Family:
    return _family(name, "counter", help, samples)


def _gauge(name: str, help: str, value: float) -> Family:
    return _family(name, "gauge", help, _one(value))


def _one(value: float) -> Iterable[Sample]:
    return (Sample(value=value),)


def _family(name: str, kind: Kind, help: str, samples: Iterable[Sample]) -> Family:
    return Family(name=f"call_console_{name}", kind=kind, help=help, samples=samples)
