"""The choice of a language, for everybody, signed in or not. It is kept by the browser and nowhere else."""

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
    """Remember it, and go back to the page it was chosen on."""
    csrf.protect()
    tag = request.form.get("language", "")
    if tag not in available_languages():
        abort(400)
    answer = redirect(safe_local_path(request.form.get("next") or _referring_path()), code=303)
    is_secure = current_app.config["SESSION_COOKIE_SECURE"]
    answer.set_cookie(LANGUAGE_COOKIE, tag, max_age=COOKIE_AGE_S, samesite="Lax", httponly=True, secure=is_secure)
    return answer


def _referring_path() -> str:
    """The path of the page itself: scripts change the address of a page that stays, which its forms know nothing of."""
    try:
        page = urlsplit(request.referrer or "")
    except ValueError:
        return "/"
    return f"{page.path}?{page.query}" if page.query else page.path
