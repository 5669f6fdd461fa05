"""Reconciles running calls with Telnyx: imports unknown ones, ends finished ones.

What Telnyx does not say stays unknown: whether an imported call was answered, who talks, and whether it is streamed or
forked.
"""

from __future__ import annotations

import logging
import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from dashboard.calls.call import Call, CallState
from dashboard.calls.events import AnyCallEvent, CallAnswered, CallHungUp, CallInitiated
from dashboard.errors import ProviderError
from dashboard.store import RecordEvent, Store
from dashboard.telnyx.api.client import CallStatus, TelnyxClient
from dashboard.telnyx.commands.results import CALL_GONE

log = logging.getLogger(__name__)

MAX_LISTED_CALLS = 500
# Questions about single calls in one round; a later round asks for the rest.
MAX_STATUS_REQUESTS = 100

FOUND = "dashboard.call_found"
ANSWER_ASSUMED = "dashboard.answer_assumed"
END_FOUND = "dashboard.end_found"
END_MISSED = "end_missed"

# A call younger than this may not be known everywhere at the provider yet.
SETTLING_TIME = timedelta(seconds=15)

RING_TIMEOUT = timedelta(seconds=30)
# How long a call rings unless told otherwise, and at most (Telnyx API reference, Dial: `timeout_secs`).
MAX_RING_TIMEOUT = timedelta(seconds=600)

# Our word of an end comes after the webhook's, which then still counts: it alone knows the cause.
END_MARGIN = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconcileResult:
    found: int = 0
    ended: int = 0


class CallReconciler:
    """Compares the store with the provider. `connection_id` may be None: then only ends are looked for."""

    def __init__(self, *, store: Store, client: TelnyxClient, connection_id: str | None) -> None:
        self._store = store
        self._client = client
        self._connection_id = connection_id

    @property
    def can_list(self) -> bool:
        """Whether TELNYX_CONNECTION_ID is known, so that running calls can be listed."""
        return self._connection_id is not None

    def run_round(self) -> None:
        """One round, now."""
        self.reconcile(now=datetime.now(UTC))

    def reconcile(self, *, now: datetime) -> ReconcileResult:
        """Record every unknown running call and every missed end. Raises ProviderError."""
        known = {call.call_id: call for call in self._store.all_running_calls()}
        active: set[str] = set()
        found = 0
        if self._connection_id is not None:
            for listed in self._client.list_active_calls(self._connection_id, limit=MAX_LISTED_CALLS):
                active.add(listed.call_id)
                if listed.call_id not in known and self._store.lane_positions(listed.call_id) is None:
                    started_at = now - timedelta(seconds=listed.duration_s or 0)
                    found += self._record_found_call(listed.call_id, listed.leg_id, listed.session_id, started_at, now)
        unlisted = [call for call in known.values() if call.call_id not in active]
        over = self._end_finished_calls(random.sample(unlisted, min(len(unlisted), MAX_STATUS_REQUESTS)), now)
        for call in known.values():
            if call.call_id in active:
                self._assume_answer(call, now)
        if found or over:
            log.info("found %d running calls and %d missed ends", found, over)
        return ReconcileResult(found=found, ended=over)

    def import_call(self, call_id: str, *, now: datetime) -> None:
        """Take in one call by its id. ProviderError if the provider does not know it."""
        if self._store.lane_positions(call_id) is not None:
            return
        status = self._client.get_call_status(call_id)
        started_at = status.started_at or now - timedelta(seconds=status.duration_s or 0)
        self._record_found_call(status.call_id, status.leg_id, status.session_id, started_at, now)
        if not status.is_alive:
            self._record_end(call_id, status.ended_at or now, now, cause=None)

    def _record_found_call(
        self, call_id: str, leg_id: str | None, session_id: str | None, started_at: datetime, now: datetime
    ) -> int:
        event = CallInitiated(
            event_id=f"{FOUND}:{call_id}",
            call_id=call_id,
            occurred_at=started_at,
            leg_id=leg_id,
            session_id=session_id,
            connection_id=self._connection_id,
        )
        is_new = self._record_synthetic_event(FOUND, event, now)
        self._assume_answer(Call(call_id=call_id, started_at=started_at), now)
        return is_new

    def _assume_answer(self, call: Call, now: datetime) -> None:
        """Assume that a call which lives on was answered, because no list says so.

        A call with webhooks is left to them for as long as a call can ring. Where the assumption is wrong, Telnyx
        refuses a command with the reason; an answer that is reported later does not move the time.
        """
        rings = RING_TIMEOUT if call.direction is None else MAX_RING_TIMEOUT
        if call.state is not CallState.RINGING or call.started_at is None or now - call.started_at < rings:
            return
        event = CallAnswered(
            event_id=f"{ANSWER_ASSUMED}:{call.call_id}", call_id=call.call_id, occurred_at=call.started_at
        )
        self._record_synthetic_event(ANSWER_ASSUMED, event, now)

    def _end_finished_calls(self, calls: list[Call], now: datetime) -> int:
        heard_at = self._store.last_speech_at([call.call_id for call in calls]) if calls else {}
        ended = 0
        for call in calls:
            last_sign = max(_signs_of_life(call, heard_at.get(call.call_id), now))
            ended += self._end_if_over(call, last_sign, now)
        return ended

    def _end_if_over(self, call: Call, last_sign: datetime, now: datetime) -> int:
        try:
            status: CallStatus = self._client.get_call_status(call.call_id)
        except ProviderError as error:
            if error.code not in CALL_GONE:
                raise
            if _is_settling(call, now):
                return 0
            # The provider tells of a call for ten minutes after its end (Telnyx contract 1.5): when this one ended
            # is not known, and to say "now" would bill for the time we were away.
            return self._record_end(call.call_id, last_sign, now, cause=END_MISSED)
        if status.is_alive:
            self._assume_answer(call, now)
            return 0
        if status.ended_at is None and _is_settling(call, now):
            return 0  # a call that is being dialled is not alive yet either, and an end is for good
        ended_at = now if status.ended_at is None else status.ended_at + END_MARGIN
        return self._record_end(call.call_id, ended_at, now, cause=None)

    def _record_end(self, call_id: str, ended_at: datetime, now: datetime, *, cause: str | None) -> int:
        event = CallHungUp(event_id=f"{END_FOUND}:{call_id}", call_id=call_id, occurred_at=ended_at, cause=cause)
        return self._record_synthetic_event(END_FOUND, event, now)

    def _record_synthetic_event(self, kind: str, event: AnyCallEvent, now: datetime) -> int:
        return int(self._store.record_event(synthetic_event(kind, event, received_at=now)).is_new)


def synthetic_event(kind: str, event: AnyCallEvent, *, received_at: datetime) -> RecordEvent:
    """An event that was learned without a webhook, stored under a type of its own."""
    return RecordEvent(
        event_id=event.event_id,
        type=kind,
        is_known_type=True,
        call_id=event.call_id,
        event=event,
        attempt=None,
        occurred_at=event.occurred_at,
        received_at=received_at,
        body="{}",
    )


def _is_settling(call: Call, now: datetime) -> bool:
    return call.started_at is not None and now - call.started_at < SETTLING_TIME


def _signs_of_life(call: Call, heard_at: datetime | None, now: datetime) -> list[datetime]:
    """Times at which a call surely lived; `now` if none is known."""
    told = [switch.reported[0] for switch in call.raw_switches.values() if switch.reported is not None]
    signs = [call.started_at, call.answered_at, heard_at, *told]
    return [sign for sign in signs if sign is not None] or [now]
