"""Commands on calls: the buttons, a new call, the log and the schemas."""

from __future__ import annotations

from functools import cache

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from dashboard.messages import _
from dashboard.services.commands import CommandResult
from dashboard.telnyx.commands import COMMANDS, command_schemas
from dashboard.web.api.calls import call_detail_json
from dashboard.web.auth import operators_only
from dashboard.web.context import services
from dashboard.web.errors import Problem, allowed_values_hint, provider_problem
from dashboard.web.i18n import current_language, translate_json
from dashboard.web.request_parsing import parse_command_id, parse_json_body, requested_by
from dashboard.web.serializers import JSON, command_json, command_result_json

bp = Blueprint("commands", __name__, url_prefix="/api")

CALL_COMMANDS = frozenset(COMMANDS) - {"dial"}


@bp.post("/calls")
@operators_only
def dial_number() -> ResponseReturnValue:
    """Place a call. `connection_id` may be left out where TELNYX_CONNECTION_ID is set."""
    parameters = parse_json_body()
    command_id = parse_command_id(parameters.pop("command_id", None))
    result, call_id = services().commands.dial_number(parameters, command_id=command_id, requested_by=requested_by())
    body = {"command": accepted_json(result)}
    return jsonify(body if call_id is None else {**body, "call": call_detail_json(call_id)["call"]}), 202


@bp.post("/calls/<call_id>/actions/<name>")
@operators_only
def execute_command(call_id: str, name: str) -> ResponseReturnValue:
    if name not in CALL_COMMANDS:
        raise Problem(404, "unknown_action", _("There is no such action."), allowed_values_hint(sorted(CALL_COMMANDS)))
    parameters = parse_json_body()
    command_id = parse_command_id(parameters.pop("command_id", None))
    result = services().commands.execute(
        name,
        call_id,
        parameters,
        command_id=command_id,
        requested_by=requested_by(),
        request_url=request.url_root,
    )
    return jsonify({"command": accepted_json(result)}), 202


@bp.get("/calls/<call_id>/commands")
def list_commands(call_id: str) -> ResponseReturnValue:
    """All commands of a call: who, when, with what, and the result."""
    return jsonify({"commands": call_commands_json(call_id)})


@bp.get("/commands")
def show_schemas() -> ResponseReturnValue:
    """The JSON schemas of all commands, for forms. Secrets are `writeOnly`."""
    return jsonify({"commands": _translated_schemas(current_language())})


@cache
def _translated_schemas(tag: str) -> JSON:
    """Built once for each language. Values that go to Telnyx are not translated."""
    shown = command_schemas()
    for name, schema in shown.items():
        for secret in COMMANDS[name].secret_fields:
            schema["properties"][secret]["writeOnly"] = True
    said_in_it: JSON = translate_json(shown)
    return said_in_it


def call_commands_json(call_id: str) -> list[JSON]:
    return [command_json(row) for row in services().store.commands_of_call(call_id)]


def accepted_json(result: CommandResult) -> JSON:
    """The JSON of an accepted command. Raises the Problem of a refused one."""
    body = command_result_json(result)
    if result.error is not None:
        raise provider_problem(result.error, command=body)
    return body
