"""Calls no webhook told of, and ends nobody heard: what the provider knows, and what stays unknown."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from dashboard.calls.call import Call, CallState
from dashboard.calls.events import AnyCallEvent, CallAnswered, CallHungUp, CallInitiated, Direction, Transcribed
from dashboard.calls.switches import SwitchName, SwitchState
from dashboard.errors import ProviderError
from dashboard.services import reconciliation
from dashboard.services.background import PeriodicTasks
from dashboard.services.reconciliation import END_MISSED, CallReconciler, ReconcileResult
from dashboard.settings import Settings
from dashboard.store import RecordEvent, Store
from dashboard.telnyx.api.client import ActiveCall, CallStatus
from tests.conftest import services_of
from tests.store.conftest import spawn
from tests.system.server import wait_until
from tests.web.together import BEARER, SimulatorHarness, run_with_simulator

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


def refusal(code: str | None, status: int) -> ProviderError:
    return ProviderError(permanent=True, status=status, code=code, title="No", detail=None, hint="Do this.")


@dataclass
class Telnyx:
    """What the provider would say."""

    active: list[ActiveCall] = field(default_factory=list)
    statuses: dict[str, CallStatus | ProviderError] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def runs(self, call_id: str, *, for_s: int) -> None:
        told = {"call_control_id": call_id, "call_leg_id": "leg", "call_session_id": "session", "call_duration": for_s}
        self.active.append(ActiveCall.model_validate(told))

    def says(self, call_id: str, *, is_alive: bool, **told: Any) -> None:
        self.statuses[call_id] = CallStatus.model_validate({"call_control_id": call_id, "is_alive": is_alive, **told})

    def list_active_calls(self, connection_id: str, *, limit: int) -> list[ActiveCall]:
        assert connection_id == "24"
        return self.active[:limit]

    def get_call_status(self, call_id: str) -> CallStatus:
        self.asked.append(call_id)
        said = self.statuses.get(call_id, refusal("10005", 404))
        if isinstance(said, ProviderError):
            raise said
        return said


@pytest.fixture
def store(app: Flask) -> Store:
    found: Store = services_of(app).store
    return found


@pytest.fixture
def telnyx() -> Telnyx:
    return Telnyx()


@pytest.fixture
def finder(store: Store, telnyx: Telnyx) -> CallReconciler:
    return CallReconciler(store=store, client=telnyx, connection_id="24")  # type: ignore[arg-type]


@pytest.fixture
def happens(store: Store) -> Callable[..., None]:
    """A webhook told of this, `late_s` after it happened."""

    def happens(event: AnyCallEvent, *, late_s: float = 0.1) -> None:
        record = RecordEvent(
            event_id=event.event_id,
            type="told.by.webhook",
            is_known_type=True,
            call_id=event.call_id,
            event=event,
            attempt=1,
            occurred_at=event.occurred_at,
            received_at=event.occurred_at + timedelta(seconds=late_s),
            body="{}",
        )
        store.record_event(record)

    return happens


def rang(at: datetime, call_id: str = "a") -> CallInitiated:
    return CallInitiated(event_id=f"rang-{call_id}", call_id=call_id, occurred_at=at, direction=Direction.INBOUND)


def answered(at: datetime, call_id: str = "a") -> CallAnswered:
    return CallAnswered(event_id=f"answered-{call_id}", call_id=call_id, occurred_at=at)


def said(at: datetime, call_id: str = "a") -> Transcribed:
    return Transcribed(event_id=f"said-{call_id}", call_id=call_id, occurred_at=at, text="words", is_final=True)


def stored(store: Store, call_id: str = "a") -> Call:
    return store.get_transcript(call_id).call


def test_running_call_is_taken_in_with_what_the_list_tells(
    finder: CallReconciler, store: Store, telnyx: Telnyx
) -> None:
    telnyx.runs("a", for_s=300)
    assert finder.reconcile(now=NOW) == ReconcileResult(found=1, ended=0)
    call = stored(store)
    assert (call.leg_id, call.session_id, call.connection_id) == ("leg", "session", "24")
    assert (call.started_at, call.state) == (ago(300), CallState.ANSWERED)
    assert call.direction is None and call.from_number is None


def test_looking_again_finds_nothing_new(finder: CallReconciler, store: Store, telnyx: Telnyx) -> None:
    telnyx.runs("a", for_s=300)
    finder.reconcile(now=NOW)
    seq = stored(store).seq
    assert finder.reconcile(now=NOW + timedelta(seconds=30)) == ReconcileResult(found=0, ended=0)
    assert stored(store).seq == seq


def test_found_call_that_may_still_ring_is_not_called_answered(
    finder: CallReconciler, store: Store, telnyx: Telnyx, happens: Callable[..., None]
) -> None:
    telnyx.runs("a", for_s=5)
    finder.reconcile(now=NOW)
    assert stored(store).state is CallState.RINGING
    happens(answered(NOW + timedelta(seconds=3)))
    assert stored(store).answered_at == NOW + timedelta(seconds=3)


def test_found_call_that_lives_on_is_taken_for_answered(finder: CallReconciler, store: Store, telnyx: Telnyx) -> None:
    telnyx.runs("a", for_s=5)
    finder.reconcile(now=NOW)
    finder.reconcile(now=NOW + timedelta(seconds=26))
    assert stored(store).state is CallState.ANSWERED


def test_call_whose_webhooks_come_is_left_to_them_while_it_can_ring(
    finder: CallReconciler, store: Store, telnyx: Telnyx, happens: Callable[..., None]
) -> None:
    happens(rang(ago(590)))
    telnyx.runs("a", for_s=590)
    finder.reconcile(now=NOW)
    assert stored(store).state is CallState.RINGING
    finder.reconcile(now=NOW + timedelta(seconds=11))
    assert stored(store).state is CallState.ANSWERED


def test_webhook_that_is_only_late_tells_the_rest(
    finder: CallReconciler, store: Store, telnyx: Telnyx, happens: Callable[..., None]
) -> None:
    telnyx.runs("a", for_s=1)
    finder.reconcile(now=NOW)
    happens(rang(ago(1.4)), late_s=30)
    call = stored(store)
    assert (call.started_at, call.direction, call.state) == (ago(1.4), Direction.INBOUND, CallState.RINGING)


def test_missed_end_is_found_with_its_own_time(
    finder: CallReconciler, store: Store, telnyx: Telnyx, happens: Callable[..., None]
) -> None:
    happens(rang(ago(300)))
    happens(answered(ago(290)))
    telnyx.says("a", is_alive=False, end_time=ago(100).isoformat())
    assert finder.reconcile(now=NOW) == ReconcileResult(found=0, ended=1)
    call = stored(store)
    assert call.state is CallState.ENDED and call.ended_at is not None
    assert timedelta(0) <= call.ended_at - ago(100) <= timedelta(seconds=1)


def test_a_call_that_is_being_dialled_is_not_taken_for_over(
    finder: CallReconciler, store: Store, telnyx: Telnyx, happens: Callable[..., None]
) -> None:
    """Nobody has picked up yet, so it is not alive; an end that is wrong could never be taken back."""
    happens(rang(ago(5)))
    telnyx.says("a", is_alive=False)
    assert finder.reconcile(now=NOW) == ReconcileResult(found=0, ended=0)
    assert stored(store).state is CallState.RINGING


@pytest.mark.parametrize("later_s", [-0.5, 0.0, 0.5])
def test_webhook_of_an_end_that_was_found_still_tells_the_cause(
    finder: CallReconciler, store: Store, telnyx: Telnyx, happens: Callable[..., None], later_s: float
) -> None:
    happens(rang(ago(300)))
    telnyx.says("a", is_alive=False, end_time=ago(2).isoformat())
    finder.reconcile(now=NOW)
    ended_at = ago(2 - later_s)
    happens(CallHungUp(event_id="end", call_id="a", occurred_at=ended_at, cause="normal_clearing", source="caller"))
    call = stored(store)
    assert (call.ended_at, call.hangup_cause, call.hangup_source) == (ended_at, "normal_clearing", "caller")


def test_end_the_provider_has_forgotten_is_put_at_the_last_sign_of_life(
    finder: CallReconciler, store: Store, happens: Callable[..., None]
) -> None:
    """Not at "now": a night without a server would become a night of transcription."""
    happens(rang(ago(40_000)))
    happens(answered(ago(39_990)))
    happens(said(ago(39_500)), late_s=0.5)
    assert finder.reconcile(now=NOW) == ReconcileResult(found=0, ended=1)
    call = stored(store)
    assert (call.ended_at, call.hangup_cause) == (ago(39_499.5), END_MISSED)
    assert call.switches[SwitchName.TRANSCRIPTION].state is SwitchState.OFF


def test_call_that_is_not_listed_but_alive_goes_on(
    finder: CallReconciler, store: Store, telnyx: Telnyx, happens: Callable[..., None]
) -> None:
    """It may belong to another application, or the list may have been cut."""
    happens(rang(ago(300)))
    telnyx.says("a", is_alive=True)
    assert finder.reconcile(now=NOW) == ReconcileResult(found=0, ended=0)
    assert stored(store).ended_at is None


def test_young_call_the_provider_does_not_know_yet_is_not_over(
    finder: CallReconciler, store: Store, happens: Callable[..., None]
) -> None:
    happens(rang(ago(10)))
    finder.reconcile(now=NOW)
    assert stored(store).state is CallState.RINGING
    finder.reconcile(now=NOW + timedelta(seconds=10))
    assert stored(store).state is CallState.ENDED


@pytest.mark.parametrize(
    "error",
    [refusal("10009", 401), refusal(None, 404), refusal("10007", 500), refusal(None, 422), refusal("10011", 429)],
)
def test_trouble_of_the_provider_ends_no_call(
    finder: CallReconciler, store: Store, telnyx: Telnyx, happens: Callable[..., None], error: ProviderError
) -> None:
    """Also not a 404 of something else that answers at its address."""
    happens(rang(ago(300)))
    telnyx.statuses["a"] = error
    with pytest.raises(ProviderError):
        finder.reconcile(now=NOW)
    assert stored(store).ended_at is None


def test_one_round_asks_about_so_many_calls_and_the_next_about_others(
    finder: CallReconciler, telnyx: Telnyx, happens: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reconciliation, "MAX_STATUS_REQUESTS", 3)
    for number in range(5):
        happens(rang(ago(300), f"call-{number}"))
        telnyx.says(f"call-{number}", is_alive=True)
    finder.reconcile(now=NOW)
    assert len(set(telnyx.asked)) == len(telnyx.asked) == 3
    for _ in range(60):
        finder.reconcile(now=NOW)
    assert len(set(telnyx.asked)) == 5


def test_without_an_application_only_ends_are_looked_for(
    store: Store, telnyx: Telnyx, happens: Callable[..., None]
) -> None:
    happens(rang(ago(300)))
    telnyx.runs("b", for_s=60)
    finder = CallReconciler(store=store, client=telnyx, connection_id=None)  # type: ignore[arg-type]
    assert finder.reconcile(now=NOW) == ReconcileResult(found=0, ended=1)
    assert not finder.can_list


def test_call_is_taken_in_by_its_id(finder: CallReconciler, store: Store, telnyx: Telnyx) -> None:
    telnyx.says("a", is_alive=True, start_time=ago(120).isoformat(), call_leg_id="leg")
    finder.import_call("a", now=NOW)
    assert (stored(store).started_at, stored(store).leg_id, stored(store).state) == (
        ago(120),
        "leg",
        CallState.ANSWERED,
    )
    finder.import_call("a", now=NOW)
    assert telnyx.asked == ["a"]


def test_call_that_is_over_is_taken_in_as_such(finder: CallReconciler, store: Store, telnyx: Telnyx) -> None:
    telnyx.says("a", is_alive=False, start_time=ago(120).isoformat(), end_time=ago(60).isoformat())
    finder.import_call("a", now=NOW)
    assert (stored(store).state, stored(store).ended_at) == (CallState.ENDED, ago(60))


def test_call_the_provider_does_not_know_is_not_taken_in(finder: CallReconciler, store: Store) -> None:
    with pytest.raises(ProviderError):
        finder.import_call("a", now=NOW)
    assert store.lane_positions("a") is None


def test_failure_of_a_round_is_told_once_and_the_next_round_comes(
    finder: CallReconciler, telnyx: Telnyx, happens: Callable[..., None], caplog: pytest.LogCaptureFixture
) -> None:
    happens(rang(datetime.now(UTC) - timedelta(seconds=300)))
    telnyx.statuses["a"] = refusal("10009", 401)
    tasks = PeriodicTasks(spawn)
    tasks.every(0.001, finder.run_round, name="reconciliation", at_start=True)
    message = "background task failed: task=reconciliation error=No (10009). Do this."
    wait_until(lambda: [record.message for record in caplog.records].count(message) >= 3, "three failures")
    tasks.stop()


# --- with the whole provider -----------------------------------------------------------------------------------------


@pytest.fixture
def here(settings: Settings) -> Iterator[SimulatorHarness]:
    with run_with_simulator(settings) as running:
        yield running


def find(here: SimulatorHarness, **wish: Any) -> Any:
    return here.client.post("/api/find", json=wish, headers=BEARER)


def test_every_running_call_is_found_page_by_page(here: SimulatorHarness) -> None:
    with here.divert_webhooks():
        calls = [here.simulator.place_call(paced=False, auto_answer=0.0) for _ in range(260)]
    find(here)  # the server's own first round may have found some of them already
    known = {call.call_id for call in services_of(here.app).store.all_running_calls()}
    assert known == {call.call_control_id for call in calls}
    assert find(here).get_json() == {"found": 0, "ended": 0}
    pages = [asked for asked in here.simulator.requests if "active_calls" in asked.path]
    assert 4 <= len(pages) <= 2 * 3


def test_found_call_can_be_pressed_and_its_text_arrives(here: SimulatorHarness) -> None:
    with here.divert_webhooks():
        call = here.simulator.place_call(auto_answer=0.0, paced=False)
        assert call.wait_until(lambda seen: seen.is_answered)
    answer = find(here, call_id=f" {call.call_control_id} ")
    assert (answer.status_code, answer.get_json()["call"]["state"]) == (200, "ringing")
    assert here.send_command(call, "transcription_start").status_code == 202
    while not call.say_next():
        pass
    deadline = time.monotonic() + 5
    while here.get_call(call)["state"] != "answered" and time.monotonic() < deadline:
        call.say_next()
        time.sleep(0.02)
    assert here.get_call(call)["state"] == "answered"
    assert here.switch_state(call, "transcription") == "on"


@pytest.mark.parametrize(
    ("wish", "status", "code"),
    [
        ({"call_id": "v3:nobody-knows-it"}, 409, "provider_refused"),
        ({"call_id": 7}, 422, "bad_parameters"),
        ({"call_id": "a b"}, 422, "bad_parameters"),
        ({"call_id": ""}, 422, "bad_parameters"),
    ],
)
def test_what_cannot_be_found_says_why(here: SimulatorHarness, wish: dict[str, Any], status: int, code: str) -> None:
    error = find(here, **wish).get_json()["error"]
    assert (find(here, **wish).status_code, error["code"]) == (status, code)
    assert error["hint"]
