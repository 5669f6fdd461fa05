"""Engine.IO handshakes are judged before a session exists, and kept small."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import pytest

from dashboard.server.middleware import DeclineCompression, RequireLogin

HANDSHAKE = "EIO=4&transport=polling"
SOCKET = "EIO=4&transport=websocket"
UPGRADE = {"HTTP_CONNECTION": "keep-alive, Upgrade", "HTTP_UPGRADE": "websocket"}


class App:
    """Remembers the environs it was asked with."""

    def __init__(self) -> None:
        self.environs: list[dict[str, Any]] = []

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        self.environs.append(environ)
        start_response("200 OK", [])
        return [b"opened"]


def ask(app: App, *, query: str = HANDSHAKE, path: str = "/socket.io/", allowed: bool = True, **more: Any) -> str:
    """The status of the answer."""
    statuses: list[str] = []
    guarded = RequireLogin(app, lambda environ: allowed, cookies=("session", "language"))
    content = guarded(
        {"PATH_INFO": path, "QUERY_STRING": query, **more}, lambda status, headers: statuses.append(status)
    )
    [status] = statuses
    assert status.startswith("200") or "message" in json.loads(b"".join(content))
    return status


@pytest.mark.parametrize("query", [HANDSHAKE, "", "EIO=3", "sid=", SOCKET])
def test_handshake_without_login_makes_no_session(query: str) -> None:
    app = App()
    assert ask(app, query=query, allowed=False, **UPGRADE).startswith("401")
    assert app.environs == []


def test_handshake_with_login_goes_on() -> None:
    app = App()
    assert ask(app).startswith("200")
    assert ask(app, query=SOCKET, **UPGRADE).startswith("200")
    assert len(app.environs) == 2


def test_later_requests_of_a_session_bring_its_id() -> None:
    app = App()
    assert ask(app, query=f"{HANDSHAKE}&sid=secret", allowed=False).startswith("200")
    assert ask(app, query=f"{SOCKET}&sid=secret", allowed=False, **UPGRADE).startswith("200")


def test_other_paths_are_not_judged_here() -> None:
    app = App()
    assert ask(app, path="/api/calls", allowed=False, HTTP_X_LARGE="x").startswith("200")
    assert "HTTP_X_LARGE" in app.environs[0]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"HTTP_UPGRADE": "websocket"},
        {"HTTP_UPGRADE": "websocket", "HTTP_CONNECTION": "keep-alive"},
        {"HTTP_UPGRADE": "h2c", "HTTP_CONNECTION": "Upgrade"},
        {"HTTP_CONNECTION": "Upgrade"},
    ],
)
@pytest.mark.parametrize("query", [SOCKET, f"{SOCKET}&sid=secret"])
def test_websocket_without_an_upgrade_is_refused(query: str, headers: dict[str, str]) -> None:
    app = App()
    assert ask(app, query=query, **headers).startswith("400")
    assert app.environs == []


def test_session_keeps_neither_large_headers_nor_foreign_cookies() -> None:
    app = App()
    ask(
        app,
        HTTP_HOST="x",
        HTTP_AUTHORIZATION="Bearer " + "x" * 30,
        HTTP_X_LARGE="x" * 30_000,
        HTTP_USER_AGENT="x" * 30_000,
        HTTP_COOKIE="other=" + "x" * 10_000 + "; session=abc=; language=es; sessionx=1",
        **{"wsgi.input": None, "REMOTE_ADDR": "192.0.2.1"},
    )
    assert app.environs == [
        {
            "PATH_INFO": "/socket.io/",
            "QUERY_STRING": HANDSHAKE,
            "HTTP_HOST": "x",
            "HTTP_AUTHORIZATION": "Bearer " + "x" * 30,
            "HTTP_COOKIE": "session=abc=; language=es",
            "wsgi.input": None,
            "REMOTE_ADDR": "192.0.2.1",
        }
    ]


def test_compression_is_declined() -> None:
    app = App()
    DeclineCompression(app)({"HTTP_SEC_WEBSOCKET_EXTENSIONS": "permessage-deflate"}, lambda *_: None)
    assert app.environs == [{}]
