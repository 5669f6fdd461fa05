"""Transcripts as files, also during a call."""

from __future__ import annotations

import re

from flask import Blueprint, Response

from dashboard.calls.call import Call
from dashboard.messages import _
from dashboard.web.context import services
from dashboard.web.errors import Problem, allowed_values_hint
from dashboard.web.transcript_formats import FORMATS

bp = Blueprint("exports", __name__, url_prefix="/api")


@bp.get("/calls/<call_id>/transcript.<kind>")
def export_transcript(call_id: str, kind: str) -> Response:
    wanted = FORMATS.get(kind)
    if wanted is None:
        listed = [f"transcript.{name}" for name in FORMATS]
        raise Problem(404, "unknown_format", _("There is no such format."), allowed_values_hint(listed))
    known = services().store.get_transcript(call_id)
    answer = Response(wanted.write(known), content_type=f"{wanted.media_type}; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{export_file_name(known.call)}.{kind}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


def export_file_name(call: Call) -> str:
    """The start of the call and the end of its id, in plain ASCII."""
    began = "" if call.started_at is None else call.started_at.strftime("-%Y%m%d-%H%M%S")
    return f"call{began}-{re.sub('[^A-Za-z0-9]', '', call.call_id)[-8:] or 'unknown'}"
