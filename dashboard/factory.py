"""The wiring: settings become plain values, rooms become one application."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from flask_socketio import SocketIO
from werkzeug.middleware.proxy_fix import ProxyFix

from dashboard.calls.automation_rules import Guard, rules_from
from dashboard.live.carried import carry
from dashboard.live.compression import DeclineCompression
from dashboard.live.feed import Feed
from dashboard.live.interims import OpenInterims
from dashboard.live.latency import Latency
from dashboard.media import receiver
from dashboard.media.stream_endpoint import OwnStream
from dashboard.media.tokens import Tokens
from dashboard.services import diagnostics
from dashboard.services.automation import Steward
from dashboard.services.background import Rounds
from dashboard.services.command_defaults import command_defaults
from dashboard.services.command_timeouts import give_up_for_ever
from dashboard.services.commands import Controls
from dashboard.services.diagnostics import ASK_TIMEOUT_S, Doctor
from dashboard.services.ingest import Hearing, Publisher
from dashboard.services.keyword_cache import Watching
from dashboard.services.reconciliation import Finder, look_for_ever
from dashboard.services.retention import Retention
from dashboard.services.webhook_log import Inspector
from dashboard.settings import Settings
from dashboard.store import Store
from dashboard.store.database import Database, call_directly
from dashboard.telnyx.api.client import TelnyxClient
from dashboard.telnyx.webhooks.signature import Verifier
from dashboard.web import assets, auth, compression, errors, i18n, security_headers, webhooks
from dashboard.web import socketio as web_socketio
from dashboard.web.api import calls, commands, events, exports, health, keywords, metrics, search, speakers
from dashboard.web.api.metrics import Metrics
from dashboard.web.auth import Access
from dashboard.web.packets import TextPacket
from dashboard.web.pages import console
from dashboard.web.pages import language as pages_language
from dashboard.web.verdicts import Verdicts

log = logging.getLogger(__name__)

ROOT = Path(__file__).parent.parent


def build(settings: Settings, *, async_mode: str, offload: Callable[..., Any] | None) -> Flask:
    app = Flask("dashboard", root_path=str(ROOT), template_folder="templates", static_folder=None)
    _configure(app, settings)
    app.extensions["offload"] = offload or call_directly
    socketio = _socketio(app, settings, async_mode)
    _remember_and_tell(app, settings, socketio)
    _take_media(app, settings)
    _take_orders(app, settings, socketio)
    _examine(app, settings, socketio)
    _serve(app, settings)
    web_socketio.register(
        socketio,
        store=app.extensions["store"],
        interims=app.extensions["interims"],
        is_welcome=lambda: app.extensions["access"].role() is not None,
        call_list=console.call_list,
    )
    _look_after(app, settings, socketio)
    return app


def _look_after(app: Flask, settings: Settings, socketio: SocketIO) -> None:
    store, finder, rounds = app.extensions["store"], app.extensions["finder"], app.extensions["rounds"]
    kept_for = timedelta(days=settings.events_kept_days)
    rounds.start(lambda sleep: web_socketio.sweep_for_ever(socketio, sleep))
    rounds.start(lambda sleep: give_up_for_ever(store, sleep))
    rounds.start(app.extensions["steward"].look_for_ever)
    rounds.start(Retention(store, kept=settings.events_kept, kept_for=kept_for).tidy_for_ever)
    rounds.start(app.extensions["watching"].refresh_for_ever)
    if finder is not None:
        rounds.start(lambda sleep: look_for_ever(finder, sleep))


def _configure(app: Flask, settings: Settings) -> None:
    is_https = (settings.public_url or "").startswith("https://")
    app.config.update(
        SECRET_KEY=settings.secret_key,
        MAX_CONTENT_LENGTH=1024 * 1024,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=is_https,
        PERMANENT_SESSION_LIFETIME=timedelta(days=14),
        PUBLIC_ADDRESS=settings.public_url,
        DEMO=settings.demo,
        COMMAND_DEFAULTS=command_defaults(settings.command_defaults or {}, demo=settings.demo),
        COST_PER_MINUTE=settings.transcription_cost_per_minute,
    )
    if is_https:
        # This server speaks no TLS: an https address means that a proxy of ours stands in front and tells who asks.
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=1)  # type: ignore[method-assign]


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
    carry(socketio.server.eio)
    app.wsgi_app = DeclineCompression(app.wsgi_app)  # type: ignore[method-assign]
    return socketio


def _remember_and_tell(app: Flask, settings: Settings, socketio: SocketIO) -> None:
    """The live path: store, interims and feed. With a broker other processes may watch what this one cannot see."""
    spawn = socketio.start_background_task
    interims = OpenInterims(lambda call_id: store.lanes(call_id))
    latency = Latency()
    counted = Metrics()
    feed = Feed(
        send=lambda rooms, changes: socketio.emit("changes", changes, to=rooms),
        is_watched=(lambda room: True) if settings.redis_url else lambda room: web_socketio.is_watched(socketio, room),
        spawn=spawn,
        sleep=socketio.sleep,
        timing=latency.send,
    )
    database = Database(settings.database_url, offload=app.extensions["offload"])
    publisher = Publisher(interims.follow, latency.follow, feed.publish)
    store = Store(database, spawn=spawn, publish=publisher, observe=counted.committed)
    watching = Watching(store.keywords)
    rounds = app.extensions["rounds"] = Rounds(spawn)
    app.extensions["publisher"] = publisher
    app.extensions["interims"] = interims
    app.extensions["store"] = store
    app.extensions["hearing"] = Hearing(
        store=store, interims=interims, feed=feed, latency=latency, marks=watching.marks
    )
    app.extensions["feed"] = feed
    app.extensions["latency"] = latency
    app.extensions["watching"] = watching
    app.extensions["inspector"] = Inspector(feed.publish)
    app.extensions["metrics"] = counted
    app.extensions["broker_check"] = _broker_check(settings.redis_url)

    def shut_down() -> None:
        try:
            if settings.stop_on_shutdown:
                app.extensions["steward"].stop_all()
        except Exception as error:
            log.error("what runs was not stopped: %s", type(error).__name__)
        rounds.end()
        store.close()
        feed.close()

    app.extensions["shut_down"] = shut_down


def _take_media(app: Flask, settings: Settings) -> None:
    """The streams that come here. The simulator of a demo reaches us on this machine, whatever our public address."""
    store, feed = app.extensions["store"], app.extensions["feed"]
    tokens = Tokens(settings.secret_key or "")
    address = f"http://127.0.0.1:{settings.port}" if settings.demo else settings.public_url
    app.extensions["own_stream"] = OwnStream(address, tokens)
    receiver.register(
        app, tokens=tokens, is_known=lambda call_id: store.lanes(call_id) is not None, publish=feed.publish
    )


def _take_orders(app: Flask, settings: Settings, socketio: SocketIO) -> None:
    """What is pressed: by people, and by the rules."""
    client = None
    if settings.telnyx_api_key is not None:
        client = TelnyxClient(
            api_key=settings.telnyx_api_key,
            base_url=settings.telnyx_base_url,
            observe=app.extensions["metrics"].commanded,
        )
    store, connection_id = app.extensions["store"], settings.telnyx_connection_id
    app.extensions["controls"] = Controls(
        store=store, client=client, own_stream=app.extensions["own_stream"], connection_id=connection_id
    )
    app.extensions["finder"] = client and Finder(store=store, client=client, connection_id=connection_id)
    defaults = app.config["COMMAND_DEFAULTS"]
    steward = Steward(
        store=store,
        controls=app.extensions["controls"],
        rules=rules_from(settings.auto_start or ""),
        guard=Guard(most=_minutes(settings.stop_after_minutes), silence=_minutes(settings.stop_after_silent_minutes)),
        parameters=lambda name: defaults.get(name, {}),
        spawn=socketio.start_background_task,
    )
    app.extensions["steward"] = steward
    app.extensions["publisher"].add(steward.follow)
    app.extensions["verifier"] = Verifier.from_text(settings.telnyx_public_key or "")


def _examine(app: Flask, settings: Settings, socketio: SocketIO) -> None:
    """What the setup page asks, with a client of its own: a person waits for the answer."""
    key, address = settings.telnyx_api_key, settings.telnyx_base_url
    app.extensions["verdicts"] = Verdicts()
    app.extensions["doctor"] = Doctor(
        store=app.extensions["store"],
        client=None if key is None else TelnyxClient(api_key=key, base_url=address, timeout=ASK_TIMEOUT_S),
        connection_id=settings.telnyx_connection_id,
        public_keys=settings.telnyx_public_key or "",
        public_url=settings.public_url,
        ping=None if settings.redis_url is None else app.extensions["broker_check"],
        verdicts=app.extensions["verdicts"],
        demo=settings.demo,
        spawn=socketio.start_background_task,
    )


def _serve(app: Flask, settings: Settings) -> None:
    i18n.register(app)
    found = assets.read_once(ROOT / "static")
    assets.register(app, found)
    is_https = (settings.public_url or "").startswith("https://")
    security_headers.register(app, foreign_script=found.foreign_script, is_https=is_https)
    compression.register(app)
    errors.register(app)
    judge = Access(
        operator_password=settings.dashboard_password,
        viewer_password=settings.dashboard_viewer_password,
        api_token=settings.dashboard_api_token,
        secret_key=settings.secret_key or "",
    )
    auth.guard(app, judge)
    app.jinja_env.globals["demo"] = settings.demo
    console.register(app)
    diagnostics.register(app)
    for room in (calls, pages_language, exports, search, events, keywords, commands, speakers, health, metrics):
        app.register_blueprint(room.bp)
    reception = webhooks.Reception(
        verifier=app.extensions["verifier"],
        hearing=app.extensions["hearing"],
        verdicts=app.extensions["verdicts"],
        inspector=app.extensions["inspector"],
    )
    webhooks.register(app, reception)
    auth.csrf.exempt(webhooks.bp)


def _minutes(number: float | None) -> timedelta | None:
    return None if number is None else timedelta(minutes=number)


def _broker_check(redis_url: str | None) -> Callable[[], bool]:
    if redis_url is None:
        return lambda: True
    from redis import Redis

    broker = Redis.from_url(redis_url, socket_timeout=1, socket_connect_timeout=1)
    return lambda: bool(broker.ping())
