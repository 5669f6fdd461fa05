"""The one write that needs no login: a signature instead. Nothing looks at the body before the signature holds.

An answer of 200 means that the event is on disk. 4xx is final for the provider, 503 makes it send again.
"""

from __future__ import annotations

import logging
import time
from datetime import UTC, datetime

from flask import Blueprint, Response, current_app, request

from dashboard.calls.events import Transcribed
from dashboard.errors import PayloadError, SignatureError, StoreBusyError
from dashboard.live.hearing import Hearing
from dashboard.store import RecordEvent
from dashboard.telnyx.payloads import Webhook, parse
from dashboard.telnyx.signature import Verifier
from dashboard.web.verdicts import Verdicts

log = logging.getLogger(__name__)
bp = Blueprint("webhooks", __name__)

BODY_LIMIT = 256 * 1024
"""Captured bodies are 1 to 3 kB; the provider documents no limit (Telnyx contract 2.1)."""


@bp.post("/webhooks/telnyx", strict_slashes=False)
def receive() -> Response:
    request.max_content_length = BODY_LIMIT
    body = request.get_data(cache=False)
    verifier: Verifier = current_app.extensions["verifier"]
    verdicts: Verdicts = current_app.extensions["verdicts"]
    now = time.time()
    try:
        verified = verifier.verify(body, request.headers, now=now)
    except SignatureError as error:
        verdicts.count("refused", error.reason)
        log.warning("webhook refused: %s (%s), %d bytes", error.reason, error.detail, len(body))
        return _answer(401, "not verified")
    verdicts.verified(skew_s=verified.skew_s, at=now)
    try:
        webhook = parse(body)
    except PayloadError as error:
        verdicts.count("unreadable")
        log.warning("webhook unreadable: %s", error)
        return _answer(400, "unreadable")
    try:
        word = _accept(webhook, body)
    except StoreBusyError as error:
        verdicts.count("not_stored")
        log.error("webhook %s not stored: %s", webhook.event_id, error)
        return _answer(503, "cannot store now")
    verdicts.count(word.replace(" ", "_"))
    return _answer(200, word)


def _accept(webhook: Webhook, body: bytes) -> str:
    hearing: Hearing = current_app.extensions["hearing"]
    event = webhook.event
    if isinstance(event, Transcribed) and not event.is_final:
        hearing.hear(event)
        return "heard"
    recorded = hearing.record(record_of(webhook, body, received_at=datetime.now(UTC)))
    return "kept" if recorded.is_new else "kept before"


def record_of(webhook: Webhook, body: bytes, *, received_at: datetime) -> RecordEvent:
    return RecordEvent(
        event_id=webhook.event_id,
        type=webhook.event_type,
        known=webhook.known,
        call_id=webhook.call_id,
        event=webhook.event,
        attempt=webhook.attempt,
        occurred_at=webhook.occurred_at,
        received_at=received_at,
        body=body.decode(),
    )


def _answer(status: int, word: str) -> Response:
    return Response(word + "\n", status, mimetype="text/plain")
