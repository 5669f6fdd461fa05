"""Sends a test event down the real path and times each step. It leaves nothing behind.

The functions are those of real webhooks. The key is not, so that only this code can send such an event.
"""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

from dashboard.errors import DashboardError, StoreBusyError
from dashboard.messages import _, ngettext
from dashboard.services.diagnostics.probe import Probe, ProbeResult, Spawn
from dashboard.services.webhook_receiver import record_event_from
from dashboard.store import OperationResult, RecordEvent, Store
from dashboard.telnyx.webhooks.payloads import parse_webhook
from dashboard.telnyx.webhooks.sample import build_sample_webhook
from dashboard.telnyx.webhooks.signature import Verifier

log = logging.getLogger(__name__)
T = TypeVar("T")

STORE_TIMEOUT_S = 3.0
# What to say of each step that fails.
FAILURE_TITLES: Mapping[str, str] = {
    "signed": _("Not signed"),
    "verified": _("Not verified"),
    "parsed": _("Not parsed"),
    "stored": _("Not stored"),
    "published": _("Not published"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TestStep:
    name: str
    text: str
    is_ok: bool
    elapsed_ms: float


class _StepFailed(Exception):
    pass


class TestEvent:
    """One test event. `send_empty_frame()` sends a frame to every watcher and returns their number."""

    def __init__(self, *, store: Store, send_empty_frame: Callable[[], int], spawn: Spawn) -> None:
        self._store = store
        self._send_empty_frame = send_empty_frame
        self._spawn = spawn
        self.steps: list[TestStep] = []

    def send(self) -> list[TestStep]:
        """Every step up to the first that fails."""
        with contextlib.suppress(_StepFailed):  # the last step says it
            self._run_steps()
        return self.steps

    def _run_steps(self) -> None:
        now = datetime.now(UTC)
        specimen = self._run_step(
            "signed", _("Signed with a key made for this test"), lambda: build_sample_webhook(now=now)
        )
        verifier = Verifier([specimen.public_key])
        body, headers = specimen.body, specimen.headers
        self._run_step("verified", _("Signature verified"), lambda: verifier.verify(body, headers, now=time.time()))
        webhook = self._run_step("parsed", _("Parsed"), lambda: parse_webhook(body))
        record = record_event_from(webhook, body, received_at=now)
        self._run_step("stored", _("Stored and rolled back"), lambda: self._store_dry_run(record))
        watchers = self._run_step("published", _("Published"), self._send_empty_frame)
        told = ngettext(
            "Published: an empty frame to %(num)s watcher", "Published: an empty frame to %(num)s watchers", watchers
        )
        self.steps[-1] = TestStep(name="published", text=told, is_ok=True, elapsed_ms=self.steps[-1].elapsed_ms)

    def _store_dry_run(self, record: RecordEvent) -> OperationResult:
        answer: ProbeResult[OperationResult] = Probe(lambda: self._store.dry_run(record), spawn=self._spawn).result(
            within_s=STORE_TIMEOUT_S
        )
        if answer.error is not None:
            raise answer.error
        if answer.value is None:
            raise StoreBusyError(_("The database is too slow."))
        if not answer.value.changes:
            raise DashboardError(_("The event changed nothing."))
        return answer.value

    def _run_step(self, name: str, text: str, work: Callable[[], T]) -> T:
        started = time.perf_counter()
        try:
            result = work()
        except Exception as error:
            reason = error.args[0] if isinstance(error, DashboardError) and error.args else type(error).__name__
            log.error("test event not %s: %s", name, reason)
            self._add_step(name, _("%(what)s: %(why)s", what=FAILURE_TITLES[name], why=reason), started, is_ok=False)
            raise _StepFailed from None
        self._add_step(name, text, started, is_ok=True)
        return result

    def _add_step(self, name: str, text: str, started: float, *, is_ok: bool) -> None:
        elapsed_ms = round((time.perf_counter() - started) * 1000, 2)
        self.steps.append(TestStep(name=name, text=text, is_ok=is_ok, elapsed_ms=elapsed_ms))
