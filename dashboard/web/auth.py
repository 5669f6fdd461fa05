"""Login, bearer token and CSRF token: who may send which request."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from enum import StrEnum
from functools import wraps
from typing import Any, TypeVar

from flask import Blueprint, Flask, current_app, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFProtect
from limits import parse as parse_limit
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

from dashboard.messages import _, ngettext
from dashboard.web.context import authenticator
from dashboard.web.errors import Problem

View = TypeVar("View", bound=Callable[..., Any])

LOGIN_RATE = parse_limit("5/minute")
bp = Blueprint("auth", __name__)
csrf = CSRFProtect()


def public(view: View) -> View:
    """Mark a view that needs no login. Without the mark every view needs one."""
    view.is_public = True  # type: ignore[attr-defined]
    return view


class Role(StrEnum):
    VIEWER = "viewer"
    OPERATOR = "operator"


class Authenticator:
    """Gives the role of the current request. Without a password every request is an operator's."""

    def __init__(
        self, *, operator_password: str | None, viewer_password: str | None, api_token: str | None, secret_key: str
    ) -> None:
        passwords = {Role.OPERATOR: operator_password, Role.VIEWER: viewer_password}
        self.passwords = {role: password for role, password in passwords.items() if password is not None}
        self._api_token = api_token
        self._secret = secret_key.encode()
        self._limiter = FixedWindowRateLimiter(MemoryStorage())

    @property
    def is_open(self) -> bool:
        return not self.passwords

    def current_role(self) -> Role | None:
        """The role of the current request; None without a login."""
        if "Authorization" in request.headers:
            return Role.OPERATOR if self.has_bearer() else None
        if self.is_open:
            return Role.OPERATOR
        try:
            role = Role(session.get("role", ""))
        except ValueError:
            return None
        stamp = session.get("stamp", "")
        return role if role in self.passwords and hmac.compare_digest(stamp, self._session_stamp(role)) else None

    def has_bearer(self) -> bool:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if self._api_token is None or scheme.lower() != "bearer":
            return False
        return _constant_time_equal(token.strip(), self._api_token)

    def sign_in(self, password: str) -> Role | None:
        """The role this password opens, remembered in the session."""
        matching = [role for role, known in self.passwords.items() if _constant_time_equal(password, known)]
        if not matching:
            return None
        session.clear()
        session["role"], session["stamp"] = matching[0].value, self._session_stamp(matching[0])
        session.permanent = True
        return matching[0]

    def attempts_left(self, address: str) -> int:
        return self._limiter.get_window_stats(LOGIN_RATE, address).remaining

    def record_attempt(self, address: str) -> bool:
        """False once an address has tried too often this minute."""
        return self._limiter.hit(LOGIN_RATE, address)

    def _session_stamp(self, role: Role) -> str:
        """Ties a session to its password, so that a new password ends it."""
        return hmac.new(self._secret, f"{role}:{self.passwords[role]}".encode(), hashlib.sha256).hexdigest()


def _constant_time_equal(left: str, right: str) -> bool:
    return hmac.compare_digest(left.encode(), right.encode())


def is_operator() -> bool:
    """Whether the current request may execute commands."""
    return authenticator().current_role() is Role.OPERATOR


def init_app(app: Flask) -> None:
    """Require a login for every view that is not public, and a CSRF token for every write without a bearer token."""
    app.config["WTF_CSRF_CHECK_DEFAULT"] = False
    app.config["WTF_CSRF_TIME_LIMIT"] = None
    app.config["WTF_CSRF_SSL_STRICT"] = False  # the token and SameSite suffice; a referrer may be stripped on the way
    csrf.init_app(app)
    app.before_request(_require_login)
    app.context_processor(_template_user)


def _require_login() -> ResponseReturnValue | None:
    view = current_app.view_functions.get(request.endpoint or "")
    if view is None or getattr(view, "is_public", False):
        return None
    if authenticator().current_role() is None:
        return _unauthorized()
    if not authenticator().has_bearer():
        csrf.protect()
    return None


def _unauthorized() -> ResponseReturnValue:
    wants_page = request.method == "GET" and not request.path.startswith("/api/") and request.path != "/metrics"
    if wants_page and "Authorization" not in request.headers:
        back = request.full_path.rstrip("?")
        return redirect(url_for("auth.login", next=back if back != "/" else None))
    hint = _("Send Authorization: Bearer with DASHBOARD_API_TOKEN, or sign in.")
    raise Problem(401, "not_signed_in", _("You are not signed in."), hint, headers={"WWW-Authenticate": "Bearer"})


def operators_only(view: View) -> View:
    """Refuse viewers."""

    @wraps(view)
    def checked_view(*args: Any, **kwargs: Any) -> Any:
        if not is_operator():
            hint = _("Sign in with the operators' password.")
            raise Problem(403, "viewers_only_read", _("Viewers read only."), hint)
        return view(*args, **kwargs)

    return checked_view  # type: ignore[return-value]


@bp.route("/login", methods=["GET", "POST"])
@public
def login() -> ResponseReturnValue:
    back = safe_local_path(request.values.get("next", ""))
    if authenticator().is_open or (request.method == "GET" and authenticator().current_role() is not None):
        return redirect(back)
    if request.method == "GET":
        return render_template("login/index.html", error=None, next=back)
    csrf.protect()
    address = request.remote_addr or "unknown"
    if not authenticator().record_attempt(address):
        return render_template("login/index.html", error=_("Too many tries. Wait a minute."), next=back), 429
    if authenticator().sign_in(request.form.get("password", "")) is None:
        left = authenticator().attempts_left(address)
        error = ngettext(
            "That is not the password. %(num)s try left this minute.",
            "That is not the password. %(num)s tries left this minute.",
            left,
        )
        return render_template("login/index.html", error=error, next=back), 401
    return redirect(back)


@bp.post("/logout")
def logout() -> ResponseReturnValue:
    session.clear()
    return redirect(url_for("auth.login"))


def safe_local_path(path: str) -> str:
    """The path if it is our own, else `/`: `//host` and `/\\host` lead elsewhere."""
    return path if path.startswith("/") and path[1:2] not in ("/", "\\") and path.isprintable() else "/"


def _template_user() -> dict[str, Any]:
    return {"me": {"role": authenticator().current_role(), "signed_in": not authenticator().is_open}}
