"""Keywords as JSON. Viewers read them, operators change them."""

from __future__ import annotations

import re

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from dashboard.calls.keywords import MAX_KEYWORDS, Keyword, KeywordKind, compile_keyword
from dashboard.errors import CommandError, FieldProblem
from dashboard.messages import _
from dashboard.store.keywords import DeleteKeyword, SaveKeyword
from dashboard.web.auth import operators_only
from dashboard.web.context import services
from dashboard.web.errors import Problem
from dashboard.web.request_parsing import parse_json_body
from dashboard.web.serializers import JSON

bp = Blueprint("keywords", __name__, url_prefix="/api")

_KEYWORD_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


@bp.get("/keywords")
def list_keywords() -> ResponseReturnValue:
    return jsonify({"keywords": [keyword_json(keyword) for keyword in services().store.all_keywords()]})


@bp.get("/keywords/<keyword_id>")
def show_keyword(keyword_id: str) -> ResponseReturnValue:
    for known in services().store.all_keywords():
        if known.keyword_id == keyword_id:
            return jsonify({"keyword": keyword_json(known)})
    raise _keyword_not_found()


@bp.put("/keywords/<keyword_id>")
@operators_only
def save_keyword(keyword_id: str) -> ResponseReturnValue:
    """Save a keyword under an id that the sender chooses. `kind` is phrase (the default) or regex."""
    wanted = _parse_keyword(keyword_id, parse_json_body())
    others = [known for known in services().store.all_keywords() if known.keyword_id != keyword_id]
    if len(others) >= MAX_KEYWORDS:
        message = _("There are %(most)s keywords.", most=MAX_KEYWORDS)
        raise Problem(409, "too_many_keywords", message, _("Delete one first."))
    services().store.change_keyword(SaveKeyword(keyword=wanted))
    services().keywords.refresh()
    return jsonify({"keyword": keyword_json(wanted)})


@bp.delete("/keywords/<keyword_id>")
@operators_only
def delete_keyword(keyword_id: str) -> ResponseReturnValue:
    """Watch for it no longer. What was marked stays marked."""
    if not services().store.change_keyword(DeleteKeyword(keyword_id=keyword_id)).is_new:
        raise _keyword_not_found()
    services().keywords.refresh()
    return "", 204


def keyword_json(keyword: Keyword) -> JSON:
    return {"id": keyword.keyword_id, "kind": keyword.kind, "text": keyword.text}


def _parse_keyword(keyword_id: str, body: JSON) -> Keyword:
    problems = [FieldProblem(field=name, reason=_("is not known")) for name in sorted(body.keys() - {"kind", "text"})]
    if not _KEYWORD_ID.fullmatch(keyword_id):
        reason = _("must be 1 to 64 letters, digits, dots, dashes or underscores")
        problems.append(FieldProblem(field="id", reason=reason))
    text, kind = body.get("text"), body.get("kind", KeywordKind.PHRASE)
    if kind not in tuple(KeywordKind):
        problems.append(FieldProblem(field="kind", reason=_("is not known"), allowed=tuple(KeywordKind)))
    if not isinstance(text, str) or not text.isprintable():
        problems.append(FieldProblem(field="text", reason=_("must be text")))
    elif not problems:
        keyword = Keyword(keyword_id=keyword_id, kind=KeywordKind(kind), text=text.strip())
        try:
            compile_keyword(keyword)
            return keyword
        except ValueError as error:
            problems.append(FieldProblem(field="text", reason=error.args[0]))
    raise CommandError(problems)


def _keyword_not_found() -> Problem:
    hint = _("%(address)s lists them.", address="GET /api/keywords")
    return Problem(404, "keyword_not_found", _("There is no such keyword."), hint)
