"""Reads and validates what a request carries."""

from __future__ import annotations

import base64
import binascii
import uuid
from datetime import datetime, timedelta
from typing import Any

from flask import request
from pydantic_core import from_json

from dashboard.errors import CommandError, FieldProblem
from dashboard.messages import _
from dashboard.store.queries import Cursor
from dashboard.store.schema import EPOCH
from dashboard.web.context import authenticator
from dashboard.web.errors import Problem


def parse_json_body() -> dict[str, Any]:
    body = request.get_data()
    if not body:
        return {}
    try:
        # Strict as for webhooks: no NaN, no lone surrogates, and nesting is bounded.
        parsed = from_json(body, allow_inf_nan=False)
    except ValueError:
        parsed = None
    if not isinstance(parsed, dict):
        raise Problem(400, "bad_json", _("The body is not a JSON object."), _("Send an object, or nothing."))
    return parsed


def parse_command_id(value: Any) -> str:
    if value is None:
        return str(uuid.uuid4())
    try:
        return str(uuid.UUID(value))
    except (ValueError, TypeError, AttributeError):
        raise CommandError([FieldProblem(field="command_id", reason=_("must be a UUID"))]) from None


def int_arg(name: str, default: int, minimum: int, maximum: int) -> int:
    """A whole number from the query; `default` without one."""
    text = request.args.get(name)
    if text is None:
        return default
    if not text.isascii() or not text.isdigit() or len(text) > 12 or not minimum <= int(text) <= maximum:
        message = _("%(name)s is not a number from %(least)s to %(most)s.", name=name, least=minimum, most=maximum)
        raise Problem(400, "bad_parameter", message, _("Correct it, or leave it out."))
    return int(text)


def encode_cursor(cursor: Cursor | None) -> str | None:
    if cursor is None:
        return None
    started_at, call_id = cursor
    micros = (started_at - EPOCH) // timedelta(microseconds=1)
    return base64.urlsafe_b64encode(f"{micros}|{call_id}".encode()).decode()


def decode_cursor(text: str | None) -> Cursor | None:
    if text is None:
        return None
    try:
        micros, _bar, call_id = base64.urlsafe_b64decode(text.encode()).decode().partition("|")
        started_at: datetime = EPOCH + timedelta(microseconds=int(micros))
    except (ValueError, OverflowError, binascii.Error):
        raise Problem(400, "bad_cursor", _("after is not a cursor."), _("Use the `next` of the page before.")) from None
    return started_at, call_id


def requested_by() -> str:
    """The requester as the command log names it: a role, or `script`."""
    return "script" if authenticator().has_bearer() else str(authenticator().current_role())
