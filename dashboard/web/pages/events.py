"""The webhook inspector."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from dashboard.web.api.events import event_detail, event_list
from dashboard.web.auth import is_operator
from dashboard.web.call_list import call_list
from dashboard.web.context import services
from dashboard.web.serializers import JSON

bp = Blueprint("events", __name__)

FILTERS = ("verdict", "type", "call_id", "q")


@bp.get("/events")
def index() -> ResponseReturnValue:
    return _render(None)


@bp.get("/events/<path:event_id>")
def show(event_id: str) -> ResponseReturnValue:
    """The inspector with one webhook open."""
    return _render(event_detail(event_id))


def _render(selected: JSON | None) -> str:
    page = event_list()
    types = {event["type"] for event in page["events"]} | {request.args.get("type")}
    return render_template(
        "events/index.html",
        page="events",
        events=page["events"],
        next=page["next"],
        selected=selected,
        asked={name: request.args.get(name, "") for name in FILTERS},
        types=sorted(filter(None, types)),
        calls=call_list(services().store),
        may_press=is_operator(),
    )
