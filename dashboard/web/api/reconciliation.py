"""Finds running calls that no webhook announced."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from dashboard.errors import CommandError, FieldProblem
from dashboard.messages import _
from dashboard.web.api.calls import call_detail_json
from dashboard.web.auth import operators_only
from dashboard.web.context import services
from dashboard.web.errors import Problem
from dashboard.web.request_parsing import parse_json_body

bp = Blueprint("reconciliation", __name__, url_prefix="/api")


@bp.post("/find")
@operators_only
def reconcile_calls() -> ResponseReturnValue:
    """Import one call (`{"call_id": …}`), or every running call of the application (`{}`)."""
    call_id = parse_json_body().get("call_id")
    finder = services().reconciler
    if finder is None:
        message = _("This dashboard has no API key to ask with.")
        raise Problem(503, "no_api_key", message, _("Set TELNYX_API_KEY."))
    if call_id is None:
        if not finder.can_list:
            hint = _("Set TELNYX_CONNECTION_ID, or give the call_id of one call.")
            raise Problem(409, "no_connection_id", _("It is not known which application to ask about."), hint)
        found = finder.reconcile(now=datetime.now(UTC))
        return jsonify({"found": found.found, "ended": found.ended})
    if not isinstance(call_id, str):
        raise CommandError([FieldProblem(field="call_id", reason=_("must be text"))])
    finder.import_call(call_id.strip(), now=datetime.now(UTC))
    return jsonify(call_detail_json(call_id.strip()))
