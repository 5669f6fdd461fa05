"""The setup page: every finding, told in time, to everybody who may read, and without secrets."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from dashboard.errors import ProviderError, StoreBusyError
from dashboard.metrics import WebhookStats, WebhookStatsSnapshot
from dashboard.services import diagnostics
from dashboard.services.diagnostics import Diagnostics, checks, test_event
from dashboard.services.diagnostics.checks import Check, State
from dashboard.services.diagnostics.probe import ProbeResult
from dashboard.settings import Settings
from dashboard.store import Store
from dashboard.store.database import Database
from tests.conftest import Signer, build_event_body, services_of
from tests.store.conftest import spawn
from tests.web.conftest import BEARER, VIEWER_PASSWORD, csrf_token, sign_in

HOOK = "https://calls.example.com/webhooks/telnyx"
OTHER_KEY = Signer().public_key
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
NOTHING_SEEN = WebhookStatsSnapshot(verified=0, last_verified_at=None, refused={}, clock_ahead_s=None)


def refusal(status: int | None) -> ProviderError:
    return ProviderError(permanent=True, status=status, code=None, title="A title", detail=None, hint="Do this.")


def told(**changed: Any) -> ProbeResult[Any]:
    return ProbeResult(value={"webhook_event_url": HOOK, "webhook_api_version": "2", "active": True, **changed})


def seen(**changed: Any) -> WebhookStatsSnapshot:
    return replace(NOTHING_SEEN, **changed)


# What facts mean


@pytest.mark.parametrize(
    ("asked", "state"),
    [
        ([], State.WARN),
        ([ProbeResult(value="key", elapsed_ms=12)], State.OK),
        ([ProbeResult(error=refusal(404)), ProbeResult(value="key")], State.OK),
        ([ProbeResult(error=refusal(401))], State.BAD),
        ([ProbeResult(error=refusal(404))], State.WARN),
        ([ProbeResult(error=refusal(None))], State.BAD),
        ([ProbeResult()], State.BAD),
    ],
    ids=["no key", "answered", "one answered", "refused", "not told", "unreachable", "too slow"],
)
def test_an_api_key_is_judged_by_what_was_asked_with_it(asked: list[ProbeResult[Any]], state: State) -> None:
    assert checks.check_api_key(asked).state is state


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (lambda mine: ProbeResult(value=mine), State.OK),
        (lambda mine: ProbeResult(value=OTHER_KEY), State.BAD),
        (lambda mine: ProbeResult(value="no key at all"), State.WARN),
        (lambda mine: ProbeResult(error=refusal(404)), State.WARN),
        (lambda mine: None, State.WARN),
    ],
    ids=["the same", "another", "unreadable", "not told", "nobody to ask"],
)
def test_the_public_key_is_compared_with_the_account_s(answer: Callable[[str], Any], state: State) -> None:
    mine = Signer().public_key
    assert checks.check_public_key(mine, answer(mine)).state is state


def test_one_of_several_public_keys_is_enough() -> None:
    assert checks.check_public_key(f"{Signer().public_key},{OTHER_KEY}", ProbeResult(value=OTHER_KEY)).state is State.OK


@pytest.mark.parametrize(
    ("address", "state"),
    [
        (None, State.WARN),
        ("https://calls.example.com", State.OK),
        ("http://calls.example.com", State.WARN),
        ("https://localhost:5000", State.BAD),
        ("https://192.168.1.20", State.BAD),
        ("http://[::1]:5000", State.BAD),
        ("https://dashboard", State.BAD),
    ],
)
def test_the_public_address_must_be_public_and_encrypted(address: str | None, state: State) -> None:
    assert checks.check_public_url(address, demo=False).state is state


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (told(), State.OK),
        (told(webhook_event_url="https://CALLS.example.com:443/webhooks/telnyx/"), State.OK),
        (told(webhook_event_url="https://other.example.com/webhooks/telnyx"), State.BAD),
        (told(webhook_event_url="http://calls.example.com/webhooks/telnyx"), State.BAD),
        (told(webhook_event_url=None), State.BAD),
        (told(webhook_api_version="1"), State.BAD),
        (told(active=False), State.BAD),
        (ProbeResult(error=refusal(404)), State.BAD),
        (ProbeResult(error=refusal(None)), State.WARN),
        (None, State.WARN),
    ],
    ids=["right", "same", "elsewhere", "http", "nowhere", "version 1", "inactive", "unknown", "silent", "no id"],
)
def test_the_application_must_send_version_2_to_this_address(answer: ProbeResult[Any] | None, state: State) -> None:
    assert checks.check_application(answer, HOOK, is_configured=True, demo=False).state is state


def test_another_address_is_only_amber_while_ours_is_a_guess() -> None:
    answer = told(webhook_event_url="https://other.example.com/webhooks/telnyx")
    assert checks.check_application(answer, HOOK, is_configured=False, demo=False).state is State.WARN


@pytest.mark.parametrize(
    ("what", "state", "words"),
    [
        (seen(), State.WARN, "None"),
        (seen(verified=3, last_verified_at=NOW - timedelta(seconds=9)), State.OK, "9 s ago, 3 since the start"),
        (seen(refused={"wrong_signature": 4, "stale": 1}), State.BAD, "5 refused, most for wrong_signature"),
        (seen(verified=1, last_verified_at=NOW, refused={"stale": 2}), State.OK, "2 refused, most for stale"),
    ],
)
def test_the_last_webhook_tells_when_and_how_many(what: WebhookStatsSnapshot, state: State, words: str) -> None:
    check = checks.check_last_webhook(what, now=NOW)
    assert check.state is state and words in check.finding


@pytest.mark.parametrize(
    ("ahead_s", "state", "words"),
    [
        (None, State.OFF, "Not known"),
        (0.4, State.OK, "Within 2 s"),
        (-12.0, State.WARN, "12 s behind"),
        (12.0, State.WARN, "12 s ahead of"),
        (280.0, State.BAD, "280 s ahead of"),
    ],
)
def test_the_clock_is_judged_by_how_far_it_is_off(ahead_s: float | None, state: State, words: str) -> None:
    check = checks.check_clock(seen(clock_ahead_s=ahead_s))
    assert check.state is state and words in check.finding


def test_webhooks_refused_for_their_time_speak_of_the_clock() -> None:
    assert checks.check_clock(seen(refused={"stale": 3})).state is State.BAD


@pytest.mark.parametrize(
    ("read", "state"),
    [
        (ProbeResult(value="0001", elapsed_ms=0.4), State.OK),
        (ProbeResult(value="0001", elapsed_ms=400), State.WARN),
        (ProbeResult(value="0000", elapsed_ms=0.4), State.BAD),
        (ProbeResult(), State.BAD),
    ],
    ids=["well", "slow", "old schema", "silent"],
)
def test_the_store_must_answer_soon_and_with_the_right_schema(read: ProbeResult[str], state: State) -> None:
    assert checks.check_store(read, backend="SQLite", expected="0001").state is state


@pytest.mark.parametrize(
    ("pinged", "state"), [(None, State.OFF), (ProbeResult(value=True), State.OK), (ProbeResult(), State.BAD)]
)
def test_a_broker_is_missed_only_where_one_is_set(pinged: ProbeResult[bool] | None, state: State) -> None:
    assert checks.check_broker(pinged).state is state


def test_the_smallest_skew_is_the_one_that_counts() -> None:
    verdicts = WebhookStats()
    for skew_s in (3.9, 0.2, 1.1):
        verdicts.record_verified(skew_s=skew_s, at=NOW.timestamp())
    assert verdicts.snapshot().clock_ahead_s == 0.2


def test_old_skews_are_forgotten() -> None:
    """A clock that was put right must not be told wrong for ever."""
    verdicts = WebhookStats()
    verdicts.record_verified(skew_s=-50, at=0)
    for _ in range(200):
        verdicts.record_verified(skew_s=0.5, at=1)
    assert verdicts.snapshot().clock_ahead_s == 0.5


# Asking


class Account:
    """The provider's answers, and how often it was asked."""

    def __init__(self, signer: Signer) -> None:
        self.asked = 0
        self.key = signer.public_key
        self.may_answer = threading.Event()
        self.may_answer.set()

    def get_public_key(self) -> str:
        self.asked += 1
        self.may_answer.wait(20)
        return self.key

    def get_application(self, connection_id: str) -> dict[str, Any]:
        self.may_answer.wait(20)
        return {"webhook_event_url": HOOK, "webhook_api_version": "2", "active": True}


@pytest.fixture
def account(signer: Signer) -> Iterator[Account]:
    account = Account(signer)
    yield account
    account.may_answer.set()


@pytest.fixture
def make_doctor(account: Account, signer: Signer, database_url: str) -> Iterator[Callable[..., Diagnostics]]:
    stores: list[Store] = []

    def make(**changed: Any) -> Diagnostics:
        stores.append(Store(Database(database_url), spawn=spawn))
        facts: dict[str, Any] = {
            "store": stores[-1],
            "client": account,
            "connection_id": "1494404757140276705",
            "public_keys": signer.public_key,
            "public_url": "https://calls.example.com",
            "is_broker_reachable": lambda: True,
            "webhook_stats": WebhookStats(),
            "demo": False,
            "spawn": spawn,
        }
        return Diagnostics(**(facts | changed))

    yield make
    for store in stores:
        store.close()


def states(found: list[Check]) -> dict[str, str]:
    return {check.id: check.state.value for check in found}


def test_a_healthy_dashboard_only_waits_for_its_first_webhook(make_doctor: Callable[..., Diagnostics]) -> None:
    found, _ = make_doctor().run(HOOK)
    assert states(found) == {
        "api_key": "ok",
        "public_key": "ok",
        "public_address": "ok",
        "application": "ok",
        "last_webhook": "warn",
        "clock": "off",
        "store": "ok",
        "broker": "ok",
        "transport": "off",
    }
    assert all(check.action for check in found if check.state in (State.WARN, State.BAD))


def test_a_silent_provider_delays_the_page_no_longer_than_the_deadline(
    make_doctor: Callable[..., Diagnostics], account: Account
) -> None:
    account.may_answer.clear()
    started = time.monotonic()
    found, _ = make_doctor(deadline_s=0.2).run(HOOK)
    assert time.monotonic() - started < 2
    assert states(found)["api_key"] == "bad" and states(found)["store"] == "ok"


def test_a_broker_that_raises_is_red_and_its_address_stays_hidden(make_doctor: Callable[..., Diagnostics]) -> None:
    def ping() -> bool:
        raise ConnectionError("redis://:hunter2@cache:6379 refused")

    found, _ = make_doctor(is_broker_reachable=ping).run(HOOK)
    assert states(found)["broker"] == "bad"
    assert "hunter2" not in repr(found)


def test_answers_are_kept_for_a_while(make_doctor: Callable[..., Diagnostics], account: Account) -> None:
    diagnostics = make_doctor()
    diagnostics.run(HOOK)
    diagnostics.run(HOOK)
    assert account.asked == 1


def test_asking_again_and_again_asks_others_only_now_and_then(
    make_doctor: Callable[..., Diagnostics], account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    examined = make_doctor()
    for _ in range(5):
        examined.run(HOOK, is_forced=True)
    assert account.asked == 1
    monkeypatch.setattr(diagnostics, "MIN_REPEAT_S", -1.0)
    examined.run(HOOK, is_forced=True)
    assert account.asked == 2


def test_attention_is_called_for_without_asking_anybody(
    make_doctor: Callable[..., Diagnostics], account: Account, signer: Signer
) -> None:
    diagnostics = make_doctor()
    assert diagnostics.attention(HOOK) is None and account.asked == 0
    account.key = OTHER_KEY
    diagnostics.run(HOOK)
    assert diagnostics.attention(HOOK) is State.BAD and account.asked == 1


# The pages


@pytest.fixture
def asking(provider: Any, signer: Signer) -> None:
    """The provider tells the account's key."""
    provider.next_responses.append((200, {"data": {"record_type": "public_key", "public": signer.public_key}}))


def found_by(client: FlaskClient, **headers: Any) -> dict[str, dict[str, Any]]:
    shown = client.get("/api/setup", **headers).get_json()
    return {check["id"]: check for check in shown["checks"]}


@pytest.mark.usefixtures("asking")
def test_the_api_tells_every_finding(client: FlaskClient, deliver: Callable[..., Any]) -> None:
    deliver("call.initiated", {"direction": "incoming"})
    found = found_by(client)
    assert found["api_key"]["state"] == found["public_key"]["state"] == found["store"]["state"] == "ok"
    assert found["last_webhook"]["text"].endswith("ago, 1 since the start")
    assert found["clock"]["state"] == "ok"
    assert set(found["store"]) == {"id", "state", "title", "text", "action"}


@pytest.mark.usefixtures("asking")
def test_refused_webhooks_are_counted(client: FlaskClient, signer: Signer) -> None:
    body = build_event_body("call.initiated")
    stranger = Signer()
    client.post("/webhooks/telnyx", data=body, headers=stranger.sign_headers(body))
    assert "1 refused, most for wrong_signature" in found_by(client)["last_webhook"]["text"]


@pytest.mark.usefixtures("asking")
def test_the_page_shows_the_address_and_every_finding(client: FlaskClient) -> None:
    page = client.get("/setup").get_data(as_text=True)
    assert "http://localhost/webhooks/telnyx" in page
    for check in found_by(client):
        assert f'data-check="{check}"' in page


@pytest.mark.usefixtures("asking")
def test_the_way_to_the_page_says_when_something_wants_a_look(client: FlaskClient) -> None:
    assert "needs attention" not in client.get("/events").get_data(as_text=True)
    client.get("/setup")
    assert "needs attention" in client.get("/events").get_data(as_text=True)


def test_viewers_see_the_findings_and_no_secrets(guarded: Flask, settings: Settings, provider: Any) -> None:
    provider.next_responses.append((401, {"errors": [{"code": "10009", "title": "Authentication failed"}]}))
    client = guarded.test_client()
    sign_in(client, VIEWER_PASSWORD)
    page = client.get("/setup").get_data(as_text=True)
    told = client.get("/api/setup").get_data(as_text=True)
    assert '"id":"api_key"' in told.replace(" ", "") and "Refused" in told
    for secret in (settings.telnyx_api_key, settings.secret_key, settings.database_url, settings.telnyx_public_key):
        assert secret is not None and secret not in page + told
    assert "Send a signed test event" not in page


def test_nobody_else_sees_them(guarded: Flask) -> None:
    client = guarded.test_client()
    assert client.get("/api/setup").status_code == 401
    assert client.get("/setup").status_code == 302


def test_the_demo_shows_its_simulator(make_app: Callable[..., Flask], asking: None) -> None:
    found = found_by(make_app(demo=True).test_client())
    assert found["simulator"]["state"] == "ok" and found["public_address"]["state"] == "off"


# The test event


def rows(database_url: str) -> int:
    with sqlite3.connect(database_url.removeprefix("sqlite:///")) as connection:
        tables = ("events", "calls", "segments")
        return sum(connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in tables)


def steps_of_a_test(client: FlaskClient) -> list[dict[str, Any]]:
    answer = client.post("/api/setup/test", headers={"X-CSRFToken": csrf_token(client)})
    assert answer.status_code == 200
    steps: list[dict[str, Any]] = answer.get_json()["steps"]
    return steps


def test_a_test_event_walks_the_whole_path_and_leaves_nothing(client: FlaskClient, database_url: str) -> None:
    steps = steps_of_a_test(client)
    assert [step["name"] for step in steps] == ["signed", "verified", "parsed", "stored", "published"]
    assert all(step["state"] == "ok" and step["elapsed_ms"] >= 0 for step in steps)
    assert rows(database_url) == 0


def test_a_test_event_tells_how_many_watch(app: Flask, client: FlaskClient) -> None:
    socketio = app.extensions["socketio"]
    watcher = socketio.test_client(app)
    watcher.emit("watch", {}, callback=True)
    assert steps_of_a_test(client)[-1]["text"] == "Published: an empty frame to 1 watcher"
    assert watcher.get_received() == [{"name": "changes", "args": [[]], "namespace": "/"}]


def test_the_key_of_a_test_event_opens_nothing(client: FlaskClient) -> None:
    """What the test signs is refused by the fast path for real webhooks."""
    from dashboard.telnyx.webhooks.sample import build_sample_webhook

    specimen = build_sample_webhook(now=datetime.now(UTC))
    answer = client.post("/webhooks/telnyx", data=specimen.body, headers=dict(specimen.headers))
    assert answer.status_code == 401


def test_a_test_event_ends_at_the_step_that_fails(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(work: Any) -> None:
        raise StoreBusyError("The database is too slow.")

    monkeypatch.setattr(services_of(app).store, "dry_run", refuse)
    steps = steps_of_a_test(client)
    assert steps[-1]["name"] == "stored" and steps[-1]["state"] == "bad"
    assert steps[-1]["text"] == "Not stored: The database is too slow."


def test_a_test_event_does_not_wait_for_a_store_that_hangs(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    released = threading.Event()
    monkeypatch.setattr(test_event, "STORE_TIMEOUT_S", 0.1)
    monkeypatch.setattr(services_of(app).store, "dry_run", lambda work: released.wait(20))
    steps = steps_of_a_test(client)
    released.set()
    assert steps[-1]["text"] == "Not stored: The database is too slow."


def test_the_page_runs_the_test_without_scripts(client: FlaskClient) -> None:
    page = client.post("/setup", data={"csrf_token": csrf_token(client)}).get_data(as_text=True)
    assert "Stored and rolled back" in page


def test_only_operators_may_send_a_test_event(guarded: Flask) -> None:
    client = guarded.test_client()
    assert client.post("/api/setup/test").status_code == 401
    assert client.post("/api/setup/test", headers=BEARER).status_code == 200
    sign_in(client, VIEWER_PASSWORD)
    token = csrf_token(client)
    for path in ("/api/setup/test", "/setup"):
        assert client.post(path, headers={"X-CSRFToken": token}).status_code == 403
