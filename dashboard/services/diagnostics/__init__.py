"""Checks everything this dashboard depends on, with deadlines and a short cache.

`checks` decides what a result means.
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
from dashboard.services.diagnostics.checks import Check, State, worst_state
from dashboard.services.diagnostics.probe import Probe, ProbeResult, Spawn
from dashboard.store import Store, migrate
from dashboard.telnyx.api.client import TelnyxClient

T = TypeVar("T")

CACHE_S = 30.0
# "Check again" runs the probes no more often than this.
MIN_REPEAT_S = 3.0

PROBE_DEADLINE_S = 5.0
# (connect, read) for each attempt of a question to the provider.
CLIENT_TIMEOUT_S = (2.0, 3.0)

BACKEND_NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeResults:
    """The results of all probes; None where there was nothing to probe."""

    public_key: ProbeResult[str] | None
    application: ProbeResult[Mapping[str, Any]] | None
    schema: ProbeResult[str]
    broker: ProbeResult[bool] | None
    at: datetime


class Diagnostics:
    """`ping` asks the broker, None without one. `spawn` runs a question beside everything else."""

    def __init__(
        self,
        *,
        store: Store,
        client: TelnyxClient | None,
        connection_id: str | None,
        public_keys: str,
        public_url: str | None,
        is_broker_reachable: Callable[[], bool] | None,
        webhook_stats: WebhookStats,
        demo: bool,
        spawn: Spawn,
        deadline_s: float = PROBE_DEADLINE_S,
    ) -> None:
        self._store = store
        self._client = client
        self._connection_id = connection_id
        self._public_keys = public_keys
        self._public_url = public_url
        self._ping = is_broker_reachable
        self._webhook_stats = webhook_stats
        self._demo = demo
        self._spawn = spawn
        self._deadline_s = deadline_s
        self._expected = migrate.newest_version()
        self._results: ProbeResults | None = None
        self._probed_at = 0.0
        self._lock = Lock()

    def run(self, webhook_url: str, *, is_forced: bool = False) -> tuple[list[Check], datetime]:
        """All checks, and when the probes ran: at most `CACHE_S` ago, or now if `is_forced`."""
        asked = self._cached_results(kept_s=MIN_REPEAT_S if is_forced else CACHE_S)
        return self._build_checks(asked, webhook_url), asked.at

    def attention(self, webhook_url: str) -> State | None:
        """Amber or red if a check needs attention, from cached results only."""
        asked = self._results
        if asked is None:
            return None
        state = worst_state(self._build_checks(asked, webhook_url))
        return state if state in (State.WARN, State.BAD) else None

    def _build_checks(self, results: ProbeResults, webhook_url: str) -> list[Check]:
        seen = self._webhook_stats.snapshot()
        of_provider = [answer for answer in (results.application, results.public_key) if answer is not None]
        backend = self._store.database.url.get_backend_name()
        is_configured = self._public_url is not None
        found = [
            checks.check_api_key(of_provider),
            checks.check_public_key(self._public_keys, results.public_key),
            checks.check_public_url(self._public_url, demo=self._demo),
            checks.check_application(results.application, webhook_url, is_configured=is_configured, demo=self._demo),
            checks.check_last_webhook(seen, now=datetime.now(UTC)),
            checks.check_clock(seen),
            checks.check_store(results.schema, backend=BACKEND_NAMES.get(backend, backend), expected=self._expected),
            checks.check_broker(results.broker),
            checks.check_transport(),
        ]
        return [*found, checks.check_simulator(of_provider)] if self._demo else found

    def _cached_results(self, *, kept_s: float) -> ProbeResults:
        # One run at a time; callers that wait get its results.
        with self._lock:
            if self._results is None or time.monotonic() - self._probed_at > kept_s:
                self._results = self._run_probes()
                self._probed_at = time.monotonic()
            return self._results

    def _run_probes(self) -> ProbeResults:
        """Run all probes at once and wait for them until the deadline."""
        deadline = time.monotonic() + self._deadline_s
        client, connection_id, spawn = self._client, self._connection_id, self._spawn
        account_key = application = None
        if client is not None:
            account_key = Probe(client.get_public_key, spawn=spawn)
        if client is not None and connection_id is not None:
            application = Probe(lambda: client.get_application(connection_id), spawn=spawn)
        schema = Probe(lambda: self._store.schema_version() or "unknown", spawn=spawn)
        broker = None if self._ping is None else Probe(self._ping, spawn=spawn)

        def answer(question: Probe[T]) -> ProbeResult[T]:
            return question.result(within_s=deadline - time.monotonic())

        return ProbeResults(
            public_key=None if account_key is None else answer(account_key),
            application=None if application is None else answer(application),
            schema=answer(schema),
            broker=None if broker is None else answer(broker),
            at=datetime.now(UTC),
        )
