"""The route that Telnyx sends webhooks to."""

from __future__ import annotations

from flask import Blueprint, Response, request
from werkzeug.exceptions import RequestEntityTooLarge

from dashboard.services.webhook_receiver import MAX_BODY_BYTES, PATH
from dashboard.web.auth import csrf, public
from dashboard.web.context import services

bp = Blueprint("webhooks", __name__)
csrf.exempt(bp)


@bp.post(PATH, strict_slashes=False)
@public
def receive_webhook() -> Response:
    """Take one webhook. Its signature, not the login, says who may send it."""
    receiver = services().webhook_receiver
    request.max_content_length = MAX_BODY_BYTES
    try:
        body = request.get_data(cache=False)
    except RequestEntityTooLarge:
        receiver.reject_oversized(request.content_length or 0, request.headers)
        raise
    status, message = receiver.handle(body, request.headers)
    return Response(f"{message}\n", status, mimetype="text/plain")
