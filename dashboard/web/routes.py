"""All blueprints, and everything else that answers requests."""

from __future__ import annotations

from pathlib import Path

from flask import Flask

from dashboard.bootstrap import Services
from dashboard.settings import Settings
from dashboard.web import assets, auth, compression, errors, formats, i18n, media, security_headers, webhooks
from dashboard.web import context as web_context
from dashboard.web.api import calls, commands, exports, health, keywords, metrics, presets, reconciliation, speakers
from dashboard.web.api import events as events_api
from dashboard.web.api import search as search_api
from dashboard.web.api import setup as setup_api
from dashboard.web.pages import console, events, language, patterns, search, setup

WAYS_IN = (webhooks.bp, media.bp, auth.bp, assets.bp, language.bp)
API = (
    calls.bp,
    commands.bp,
    presets.bp,
    reconciliation.bp,
    keywords.bp,
    speakers.bp,
    events_api.bp,
    search_api.bp,
    exports.bp,
    setup_api.bp,
    metrics.bp,
    health.bp,
)
PAGES = (console.bp, events.bp, search.bp, setup.bp, patterns.bp)


def init_app(app: Flask, settings: Settings, services: Services) -> None:
    files = assets.load_assets(Path(app.root_path) / "static")
    authenticator = auth.Authenticator(
        operator_password=settings.dashboard_password,
        viewer_password=settings.dashboard_viewer_password,
        api_token=settings.dashboard_api_token,
        secret_key=settings.secret_key or "",
    )
    context = web_context.WebContext(services=services, authenticator=authenticator, assets=files)
    web_context.set_context(app, context)
    i18n.init_app(app)
    assets.init_app(app, files)
    security_headers.init_app(app, external_script_url=files.external_script_url, is_https=settings.is_https)
    compression.init_app(app)
    errors.init_app(app)
    auth.init_app(app)
    formats.init_app(app, demo=settings.demo)
    setup.init_app(app)
    for blueprint in (*WAYS_IN, *API, *PAGES):
        app.register_blueprint(blueprint)
