"""The choice of a language, with or without a login. Kept in a cookie only."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, abort, current_app, redirect, request
from flask.typing import ResponseReturnValue

from dashboard.web.auth import csrf, public, safe_local_path
from dashboard.web.i18n import LANGUAGE_COOKIE, available_languages

bp = Blueprint("language", __name__)

COOKIE_AGE_S = 365 * 24 * 60 * 60


@bp.post("/language")
@public
def choose_language() -> ResponseReturnValue:
    """Remember the language and return to the page."""
    csrf.protect()
    tag = request.form.get("language", "")
    if tag not in available_languages():
        abort(400)
    answer = redirect(safe_local_path(request.form.get("next") or _referring_path()), code=303)
    is_secure = current_app.config["SESSION_COOKIE_SECURE"]
    answer.set_cookie(LANGUAGE_COOKIE, tag, max_age=COOKIE_AGE_S, samesite="Lax", httponly=True, secure=is_secure)
    return answer


def _referring_path() -> str:
    """The path of the page that sent the form, because scripts change the address of an open page."""
    try:
        page = urlsplit(request.referrer or "")
    except ValueError:
        return "/"
    return f"{page.path}?{page.query}" if page.query else page.path
