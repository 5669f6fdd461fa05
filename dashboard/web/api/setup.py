"""The findings of the setup page, and its test event, as JSON."""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from dashboard.live.feed import CALLS_ROOM
from dashboard.services.diagnostics.checks import Check, worst_state
from dashboard.services.diagnostics.test_event import TestEvent
from dashboard.web.auth import operators_only
from dashboard.web.context import services
from dashboard.web.serializers import JSON, check_json, test_step_json, to_iso
from dashboard.web.urls import webhook_url

bp = Blueprint("setup_api", __name__, url_prefix="/api")


@bp.get("/setup")
def show_checks() -> ResponseReturnValue:
    checks, checked_at = run_checks()
    body = {
        "state": worst_state(checks),
        "checked_at": to_iso(checked_at),
        "webhook_url": webhook_url(),
        "checks": [check_json(check) for check in checks],
    }
    return jsonify(body)


@bp.post("/setup/test")
@operators_only
def run_test_event() -> ResponseReturnValue:
    """Send a signed test event down the real path. It leaves nothing behind."""
    return jsonify({"steps": send_test_event()})


def run_checks() -> tuple[list[Check], datetime]:
    """The checks, and when the probes ran; `again` in the query runs them now."""
    return services().diagnostics.run(webhook_url(), is_forced="again" in request.args)


def send_test_event() -> list[JSON]:
    """The steps of a test event, up to the first that failed."""
    sockets = services().sockets

    def send_empty_frame() -> int:
        sockets.emit([CALLS_ROOM], [])
        return sockets.count_watchers(CALLS_ROOM)

    rehearsal = TestEvent(store=services().store, send_empty_frame=send_empty_frame, spawn=services().runtime.spawn)
    return [test_step_json(step) for step in rehearsal.send()]
