"""Builds the Flask application: settings, Socket.IO, services, routes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from flask_socketio import SocketIO
from werkzeug.middleware.proxy_fix import ProxyFix

from dashboard import web
from dashboard.bootstrap import Runtime, build_services, start_background_tasks
from dashboard.server.middleware import DeclineCompression, RequireLogin
from dashboard.settings import Settings
from dashboard.store.database import call_directly
from dashboard.telnyx.api.client import TelnyxClient
from dashboard.web import serializers
from dashboard.web import socketio as live_sockets
from dashboard.web.context import context_of
from dashboard.web.i18n import LANGUAGE_COOKIE
from dashboard.web.socketio import TextPacket

ROOT = Path(__file__).parent.parent


def create_app(
    settings: Settings,
    *,
    async_mode: str = "threading",
    run_blocking: Callable[..., Any] | None = None,
    client: TelnyxClient | None = None,
) -> Flask:
    """Build the whole application, ready to be served.

    `async_mode` is Flask-SocketIO's. `run_blocking(function, *args)` runs a blocking function without stalling the
    server; by default it runs in the caller's thread. `client` replaces the REST client made from the settings.
    `web.context.context_of(app).services.close()` finishes what was accepted.
    """
    app = Flask("dashboard", root_path=str(ROOT), template_folder="templates", static_folder=None)
    app.config.from_mapping(_flask_config(settings))
    if settings.is_https:
        # This server has no TLS, so an https address means that a proxy stands in front of it.
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=1)  # type: ignore[method-assign]
    socketio = _socketio(app, settings, async_mode)
    runtime = Runtime(
        spawn=socketio.start_background_task, sleep=socketio.sleep, run_blocking=run_blocking or call_directly
    )
    services = build_services(
        settings,
        runtime,
        live_sockets.sockets_of(socketio, is_shared=settings.redis_url is not None),
        serialize=serializers.change_to_json,
        client=client,
    )
    web.init_app(app, settings, services)
    authenticator = context_of(app).authenticator
    live_sockets.init_app(socketio, services, is_allowed=lambda: authenticator.current_role() is not None)
    start_background_tasks(services, settings)
    cookies = (app.config["SESSION_COOKIE_NAME"], LANGUAGE_COOKIE)
    guarded = RequireLogin(app.wsgi_app, lambda environ: _is_signed_in(app, environ), cookies=cookies)
    app.wsgi_app = DeclineCompression(guarded)  # type: ignore[method-assign]
    return app


def _is_signed_in(app: Flask, environ: dict[str, Any]) -> bool:
    with app.request_context(environ):
        return context_of(app).authenticator.current_role() is not None


def _flask_config(settings: Settings) -> dict[str, Any]:
    return {
        "SECRET_KEY": settings.secret_key,
        "MAX_CONTENT_LENGTH": 1024 * 1024,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": settings.is_https,
        "PERMANENT_SESSION_LIFETIME": timedelta(days=14),
    }


def _socketio(app: Flask, settings: Settings, async_mode: str) -> SocketIO:
    socketio = SocketIO(
        app,
        async_mode=async_mode,
        serializer=TextPacket,
        message_queue=settings.redis_url,
        channel="call-console",
        cors_allowed_origins=None,
        manage_session=False,
        max_http_buffer_size=64 * 1024,
        ping_interval=20,
        ping_timeout=20,
    )
    return socketio
