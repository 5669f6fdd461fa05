"""The search page."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from dashboard.web.api.search import search_results_json

bp = Blueprint("search", __name__)


@bp.get("/search")
def show_search() -> ResponseReturnValue:
    return render_template("search/index.html", page="search", query=request.args.get("q", ""), **search_results_json())
