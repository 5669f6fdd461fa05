"""Errors as JSON and as a page: one shape, always with the next step."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from typing import Any

from flask import Flask, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from dashboard.errors import (
    CallNotFoundError,
    CommandError,
    EventNotFoundError,
    FieldProblem,
    NoApiKeyError,
    ProviderError,
    ReplayError,
    StoreBusyError,
)
from dashboard.messages import Message, _, ngettext
from dashboard.web.serializers import JSON, error_json

log = logging.getLogger(__name__)


class Problem(Exception):
    """An answer that is not what was asked for. `hint` says what to do next."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        hint: str,
        details: JSON | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.hint = hint
        self.details = details
        self.headers = dict(headers or {})


STATUS_TITLES: Mapping[int, str] = {
    400: _("Bad Request"),
    404: _("Not Found"),
    405: _("Method Not Allowed"),
    413: _("Request Entity Too Large"),
    415: _("Unsupported Media Type"),
}
STATUS_HINTS: Mapping[int, str] = {
    400: _("Check what was sent."),
    404: _("Check the address, or go back to the calls."),
    405: _("Use the method that docs name for this address."),
    413: _("Send less."),
    415: _("Send JSON with Content-Type: application/json."),
}


def init_app(app: Flask) -> None:
    app.register_error_handler(Problem, _answer_problem)
    app.register_error_handler(CallNotFoundError, lambda error: _answer_problem(call_not_found_problem(error)))
    app.register_error_handler(CommandError, lambda error: _answer_problem(bad_parameters_problem(error)))
    app.register_error_handler(ProviderError, lambda error: _answer_problem(provider_problem(error)))
    app.register_error_handler(StoreBusyError, lambda error: _answer_problem(store_busy_problem(error)))
    app.register_error_handler(NoApiKeyError, lambda error: _answer_problem(no_api_key_problem(error)))
    app.register_error_handler(EventNotFoundError, lambda error: _answer_problem(event_not_found_problem(error)))
    app.register_error_handler(ReplayError, lambda error: _answer_problem(replay_problem(error)))
    app.register_error_handler(CSRFError, lambda error: _answer_problem(csrf_problem()))
    app.register_error_handler(HTTPException, _answer_http_error)
    app.register_error_handler(Exception, _answer_unexpected)


def call_not_found_problem(error: CallNotFoundError) -> Problem:
    hint = _("It appears as soon as Telnyx sends a webhook about it.")
    return Problem(404, "call_not_found", error.args[0], hint)


def no_api_key_problem(error: NoApiKeyError) -> Problem:
    return Problem(503, "no_api_key", error.args[0], _("Set TELNYX_API_KEY and start again."))


def event_not_found_problem(error: EventNotFoundError) -> Problem:
    hint = _("Interims and refused webhooks are forgotten after a while and at every start.")
    return Problem(404, "event_not_found", error.args[0], hint)


def replay_problem(error: ReplayError) -> Problem:
    return Problem(409, error.code, error.args[0], error.hint)


def bad_parameters_problem(error: CommandError) -> Problem:
    listed = [field_problem_json(problem) for problem in error.problems]
    first = error.problems[0]
    message = _("%(field)s: %(reason)s", field=first.field, reason=first.reason)
    if len(listed) > 1:
        message = ngettext("%(num)s field cannot be sent.", "%(num)s fields cannot be sent.", len(listed))
    hint = _("Nothing was sent. Correct the fields and try again.")
    return Problem(422, "bad_parameters", message, hint, {"fields": listed})


def allowed_values_hint(values: Iterable[str]) -> Message:
    """The hint where something else was named than there is."""
    return _("Use one of %(words)s.", words=", ".join(values))


def field_problem_json(problem: FieldProblem) -> JSON:
    listed: JSON = {"field": problem.field, "reason": problem.reason}
    if problem.allowed is not None:
        listed["allowed"] = list(problem.allowed)
    return listed


def provider_problem(error: ProviderError, *, command: JSON | None = None) -> Problem:
    """What the provider said, with its own code. 409: it does not fit the call; 502 and 504: the provider failed."""
    details: dict[str, Any] = {
        "provider_code": error.code,
        "provider_status": error.status,
        "provider_title": error.title,
        "provider_detail": error.detail,
        "attempts": error.attempts,
        "elapsed_ms": error.elapsed_ms,
        **error.facts,
    }
    if command is not None:
        details["command"] = command
    status = 502
    if error.status is None:
        status = 504
    elif error.status in (404, 409, 422):
        status = 409
    elif error.status == 429:
        status = 429
    return Problem(status, "provider_refused", error.title, error.hint, details)


def store_busy_problem(error: StoreBusyError) -> Problem:
    return Problem(503, "store_busy", error.args[0], _("Nothing was lost. Try again in a moment."))


def csrf_problem() -> Problem:
    return Problem(400, "no_csrf_token", _("The form is out of date."), _("Reload the page and try again."))


def _answer_http_error(error: HTTPException) -> ResponseReturnValue:
    status = error.code or 500
    if status in (301, 302, 303, 307, 308):
        return error.get_response()
    message = error.name or "Error"
    code = message.lower().replace(" ", "_")
    title, hint = STATUS_TITLES.get(status, message), STATUS_HINTS.get(status) or _("Try again.")
    return _answer_problem(Problem(status, code, title, hint, headers=_allow_header(error)))


def _allow_header(error: HTTPException) -> dict[str, str]:
    """The methods that a 405 must name (RFC 9110, section 15.5.6)."""
    methods = error.valid_methods if isinstance(error, MethodNotAllowed) else None
    return {"Allow": ", ".join(sorted(methods))} if methods else {}


def _answer_unexpected(error: Exception) -> ResponseReturnValue:
    log.error("unexpected %s at %s", type(error).__name__, request.endpoint, exc_info=error)
    hint = _("It was logged. Try again, and tell the administrator of this server if it stays.")
    return _answer_problem(Problem(500, "internal_error", _("Something went wrong here."), hint))


def _answer_problem(problem: Problem) -> ResponseReturnValue:
    if _wants_page():
        page = render_template("errors/error.html", code=problem.status, title=problem.message, hint=problem.hint)
        return page, problem.status, problem.headers
    shown = error_json(problem.code, problem.message, problem.hint, problem.details)
    return jsonify(shown), problem.status, problem.headers


def _wants_page() -> bool:
    if request.path.startswith(("/api/", "/webhooks/", "/healthz", "/readyz", "/metrics")):
        return False
    return request.accept_mimetypes.best_match(["text/html", "application/json"]) == "text/html"
