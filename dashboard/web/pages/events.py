"""The webhook inspector."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from dashboard.web.api.events import event_detail_json, events_page_json
from dashboard.web.auth import is_operator
from dashboard.web.call_list import call_list_json
from dashboard.web.context import services
from dashboard.web.serializers import JSON

bp = Blueprint("events", __name__)

FILTERS = ("verdict", "type", "call_id", "q")


@bp.get("/events")
def show_events() -> ResponseReturnValue:
    return _render_page(None)


@bp.get("/events/<path:event_id>")
def show_event(event_id: str) -> ResponseReturnValue:
    """The inspector with one webhook open."""
    return _render_page(event_detail_json(event_id))


def _render_page(selected: JSON | None) -> str:
    page = events_page_json()
    types = {event["type"] for event in page["events"]} | {request.args.get("type")}
    return render_template(
        "events/index.html",
        page="events",
        events=page["events"],
        next=page["next"],
        selected=selected,
        asked={name: request.args.get(name, "") for name in FILTERS},
        types=sorted(filter(None, types)),
        calls=call_list_json(services().store),
        may_press=is_operator(),
    )
