"""The setup page: asks everybody this dashboard depends on, at most every half a minute, and waits for nobody long.

What a finding means is decided in `checks`; here are the questions, the pages and the cache.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Lock
from typing import Any, TypeVar

from dashboard.metrics import WebhookStats
from dashboard.services.diagnostics import checks
from dashboard.services.diagnostics.checks import Check, State, worst
from dashboard.services.diagnostics.probe import Answer, Question, Spawn
from dashboard.store import Store, migrate
from dashboard.telnyx.api.client import TelnyxClient

T = TypeVar("T")

KEPT_S = 30.0
AGAIN_S = 3.0
"""Somebody who keeps pressing "Check again" asks no more often than this."""

DEADLINE_S = 5.0
ASK_TIMEOUT_S = (2.0, 3.0)
"""(connect, read) for each attempt of a question to the provider."""

BACKENDS = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What others answered. None where there was nothing to ask or nobody to ask it of."""

    account_key: Answer[str] | None
    application: Answer[Mapping[str, Any]] | None
    schema: Answer[str]
    broker: Answer[bool] | None
    at: datetime


class Doctor:
    """`ping` asks the broker, None without one. `spawn` runs a question beside everything else."""

    def __init__(
        self,
        *,
        store: Store,
        client: TelnyxClient | None,
        connection_id: str | None,
        public_keys: str,
        public_url: str | None,
        ping: Callable[[], bool] | None,
        verdicts: WebhookStats,
        demo: bool,
        spawn: Spawn,
        deadline_s: float = DEADLINE_S,
    ) -> None:
        self._store = store
        self._client = client
        self._connection_id = connection_id
        self._public_keys = public_keys
        self._public_url = public_url
        self._ping = ping
        self._verdicts = verdicts
        self._demo = demo
        self._spawn = spawn
        self._deadline_s = deadline_s
        self._expected = migrate.newest_version()
        self._asked: Asked | None = None
        self._asked_at = 0.0
        self._lock = Lock()

    def look(self, webhook_url: str, *, again: bool = False) -> tuple[list[Check], datetime]:
        """The findings, and when others were last asked: at most `KEPT_S` ago, or now if `again`."""
        asked = self._ask(kept_s=AGAIN_S if again else KEPT_S)
        return self._judge(asked, webhook_url), asked.at

    def attention(self, webhook_url: str) -> State | None:
        """Amber or red if something wants a look, as far as is known without asking anybody."""
        asked = self._asked
        if asked is None:
            return None
        state = worst(self._judge(asked, webhook_url))
        return state if state in (State.WARN, State.BAD) else None

    def _judge(self, asked: Asked, webhook_url: str) -> list[Check]:
        seen = self._verdicts.snapshot()
        of_provider = [answer for answer in (asked.application, asked.account_key) if answer is not None]
        backend = self._store.database.url.get_backend_name()
        is_configured = self._public_url is not None
        found = [
            checks.api_key(of_provider),
            checks.public_key(self._public_keys, asked.account_key),
            checks.public_address(self._public_url, demo=self._demo),
            checks.application(asked.application, webhook_url, is_configured=is_configured, demo=self._demo),
            checks.last_webhook(seen, now=datetime.now(UTC)),
            checks.clock(seen),
            checks.store(asked.schema, backend=BACKENDS.get(backend, backend), expected=self._expected),
            checks.broker(asked.broker),
            checks.transport(),
        ]
        return [*found, checks.simulator(of_provider)] if self._demo else found

    def _ask(self, *, kept_s: float) -> Asked:
        # One at a time: whoever comes meanwhile gets the same answers.
        with self._lock:
            if self._asked is None or time.monotonic() - self._asked_at > kept_s:
                self._asked = self._ask_everybody()
                self._asked_at = time.monotonic()
            return self._asked

    def _ask_everybody(self) -> Asked:
        """All at once, and together no longer than the deadline: who has not answered then has not answered."""
        deadline = time.monotonic() + self._deadline_s
        client, connection_id, spawn = self._client, self._connection_id, self._spawn
        account_key = application = None
        if client is not None:
            account_key = Question(client.public_key, spawn=spawn)
        if client is not None and connection_id is not None:
            application = Question(lambda: client.application(connection_id), spawn=spawn)
        schema = Question(lambda: self._store.schema_version() or "unknown", spawn=spawn)
        broker = None if self._ping is None else Question(self._ping, spawn=spawn)

        def answer(question: Question[T]) -> Answer[T]:
            return question.answer(within_s=deadline - time.monotonic())

        return Asked(
            account_key=None if account_key is None else answer(account_key),
            application=None if application is None else answer(application),
            schema=answer(schema),
            broker=None if broker is None else answer(broker),
            at=datetime.now(UTC),
        )
