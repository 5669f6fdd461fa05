"""Health checks: alive, and ready."""

from __future__ import annotations

import logging

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from dashboard.web.auth import public
from dashboard.web.context import services

log = logging.getLogger(__name__)
bp = Blueprint("health", __name__)


@bp.get("/healthz")
@public
def healthz() -> ResponseReturnValue:
    """Alive. Checks nothing else, so that a slow database does not end the process."""
    return jsonify({"status": "ok"})


@bp.get("/readyz")
@public
def readyz() -> ResponseReturnValue:
    """Ready for webhooks: the store and the broker answer."""
    checks = {
        "store": _is_answering(services().store.is_reachable),
        "broker": _is_answering(services().is_broker_reachable),
    }
    ready = all(checks.values())
    words = {name: "ok" if is_ok else "unreachable" for name, is_ok in checks.items()}
    return jsonify({"status": "ok" if ready else "unavailable", "checks": words}), 200 if ready else 503


def _is_answering(check: object) -> bool:
    try:
        return bool(check())  # type: ignore[operator]
    except Exception as error:
        log.warning("not ready: %s", type(error).__name__)
        return False
