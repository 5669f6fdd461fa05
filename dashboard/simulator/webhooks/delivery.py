"""Signs webhooks, delivers them and repeats the failed ones: with the provider's manners, also the bad ones.

Knows HTTP and Ed25519; what an event means is not its business.
Source: Telnyx docs, "Webhook fundamentals" and "Receiving webhooks for programmable voice".
"""

from __future__ import annotations

import base64
import copy
import json
import queue
import random
import threading
import time
import zlib
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from nacl.signing import SigningKey

from ..scheduler import Scheduler
from .http_sender import HttpSender

# A target that never answers must not fill the memory: past this many waiting in one queue, new webhooks are given up.
_MAX_QUEUED_WEBHOOKS = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryOptions:
    """How deliveries behave. The probabilities are in [0, 1]; the times are in seconds.

    `late` holds a webhook back for up to `late_s`; `shuffle` does so for a moment up to `shuffle_s`, enough to let
    neighbours overtake; `duplicate` delivers once more what was already accepted.
    """

    late: float = 0.0
    late_s: float = 3.0
    duplicate: float = 0.0
    shuffle: float = 0.0
    shuffle_s: float = 0.5
    timeout_s: float = 2.0
    max_attempts: int = 6
    backoff_s: float = 0.5
    max_backoff_s: float = 15.0


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryAttempt:
    """One POST. `status` is None when no answer came; then `error` says why in one word."""

    number: int
    body: bytes
    headers: dict[str, str]
    status: int | None
    error: str | None
    sent_at: float
    duration_s: float


@dataclass(slots=True, kw_only=True, eq=False)
class Webhook:
    """One event on its way. `state` is waiting, delivered, refused (a 4xx) or failed (given up)."""

    id: str
    event_type: str
    call_control_id: str | None
    url: str
    event: dict[str, Any]
    timestamp: int | None = None
    state: str = "waiting"
    attempts: list[DeliveryAttempt] = field(default_factory=list)

    @property
    def payload(self) -> dict[str, Any]:
        payload: dict[str, Any] = self.event["payload"]
        return payload

    @property
    def statuses(self) -> list[int | None]:
        return [attempt.status for attempt in self.attempts]

    @property
    def body(self) -> bytes:
        """The raw bytes of the last attempt."""
        return self.attempts[-1].body

    @property
    def headers(self) -> dict[str, str]:
        return self.attempts[-1].headers


class WebhookDelivery:
    """A bounded pool of senders. Webhooks of one call share a sender: they arrive in order unless something fails."""

    def __init__(
        self, *, key: SigningKey, scheduler: Scheduler, options: DeliveryOptions, rng: random.Random,
        state_changed: threading.Condition, workers: int, history: int,
    ) -> None:  # fmt: skip
        self.webhooks: deque[Webhook] = deque(maxlen=history)
        self._key = key
        self._scheduler = scheduler
        self._options = options
        self._rng = rng
        self._state_changed = state_changed
        self._pending_count = 0
        self._is_stopping = False
        self._queues: list[queue.SimpleQueue[Callable[[HttpSender], None] | None]] = [
            queue.SimpleQueue() for _ in range(workers)
        ]
        self._senders = [HttpSender(options.timeout_s) for _ in range(workers)]
        self._threads = [
            threading.Thread(target=self._run_worker, args=pair, name=f"simulator-delivery-{number}", daemon=True)
            for number, pair in enumerate(zip(self._queues, self._senders, strict=True))
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End now: what waits is not delivered, what is under way is cut off."""
        self._is_stopping = True
        for waiting, postman in zip(self._queues, self._senders, strict=True):
            waiting.put(None)
            postman.abort()
        for thread in self._threads:
            if thread.ident is not None:
                thread.join()

    def drain(self, timeout_s: float) -> bool:
        """Wait until everything was delivered or given up; False if that took too long."""
        with self._state_changed:
            return self._state_changed.wait_for(lambda: self._pending_count == 0, timeout_s)

    def send(self, webhook: Webhook, *, without_delay: bool = False) -> Webhook:
        """Put a webhook on its way; `exact` spares it the bad manners."""
        with self._state_changed:
            self.webhooks.append(webhook)
            if self._queue_for(webhook).qsize() > _MAX_QUEUED_WEBHOOKS:
                webhook.state = "failed"
                return webhook
            self._pending_count += 1
            delay_s = 0.0 if without_delay else self._choose_delay_s()
        if delay_s:
            self._scheduler.run_after(delay_s, lambda: self._enqueue_attempt(webhook, 1))
        else:
            self._enqueue_attempt(webhook, 1)
        return webhook

    def _choose_delay_s(self) -> float:
        if self._rng.random() < self._options.late:
            return self._rng.uniform(0.5, 1.0) * self._options.late_s
        if self._rng.random() < self._options.shuffle:
            return self._rng.uniform(0.1, 1.0) * self._options.shuffle_s
        return 0.0

    def _queue_for(self, webhook: Webhook) -> queue.SimpleQueue[Callable[[HttpSender], None] | None]:
        return self._queues[zlib.crc32((webhook.call_control_id or webhook.id).encode()) % len(self._queues)]

    def _enqueue_attempt(self, webhook: Webhook, number: int, *, is_duplicate: bool = False) -> None:
        self._queue_for(webhook).put(lambda postman: self._deliver_attempt(postman, webhook, number, is_duplicate))

    def _run_worker(self, jobs: queue.SimpleQueue[Callable[[HttpSender], None] | None], sender: HttpSender) -> None:
        while (job := jobs.get()) is not None and not self._is_stopping:
            job(sender)
        sender.close()

    def _deliver_attempt(self, sender: HttpSender, webhook: Webhook, number: int, is_duplicate: bool) -> None:
        body = self._encode_body(webhook, number)
        headers = self._sign_headers(webhook, body)
        at, began = time.time(), time.monotonic()
        status, error = sender.post(webhook.url, body, headers)
        attempt = DeliveryAttempt(
            number=number, body=body, headers=headers, status=status, error=error, sent_at=at,
            duration_s=time.monotonic() - began,
        )  # fmt: skip
        with self._state_changed:
            webhook.attempts.append(attempt)
            if not is_duplicate:
                self._apply_status(webhook, number, status)
            else:
                self._pending_count -= 1
            self._state_changed.notify_all()

    def _apply_status(self, webhook: Webhook, number: int, status: int | None) -> None:
        if status is not None and 200 <= status < 300:
            webhook.state = "delivered"
            if self._rng.random() < self._options.duplicate:
                self._scheduler.run_after(
                    self._rng.uniform(0.0, 0.3), lambda: self._enqueue_attempt(webhook, number, is_duplicate=True)
                )
                return
        elif status is not None and status < 500 and status not in (408, 429):
            webhook.state = "refused"
        elif number < self._options.max_attempts and not self._is_stopping:
            wait_s = min(self._options.backoff_s * 2 ** (number - 1), self._options.max_backoff_s)
            self._scheduler.run_after(wait_s, lambda: self._enqueue_attempt(webhook, number + 1))
            return
        else:
            webhook.state = "failed"
        self._pending_count -= 1

    def _encode_body(self, webhook: Webhook, number: int) -> bytes:
        # The order of keys is not promised, so it is not always the same here.
        fields = list(webhook.event.items())
        self._rng.shuffle(fields)
        envelope = {"data": dict(fields), "meta": {"attempt": number, "delivered_to": webhook.url}}
        return json.dumps(envelope, ensure_ascii=False, separators=(",", ":")).encode()

    def _sign_headers(self, webhook: Webhook, body: bytes) -> dict[str, str]:
        timestamp = str(int(time.time()) if webhook.timestamp is None else webhook.timestamp)
        signature = self._key.sign(timestamp.encode("ascii") + b"|" + body).signature
        return {
            "Content-Type": "application/json",
            "User-Agent": "telnyx-webhooks",
            "Telnyx-Signature-Ed25519": base64.b64encode(signature).decode("ascii"),
            "Telnyx-Timestamp": timestamp,
        }


def new_webhook(
    *, id: str, event_type: str, occurred_at: str, payload: dict[str, Any], call_control_id: str | None, url: str,
    timestamp: int | None = None,
) -> Webhook:  # fmt: skip
    """An event as it stands now: later changes of `payload` do not reach it."""
    event = {
        "record_type": "event",
        "event_type": event_type,
        "id": id,
        "occurred_at": occurred_at,
        "payload": copy.deepcopy(payload),
    }
    return Webhook(
        id=id, event_type=event_type, call_control_id=call_control_id, url=url, event=event, timestamp=timestamp
    )
