"""The one write that needs no login: a signature instead. Nothing looks at the body before the signature holds.

An answer of 200 means that the event is on disk. 4xx is final for the provider, 503 makes it send again.
"""

from __future__ import annotations

import logging
import time
from datetime import UTC, datetime

from flask import Blueprint, Response, current_app, request
from werkzeug.exceptions import RequestEntityTooLarge

from dashboard.calls.events import Transcribed
from dashboard.errors import PayloadError, SignatureError, StoreBusyError
from dashboard.live.hearing import Hearing
from dashboard.live.inspector import Inspector, Verdict
from dashboard.store import RecordEvent
from dashboard.telnyx.payloads import Webhook, parse
from dashboard.telnyx.signature import Verifier
from dashboard.web.verdicts import Verdicts

log = logging.getLogger(__name__)
bp = Blueprint("webhooks", __name__)

BODY_LIMIT = 256 * 1024
"""Captured bodies are 1 to 3 kB; the provider documents no limit (Telnyx contract 2.1)."""


HEADERS = ("Content-Type", "User-Agent", "Telnyx-Timestamp")
HEADER_LIMIT = 200
WORDS = {Verdict.INTERIM: "heard", Verdict.ACCEPTED: "kept", Verdict.DUPLICATE: "kept before"}


@bp.post("/webhooks/telnyx", strict_slashes=False)
def receive() -> Response:
    started = time.perf_counter()
    request.max_content_length = BODY_LIMIT
    try:
        body = request.get_data(cache=False)
    except RequestEntityTooLarge:
        _note(Verdict.REFUSED, None, started, size=request.content_length or 0, reason="too_large")
        raise
    verifier: Verifier = current_app.extensions["verifier"]
    verdicts: Verdicts = current_app.extensions["verdicts"]
    now = time.time()
    try:
        verified = verifier.verify(body, request.headers, now=now)
    except SignatureError as error:
        verdicts.count("refused", error.reason)
        log.warning("webhook refused: %s (%s), %d bytes", error.reason, error.detail, len(body))
        _note(Verdict.REFUSED, body, started, reason=error.reason, detail=error.detail)
        return _answer(401, "not verified")
    verdicts.verified(skew_s=verified.skew_s, at=now)
    try:
        webhook = parse(body)
    except PayloadError as error:
        verdicts.count("unreadable")
        log.warning("webhook unreadable: %s", error)
        _note(Verdict.UNREADABLE, body, started, reason="unreadable", detail=str(error))
        return _answer(400, "unreadable")
    try:
        verdict = _accept(webhook, body)
    except StoreBusyError as error:
        verdicts.count("not_stored")
        log.error("webhook %s not stored: %s", webhook.event_id, error)
        _note(Verdict.NOT_STORED, body, started, webhook, reason="store_busy", detail=str(error))
        return _answer(503, "cannot store now")
    word = WORDS[verdict]
    verdicts.count(word.replace(" ", "_"))
    _note(verdict, body, started, webhook, reason="repeated" if verdict is Verdict.DUPLICATE else None)
    return _answer(200, word)


def _accept(webhook: Webhook, body: bytes) -> Verdict:
    hearing: Hearing = current_app.extensions["hearing"]
    event = webhook.event
    if isinstance(event, Transcribed) and not event.is_final:
        hearing.hear(event)
        return Verdict.INTERIM
    recorded = hearing.record(record_of(webhook, body, received_at=datetime.now(UTC)))
    return Verdict.ACCEPTED if recorded.is_new else Verdict.DUPLICATE


def _note(
    verdict: Verdict,
    body: bytes | None,
    started: float,
    webhook: Webhook | None = None,
    *,
    size: int = 0,
    reason: str | None = None,
    detail: str | None = None,
) -> None:
    """Tell the inspector. Of the headers only those that say nothing secret."""
    inspector: Inspector = current_app.extensions["inspector"]
    told = request.headers
    inspector.note(
        verdict,
        body,
        handling_ms=round((time.perf_counter() - started) * 1000, 2),
        headers={name: value[:HEADER_LIMIT] for name in HEADERS if (value := told.get(name)) is not None},
        size=size,
        reason=reason,
        detail=detail,
        type=None if webhook is None else webhook.event_type,
        event_id=None if webhook is None else webhook.event_id,
        call_id=None if webhook is None else webhook.call_id,
        attempt=None if webhook is None else webhook.attempt,
    )


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
