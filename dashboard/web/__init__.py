"""Every way in and every view: routes, Socket.IO, login, JSON, HTML."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from dashboard.bootstrap import Services
    from dashboard.settings import Settings


def init_app(app: Flask, settings: Settings, services: Services) -> None:
    """Attach the services, then everything that answers requests."""
    from dashboard.web import routes

    routes.init_app(app, settings, services)
