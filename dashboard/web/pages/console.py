"""The pages people read. Rendered whole by the server; modules make them live."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urljoin

from flask import Blueprint, Flask, abort, current_app, render_template, request
from flask.typing import ResponseReturnValue

from dashboard.media.stream_endpoint import OwnStream
from dashboard.services.timeline import as_told, notes_of
from dashboard.web import formats, words
from dashboard.web.api.calls import call_detail, cursor_text, store, summary_json
from dashboard.web.api.commands import preset_list, without_secrets
from dashboard.web.api.events import event_detail, event_list
from dashboard.web.api.search import found
from dashboard.web.auth import Role, access
from dashboard.web.i18n import decimal, in_language
from dashboard.web.pages import pattern_samples
from dashboard.web.serializers import JSON
from dashboard.web.transcript_formats import FORMATS
from dashboard.web.turns import in_turns

bp = Blueprint("pages", __name__)

RUNNING_SHOWN = 300
RECENT_SHOWN = 50
REMEMBERED = ("transcription_start", "streaming_start", "fork_start", "dial")


@bp.get("/")
def index() -> ResponseReturnValue:
    return render_template("calls/index.html", page="console", **_rail(), selected=None)


@bp.get("/calls/<call_id>")
def show(call_id: str) -> ResponseReturnValue:
    return render_template("calls/index.html", page="console", **_rail(), selected=_told(call_id))


@bp.get("/calls/<call_id>/read")
def read(call_id: str) -> ResponseReturnValue:
    """The words of one call in large letters, and nothing else."""
    return render_template("reading/index.html", selected=_told(call_id))


def _told(call_id: str) -> JSON:
    """One call with everything its transcript shows: what was said, and what happened meanwhile."""
    return {**call_detail(call_id), "notes": notes_of(store(), store().state_of(call_id))}


@bp.get("/events")
def events() -> ResponseReturnValue:
    return _inspector(None)


@bp.get("/events/<path:event_id>")
def event(event_id: str) -> ResponseReturnValue:
    """The inspector with one webhook open."""
    return _inspector(event_detail(event_id))


def _inspector(selected: JSON | None) -> str:
    listed = event_list()
    running, recent = _listed()
    types = {each["type"] for each in listed["events"]} | {request.args.get("type")}
    return render_template(
        "events/index.html",
        page="events",
        events=listed["events"],
        next=listed["next"],
        selected=selected,
        asked={name: request.args.get(name, "") for name in ("verdict", "type", "call_id", "q")},
        types=sorted(filter(None, types)),
        calls=running + recent,
        may_press=access().role() is Role.OPERATOR,
    )


@bp.get("/search")
def search() -> ResponseReturnValue:
    return render_template("search/index.html", page="search", query=request.args.get("q", ""), **found())


@bp.get("/patterns")
def patterns() -> ResponseReturnValue:
    """Every component in every state, for those who build them."""
    if not current_app.config["DEMO"]:
        abort(404)
    return render_template("patterns/index.html", page="patterns", **pattern_samples.shown(), may_press=True)


def call_list() -> list[JSON]:
    """The calls of the rail: all that run, oldest first, then the newest of the ended."""
    running, recent = _listed()
    return running + recent


def _listed() -> tuple[list[JSON], list[JSON]]:
    running, recent, _ = _listed_with_next()
    return running, recent


def _listed_with_next() -> tuple[list[JSON], list[JSON], str | None]:
    """The calls of the rail in its two groups, and the cursor of the page of older ones."""
    running = [summary_json(summary) for summary in store().running_calls(limit=RUNNING_SHOWN)]
    newest = store().calls(limit=RECENT_SHOWN)
    recent = [summary_json(summary) for summary in newest.calls if summary.call.ended_at is not None]
    return running, recent, cursor_text(newest.next)


def _rail() -> dict[str, Any]:
    running, recent, older = _listed_with_next()
    config = current_app.config
    return {
        "live_calls": running,
        "recent_calls": recent,
        "older": older,
        "export_formats": tuple(FORMATS),
        "defaults": config["COMMAND_DEFAULTS"],
        "last_used": {name: last_used(name) for name in REMEMBERED},
        "presets": preset_list(),
        "cost_per_minute": config["COST_PER_MINUTE"],
        "own_stream_url": own_stream_url(),
        "webhook_url": webhook_url(),
        "may_press": access().role() is Role.OPERATOR,
    }


def last_used(name: str) -> Mapping[str, Any] | None:
    """The parameters this command was last accepted with, without what belongs to one call or is a secret."""
    stored = store().last_parameters(name)
    if stored is None:
        return None
    parameters = without_secrets(name, json.loads(stored))
    parameters.pop("client_state", None)
    # Our own address needs a token for each call: it is left empty, which asks for one.
    if parameters.get("stream_url") == own_stream_url():
        del parameters["stream_url"]
    return parameters


def webhook_url() -> str:
    """What to paste at the provider: the public address, as configured or as this browser sees it."""
    return urljoin(current_app.config["PUBLIC_ADDRESS"] or request.url_root, "/webhooks/telnyx")


def own_stream_url() -> str | None:
    """Where the provider can stream a call's sound to this dashboard."""
    own: OwnStream = current_app.extensions["own_stream"]
    return own.url()


def register(app: Flask) -> None:
    app.register_blueprint(bp)
    app.jinja_env.filters.update(
        as_told=as_told,
        decimal=decimal,
        in_language=in_language,
        in_turns=in_turns,
        clock=formats.clock,
        clock_ms=formats.clock_ms,
        number=formats.number,
        duration=formats.duration,
        marked=formats.marked,
        price=formats.price,
        size=formats.size,
        **words.FILTERS,
    )
