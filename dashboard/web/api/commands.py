"""What an operator asks for beside the buttons of a call: a new call, a call to be found, parameters to be kept."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, current_app, jsonify
from flask.typing import ResponseReturnValue

from dashboard.errors import CommandError, FieldProblem
from dashboard.messages import said
from dashboard.services.commands import Controls
from dashboard.services.reconciliation import Finder
from dashboard.store import DeletePreset, SavePreset
from dashboard.telnyx.commands import ADDRESSES, COMMANDS, build
from dashboard.web.api.calls import call_detail, command_id_of, json_body, requester, store
from dashboard.web.auth import operators_only
from dashboard.web.errors import Problem

bp = Blueprint("orders", __name__, url_prefix="/api")

PRESET_NAME_LIMIT = 60
PRESETS_LIMIT = 200


@bp.post("/calls")
@operators_only
def dial() -> ResponseReturnValue:
    """Place a call. `connection_id` may be left out where TELNYX_CONNECTION_ID is set."""
    parameters = json_body()
    command_id = command_id_of(parameters.pop("command_id", None))
    controls: Controls = current_app.extensions["controls"]
    answered, call_id = controls.dial(parameters, command_id=command_id, requested_by=requester())
    if answered.problem is not None:
        raise answered.problem
    found = {} if call_id is None else {"call": call_detail(call_id)["call"]}
    return jsonify({"command": answered.command, **found}), 202


@bp.post("/find")
@operators_only
def find() -> ResponseReturnValue:
    """Take in one call by its id (`{"call_id": …}`), or every running call of the application (`{}`)."""
    call_id = json_body().get("call_id")
    finder: Finder | None = current_app.extensions["finder"]
    if finder is None:
        message = said("This dashboard has no API key to ask with.")
        raise Problem(503, "no_api_key", message, said("Set TELNYX_API_KEY."))
    if call_id is None:
        if not finder.can_list:
            hint = said("Set TELNYX_CONNECTION_ID, or give the call_id of one call.")
            raise Problem(409, "no_connection_id", said("It is not known which application to ask about."), hint)
        found = finder.look(now=datetime.now(UTC))
        return jsonify({"found": found.found, "ended": found.ended})
    if not isinstance(call_id, str):
        raise CommandError([FieldProblem(field="call_id", reason=said("must be text"))])
    finder.adopt(call_id.strip(), now=datetime.now(UTC))
    return jsonify(call_detail(call_id.strip()))


@bp.get("/presets")
def presets() -> ResponseReturnValue:
    return jsonify({"presets": preset_list()})


@bp.put("/presets/<command>/<path:name>")
@operators_only
def save_preset(command: str, name: str) -> ResponseReturnValue:
    """Keep the body under a name, in place of what had it. It is judged as if it were sent; secrets are left out."""
    name, parameters = name.strip(), json_body()
    if command not in COMMANDS or not 1 <= len(name) <= PRESET_NAME_LIMIT or not name.isprintable():
        hint = said(
            "Name a command of GET /api/commands, and use a name of 1 to %(most)s characters.", most=PRESET_NAME_LIMIT
        )
        raise Problem(422, "bad_preset", said("That preset cannot be kept."), hint)
    kept = _worth_keeping(command, parameters)
    names = {(row["command"], row["name"]) for row in store().presets()}
    if len(names | {(command, name)}) > PRESETS_LIMIT:
        raise Problem(409, "too_many_presets", said("There are too many presets."), said("Delete one first."))
    store().change_preset(SavePreset(command=command, name=name, parameters=json.dumps(kept, ensure_ascii=False)))
    return jsonify({"presets": preset_list()})


def _worth_keeping(command: str, parameters: dict[str, Any]) -> dict[str, Any]:
    """The parameters without secrets, addresses without the tokens in them. CommandError if they could not be sent."""
    controls: Controls = current_app.extensions["controls"]
    given = controls.dial_parameters(parameters) if command == "dial" else parameters
    built = build(command, None if command == "dial" else "preset", given, command_id=str(uuid.uuid4()))
    public = built.public_body()
    kept = {name: value for name, value in without_secrets(command, parameters).items() if value is not None}
    addresses = {name: public[name] for name in ADDRESSES if name in kept}
    return {**kept, **addresses}


@bp.delete("/presets/<command>/<path:name>")
@operators_only
def delete_preset(command: str, name: str) -> ResponseReturnValue:
    if not store().change_preset(DeletePreset(command=command, name=name.strip())).is_new:
        hint = said("%(address)s lists them.", address="GET /api/presets")
        raise Problem(404, "no_such_preset", said("There is no such preset."), hint)
    return jsonify({"presets": preset_list()})


def preset_list() -> list[dict[str, Any]]:
    return [{**row, "parameters": json.loads(row["parameters"])} for row in store().presets()]


def without_secrets(command: str, parameters: dict[str, Any]) -> dict[str, Any]:
    secret = COMMANDS[command].secret_fields | {"command_id"}
    return {name: value for name, value in parameters.items() if name not in secret}
