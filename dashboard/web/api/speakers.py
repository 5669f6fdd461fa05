"""Speaker names as JSON. All watchers read the same names, operators change them."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from dashboard.calls.speaker_names import parse_name
from dashboard.calls.transcript import Speaker
from dashboard.errors import CommandError, FieldProblem
from dashboard.messages import _
from dashboard.store import NameSpeakers
from dashboard.web.auth import operators_only
from dashboard.web.context import services
from dashboard.web.request_parsing import parse_json_body
from dashboard.web.serializers import JSON, call_json

bp = Blueprint("speakers", __name__, url_prefix="/api")

NAMED_SPEAKERS = (Speaker.CALLER, Speaker.CALLEE)


@bp.put("/calls/<call_id>/speakers")
@operators_only
def name_speakers(call_id: str) -> ResponseReturnValue:
    """Name the `caller` and the `callee`. Empty or null is the plain word again; who is left out keeps their name."""
    services().store.name_speakers(NameSpeakers(call_id=call_id, names=_parse_names(parse_json_body())))
    return jsonify({"call": call_json(services().store.get_call(call_id))})


def _parse_names(body: JSON) -> dict[Speaker, str | None]:
    unknown = sorted(body.keys() - set(NAMED_SPEAKERS))
    problems = [FieldProblem(field=field, reason=_("is not known"), allowed=NAMED_SPEAKERS) for field in unknown]
    names: dict[Speaker, str | None] = {}
    for side in NAMED_SPEAKERS:
        if side in body:
            try:
                names[side] = _parse_speaker_name(body[side])
            except ValueError as error:
                problems.append(FieldProblem(field=side, reason=error.args[0]))
    if problems:
        raise CommandError(problems)
    return names


def _parse_speaker_name(value: Any) -> str | None:
    if not isinstance(value, str | None):
        raise ValueError(_("must be text"))
    return parse_name(value or "")
