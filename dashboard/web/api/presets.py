"""Presets: parameters of a command, kept under a name."""

from __future__ import annotations

import json
import uuid
from typing import Any

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from dashboard.messages import _
from dashboard.store import DeletePreset, SavePreset
from dashboard.telnyx.commands import COMMANDS, URL_FIELDS, build_command
from dashboard.web.auth import operators_only
from dashboard.web.context import services
from dashboard.web.errors import Problem
from dashboard.web.request_parsing import parse_json_body

bp = Blueprint("presets", __name__, url_prefix="/api")

MAX_PRESET_NAME_LENGTH = 60
MAX_PRESETS = 200


@bp.get("/presets")
def list_presets() -> ResponseReturnValue:
    return jsonify({"presets": presets_json()})


@bp.put("/presets/<command>/<path:name>")
@operators_only
def save_preset(command: str, name: str) -> ResponseReturnValue:
    """Save the body as a preset, replacing one of that name. It is validated as a command; secrets are left out."""
    name, parameters = name.strip(), parse_json_body()
    if command not in COMMANDS or not 1 <= len(name) <= MAX_PRESET_NAME_LENGTH or not name.isprintable():
        hint = _(
            "Name a command of GET /api/commands, and use a name of 1 to %(most)s characters.",
            most=MAX_PRESET_NAME_LENGTH,
        )
        raise Problem(422, "bad_preset", _("That preset cannot be kept."), hint)
    kept = _parameters_to_keep(command, parameters)
    names = {(row["command"], row["name"]) for row in services().store.all_presets()}
    if len(names | {(command, name)}) > MAX_PRESETS:
        raise Problem(409, "too_many_presets", _("There are too many presets."), _("Delete one first."))
    services().store.change_preset(
        SavePreset(command=command, name=name, parameters=json.dumps(kept, ensure_ascii=False))
    )
    return jsonify({"presets": presets_json()})


def _parameters_to_keep(command: str, parameters: dict[str, Any]) -> dict[str, Any]:
    """The parameters without secrets, addresses without the tokens in them. CommandError if they could not be sent."""
    given = services().commands.dial_parameters(parameters) if command == "dial" else parameters
    built = build_command(command, None if command == "dial" else "preset", given, command_id=str(uuid.uuid4()))
    public = built.public_body()
    kept = {name: value for name, value in without_secrets(command, parameters).items() if value is not None}
    addresses = {name: public[name] for name in URL_FIELDS if name in kept}
    return {**kept, **addresses}


@bp.delete("/presets/<command>/<path:name>")
@operators_only
def delete_preset(command: str, name: str) -> ResponseReturnValue:
    if not services().store.change_preset(DeletePreset(command=command, name=name.strip())).is_new:
        hint = _("%(address)s lists them.", address="GET /api/presets")
        raise Problem(404, "no_such_preset", _("There is no such preset."), hint)
    return jsonify({"presets": presets_json()})


def presets_json() -> list[dict[str, Any]]:
    return [{**row, "parameters": json.loads(row["parameters"])} for row in services().store.all_presets()]


def without_secrets(command: str, parameters: dict[str, Any]) -> dict[str, Any]:
    secret = COMMANDS[command].secret_fields | {"command_id"}
    return {name: value for name, value in parameters.items() if name not in secret}
