"""WSGI middleware in front of Socket.IO. Works under any server."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable
from typing import Any, Final
from urllib.parse import parse_qs

from dashboard.server.error_responses import SECURITY_HEADERS

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
WsgiApp = Callable[[Environ, StartResponse], Iterable[bytes]]

SOCKETIO_PATH: Final = "/socket.io"

# What is asked of a handshake as long as its session lives. Everything else would be kept in memory with it.
_KEPT_HEADERS: Final = frozenset(
    {
        "HTTP_ACCEPT_LANGUAGE",
        "HTTP_AUTHORIZATION",
        "HTTP_CONNECTION",
        "HTTP_HOST",
        "HTTP_ORIGIN",
        "HTTP_SEC_WEBSOCKET_KEY",
        "HTTP_SEC_WEBSOCKET_PROTOCOL",
        "HTTP_SEC_WEBSOCKET_VERSION",
        "HTTP_UPGRADE",
        "HTTP_USER_AGENT",
        "HTTP_X_FORWARDED_FOR",
        "HTTP_X_FORWARDED_HOST",
        "HTTP_X_FORWARDED_PROTO",
    }
)
_MAX_KEPT_CHARS: Final = 1024


class DeclineCompression:
    """Drops the offer to compress a WebSocket before the server sees it.

    Browsers always offer it, and each socket would hold 300 kB to shrink small frames. Measured: without it,
    deliveries more than double and a watcher costs a fifth of the memory.
    """

    def __init__(self, app: WsgiApp) -> None:
        self._app = app

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        environ.pop("HTTP_SEC_WEBSOCKET_EXTENSIONS", None)
        return self._app(environ, start_response)


class RequireLogin:
    """Judges Engine.IO handshakes before a session exists, and drops what a session need not keep.

    `is_allowed` judges a request as it does for pages, `cookies` are the names of those that the application reads.
    Later requests of a session bring its id, which is secret.
    """

    def __init__(self, app: WsgiApp, is_allowed: Callable[[Environ], bool], *, cookies: Collection[str]) -> None:
        self._app = app
        self._is_allowed = is_allowed
        self._cookies = cookies

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        if not environ.get("PATH_INFO", "").startswith(SOCKETIO_PATH):
            return self._app(environ, start_response)
        query = parse_qs(environ.get("QUERY_STRING", ""))
        if "sid" not in query:
            if not self._is_allowed(environ):
                return _refuse(start_response, "401 Unauthorized", "Sign in first, or send the API token as a bearer.")
            environ = self._trim(environ)
        if query.get("transport") == ["websocket"] and not asks_for_websocket(environ):
            return _refuse(start_response, "400 Bad Request", "A WebSocket needs Connection: Upgrade.")
        return self._app(environ, start_response)

    def _trim(self, environ: Environ) -> Environ:
        """The environ without headers that the session does not need, and without foreign cookies."""
        kept = {
            name: value
            for name, value in environ.items()
            if not name.startswith("HTTP_") or (name in _KEPT_HEADERS and len(value) <= _MAX_KEPT_CHARS)
        }
        cookies = (cookie.strip() for cookie in environ.get("HTTP_COOKIE", "").split(";"))
        own = [cookie for cookie in cookies if cookie.partition("=")[0] in self._cookies]
        if own:
            kept["HTTP_COOKIE"] = "; ".join(own)
        return kept


def asks_for_websocket(environ: Environ) -> bool:
    """Whether a request has both headers that a WebSocket needs."""
    connection = environ.get("HTTP_CONNECTION", "").lower().split(",")
    return "upgrade" in map(str.strip, connection) and environ.get("HTTP_UPGRADE", "").lower() == "websocket"


def _refuse(start_response: StartResponse, status: str, message: str) -> Iterable[bytes]:
    content = json.dumps({"message": message}).encode()
    headers = [
        ("Content-Type", "application/json"),
        ("Content-Length", str(len(content))),
        *SECURITY_HEADERS,
    ]
    start_response(status, headers)
    return [content]
