"""The console: the list of calls, one call, and one call to read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from dashboard.web.api.calls import call_detail_json, timeline_json
from dashboard.web.api.presets import presets_json, without_secrets
from dashboard.web.auth import is_operator
from dashboard.web.call_list import load_call_list
from dashboard.web.context import services
from dashboard.web.serializers import JSON
from dashboard.web.transcript_formats import FORMATS
from dashboard.web.urls import stream_url, webhook_url

bp = Blueprint("console", __name__)

# Commands whose form opens with the parameters that were last accepted.
REMEMBERED_COMMANDS = ("transcription_start", "streaming_start", "fork_start", "dial")


@bp.get("/")
def show_console() -> ResponseReturnValue:
    return render_template("console/index.html", page="console", **_sidebar_context(), selected=None)


@bp.get("/calls/<call_id>")
def show_call(call_id: str) -> ResponseReturnValue:
    return render_template(
        "console/index.html", page="console", **_sidebar_context(), selected=_call_with_timeline(call_id)
    )


@bp.get("/calls/<call_id>/read")
def read_call(call_id: str) -> ResponseReturnValue:
    """One transcript in large letters, and nothing else."""
    return render_template("reader/index.html", selected=_call_with_timeline(call_id))


def _call_with_timeline(call_id: str) -> JSON:
    """One call with its transcript and its timeline."""
    return {**call_detail_json(call_id), "notes": timeline_json(call_id)}


def _sidebar_context() -> dict[str, Any]:
    calls, config = load_call_list(services().store), services().config
    return {
        "live_calls": calls.running,
        "recent_calls": calls.recent,
        "older": calls.older,
        "export_formats": tuple(FORMATS),
        "defaults": config.command_defaults,
        "last_used": {name: last_used_parameters(name) for name in REMEMBERED_COMMANDS},
        "presets": presets_json(),
        "cost_per_minute": config.cost_per_minute,
        "own_stream_url": stream_url(),
        "webhook_url": webhook_url(),
        "may_press": is_operator(),
    }


def last_used_parameters(name: str) -> Mapping[str, Any] | None:
    """The parameters last accepted for a command, without secrets and values of one call."""
    stored = services().store.last_parameters(name)
    if stored is None:
        return None
    parameters = without_secrets(name, json.loads(stored))
    parameters.pop("client_state", None)
    # Our own address needs a token for each call. An empty field requests one.
    if parameters.get("stream_url") == stream_url():
        del parameters["stream_url"]
    return parameters
