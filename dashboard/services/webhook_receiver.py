"""Receives webhooks: verify, parse, ingest. Nothing reads the body before the signature holds.

200 means that the event is on disk. Telnyx does not repeat a webhook after 4xx, and repeats it after 503.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import NamedTuple, Protocol

from dashboard.calls.events import Transcribed
from dashboard.errors import PayloadError, SignatureError, StoreBusyError
from dashboard.metrics import WebhookStats
from dashboard.services.ingest import EventIngest
from dashboard.services.webhook_log import Verdict, WebhookLog
from dashboard.store import RecordEvent
from dashboard.telnyx.webhooks.payloads import Webhook, parse_webhook
from dashboard.telnyx.webhooks.signature import Verifier

log = logging.getLogger(__name__)

PATH = "/webhooks/telnyx"
# Captured bodies are 1 to 3 kB; the provider documents no limit (Telnyx contract 2.1).
MAX_BODY_BYTES = 256 * 1024

LOGGED_HEADERS = ("Content-Type", "User-Agent", "Telnyx-Timestamp")
MAX_HEADER_LENGTH = 200

# What a webhook is judged by, and what the inspector shows.
READ_HEADERS = ("Telnyx-Signature-Ed25519", "Webhook-Id", "Webhook-Timestamp", "Webhook-Signature", *LOGGED_HEADERS)


class HeaderList(Protocol):
    """Request headers as pairs, looked up by name in any case."""

    def get(self, key: str, /) -> str | None: ...

    def __iter__(self) -> Iterator[tuple[str, str]]: ...


Headers = Mapping[str, str] | HeaderList


class _Arrival(NamedTuple):
    """When a webhook arrived, on two clocks, and its headers."""

    at: datetime
    started: float
    headers: Headers


class WebhookReceiver:
    """Handles webhooks, whether they come through the fast path or through Flask."""

    def __init__(
        self, *, verifier: Verifier, ingest: EventIngest, stats: WebhookStats, webhook_log: WebhookLog
    ) -> None:
        self._verifier = verifier
        self._ingest = ingest
        self._stats = stats
        self._webhook_log = webhook_log

    def handle(self, body: bytes, headers: Headers) -> tuple[int, str]:
        """The status and the word to answer with. Never raises for anything a sender can send."""
        arrival = _Arrival(datetime.now(UTC), time.perf_counter(), headers)
        now = arrival.at.timestamp()
        try:
            verified = self._verifier.verify(body, headers, now=now)
        except SignatureError as error:
            self._stats.count("refused", error.reason)
            log.warning("webhook refused: %s (%s), %d bytes", error.reason, error.detail, len(body))
            self._log_webhook(Verdict.REFUSED, body, arrival, reason=error.reason, detail=error.detail)
            return 401, "not verified"
        self._stats.record_verified(skew_s=verified.skew_s, at=now)
        try:
            webhook = parse_webhook(body)
        except PayloadError as error:
            self._stats.count("unreadable")
            log.warning("webhook unreadable: %s", error)
            self._log_webhook(Verdict.UNREADABLE, body, arrival, reason="unreadable", detail=error.message)
            return 400, "unreadable"
        try:
            verdict = self._ingest_webhook(webhook, body, received_at=arrival.at)
        except StoreBusyError as error:
            self._stats.count("not_stored")
            log.error("webhook %s not stored: %s", webhook.event_id, error)
            self._log_webhook(Verdict.NOT_STORED, body, arrival, webhook, reason="store_busy", detail=str(error))
            return 503, "cannot store now"
        self._stats.count(verdict)
        self._log_webhook(verdict, body, arrival, webhook, reason="repeated" if verdict is Verdict.DUPLICATE else None)
        return 200, verdict

    def reject_oversized(self, size: int, headers: Headers) -> None:
        """Log a webhook that was too large to read."""
        arrival = _Arrival(datetime.now(UTC), time.perf_counter(), headers)
        self._log_webhook(Verdict.REFUSED, None, arrival, size=size, reason="too_large")

    def _ingest_webhook(self, webhook: Webhook, body: bytes, *, received_at: datetime) -> Verdict:
        event = webhook.event
        if isinstance(event, Transcribed) and not event.is_final:
            self._ingest.publish_interim(event)
            return Verdict.INTERIM
        recorded = self._ingest.store_event(record_event_from(webhook, body, received_at=received_at))
        return Verdict.ACCEPTED if recorded.is_new else Verdict.DUPLICATE

    def _log_webhook(
        self,
        verdict: Verdict,
        body: bytes | None,
        arrival: _Arrival,
        webhook: Webhook | None = None,
        *,
        size: int = 0,
        reason: str | None = None,
        detail: str | None = None,
    ) -> None:
        """Add the webhook to the log, with its harmless headers only."""
        told = arrival.headers
        self._webhook_log.add(
            verdict,
            body,
            at=arrival.at,
            handling_ms=round((time.perf_counter() - arrival.started) * 1000, 2),
            headers={
                name: value[:MAX_HEADER_LENGTH] for name in LOGGED_HEADERS if (value := told.get(name)) is not None
            },
            size=size,
            reason=reason,
            detail=detail,
            type=None if webhook is None else webhook.event_type,
            event_id=None if webhook is None else webhook.event_id,
            call_id=None if webhook is None else webhook.call_id,
            attempt=None if webhook is None else webhook.attempt,
        )


def record_event_from(webhook: Webhook, body: bytes, *, received_at: datetime) -> RecordEvent:
    return RecordEvent(
        event_id=webhook.event_id,
        type=webhook.event_type,
        is_known_type=webhook.is_known_type,
        call_id=webhook.call_id,
        event=webhook.event,
        attempt=webhook.attempt,
        occurred_at=webhook.occurred_at,
        received_at=received_at,
        body=body.decode(),
    )
