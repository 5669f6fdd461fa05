"""Who may do what."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_socketio import SocketIO
from limits import parse as parse_limit

from dashboard.web import auth
from tests.conftest import CALL_ID
from tests.system.provider import RecordingProvider
from tests.web.conftest import BEARER, PASSWORD, TOKEN, VIEWER_PASSWORD, csrf_token, sign_in

HANGUP = f"/api/calls/{CALL_ID}/actions/hangup"
FILLING = {"call_id": CALL_ID, "name": "hangup", "format": "txt", "version": "0", "path": "x"}


@pytest.fixture
def visitor(guarded: Flask) -> FlaskClient:
    return guarded.test_client()


def addresses(app: Flask, method: str) -> Iterator[tuple[str, str]]:
    """Every (endpoint, address) that takes a method, with made-up values in its places."""
    for rule in app.url_map.iter_rules():
        if method in (rule.methods or ()):
            values = {name: FILLING.get(name, "x") for name in rule.arguments}
            with app.test_request_context():
                yield rule.endpoint, rule.build(values)[1]  # type: ignore[index]


def writes(app: Flask) -> Iterator[tuple[str, str, str]]:
    """Every (method, endpoint, address) that can change something."""
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        for endpoint, address in addresses(app, method):
            yield method, endpoint, address


def test_password_opens_the_console(visitor: FlaskClient) -> None:
    assert visitor.get("/").headers["Location"] == "/login"
    assert sign_in(visitor) == 302
    assert visitor.get("/").status_code == 200


def test_wrong_password_is_told_with_the_tries_left(visitor: FlaskClient) -> None:
    assert sign_in(visitor, "guess") == 401
    answer = visitor.post("/login", data={"password": "", "csrf_token": csrf_token(visitor, "/login")})
    assert answer.status_code == 401 and "3 tries left" in answer.text
    assert visitor.get("/").status_code == 302


def test_sixth_try_in_a_minute_is_refused_even_with_the_right_password(
    visitor: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A longer window, so that no minute ends in the middle of the test.
    monkeypatch.setattr(auth, "LOGIN_RATE", parse_limit("5/hour"))
    assert [sign_in(visitor, f"guess {number}") for number in range(5)] == [401] * 5
    assert sign_in(visitor, PASSWORD) == 429
    token = csrf_token(visitor, "/login")
    elsewhere = {"REMOTE_ADDR": "198.51.100.7"}
    form = {"password": PASSWORD, "csrf_token": token}
    assert visitor.post("/login", data=form, environ_overrides=elsewhere).status_code == 302


def test_the_limit_is_five_a_minute() -> None:
    assert (auth.LOGIN_RATE.amount, auth.LOGIN_RATE.get_expiry()) == (5, 60)


def test_forwarded_address_counts_only_behind_our_own_proxy(make_app: Callable[..., Flask]) -> None:
    """Otherwise everybody could invent a new address for each guess."""
    client = make_app(dashboard_password=PASSWORD).test_client()
    token = csrf_token(client, "/login")
    form = {"password": "guess", "csrf_token": token}
    answers = [
        client.post("/login", data=form, headers={"X-Forwarded-For": f"198.51.100.{number}"}).status_code
        for number in range(11)
    ]
    assert 429 in answers


@pytest.mark.parametrize(
    ("back", "lands"),
    [
        ("/calls/v3:x?view=1", "/calls/v3:x?view=1"),
        ("/events", "/events"),
        ("", "/"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("\\\\evil.example", "/"),
        ("https://evil.example/", "/"),
        ("javascript:alert(1)", "/"),
        ("/\t/evil.example", "/"),
        ("/\r\nLocation: //evil.example", "/"),
        (" //evil.example", "/"),
    ],
)
def test_signing_in_leads_back_but_never_elsewhere(visitor: FlaskClient, back: str, lands: str) -> None:
    form = {"password": PASSWORD, "next": back, "csrf_token": csrf_token(visitor, "/login")}
    assert visitor.post("/login", data=form).headers["Location"] == lands
    assert visitor.get("/login", query_string={"next": back}).headers["Location"] == lands


def test_where_somebody_wanted_to_go_is_remembered(visitor: FlaskClient) -> None:
    answer = visitor.get(f"/calls/{CALL_ID}?a=b")
    page = visitor.get(answer.headers["Location"]).text
    found = re.search(r'name="next" value="([^"]*)"', page)
    assert found is not None and found[1] == f"/calls/{CALL_ID}?a=b"


def test_new_password_signs_everybody_out(make_app: Callable[..., Flask]) -> None:
    before = make_app(dashboard_password=PASSWORD).test_client()
    sign_in(before)
    cookie = before.get_cookie("session")
    assert cookie is not None
    for password, status in ((PASSWORD, 200), ("a new password", 302)):
        after = make_app(dashboard_password=password).test_client()
        after.set_cookie("session", cookie.value)
        assert after.get("/").status_code == status


def test_cookie_cannot_be_forged_with_another_key(make_app: Callable[..., Flask]) -> None:
    forger = make_app(dashboard_password=PASSWORD, secret_key="another key").test_client()
    sign_in(forger)
    cookie = forger.get_cookie("session")
    assert cookie is not None
    client = make_app(dashboard_password=PASSWORD).test_client()
    client.set_cookie("session", cookie.value)
    assert client.get("/").status_code == 302


def test_signing_out_is_for_good(visitor: FlaskClient) -> None:
    sign_in(visitor)
    token = csrf_token(visitor)
    assert visitor.post("/logout").status_code == 400
    assert visitor.post("/logout", data={"csrf_token": token}).headers["Location"] == "/login"
    assert visitor.get("/").status_code == 302


@pytest.mark.parametrize(("public_url", "is_secure"), [(None, False), ("https://calls.example.com", True)])
def test_session_cookie_is_kept_from_scripts_and_other_sites(
    make_app: Callable[..., Flask], public_url: str | None, is_secure: bool
) -> None:
    client = make_app(dashboard_password=PASSWORD, public_url=public_url).test_client()
    cookie = client.get("/login").headers["Set-Cookie"]
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie and "Path=/" in cookie
    assert ("Secure" in cookie) is is_secure


def test_every_write_but_the_webhook_wants_the_token(guarded: Flask) -> None:
    client = guarded.test_client()
    sign_in(client)
    asked = list(writes(guarded))
    assert {endpoint for _, endpoint, _ in asked} >= {
        "commands.execute_command",
        "auth.login",
        "auth.logout",
        "webhooks.receive_webhook",
    }
    for method, endpoint, address in asked:
        if endpoint == "webhooks.receive_webhook":
            continue
        for headers in ({}, {"X-CSRFToken": "made up"}):
            answer = client.open(address, method=method, headers={**headers, "Accept": "application/json"})
            assert (answer.status_code, answer.get_json()["error"]["code"]) == (400, "no_csrf_token"), address


def test_token_of_another_session_does_not_count(guarded: Flask) -> None:
    mine, theirs = guarded.test_client(), guarded.test_client()
    sign_in(mine)
    sign_in(theirs)
    answer = mine.post(HANGUP, json={}, headers={"X-CSRFToken": csrf_token(theirs)})
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (400, "no_csrf_token")


def test_open_console_still_wants_the_token(client: FlaskClient) -> None:
    """A page elsewhere must not press buttons through the browser of somebody who runs this at home."""
    assert client.post(HANGUP, json={}).get_json()["error"]["code"] == "no_csrf_token"


def test_strangers_see_nothing_but_the_doors(guarded: Flask) -> None:
    client = guarded.test_client()
    doors = {"auth.login", "health.healthz", "health.readyz", "assets.serve_asset"}
    for endpoint, address in addresses(guarded, "GET"):
        status = client.get(address).status_code
        if endpoint in doors:
            assert status in (200, 404), address
        elif endpoint == "media.receive_stream":
            assert status in (400, 403), "the media socket has tokens of its own"
        else:
            assert status in (302, 401), address


def test_api_turns_strangers_away_in_json(visitor: FlaskClient) -> None:
    answer = visitor.get("/api/calls")
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (401, "not_signed_in")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_bearer_opens_the_api_without_a_token(visitor: FlaskClient, deliver: Any, provider: RecordingProvider) -> None:
    deliver("call.initiated")
    assert visitor.get("/api/calls", headers=BEARER).status_code == 200
    assert visitor.get("/api/calls", headers={"Authorization": f"bearer  {TOKEN}"}).status_code == 200
    assert visitor.post(HANGUP, json={}, headers=BEARER).status_code == 202
    assert len(provider.commands) == 1


@pytest.mark.parametrize(
    "header",
    [
        *("Bearer wrong", "Bearer", "Bearer ", f"Basic {TOKEN}", TOKEN, ""),
        *(f"Bearer {TOKEN[:-1]}", f"Bearer {TOKEN}x", "Bearer é"),
    ],
)
def test_wrong_bearer_never_falls_back_to_the_cookie(guarded: Flask, header: str) -> None:
    client = guarded.test_client()
    sign_in(client)
    assert client.get("/api/calls").status_code == 200
    for address in ("/api/calls", "/", f"/calls/{CALL_ID}"):
        assert client.get(address, headers={"Authorization": header}).status_code == 401
    token = csrf_token(client)
    assert client.post(HANGUP, json={}, headers={"Authorization": header, "X-CSRFToken": token}).status_code == 401


def test_bearer_means_nothing_where_no_token_is_set(make_app: Callable[..., Flask]) -> None:
    client = make_app(dashboard_password=PASSWORD).test_client()
    for header in ("Bearer None", "Bearer ", f"Bearer {TOKEN}"):
        assert client.get("/api/calls", headers={"Authorization": header}).status_code == 401


def test_viewers_read_and_do_not_press(guarded: Flask, deliver: Any, provider: RecordingProvider) -> None:
    deliver("call.initiated")
    client = guarded.test_client()
    assert sign_in(client, VIEWER_PASSWORD) == 302
    for address in ("/", f"/calls/{CALL_ID}", "/events", "/api/calls", f"/api/calls/{CALL_ID}"):
        assert client.get(address).status_code == 200
    token = csrf_token(client)
    theirs = {"webhooks.receive_webhook", "auth.login", "auth.logout", "language.choose_language"}
    for method, endpoint, address in writes(guarded):
        if endpoint not in theirs:
            answer = client.open(address, method=method, json={}, headers={"X-CSRFToken": token})
            assert (answer.status_code, answer.get_json()["error"]["code"]) == (403, "viewers_only_read"), address
    assert provider.commands == []


def test_operator_presses_with_the_token_of_the_page(guarded: Flask, deliver: Any, provider: RecordingProvider) -> None:
    deliver("call.initiated")
    client = guarded.test_client()
    sign_in(client)
    answer = client.post(HANGUP, json={}, headers={"X-CSRFToken": csrf_token(client)})
    assert answer.status_code == 202 and len(provider.commands) == 1


def live_client(app: Flask, browser: FlaskClient | None = None, headers: dict[str, str] | None = None) -> Any:
    socketio: SocketIO = app.extensions["socketio"]
    return socketio.test_client(app, flask_test_client=browser or app.test_client(), headers=headers)


def test_socket_asks_for_the_same_login_as_the_pages(guarded: Flask, visitor: FlaskClient) -> None:
    assert not live_client(guarded).is_connected()
    assert not live_client(guarded, headers={"Authorization": "Bearer wrong"}).is_connected()
    sign_in(visitor)
    assert live_client(guarded, visitor).is_connected()
    assert live_client(guarded, headers=BEARER).is_connected()
    assert not live_client(guarded, visitor, headers={"Authorization": "Bearer wrong"}).is_connected()


def test_viewers_may_watch(guarded: Flask, visitor: FlaskClient) -> None:
    sign_in(visitor, VIEWER_PASSWORD)
    live = live_client(guarded, visitor)
    assert live.emit("watch", callback=True) == {"calls": [], "seq": None}


def test_open_console_lets_everybody_watch(app: Flask) -> None:
    assert live_client(app).is_connected()


def test_no_answer_and_no_log_repeats_a_password(visitor: FlaskClient, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    token = csrf_token(visitor, "/login")
    page = visitor.post("/login", data={"password": "a typo of the password", "csrf_token": token}).text
    sign_in(visitor)
    assert "a typo of the password" not in page + caplog.text
    assert PASSWORD not in caplog.text
