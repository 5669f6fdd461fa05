"""JSON for scripts and for the page's buttons."""

from __future__ import annotations

import base64
import binascii
import uuid
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from flask import Blueprint, current_app, jsonify, request
from flask.typing import ResponseReturnValue
from pydantic_core import from_json

from dashboard.errors import CommandError, FieldProblem
from dashboard.live.interims import OpenInterims
from dashboard.messages import said
from dashboard.services.commands import Controls
from dashboard.services.timeline import notes_of
from dashboard.store import Store
from dashboard.store.queries import CallSummary, Cursor
from dashboard.store.schema import EPOCH
from dashboard.telnyx.commands import COMMANDS, schemas
from dashboard.web.auth import access, operators_only
from dashboard.web.command_log import command_json
from dashboard.web.errors import Problem, one_of
from dashboard.web.i18n import all_in_language, language
from dashboard.web.serializers import JSON, call_json, change_json, segment_json
from dashboard.web.turns import in_turns

bp = Blueprint("api", __name__, url_prefix="/api")

PAGE = 50
PAGE_LIMIT = 200
SEGMENTS_PAGE = 1_000
ACTIONS = frozenset(COMMANDS) - {"dial"}


def store() -> Store:
    found: Store = current_app.extensions["store"]
    return found


@bp.get("/calls")
def calls() -> ResponseReturnValue:
    page = store().calls(limit=number("limit", PAGE, 1, PAGE_LIMIT), before=cursor_from(request.args.get("after")))
    return jsonify({"calls": [summary_json(summary) for summary in page.calls], "next": cursor_text(page.next)})


@bp.get("/calls/<call_id>/segments")
def segments(call_id: str) -> ResponseReturnValue:
    after = number("after_seq", 0, 0, 2**31 - 1)
    page = store().segments_after(call_id, after, limit=number("limit", SEGMENTS_PAGE, 1, SEGMENTS_PAGE))
    listed = [segment_json(segment, page.call.direction) for segment in page.segments]
    return jsonify({"segments": listed, "next": page.next})


@bp.get("/calls/<call_id>/notes")
def notes(call_id: str) -> ResponseReturnValue:
    """What happened to a call, oldest first; an open page asks again whenever the call has changed."""
    return jsonify({"notes": notes_of(store(), store().state_of(call_id))})


@bp.get("/calls/<call_id>")
def call(call_id: str) -> ResponseReturnValue:
    return jsonify(call_detail(call_id))


@bp.post("/calls/<call_id>/actions/<name>")
@operators_only
def act(call_id: str, name: str) -> ResponseReturnValue:
    if name not in ACTIONS:
        raise Problem(404, "unknown_action", said("There is no such action."), one_of(sorted(ACTIONS)))
    parameters = json_body()
    command_id = command_id_of(parameters.pop("command_id", None))
    controls: Controls = current_app.extensions["controls"]
    answered = controls.run(name, call_id, parameters, command_id=command_id, requested_by=requester())
    if answered.problem is not None:
        raise answered.problem
    return jsonify({"command": answered.command}), 202


@bp.get("/calls/<call_id>/switches")
def switches(call_id: str) -> ResponseReturnValue:
    """What runs on a call, and why not: said in the language of the request, where the feed says it in English."""
    return jsonify({"switches": call_json(store().state_of(call_id))["switches"]})


@bp.get("/calls/<call_id>/commands")
def commands_of(call_id: str) -> ResponseReturnValue:
    """Everything that was asked for on a call: by whom, when, with what, and what came of it."""
    return jsonify({"commands": command_list(call_id)})


@bp.get("/commands")
def commands() -> ResponseReturnValue:
    """The JSON schema of every command: forms are made of it. Secrets are `writeOnly`."""
    return jsonify({"commands": _schemas(language())})


@cache
def _schemas(tag: str) -> JSON:
    """Said once for each language; the words of enumerations go on the wire, and stay what they are."""
    shown = schemas()
    for name, schema in shown.items():
        for secret in COMMANDS[name].secret_fields:
            schema["properties"][secret]["writeOnly"] = True
    said_in_it: JSON = all_in_language(shown)
    return said_in_it


def command_list(call_id: str) -> list[JSON]:
    return [command_json(row) for row in store().commands(call_id)]


def requester() -> str:
    """Who presses, as the command log says it."""
    return "script" if access().has_bearer() else str(access().role())


def call_detail(call_id: str) -> JSON:
    """One call with its segments in transcript order and what is being said now."""
    known = store().call(call_id)
    interims: OpenInterims = current_app.extensions["interims"]
    direction = known.call.direction
    return {
        "call": call_json(known.call),
        "segments": [segment_json(segment, direction) for segment in in_turns(known.segments)],
        "interims": [change_json(heard)["interim"] for heard in interims.of(call_id)],
    }


def summary_json(summary: CallSummary) -> JSON:
    """A call as lists show it: with the number of its lines, its last words and the keywords that were said."""
    last = summary.last
    words = None
    if last is not None:
        shown = segment_json(last, summary.call.direction)
        words = {"speaker": shown["speaker"], "text": shown["text"]}
    hits = [{"word": word, "count": count} for word, count in sorted(summary.hits.items())]
    return {**call_json(summary.call), "lines": summary.lines, "last_words": words, "keyword_hits": hits}


def json_body() -> dict[str, Any]:
    body = request.get_data()
    if not body:
        return {}
    try:
        # Strict as for webhooks: no NaN, no lone surrogates, and nesting is bounded.
        parsed = from_json(body, allow_inf_nan=False)
    except ValueError:
        parsed = None
    if not isinstance(parsed, dict):
        raise Problem(400, "bad_json", said("The body is not a JSON object."), said("Send an object, or nothing."))
    return parsed


def command_id_of(told: Any) -> str:
    if told is None:
        return str(uuid.uuid4())
    try:
        return str(uuid.UUID(told))
    except (ValueError, TypeError, AttributeError):
        raise CommandError([FieldProblem(field="command_id", reason=said("must be a UUID"))]) from None


def number(name: str, default: int, least: int, most: int) -> int:
    """A whole number from the address; `default` if it is not given."""
    text = request.args.get(name)
    if text is None:
        return default
    if not text.isascii() or not text.isdigit() or len(text) > 12 or not least <= int(text) <= most:
        message = said("%(name)s is not a number from %(least)s to %(most)s.", name=name, least=least, most=most)
        raise Problem(400, "bad_parameter", message, said("Correct it, or leave it out."))
    return int(text)


def cursor_text(cursor: Cursor | None) -> str | None:
    if cursor is None:
        return None
    started_at, call_id = cursor
    micros = (started_at - EPOCH) // timedelta(microseconds=1)
    return base64.urlsafe_b64encode(f"{micros}|{call_id}".encode()).decode()


def cursor_from(text: str | None) -> Cursor | None:
    if text is None:
        return None
    try:
        micros, _, call_id = base64.urlsafe_b64decode(text.encode()).decode().partition("|")
        started_at: datetime = EPOCH + timedelta(microseconds=int(micros))
    except (ValueError, OverflowError, binascii.Error):
        raise Problem(
            400, "bad_cursor", said("after is not a cursor."), said("Use the `next` of the page before.")
        ) from None
    return started_at, call_id
