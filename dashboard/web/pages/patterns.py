"""The pattern page: every component in every state. Only in the demo."""

from __future__ import annotations

from flask import Blueprint, abort, render_template
from flask.typing import ResponseReturnValue

from dashboard.web.context import services
from dashboard.web.pages import pattern_samples

bp = Blueprint("patterns", __name__)


@bp.get("/patterns")
def show_patterns() -> ResponseReturnValue:
    if not services().config.demo:
        abort(404)
    return render_template("patterns/index.html", page="patterns", **pattern_samples.build_samples(), may_press=True)
