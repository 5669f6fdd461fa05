"""The choice of a language, for everybody, signed in or not. It is kept by the browser and nowhere else."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, abort, current_app, redirect, request
from flask.typing import ResponseReturnValue

from dashboard.web.auth import csrf, local_path, public
from dashboard.web.i18n import COOKIE, languages

bp = Blueprint("language", __name__)

YEAR_S = 365 * 24 * 60 * 60


@bp.post("/language")
@public
def choose() -> ResponseReturnValue:
    """Remember it, and go back to the page it was chosen on."""
    csrf.protect()
    tag = request.form.get("language", "")
    if tag not in languages():
        abort(400)
    answer = redirect(local_path(request.form.get("next") or _came_from()), code=303)
    is_secure = current_app.config["SESSION_COOKIE_SECURE"]
    answer.set_cookie(COOKIE, tag, max_age=YEAR_S, samesite="Lax", httponly=True, secure=is_secure)
    return answer


def _came_from() -> str:
    """The path of the page itself: scripts change the address of a page that stays, which its forms know nothing of."""
    try:
        page = urlsplit(request.referrer or "")
    except ValueError:
        return "/"
    return f"{page.path}?{page.query}" if page.query else page.path
