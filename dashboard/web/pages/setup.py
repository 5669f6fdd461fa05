"""The setup page: what works, what does not, and what to do."""

from __future__ import annotations

from flask import Blueprint, Flask, render_template
from flask.typing import ResponseReturnValue

from dashboard.services.diagnostics.checks import State
from dashboard.web.api.metrics import latency_json
from dashboard.web.api.setup import run_checks, send_test_event
from dashboard.web.auth import is_operator, operators_only
from dashboard.web.context import services
from dashboard.web.serializers import JSON
from dashboard.web.urls import webhook_url

bp = Blueprint("setup", __name__)


@bp.get("/setup")
def show_setup() -> ResponseReturnValue:
    return _render_page(steps=None)


@bp.post("/setup")
@operators_only
def show_test_event() -> ResponseReturnValue:
    """The button of the page, for browsers that run no scripts."""
    return _render_page(steps=send_test_event())


def init_app(app: Flask) -> None:
    app.jinja_env.globals["setup_attention"] = lambda: services().diagnostics.attention(webhook_url())


def _render_page(*, steps: list[JSON] | None) -> str:
    checks, checked_at = run_checks()
    return render_template(
        "setup/index.html",
        page="setup",
        checks=sorted(checks, key=lambda check: -list(State).index(check.state)),
        checked_at=checked_at,
        webhook_url=webhook_url(),
        steps=steps,
        latency=latency_json(),
        may_press=is_operator(),
    )
